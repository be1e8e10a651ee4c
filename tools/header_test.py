#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles every header of ours alone: a header that needs another one first makes the order of includes matter.

The flags are those of the build itself (its compile_commands.json), so that what passes here passes there.

    header_test.py SOURCE_FOLDER BUILD_FOLDER
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

KEPT_PREFIXES = ('-I', '-D', '-std=', '-march=', '-W')
TAKES_A_VALUE = ('-isystem', '-include')


def flags_of_the_build(build_folder):
    """(compiler, flags): every flag that any file of the build is compiled with and that changes what compiles."""
    commands = json.loads((build_folder / 'compile_commands.json').read_text())
    flags = {}
    compiler = 'c++'
    for command in commands:
        words = shlex.split(command['command'])
        compiler = next(word for word in words if pathlib.Path(word).name.startswith(('g++', 'c++', 'clang++')))
        for position, word in enumerate(words):
            if word in TAKES_A_VALUE:
                flags[(word, words[position + 1])] = None
            elif word.startswith(KEPT_PREFIXES) and not word.startswith('-Wl,'):
                flags[(word,)] = None
    # Wider SIMD is for single files only; a header must compile on the baseline.
    kept = [flag for flag in flags if flag[0] == '-march=x86-64-v2' or not flag[0].startswith('-march=')]
    return compiler, [word for flag in kept for word in flag]


def compile_alone(compiler, flags, header, build_folder):
    # As a main file a header would be warned for #pragma once and for constants that nobody uses.
    unit = f'#include "{header}"\n#include "{header}"\n'
    return subprocess.run([compiler, *flags, '-x', 'c++', '-fsyntax-only', '-'], input=unit, text=True,
                          capture_output=True, cwd=build_folder, check=False)


def main(source_folder, build_folder):
    source_folder, build_folder = (pathlib.Path(folder).resolve() for folder in (source_folder, build_folder))
    headers = sorted(path for room in ('include', 'src', 'tests', 'bench')
                     for path in (source_folder / room).rglob('*.hpp'))
    compiler, flags = flags_of_the_build(build_folder)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda header: compile_alone(compiler, flags, header, build_folder), headers)
        for header, result in zip(headers, results):
            if result.returncode:
                failed += 1
                print(f'{header.relative_to(source_folder)} does not compile alone:\n{result.stderr}')
    print(f'{len(headers)} headers, {failed} that do not compile alone')
    return 1 if failed or not headers else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles every header of ours alone: a header that needs another one first makes the order of includes matter.

The flags are those of the build itself (its compile_commands.json), so that what passes here passes there. A header
is compiled again only when it or a file that it includes has changed: a stamp keeps the hashes of all of them.

    header_test.py SOURCE_FOLDER BUILD_FOLDER
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

KEPT_PREFIXES = ('-I', '-isystem', '-D', '-std=', '-march=', '-W')
ERROR_LINES_MAX = 6
TAKES_A_VALUE = ('-isystem',)


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


def hash_of(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class Compiler:
    def __init__(self, source_folder, build_folder):
        self.compiler, self.flags = flags_of_the_build(build_folder)
        self.source_folder = source_folder
        self.build_folder = build_folder
        self.stamps = build_folder / 'header-stamps'
        self.stamps.mkdir(exist_ok=True)

    def stamp_of(self, header):
        name = hashlib.sha256('\0'.join([str(header), self.compiler, *self.flags]).encode()).hexdigest()
        return self.stamps / name

    def unchanged(self, stamp):
        try:
            hashes = json.loads(stamp.read_text())
            return all(hash_of(path) == value for path, value in hashes.items())
        except OSError:
            return False

    def compile_alone(self, header):
        """'' or what the compiler said first."""
        stamp = self.stamp_of(header)
        if self.unchanged(stamp):
            return ''
        # As a main file a header would be warned for #pragma once and for constants that nobody uses.
        unit = f'#include "{header}"\n#include "{header}"\n'
        made = stamp.with_suffix('.d')
        done = subprocess.run([self.compiler, *self.flags, '-x', 'c++', '-fsyntax-only', '-MD', '-MF', made, '-'],
                              input=unit, text=True, capture_output=True, cwd=self.build_folder, check=False)
        if done.returncode:
            return '\n'.join(done.stderr.splitlines()[:ERROR_LINES_MAX])
        paths = (pathlib.Path(self.build_folder, name).resolve()
                 for name in made.read_text().replace('\\\n', ' ').split()[1:])
        ours = {str(path): hash_of(path) for path in paths if self.source_folder in path.parents and path.is_file()}
        stamp.write_text(json.dumps(ours))
        return ''


def main(source_folder, build_folder):
    source_folder, build_folder = (pathlib.Path(folder).resolve() for folder in (source_folder, build_folder))
    headers = sorted(path for room in ('include', 'src', 'tests', 'bench')
                     for path in (source_folder / room).rglob('*.hpp'))
    compiler = Compiler(source_folder, build_folder)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, error in zip(headers, pool.map(compiler.compile_alone, headers)):
            if error:
                failed += 1
                print(f'{header.relative_to(source_folder)} does not compile alone:\n{error}')
    print(f'{len(headers)} headers, {failed} do not compile alone')
    return 1 if failed or not headers else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over the program's sources, in parallel, each file once per content.

A file is examined again only when it, a file that it includes, or .clang-tidy changed: the hash of all of them is the
name of its stamp. With a budget, files not begun in time are named as not examined; the files changed by the last
commit come first and the rest in an order that the commit decides, so that no file is always the last.

    clang_tidy.py BUILD_FOLDER [--budget SECONDS]
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

EXAMINED = ('src/', 'tools/')


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def content_hash(command, root):
    """The hash of everything of ours that clang-tidy would read for this file."""
    words = shlex.split(command['command'])
    listing = []
    skip = False
    for word in words:
        if skip or word in ('-o', '-MF', '-MQ'):
            skip = not skip
        elif word not in ('-MD', '-c'):
            listing.append(word)
    made = subprocess.run([*listing, '-MM', '-MG'], cwd=command['directory'], capture_output=True, text=True,
                          check=False).stdout
    digest = hashlib.sha256((root / '.clang-tidy').read_bytes())
    for name in made.replace('\\\n', ' ').split()[1:]:
        path = pathlib.Path(command['directory'], name).resolve()
        if root in path.parents and path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def one_command_each(build_folder, root):
    """A file that is compiled for several targets would be examined for each of them."""
    commands = {}
    for command in json.loads((build_folder / 'compile_commands.json').read_text()):
        path = pathlib.Path(command['directory'], command['file']).resolve()
        name = path.relative_to(root).as_posix() if root in path.parents else ''
        if name.startswith(EXAMINED):
            commands.setdefault(name, command)
    return commands


def in_order(names):
    commit = output_of('git', 'rev-parse', 'HEAD').strip()
    changed = set(output_of('git', 'diff', '--name-only', 'HEAD~1').split())
    return sorted(names, key=lambda name: (name not in changed, hashlib.sha256((commit + name).encode()).digest()))


class Examination:
    def __init__(self, root, build_folder, deadline):
        self.root = root
        self.build_folder = build_folder
        self.deadline = deadline
        self.stamps = build_folder / 'clang-tidy-stamps'
        self.stamps.mkdir(exist_ok=True)

    def examine(self, name, command):
        stamp = self.stamps / content_hash(command, self.root)
        if stamp.exists():
            return name, 'passed', ''
        if time.monotonic() > self.deadline:
            return name, 'skipped', ''
        result = subprocess.run(['clang-tidy', '--quiet', '-p', self.stamps, self.root / name], text=True,
                                capture_output=True, check=False)
        if result.returncode:
            return name, 'failed', result.stdout
        stamp.touch()
        return name, 'passed', ''


def main():
    parser = argparse.ArgumentParser(description='clang-tidy over src/, remembered by content')
    parser.add_argument('build_folder', type=pathlib.Path)
    parser.add_argument('--budget', type=float, default=float('inf'), metavar='SECONDS')
    arguments = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    build_folder = arguments.build_folder.resolve()
    commands = one_command_each(build_folder, root)

    totals = {'passed': 0, 'failed': 0, 'skipped': 0}
    examination = Examination(root, build_folder, time.monotonic() + arguments.budget)
    (examination.stamps / 'compile_commands.json').write_text(json.dumps(list(commands.values())))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        names = in_order(commands)
        for name, state, findings in pool.map(lambda name: examination.examine(name, commands[name]), names):
            totals[state] += 1
            if state == 'failed':
                print(f'error: clang-tidy: {name}\n{findings}', flush=True)
            elif state == 'skipped':
                print(f'not examined within {arguments.budget:.0f} s: {name}')
    print(f"clang-tidy: {totals['passed']} files clean, {totals['failed']} not, {totals['skipped']} not examined")
    return 1 if totals['failed'] or totals['skipped'] else 0  # what was not looked at is not clean


if __name__ == '__main__':
    sys.exit(main())

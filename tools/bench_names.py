#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether every row of bench/budgets.toml names a benchmark that exists. Exit code 1: one does not.

    bench_names.py BUDGETS.toml BENCH_PROGRAM...
"""
import pathlib
import re
import subprocess
import sys
import tomllib


def patterns(budgets):
    return [budgets['speed_of_light']['benchmark'],
            *(budget[key] for budget in budgets['budget'] for key in ('benchmark', 'light') if key in budget)]


def unmatched(wanted, names):
    return [pattern for pattern in wanted if not any(re.fullmatch(pattern, name) for name in names)]


def main(budgets_path, *programs):
    names = []
    for program in programs:
        listed = subprocess.run([program, '--benchmark_list_tests'], check=True, capture_output=True, text=True)
        # "/real_time" and the like are part of the name in both places.
        names += listed.stdout.split()
    wanted = patterns(tomllib.loads(pathlib.Path(budgets_path).read_text()))
    lost = unmatched(wanted, names)
    for pattern in lost:
        print(f"bench/budgets.toml: no benchmark is named '{pattern}'")
    print(f'{len(wanted)} budgets, {len(names)} benchmarks, {len(lost)} budgets without one')
    return 1 if lost or not names else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

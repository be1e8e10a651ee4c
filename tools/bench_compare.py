#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks of two builds in turn and prints one table: medians, spread, and what changed beyond it.

    bench_compare.py [--rounds N] [--pattern REGEX] [--core N] BASE_FOLDER HEAD_FOLDER

A machine drifts: it heats up, neighbours come and go. So each round runs every program of both builds, the order
swapped from round to round. What is quoted beside a median is the middle half of the rounds; a change counts only when
the medians differ by 2 % or more and nineteen in twenty pairs of rounds, one of each side, say the same. Five rounds at
least: with fewer, chance says so too often. Exit code 1 when something became slower.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import bench_report

CHANGE_MIN = 0.02
AGREEMENT_MIN = 0.95
ROUNDS_MIN = 5
MIN_TIME_S = '0.05'


def programs(folder):
    """{name: path} of the benchmark programs below a folder."""
    return {path.name: path for path in sorted(pathlib.Path(folder).rglob('bench_*'))
            if path.is_file() and path.stat().st_mode & 0o100 and path.suffix == ''}


def measure(program, pattern, core):
    """{benchmark: ns} of one run of one program."""
    with tempfile.NamedTemporaryFile(suffix='.json') as out:
        command = ['taskset', '--cpu-list', str(core)] if core is not None else []
        command += [str(program), f'--benchmark_filter={pattern}', f'--benchmark_min_time={MIN_TIME_S}',
                    f'--benchmark_out={out.name}', '--benchmark_out_format=json']
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        text = pathlib.Path(out.name).read_text()
    # A program with no benchmark of that name writes an empty file.
    return bench_report.measured([json.loads(text)]) if text.strip() else {}


def sample(base, head, rounds, run):
    """({benchmark: [ns of each round]} of base, the same of head); `run` is called with one program's path."""
    samples = ({}, {})
    for number in range(rounds):
        for name in sorted(set(base) | set(head)):
            sides = [(side, samples[i]) for i, side in enumerate((base, head)) if name in side]
            for side, collected in sides[::-1] if number % 2 else sides:
                for benchmark, ns in run(side[name]).items():
                    collected.setdefault(benchmark, []).append(ns)
    return samples


def middle(values):
    """(first quartile, median, third quartile)"""
    if len(values) == 1:
        return values[0], values[0], values[0]
    quartiles = statistics.quantiles(values, n=4, method='inclusive')
    return quartiles[0], quartiles[1], quartiles[2]


def verdict(base, head):
    """'faster', 'slower' or '' for two lists of ns."""
    if abs(statistics.median(head) / statistics.median(base) - 1) < CHANGE_MIN:
        return ''
    pairs = [(left, right) for left in base for right in head]
    if sum(right < left for left, right in pairs) >= AGREEMENT_MIN * len(pairs):
        return 'faster'
    return 'slower' if sum(right > left for left, right in pairs) >= AGREEMENT_MIN * len(pairs) else ''


def shown(values):
    low, median, high = middle(values)
    return f'{median:.1f} ns', f'{low:.1f}-{high:.1f}'


def table(base, head):
    """(lines, number of benchmarks that became slower)"""
    rows = [('benchmark', 'base', 'middle half', 'head', 'middle half', 'change', '')]
    slower = 0
    for name in [*base, *(name for name in head if name not in base)]:
        if name not in head or name not in base:
            side, place = (base, 'gone') if name in base else (head, 'new')
            cells = shown(side[name])
            rows.append((name, *(cells if place == 'gone' else ('-', '')), *(cells if place == 'new' else ('-', '')),
                         '', place))
            continue
        word = verdict(base[name], head[name])
        slower += word == 'slower'
        change = statistics.median(head[name]) / statistics.median(base[name]) - 1
        rows.append((name, *shown(base[name]), *shown(head[name]), f'{change:+.1%}', word))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ['  '.join(cell.ljust(width) if column in (0, 6) else cell.rjust(width)
                       for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return lines, slower


def main():
    parser = argparse.ArgumentParser(description='benchmarks of two builds side by side')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--pattern', default='.')
    parser.add_argument('--core', type=int)
    parser.add_argument('base', type=pathlib.Path)
    parser.add_argument('head', type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.rounds < ROUNDS_MIN:
        parser.error(f'--rounds: {ROUNDS_MIN} at least')
    base, head = programs(arguments.base), programs(arguments.head)
    if not base or not head:
        print(f'bench_compare: no program bench_* in {arguments.base if not base else arguments.head}', file=sys.stderr)
        return 4
    samples = sample(base, head, arguments.rounds,
                     lambda program: measure(program, arguments.pattern, arguments.core))
    lines, slower = table(*samples)
    print('\n'.join(lines))
    compared = len(samples[0].keys() & samples[1].keys())
    print(f'{compared} benchmarks compared in {arguments.rounds} rounds, {slower} slower')
    return 1 if slower else 0


if __name__ == '__main__':
    sys.exit(main())

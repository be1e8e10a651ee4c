#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what benchmarks measured with bench/budgets.toml and prints one table.

    bench_report.py BUDGETS.toml RESULT.json...

Exit code 1 when a budget is exceeded or when its benchmark did not run: a budget that nothing measures is none.
"""
import json
import pathlib
import re
import sys
import tomllib

NS_PER = {'ns': 1.0, 'us': 1e3, 'ms': 1e6, 's': 1e9}


def ns_each(run):
    """Nanoseconds for one item of a benchmark's JSON entry."""
    if 'ns_each' in run:
        return run['ns_each']
    if run.get('items_per_second'):
        return 1e9 / run['items_per_second']
    return run['cpu_time'] * NS_PER[run.get('time_unit', 'ns')]


def measured(results):
    """{name: ns}, the median where a benchmark was repeated."""
    times = {}
    medians = {}
    for result in results:
        for run in result['benchmarks']:
            if run.get('error_occurred'):
                continue
            name = run.get('run_name', run['name'])
            if run.get('aggregate_name') == 'median':
                medians[name] = ns_each(run)
            elif run.get('run_type') != 'aggregate':
                times.setdefault(name, ns_each(run))
    return {**times, **medians}


def find(times, pattern):
    names = [name for name in times if re.fullmatch(pattern, name)]
    return times[names[0]] if names else None


def budget_text(budget):
    parts = []
    if 'ns_max' in budget:
        parts.append(f'<= {budget["ns_max"]:g} ns')
    if 'per_second_min' in budget:
        parts.append(f'>= {budget["per_second_min"] / 1e6:g} M/s')
    if 'of_light_max' in budget:
        parts.append(f'<= {budget["of_light_max"]:g} x')
    return ', '.join(parts)


def judged(budget, time_ns, light_ns):
    """'OK', 'over', or why it cannot be said."""
    if time_ns is None:
        return 'not measured'
    if 'ns_max' in budget and time_ns > budget['ns_max']:
        return 'over'
    if 'per_second_min' in budget and 1e9 / time_ns < budget['per_second_min']:
        return 'over'
    if 'of_light_max' in budget:
        if light_ns is None:
            return 'no speed of light'
        if time_ns / light_ns > budget['of_light_max']:
            return 'over'
    return 'OK'


def report(budgets, results):
    """(lines of the table, True when everything is within its budget)"""
    times = measured(results)
    light = budgets['speed_of_light']['benchmark']
    rows = [('what', 'budget', 'measured', 'of light', '')]
    for budget in budgets['budget']:
        time_ns = find(times, budget['benchmark'])
        light_ns = find(times, budget.get('light', light))
        shown = '-'
        if time_ns is not None:
            shown = f'{1e3 / time_ns:.2f} M/s' if 'per_second_min' in budget else f'{time_ns:.1f} ns'
        ratio = f'{time_ns / light_ns:.2f} x' if time_ns is not None and light_ns else '-'
        rows.append((budget['what'], budget_text(budget), shown, ratio, judged(budget, time_ns, light_ns)))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ['  '.join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2]),
                        row[3].rjust(widths[3]), row[4])).rstrip() for row in rows]
    light_ns = find(times, light)
    lines.append(f'speed of light: {light_ns:.1f} ns' if light_ns else 'speed of light: not measured')
    return lines, all(row[4] == 'OK' for row in rows[1:])


def main(budgets_path, *result_paths):
    budgets = tomllib.loads(pathlib.Path(budgets_path).read_text())
    results = [json.loads(pathlib.Path(path).read_text()) for path in result_paths]
    lines, good = report(budgets, results)
    print('\n'.join(lines))
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

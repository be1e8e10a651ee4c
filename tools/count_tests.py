#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the cases of one `meson test` run and shows what failed.

Meson counts programs; a reader wants test cases. The JUnit file holds every GoogleTest case, the JSON file holds
every program: a program that failed without a failed case (a crash, a sanitizer's report, a timeout) counts once.

    count_tests.py BUILD_FOLDER LOG_BASE     prints "PASSED FAILED SKIPPED"; failures go to standard error
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

LINES_SHOWN_MAX = 40
BAD_RESULTS = ('FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS')


def case_state(case):
    if case.find('failure') is not None or case.find('error') is not None:
        return 'failed'
    if case.find('skipped') is not None or case.get('status') == 'notrun':
        return 'skipped'
    return 'passed'


def program_name(full_name):
    """'project:suite / name' and plain 'name' both name the program last."""
    return full_name.rsplit(' / ', 1)[-1]


def count(junit_root, programs):
    totals = {'passed': 0, 'failed': 0, 'skipped': 0}
    failed_names = []
    failed_programs = set()
    for suite in junit_root.iter('testsuite'):
        for case in suite.findall('testcase'):
            state = case_state(case)
            totals[state] += 1
            if state == 'failed':
                failed_names.append(f"{suite.get('name')}.{case.get('name')}")
                failed_programs.update(suite.get('name').split('.'))
                failed_programs.add(program_name(case.get('name')))
    for program in programs:
        name = program_name(program['name'])
        if program['result'] in BAD_RESULTS and name not in failed_programs:
            totals['failed'] += 1
            failed_names.append(f"{name} ({program['result'].lower()}, exit code {program['returncode']})")
    return totals, failed_names


def failure_excerpt(program):
    """The part of a failed program's output that says why: from the first failure on, else the end."""
    lines = (program.get('stdout', '') + program.get('stderr', '')).splitlines()
    for number, line in enumerate(lines):
        if 'Failure' in line or 'ERROR:' in line or 'WARNING: ThreadSanitizer' in line or 'runtime error:' in line:
            return lines[number:number + LINES_SHOWN_MAX]
    return lines[-LINES_SHOWN_MAX:]


def main(build_folder, log_base):
    logs = pathlib.Path(build_folder) / 'meson-logs'
    programs = [json.loads(line) for line in (logs / f'{log_base}.json').read_text().splitlines()]
    junit_root = ElementTree.parse(logs / f'{log_base}.junit.xml').getroot()
    totals, failed_names = count(junit_root, programs)
    for name in failed_names:
        print(f'    failed: {name}', file=sys.stderr)
    for program in programs:
        if program['result'] in BAD_RESULTS:
            for line in failure_excerpt(program):
                print(f'      {line}', file=sys.stderr)
    print(totals['passed'], totals['failed'], totals['skipped'])


if __name__ == '__main__':
    main(*sys.argv[1:])

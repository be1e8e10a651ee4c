#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the interoperability tests: one line for each, with its time; what failed is told at the end.

    run.py [--counts FILE] [--folder FOLDER] [--lanes N] [NAME...]

NAME is part of a test's name; FILE gets "PASSED FAILED SKIPPED"; another FOLDER's tests may use what is here. N tests
run at a time, each lane in a network namespace of its own; a single lane, as without root, has the machine's network.
Those marked alone come after the others.
"""
import argparse
import pathlib
import sys
import unittest

import lanes
import namespaces

HERE = pathlib.Path(__file__).resolve().parent
# Most tests keep one core polling. Three were faster on two cores, but on a crowded machine timers were seen late.
LANES = 2


def name_of(test_id):
    if '(' in test_id:  # setUpClass (module.Class)
        return test_id
    group, sentence = test_id.split('.')[-2:]
    return f"{group.removesuffix('Test')}: {sentence.removeprefix('test_').replace('_', ' ')}"


def flattened(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flattened(item)
        else:
            yield item


def outcomes_of(tests, count):
    """Runs them and prints a line for each: {test's id: outcome}"""
    together = len(tests) > 1
    private = together and count > 1 and namespaces.missing() is None
    found = {}
    for outcome in lanes.run(tests, count if private else 1, private, captured=together):
        if outcome.test_id in found:
            raise RuntimeError(f'{outcome.test_id} was reported twice')
        found[outcome.test_id] = outcome
        print(f'  {name_of(outcome.test_id):<72} {outcome.seconds:6.1f} s  {outcome.state}', flush=True)
    if missing := {test.id() for test in tests} - set(found):
        raise RuntimeError(f'not reported: {sorted(missing)}')
    return found


def main():
    parser = argparse.ArgumentParser(description='interoperability tests')
    parser.add_argument('--counts', type=pathlib.Path)
    parser.add_argument('--folder', type=pathlib.Path, default=HERE)
    parser.add_argument('--lanes', type=int, default=LANES)
    parser.add_argument('names', nargs='*')
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    sys.path[:0] = [str(folder), str(HERE)]
    found = list(flattened(unittest.defaultTestLoader.discover(str(folder), pattern='*_test.py')))
    chosen = [test for test in found if not arguments.names or any(name in test.id() for name in arguments.names)]
    outcomes = outcomes_of(chosen, arguments.lanes).values()
    failures = [outcome for outcome in outcomes if outcome.state == 'FAILED']
    for outcome in failures:
        print(f'\n{outcome.test_id}\n{outcome.why}')
    failed = len(failures)
    skipped = sum(outcome.state.startswith('SKIPPED') for outcome in outcomes)
    passed = len(outcomes) - failed - skipped
    if arguments.counts:
        arguments.counts.write_text(f'{passed} {failed} {skipped}\n')
    print(f'{folder.name}: {passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed or not chosen else 0


if __name__ == '__main__':
    sys.exit(main())

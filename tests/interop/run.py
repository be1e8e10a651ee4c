#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the interoperability tests: one line for each, with its time; what failed is told at the end.

    run.py [--counts FILE] [--folder FOLDER] [NAME...]

NAME is part of a test's name; FILE gets "PASSED FAILED SKIPPED"; another FOLDER's tests may use what is here.
"""
import argparse
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Lines(unittest.TestResult):
    """Prints each test as it ends."""

    def startTest(self, test):
        super().startTest(test)
        self.started_at = time.monotonic()
        self.state = 'ok'

    def stopTest(self, test):
        super().stopTest(test)
        print(f'  {name_of(test):<72} {time.monotonic() - self.started_at:6.1f} s  {self.state}', flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.state = 'FAILED'

    def addError(self, test, err):
        super().addError(test, err)
        self.state = 'FAILED'
        if not isinstance(test, unittest.TestCase):
            print(f'  {test}: FAILED', flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.state = f'SKIPPED: {reason}'

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.state = 'FAILED'

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.state = 'FAILED'


def name_of(test):
    group, sentence = test.id().split('.')[-2:]
    return f"{group.removesuffix('Test')}: {sentence.removeprefix('test_').replace('_', ' ')}"


def flattened(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flattened(item)
        else:
            yield item


def main():
    parser = argparse.ArgumentParser(description='interoperability tests')
    parser.add_argument('--counts', type=pathlib.Path)
    parser.add_argument('--folder', type=pathlib.Path, default=HERE)
    parser.add_argument('names', nargs='*')
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    sys.path[:0] = [str(folder), str(HERE)]
    found = list(flattened(unittest.defaultTestLoader.discover(str(folder), pattern='*_test.py')))
    chosen = [test for test in found if not arguments.names or any(name in test.id() for name in arguments.names)]
    lines = Lines()
    unittest.TestSuite(chosen).run(lines)
    for test, trace in lines.failures + lines.errors:
        print(f'\n{test.id()}\n{trace}')
    failed_tests = {str(test.id()).split(' ')[0] for test, _ in lines.failures + lines.errors}
    failed = len(failed_tests) + len(lines.unexpectedSuccesses)
    skipped = len(lines.skipped)
    passed = max(0, lines.testsRun - failed - skipped)
    if arguments.counts:
        arguments.counts.write_text(f'{passed} {failed} {skipped}\n')
    print(f'{folder.name}: {passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed or not chosen else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A failure that count_tests.py overlooks would make a red run green."""
import unittest
import xml.etree.ElementTree as ElementTree

import count_tests

JUNIT = '''<testsuites>
  <testsuite name="regstorm.sip.Parser">
    <testcase name="Reads" status="run"/>
    <testcase name="Refuses" status="run"><failure message="x"/></testcase>
    <testcase name="NeedsRoot" status="run"><skipped message="x"/></testcase>
    <testcase name="DISABLED_Old" status="notrun"/>
  </testsuite>
  <testsuite name="regstorm"><testcase name="tidy"/></testsuite>
</testsuites>'''


def program(name, result, returncode=0):
    return {'name': name, 'result': result, 'returncode': returncode}


class CountTest(unittest.TestCase):
    def count(self, *programs):
        totals, names = count_tests.count(ElementTree.fromstring(JUNIT), programs)
        return (totals['passed'], totals['failed'], totals['skipped']), names

    def test_cases_are_counted_not_programs(self):
        totals, names = self.count(program('regstorm:regstorm / sip', 'FAIL', 1), program('tidy', 'OK'))
        self.assertEqual(totals, (2, 1, 2))
        self.assertEqual(names, ['regstorm.sip.Parser.Refuses'])

    def test_a_crash_without_a_failed_case_counts(self):
        totals, names = self.count(program('regstorm:regstorm / timer', 'FAIL', -6))
        self.assertEqual(totals, (2, 2, 2))
        self.assertIn('timer (fail, exit code -6)', names)

    def test_a_failed_plain_program_counts_once(self):
        junit = ElementTree.fromstring('<t><testsuite name="regstorm"><testcase name="regstorm:style / tidy">'
                                       '<failure/></testcase></testsuite></t>')
        totals, names = count_tests.count(junit, [program('regstorm:style / tidy', 'FAIL', 1)])
        self.assertEqual((totals['failed'], names), (1, ['regstorm.regstorm:style / tidy']))

    def test_a_timeout_counts(self):
        totals, _ = self.count(program('wheel', 'TIMEOUT', -15))
        self.assertEqual(totals, (2, 2, 2))

    def test_the_excerpt_starts_at_the_failure(self):
        lines = count_tests.failure_excerpt({'stdout': 'a\nb\nx.cpp:1: Failure\nwhy\n'})
        self.assertEqual(lines, ['x.cpp:1: Failure', 'why'])


if __name__ == '__main__':
    unittest.main()

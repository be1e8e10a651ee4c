# SPDX-License-Identifier: Apache-2.0
"""Delays by group and by outcome: every attempt that ended is in exactly one of them."""
import pathlib
import tempfile
import unittest

from generator import WORKED, Run

SCENARIO = '''
[run]
endpoints = 400
rate = 2000
workers = 2

[device]
unregister_before_registration = "no"

[registrar]
misbehave = "403 25% user; drop 100% user=user000003"

[[group]]
name = "speakers"
endpoints = 100
device.timer_f = "1s"

[[group]]
name = "desk phones"
share = 1
'''


class GroupsTest(unittest.TestCase):
    def test_every_outcome_is_in_its_group(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'groups.toml'
            path.write_text(SCENARIO)
            with Run(str(path), '--quiet') as run:
                self.assertIn(run.wait(), WORKED, run.describe())
                result = run.result
        self.assertEqual([(group['name'], group['endpoints']) for group in result['groups']],
                         [('speakers', 100), ('desk phones', 300)])
        by_outcome = {outcome: [group['outcomes_us'][outcome]['count'] for group in result['groups']]
                      for outcome in ('succeeded', 'rejected', 'unanswered')}
        registrations = result['registrations']
        self.assertEqual(sum(by_outcome['succeeded']), registrations['succeeded'])
        self.assertEqual(sum(by_outcome['rejected']), registrations['failed_by']['403'])
        self.assertLess(min(by_outcome['rejected']), max(by_outcome['rejected']))
        for outcome, counts in by_outcome.items():
            self.assertEqual(result['outcomes_us'][outcome]['count'], sum(counts))
        self.assertLessEqual(by_outcome['unanswered'], [1, 0], 'one phone is never answered, unless it is refused')
        for name in ('p50', 'p999', 'p9999', 'max'):
            self.assertLessEqual(result['rrd_us']['p50'], result['rrd_us'][name])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of the budgets is judged: units, medians, ratios, and what nothing measured."""
import unittest

import bench_report

LIGHT = {'name': 'light/1000000', 'cpu_time': 40.0, 'time_unit': 'ns'}


def verdicts(budget, *runs):
    budgets = {'speed_of_light': {'benchmark': 'light/1000000'}, 'budget': [{'what': 'it', **budget}]}
    lines, good = bench_report.report(budgets, [{'benchmarks': list(runs)}])
    return lines[1].split('  ')[-1].strip(), good


class ReportTest(unittest.TestCase):
    def test_reads_every_way_to_state_a_cost(self):
        for run in ({'cpu_time': 0.05, 'time_unit': 'us'}, {'cpu_time': 999, 'items_per_second': 2e7},
                    {'cpu_time': 999, 'ns_each': 50.0}):
            self.assertAlmostEqual(bench_report.ns_each(run), 50.0)

    def test_ns_max(self):
        budget = {'benchmark': 'wheel', 'ns_max': 50}
        self.assertEqual(verdicts(budget, LIGHT, {'name': 'wheel', 'cpu_time': 50.0}), ('OK', True))
        self.assertEqual(verdicts(budget, LIGHT, {'name': 'wheel', 'cpu_time': 50.1}), ('over', False))

    def test_per_second_min(self):
        budget = {'benchmark': 'loop', 'per_second_min': 5e6}
        self.assertEqual(verdicts(budget, LIGHT, {'name': 'loop', 'cpu_time': 199.0}), ('OK', True))
        self.assertEqual(verdicts(budget, LIGHT, {'name': 'loop', 'cpu_time': 201.0}), ('over', False))

    def test_of_light_max(self):
        budget = {'benchmark': 'loop', 'of_light_max': 4}
        self.assertEqual(verdicts(budget, LIGHT, {'name': 'loop', 'cpu_time': 159.0}), ('OK', True))
        self.assertEqual(verdicts(budget, LIGHT, {'name': 'loop', 'cpu_time': 161.0}), ('over', False))
        self.assertEqual(verdicts(budget, {'name': 'loop', 'cpu_time': 1.0}), ('no speed of light', False))

    def test_a_budget_without_a_measurement_is_no_success(self):
        self.assertEqual(verdicts({'benchmark': 'gone', 'ns_max': 5}, LIGHT), ('not measured', False))
        failed = {'name': 'gone', 'cpu_time': 1.0, 'error_occurred': True}
        self.assertEqual(verdicts({'benchmark': 'gone', 'ns_max': 5}, LIGHT, failed), ('not measured', False))

    def test_the_median_of_repetitions_counts(self):
        runs = [{'name': 'wheel', 'run_name': 'wheel', 'cpu_time': 99.0, 'run_type': 'iteration'},
                {'name': 'wheel_median', 'run_name': 'wheel', 'cpu_time': 10.0, 'run_type': 'aggregate',
                 'aggregate_name': 'median'},
                {'name': 'wheel_stddev', 'run_name': 'wheel', 'cpu_time': 70.0, 'run_type': 'aggregate',
                 'aggregate_name': 'stddev'}]
        self.assertEqual(verdicts({'benchmark': 'wheel', 'ns_max': 20}, LIGHT, *runs), ('OK', True))

    def test_a_name_is_matched_as_a_whole(self):
        self.assertEqual(verdicts({'benchmark': 'arm', 'ns_max': 5}, LIGHT, {'name': 'arm/10', 'cpu_time': 1.0}),
                         ('not measured', False))


if __name__ == '__main__':
    unittest.main()

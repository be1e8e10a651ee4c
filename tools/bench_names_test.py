#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A budget is matched by a whole name, and one that nothing measures is named."""
import unittest

import bench_names


class NamesTest(unittest.TestCase):
    def test_the_yardstick_is_asked_for_like_every_budget(self):
        budgets = {'speed_of_light': {'benchmark': 'light'}, 'budget': [{'benchmark': 'wheel'}]}
        self.assertEqual(bench_names.patterns(budgets), ['light', 'wheel'])

    def test_what_no_benchmark_is_called_is_found(self):
        names = ['light/1', 'wheel/10', 'digest/avx2/16']
        self.assertEqual(bench_names.unmatched(['light/1', 'digest/.*/16'], names), [])
        self.assertEqual(bench_names.unmatched(['light', 'wheel/1', 'gone'], names), ['light', 'wheel/1', 'gone'])


if __name__ == '__main__':
    unittest.main()

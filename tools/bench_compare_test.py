#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The comparison of benchmarks: rounds in turn, what counts as a change, and what only one side has."""
import pathlib
import stat
import tempfile
import unittest

import bench_compare


class SampleTest(unittest.TestCase):
    def test_both_sides_run_in_every_round_and_take_turns_in_going_first(self):
        ran = []

        def run(path):
            ran.append(path)
            return {'wheel': len(ran)}

        base, head = bench_compare.sample({'bench_timer': 'base'}, {'bench_timer': 'head'}, 3, run)
        self.assertEqual(ran, ['base', 'head', 'head', 'base', 'base', 'head'])
        self.assertEqual((base, head), ({'wheel': [1, 4, 5]}, {'wheel': [2, 3, 6]}))

    def test_a_program_that_one_side_lacks_runs_on_the_other(self):
        base, head = bench_compare.sample({}, {'bench_new': 'head'}, 1, lambda _: {'new': 1.0})
        self.assertEqual((base, head), ({}, {'new': [1.0]}))

    def test_programs_are_run_and_their_results_read(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / 'room' / 'bench_room'
            program.parent.mkdir()
            program.write_text('#!/bin/sh\nfor word; do case $word in --benchmark_out=*) out=${word#*=};; esac; done\n'
                               'echo \'{"benchmarks": [{"name": "a", "cpu_time": 5.0, "time_unit": "us"}]}\' >"$out"\n')
            (program.parent / 'bench_room.o').write_text('')
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            found = bench_compare.programs(folder)
            self.assertEqual(list(found), ['bench_room'])
            self.assertEqual(bench_compare.measure(found['bench_room'], '.', None), {'a': 5000.0})

    def test_a_program_without_such_a_benchmark_measures_nothing(self):
        self.assertEqual(bench_compare.measure('/bin/true', '.', None), {})


class VerdictTest(unittest.TestCase):
    def test_a_change_counts_when_nearly_all_pairs_of_rounds_agree(self):
        self.assertEqual(bench_compare.verdict([100, 101, 102], [90, 91, 92]), 'faster')
        self.assertEqual(bench_compare.verdict([90, 91, 92], [100, 101, 102]), 'slower')
        self.assertEqual(bench_compare.verdict([90, 95, 120], [94, 100, 125]), '')
        self.assertEqual(bench_compare.verdict([100, 101, 102, 103, 104], [99, 98, 97, 102, 96]), '')

    def test_a_small_change_is_none_however_steady_it_is(self):
        self.assertEqual(bench_compare.verdict([100.0, 100.0], [101.9, 101.9]), '')
        self.assertEqual(bench_compare.verdict([100.0], [102.1]), 'slower')

    def test_one_outlier_changes_nothing(self):
        self.assertEqual(bench_compare.verdict([100, 100, 100, 100, 900], [100, 101, 100, 100, 100]), '')

    def test_the_table_shows_every_benchmark_and_counts_the_slower_ones(self):
        lines, slower = bench_compare.table({'wheel': [10.0], 'gone': [1.0]}, {'wheel': [20.0], 'new': [2.0]})
        self.assertEqual(slower, 1)
        self.assertEqual([line.split()[0] for line in lines[1:]], ['wheel', 'gone', 'new'])
        self.assertIn('+100.0%  slower', lines[1])
        self.assertTrue(lines[2].endswith('gone') and lines[3].endswith('new'))


if __name__ == '__main__':
    unittest.main()

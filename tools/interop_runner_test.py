#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A test that tests/interop/run.py loses would make a red run green: here it runs tests that fail, vanish and skip."""
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

INTEROP = pathlib.Path(__file__).resolve().parents[1] / 'tests' / 'interop'
sys.path.insert(0, str(INTEROP))

import lanes  # noqa: E402  (its folder is known only now)

PROBES = '''
    import os
    import signal
    import time
    import unittest

    from lanes import alone

    ORDER = os.path.join(os.path.dirname(__file__), 'order')


    def note(word):
        with open(ORDER, 'a') as file:
            file.write(word + ' ')


    class ProbeTest(unittest.TestCase):
        @alone('to see that it is the last one')
        def test_alone(self):
            note('alone')

        def test_fails(self):
            print('printed by the one that fails')
            self.assertEqual(1, 2, 'as it should')

        def test_fails_in_parts(self):
            for part in range(3):
                with self.subTest(part):
                    self.assertEqual(part, 1)

        def test_kills_itself(self):
            print('printed before it dies', flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

        def test_leaves(self):
            os._exit(0)

        def test_passes(self):
            time.sleep(0.2)
            note('beside')

        def test_skips(self):
            self.skipTest('for a reason')


    class TogetherTest(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.prepared = os.getpid()
            note('prepared')

        def test_a_first(self):
            self.assertEqual(self.prepared, os.getpid())

        def test_b_kills_itself(self):
            os.kill(os.getpid(), signal.SIGKILL)

        def test_c_last(self):
            pass


    class BrokenTest(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            raise RuntimeError('cannot prepare')

        def test_a(self):
            pass

        def test_b(self):
            pass


    class UntidyTest(unittest.TestCase):
        @classmethod
        def tearDownClass(cls):
            raise RuntimeError('cannot tidy up')

        def test_a(self):
            pass


    class SkippingTest(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            raise unittest.SkipTest('nothing to test')

        def test_a(self):
            pass
'''
STATES = {
    'Probe: alone': 'ok', 'Probe: fails': 'FAILED', 'Probe: fails in parts': 'FAILED', 'Probe: kills itself': 'FAILED',
    'Probe: leaves': 'FAILED', 'Probe: passes': 'ok', 'Probe: skips': 'SKIPPED: for a reason',
    'Together: a first': 'ok', 'Together: b kills itself': 'FAILED', 'Together: c last': 'FAILED',
    'Broken: a': 'FAILED', 'Broken: b': 'FAILED', 'Untidy: a': 'ok', 'tearDownClass (probe_test.UntidyTest)': 'FAILED',
    'Skipping: a': 'SKIPPED: nothing to test'}


class RunnerTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / 'probe_test.py').write_text(textwrap.dedent(PROBES))

    def run_probes(self, *names):
        """(exit code, what was printed, PASSED FAILED SKIPPED)"""
        counts = self.folder / 'counts'
        done = subprocess.run([sys.executable, INTEROP / 'run.py', '--folder', self.folder, '--counts', counts, *names],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stderr, '' if len(names) != 1 else done.stderr)
        return done.returncode, done.stdout, counts.read_text().split()

    def test_every_test_is_reported_once_with_its_state(self):
        code, said, counts = self.run_probes()
        lines = [line.strip().split(' s  ') for line in said.splitlines() if ' s  ' in line]
        states = {line[0].rpartition('  ')[0].strip(): line[1] for line in lines}
        self.assertEqual((states, len(lines)), (STATES, len(STATES)))
        self.assertEqual((code, counts), (1, ['4', '9', '2']))

    def test_what_failed_is_told_at_the_end_with_what_it_printed(self):
        _, said, _ = self.run_probes()
        for words in ('as it should', 'printed by the one that fails', 'printed before it dies',
                      'ended with signal SIGKILL while it was running probe_test.ProbeTest.test_kills_itself',
                      'ended with signal SIGKILL while it was running probe_test.TogetherTest.test_b_kills_itself',
                      'ended with exit code 0 while it was running probe_test.ProbeTest.test_leaves',
                      'cannot prepare', 'cannot tidy up'):
            self.assertIn(words, said)

    def test_a_class_that_prepares_is_prepared_once_and_who_wants_to_be_alone_is_last(self):
        self.run_probes()
        order = (self.folder / 'order').read_text().split()
        self.assertEqual((sorted(order), order[-1]), (['alone', 'beside', 'prepared'], 'alone'))

    def test_one_test_by_name(self):
        code, said, counts = self.run_probes('test_fails_in')
        self.assertEqual((code, counts), (1, ['0', '1', '0']))
        self.assertEqual(said.count('AssertionError'), 2, 'one for each part that failed')
        self.assertEqual(self.run_probes('test_passes')[::2], (0, ['1', '0', '0']))
        self.assertEqual(self.run_probes('no_such_test')[::2], (1, ['0', '0', '0']))

    def test_several_lanes_lose_nothing(self):
        # Without networks of their own, which take root: processes and pipes are the same.
        names = [f'test_{number}' for number in range(12)]
        case = type('SleepersTest', (unittest.TestCase,), dict.fromkeys(names, lambda _: time.sleep(0.05)))
        found = [outcome.test_id.rpartition('.')[2]
                 for outcome in lanes.run([case(name) for name in names], 4, private=False, captured=True)
                 if outcome.state == 'ok']
        self.assertEqual(sorted(found), sorted(names))


if __name__ == '__main__':
    unittest.main()

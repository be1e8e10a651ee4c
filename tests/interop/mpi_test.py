# SPDX-License-Identifier: Apache-2.0
"""One run over two MPI ranks on this machine: the same totals as in one process, and what becomes of a lost rank."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest

from generator import BAD_ENVIRONMENT, BAD_USAGE, PASSED, PROGRAM, WORKED, Registrar, Run

PHONES = int(os.environ.get('INTEROP_PHONES', '20000')) // 10 + 1
REGISTRAR = 5972
TARGET = f'127.0.0.1:{REGISTRAR}'
# Loopback and shared memory only: nothing is looked for on a network. Whoever runs these tests is root.
MPIRUN = ('mpirun', '--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '-n', '2',
          '--mca', 'oob_tcp_if_include', 'lo', '--mca', 'pml', 'ob1', '--mca', 'btl', 'self,vader')


def built_with_mpi():
    said = subprocess.run([PROGRAM, '--version'], capture_output=True, text=True, check=True).stdout
    return 'MPI         no' not in said


def processes_of_rank(rank, folder):
    """Pids of regstorm as this rank, of the mpirun that was started in this folder."""
    found = []
    for entry in pathlib.Path('/proc').iterdir():
        try:
            if entry.name.isdigit() and (entry / 'exe').resolve() == PROGRAM.resolve() and \
                    (entry / 'cwd').resolve() == folder.resolve() and \
                    f'OMPI_COMM_WORLD_RANK={rank}'.encode() in (entry / 'environ').read_bytes().split(b'\0'):
                found.append(int(entry.name))
        except OSError:
            continue  # it has ended meanwhile
    return found


def wait_until(condition, seconds_max=60.0):
    deadline = time.monotonic() + seconds_max
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError('it never came to that')
        time.sleep(0.02)


@unittest.skipUnless(shutil.which('mpirun'), 'no mpirun: scripts/deps build test')
class MpiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not built_with_mpi():
            raise unittest.SkipTest('built without -Dmpi=enabled')

    def run_whole(self, *prefix, **options):
        with Registrar(REGISTRAR, '--password', 'secret'), \
                Run(command_prefix=prefix, target=TARGET, password='secret', seed=11, endpoints=PHONES, rate=1000,
                    settings={'run.hold': '0s', 'run.unregister_at_end': 'true'}, **options) as run:
            self.assertIn(run.wait(), WORKED, run.describe())
            return run.result

    def test_two_ranks_give_the_totals_of_one_process(self):
        one = self.run_whole()
        two = self.run_whole(*MPIRUN)
        for result in (one, two):
            # What a busy machine made a phone send again, and the answers to that, are no part of the plan.
            messages = result['messages']
            messages['first_sends'] = messages['sent'] - messages['retransmitted']
        for path in ('endpoints', 'removals', 'responses', 'scenario.run.seed', 'rrd_us.count',
                     'generator.send_lag_us.count', 'outcomes_us.succeeded.count', 'messages.first_sends',
                     'messages.final', 'registrations.attempted', 'registrations.succeeded', 'registrations.failed'):
            left, right = one, two
            for key in path.split('.'):
                left, right = left[key], right[key]
            with self.subTest(path):
                self.assertEqual(left, right)
        self.assertEqual(two['registrations']['succeeded'], PHONES)
        self.assertEqual(one['ranks'], [])
        ranks = two['ranks']
        self.assertEqual([rank['rank'] for rank in ranks], [0, 1])
        self.assertEqual([rank['endpoints'] for rank in ranks], [PHONES - PHONES // 2, PHONES // 2])
        self.assertEqual([rank['succeeded'] for rank in ranks], [rank['endpoints'] for rank in ranks])
        self.assertEqual(sum(rank['sent'] for rank in ranks), two['messages']['sent'])
        self.assertEqual(len(two['generator']['busy']), 2)

    def start_long(self, *prefix, **options):
        return Run(command_prefix=(*MPIRUN, *prefix), target=TARGET, endpoints=100000, rate=200, duration='60s',
                   **options)

    def wait_for_load(self, run):
        wait_until(lambda: not run.running() or re.search(r'[1-9][\d,]*/100,000 registered', run.output()))

    def test_a_rank_that_is_killed_ends_the_run_with_what_was_gathered(self):
        with Registrar(REGISTRAR, '--no-auth'), self.start_long() as run:
            self.wait_for_load(run)
            victims = processes_of_rank(1, run.folder)
            self.assertEqual(len(victims), 1, run.describe())
            os.kill(victims[0], signal.SIGKILL)
            self.assertNotEqual(run.wait(30), PASSED, run.describe())
            result = run.result
        self.assertEqual(result['verdict']['status'], 'aborted')
        self.assertRegex(result['verdict']['reasons'][0], r'^rank 1 on \S+ was lost$')
        self.assertEqual(result['ranks'][1]['status'], 'lost')
        self.assertGreater(result['ranks'][1]['succeeded'], 0)
        self.assertGreater(result['ranks'][0]['succeeded'], 0)
        self.assertEqual(result['registrations']['attempted'], sum(rank['attempted'] for rank in result['ranks']))

    def test_ctrl_c_ends_all_ranks_and_writes_the_result(self):
        with Registrar(REGISTRAR, '--no-auth'), self.start_long() as run:
            self.wait_for_load(run)
            run.process.send_signal(signal.SIGINT)
            run.wait(30)
            result = run.result
        self.assertEqual(result['verdict']['status'], 'aborted')
        self.assertEqual(result['verdict']['reasons'][0], 'stopped early by a signal')
        self.assertNotIn('lost', [rank['status'] for rank in result['ranks']])

    def test_sigusr2_ends_all_ranks_in_order(self):
        with Registrar(REGISTRAR, '--no-auth'), self.start_long(settings={'run.unregister_at_end': 'true'}) as run:
            self.wait_for_load(run)
            run.process.send_signal(signal.SIGUSR2)
            run.wait(60)
            result = run.result
        self.assertEqual(result['verdict']['reasons'][0], 'stopped early by a signal')
        self.assertGreater(result['removals']['attempted'], 0)
        self.assertEqual(result['removals']['succeeded'], result['removals']['attempted'])

    def fails(self, command, code, *sentences):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, said)
        for sentence in sentences:
            self.assertEqual(len(re.findall(sentence, said)), 1, said)
        return said

    def start_differently(self, *arguments):
        """mpirun's command for two ranks, of which the second has these arguments as well."""
        launcher = [part for part in MPIRUN if part not in ('-n', '2')]
        rank = ['-n', '1', str(PROGRAM), 'run', '--target', TARGET, '--endpoints', '10']
        return [*launcher, *rank, ':', *rank, *arguments]

    def test_a_rank_that_cannot_start_is_named_with_its_reason(self):
        # Its port is wrong as text, cannot be had on its machine, or it would run something else.
        self.fails(self.start_differently('--port', 'nonsense'), BAD_USAGE, r'regstorm: rank 1 on \S+: .*--port')
        self.fails(self.start_differently('--port', 'udp:192.0.2.1'), BAD_ENVIRONMENT,
                   r'regstorm: rank 1 on \S+: .*192\.0\.2\.1')
        self.fails(self.start_differently('--set', 'device.t1=300ms'), BAD_USAGE,
                   r'regstorm: rank 1 on \S+: device\.t1 is "300ms" there and "500ms" on rank 0')

    def test_what_several_ranks_cannot_do_is_refused_once(self):
        self.fails([*MPIRUN, str(PROGRAM), 'run', '--endpoints', '10'], BAD_USAGE, 'needs --target')
        self.fails([*MPIRUN, str(PROGRAM), 'run', '--target', TARGET, '--endpoints', '1'], BAD_USAGE,
                   'regstorm: 2 workers on all ranks are too many')
        self.fails([*MPIRUN, str(PROGRAM), 'run', '--target', TARGET, '--trace-endpoint', '1'], BAD_USAGE,
                   'has no capture and no trace')
        self.fails([*MPIRUN, str(PROGRAM), 'run', '--target', TARGET, '--endpoints', 'x'], BAD_USAGE, '--endpoints: ')


if __name__ == '__main__':
    unittest.main()

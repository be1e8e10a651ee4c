# SPDX-License-Identifier: Apache-2.0
"""What tests of the verdict have in common: a fault with its cause, runs that are judged, and ways to cause trouble.

A test says its cause, verdict and reason in @judged; GUIDE.md's table is held against what all of them say.
"""
import contextlib
import ctypes
import errno
import functools
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import unittest

from generator import CRITERION_FAILED, GENERATOR_LIMITED, PASSED, Registrar, Run
from kamailio_case import free_port

VALID, LIMITED, ABORTED = 'valid', 'generator-limited', 'aborted'
# As GUIDE.md has them: the dots stand for a figure.
LATE = 'requests left too late: 99% within ... of their time (allowed 10 ms)'
READ_LATE = '... datagrams may have waited here for more than 10 ms before they were read (...; allowed 1%)'
OUT = '... datagrams were lost on their way out of this machine (...; allowed 0%)'
IN = '... datagrams arrived and were lost in this machine (...; allowed 0%)'

PIDFD_GETFD = 438  # a system call that Python does not name
RATE = 200
# Away for longer than this, the generator is late by its own rules.
GAP_US_MAX = 10_000


TRIES = 3


class Disturbed(AssertionError):
    """The machine took the core away for longer than the verdict allows: it is right, but about another fault."""


def judged(cause, status, reason=''):
    """What the test that follows provokes, and how it has to be judged; the first reason of an aborted run.

    A test that was disturbed is done again; nothing but the verdict that it names lets it pass.
    """
    def mark(test):
        @functools.wraps(test)
        def repeated(case):
            for _ in range(TRIES - 1):
                try:
                    return test(case)
                except Disturbed:
                    case.stack.close()
                    case.setUp()
            return test(case)
        repeated.row = (cause, status, reason)
        return repeated
    return mark


def rows_of(case):
    return [test.row for test in vars(case).values() if hasattr(test, 'row')]


def undisturbed():
    """Gives a run the core whenever it wants it: what else this machine has to do is no part of a test.

    Priority counts among the tasks of one session only where the kernel groups them by session; so it gets its own. A
    real-time priority would not do: the kernel takes the core away from those for 50 ms in every second.
    """
    if os.geteuid() != 0:
        return ()
    return ('setsid', 'sh', '-c', 'echo -20 2>/dev/null >/proc/self/autogroup; exec nice -n -20 "$@"', '-')


def borrow_socket(pid, udp_port):
    """The socket itself with which another process has bound that port, and not a copy."""
    with open(os.pidfd_open(pid), 'rb', buffering=0) as process:
        for entry in os.listdir(f'/proc/{pid}/fd'):
            number = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, process.fileno(), int(entry), 0)
            if number < 0:
                if ctypes.get_errno() == errno.EBADF:  # closed meanwhile
                    continue
                raise unittest.SkipTest(f'descriptors of others: {os.strerror(ctypes.get_errno())}')
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                os.close(number)
                continue
            borrowed = socket.socket(fileno=number)
            if borrowed.type == socket.SOCK_DGRAM and borrowed.family == socket.AF_INET and \
                    borrowed.getsockname()[1] == udp_port:
                return borrowed
            borrowed.close()
    raise AssertionError(f'process {pid} has not bound {udp_port}')


def shrink_buffer(pid, udp_port):
    """Leaves its socket the smallest receive buffer that the kernel grants: one or two datagrams."""
    with borrow_socket(pid, udp_port) as borrowed:
        borrowed.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)


def flood(address, udp_port, count=3000, size=60_000):
    """Datagrams as fast as they go; by their size they fill the largest buffer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thrower:
        for _ in range(count):
            thrower.sendto(bytes(size), (address, udp_port))


@contextlib.contextmanager
def stopped(process):
    """The process does nothing meanwhile."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def busy_core(core, count=4):
    """Neighbours that never sleep, on one core."""
    neighbours = [subprocess.Popen(['taskset', '-c', str(core), sys.executable, '-c', 'while True: pass'])
                  for _ in range(count)]
    try:
        yield
    finally:
        for neighbour in neighbours:
            neighbour.kill()
            neighbour.wait()


class LossyRelay(threading.Thread):
    """A network between phones and registrar that loses every NTH datagram, of both directions together."""

    def __init__(self, registrar, nth):
        super().__init__(daemon=True)
        self.registrar = registrar
        self.nth = nth
        self.seen = 0
        self.lost = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.settimeout(0.2)
        self.target = '%s:%d' % self.socket.getsockname()
        self.stopping = False

    def run(self):
        phones = None
        while not self.stopping:
            try:
                datagram, source = self.socket.recvfrom(65536)
            except TimeoutError:
                continue
            if source != self.registrar:
                phones = source
            self.seen += 1
            if self.seen % self.nth == 0:
                self.lost += 1
            else:
                self.socket.sendto(datagram, phones if source == self.registrar else self.registrar)

    def stop(self):
        self.stopping = True
        self.join()
        self.socket.close()


class VerdictCase(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start_registrar(self, *arguments, misbehave='', **options):
        """On the first core: the generator takes the last one."""
        chosen = ('--no-auth', '--misbehave', misbehave, '--set', 'run.seed=1', *arguments)
        prefix = options.pop('command_prefix', ()) + ('taskset', '-c', str(min(os.sched_getaffinity(0))))
        return self.stack.enter_context(Registrar(options.pop('udp_port', None) or free_port(), *chosen,
                                                  command_prefix=prefix, **options))

    def start_phones(self, target, command_prefix=None, settings=None, **options):
        """Two seconds of phones, undisturbed unless something else stands before the command."""
        options = {'port': 'udp', 'rate': RATE, 'endpoints': 2 * RATE, 'workers': 1, 'seed': 1, 'target': target,
                   **options}
        prefix = undisturbed() if command_prefix is None else command_prefix
        return self.stack.enter_context(Run('--quiet', command_prefix=prefix, settings={
            'run.stop_timeout': '200ms', **(settings or {})}, **{
                name: value for name, value in options.items() if value is not None}))

    def judge(self, run):
        """The result, after a look at its verdict and at the exit code that goes with it."""
        code = run.wait(60)
        self.assertTrue(run.result_path.exists(), run.describe())
        result = run.result
        _, status, reason = getattr(self, self._testMethodName).row
        verdict = result['verdict']
        said = f'{verdict}\n{run.describe()}'
        lost = result['generator']['tx_dropped'] + result['generator']['rx_dropped']
        if (status, verdict['status'], lost) == (VALID, LIMITED, 0) and \
                result['generator']['longest_gap_us'] > GAP_US_MAX:
            raise Disturbed(said)
        self.assertEqual(verdict['status'], status, said)
        self.assertIn(code, {VALID: (PASSED, CRITERION_FAILED), LIMITED: (GENERATOR_LIMITED,),
                             ABORTED: (CRITERION_FAILED,)}[status], said)
        pattern = '.+'.join(re.escape(part) for part in reason.split('...'))
        reasons = verdict['reasons'][:1] if status == ABORTED else verdict['reasons']
        if reason:
            self.assertTrue(any(re.fullmatch(pattern, given) for given in reasons), said)
        else:
            self.assertEqual(reasons, [], said)
        return result

# SPDX-License-Identifier: Apache-2.0
"""Tests side by side: each in a process and a network of its own, so that the fixed ports of two never meet.

Most of these tests wait for timers of SIP. What is forked for one test cannot break another, and when it dies, its pipe
ends: the test that it was running has failed. A class with a setUpClass stays together in one process.
"""
import collections
import contextlib
import ctypes
import multiprocessing.connection
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import unittest

CLONE_NEWNET = 0x40000000

Outcome = collections.namedtuple('Outcome', 'test_id state seconds why')
Outcome.__doc__ = """How a test ended: state is 'ok', 'FAILED' or 'SKIPPED: reason'; why has the traces of a failure."""


def alone(why):
    """Marks a test, or a class, that wants the machine for itself: it begins when all others have ended."""
    def mark(item):
        item.alone = why
        return item
    return mark


def is_alone(unit):
    return any(hasattr(test, 'alone') or hasattr(getattr(test, test._testMethodName), 'alone') for test in unit)


def units(tests):
    """[[the tests of one process]]: a class that prepares something for all of its tests, or one test of another."""
    found = {}
    for test in tests:
        kind = type(test)
        prepares = any(getattr(kind, name).__func__ is not getattr(unittest.TestCase, name).__func__
                       for name in ('setUpClass', 'tearDownClass'))
        found.setdefault(kind if prepares else test.id(), []).append(test)
    return list(found.values())


class Telling(unittest.TestResult):
    """In the child: tells the parent the name of each test that begins, and its outcome."""

    def __init__(self, writer, unit):
        super().__init__()
        self.writer = writer
        self.unit = unit

    def tell(self, test_id, state, seconds=0.0, why=''):
        sys.stdout.flush()
        sys.stderr.flush()
        self.writer.send(Outcome(test_id, state, seconds, why))

    def startTest(self, test):
        super().startTest(test)
        self.started_at = time.monotonic()
        self.state = 'ok'
        self.traces = []
        self.writer.send(test.id())

    def stopTest(self, test):
        super().stopTest(test)
        self.tell(test.id(), self.state, time.monotonic() - self.started_at, '\n'.join(self.traces))

    def fail(self, trace):
        self.state = 'FAILED'
        self.traces.append(trace)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.fail(self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        if isinstance(test, unittest.TestCase):
            self.fail(self.errors[-1][1])
        elif self.testsRun:  # what cleans up after a class
            self.tell(str(test), 'FAILED', why=self.errors[-1][1])
        else:
            for number, left_out in enumerate(self.unit):
                self.tell(left_out.id(), 'FAILED', why='' if number else self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if isinstance(test, unittest.TestCase):
            self.state = self.state if self.state == 'FAILED' else f'SKIPPED: {reason}'
            return
        for left_out in self.unit:
            self.tell(left_out.id(), f'SKIPPED: {reason}')

    def addSubTest(self, test, subtest, err):
        counts = len(self.failures), len(self.errors)
        super().addSubTest(test, subtest, err)
        for _, trace in self.failures[counts[0]:] + self.errors[counts[1]:]:
            self.fail(trace)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.fail('succeeded, which nobody expected\n')


def make_network():
    """A descriptor of a network namespace with nothing but a loopback interface; it ends with its last process and
    descriptor. One serves all tests of a lane: the kernel takes a while to make and to end them."""
    holder = subprocess.Popen(['unshare', '--net', 'sh', '-c', 'ip link set lo up && echo up && exec cat'],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        if holder.stdout.readline() != b'up\n':
            raise RuntimeError('cannot bring up a loopback interface in a network namespace')
        return os.open(f'/proc/{holder.pid}/ns/net', os.O_RDONLY)


def enter(network):
    if ctypes.CDLL(None, use_errno=True).setns(network, CLONE_NEWNET):  # os.setns is of Python 3.12
        raise OSError(ctypes.get_errno(), 'setns')


class Child:
    """The process of one unit. What it prints is kept for its failures, or goes to the terminal as it comes."""

    def __init__(self, unit, network, captured):
        self.network = network
        self.left = {test.id() for test in unit}
        self.running = None
        self.file = tempfile.TemporaryFile() if captured else None
        self.reader, writer = multiprocessing.connection.Pipe(duplex=False)
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self.work(unit, writer)
        writer.close()

    def work(self, unit, writer):
        """In the child, which ends here: nothing that its parent has yet to do is done twice."""
        code = 1
        try:
            if self.file:
                # A session of its own: what a test leaves behind is ended with it, and a kernel that shares cores
                # among sessions (autogroup) gives a test with many processes no more than another.
                os.setsid()
                os.dup2(self.file.fileno(), 1)
                os.dup2(self.file.fileno(), 2)
            if self.network is not None:
                enter(self.network)
            unittest.TestSuite(unit).run(Telling(writer, unit))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def listen(self):
        """[outcome] or [] for what it told; None when it has ended."""
        try:
            told = self.reader.recv()
        except (EOFError, OSError):
            return None
        if not isinstance(told, Outcome):
            self.running = told
            return []
        self.left.discard(told.test_id)
        return [self.with_output(told)]

    def with_output(self, outcome):
        if outcome.state != 'FAILED' or not self.file:
            return outcome
        # The child goes on writing where it was: reading must not move the position that both share.
        said = os.pread(self.file.fileno(), os.fstat(self.file.fileno()).st_size, 0).decode(errors='replace')
        return outcome._replace(why=f'{outcome.why}\nIts process said:\n{said}' if said else outcome.why)

    def end(self):
        """Outcomes of the tests that it told nothing of: the one it died of, and those that it did not come to."""
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self.signal_group(signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.reader.close()
        how = f'signal {signal.Signals(-code).name}' if code < 0 else f'exit code {code}'
        running = f' while it was running {self.running}' if self.running in self.left else ''
        lost = [self.with_output(Outcome(name, 'FAILED', 0.0, f'Its process ended with {how}{running}.\n'))
                for name in sorted(self.left)]
        if self.file:
            self.file.close()
        return lost

    def signal_group(self, number):
        if self.file:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


def run(tests, lanes, private, captured):
    """Yields the outcome of each test; so many units run at a time, in networks of their own when they are private."""
    networks = [make_network() if private else None for _ in range(lanes)]
    try:
        every = units(tests)
        yield from side_by_side([unit for unit in every if not is_alone(unit)], networks, captured)
        yield from side_by_side([unit for unit in every if is_alone(unit)], networks[:1], captured)
    finally:
        for network in networks:
            if network is not None:
                os.close(network)


def side_by_side(waiting, networks, captured):
    waiting = collections.deque(waiting)
    free = list(networks)
    children = {}
    try:
        while waiting or children:
            while waiting and free:
                child = Child(waiting.popleft(), free.pop(), captured)
                children[child.reader] = child
            for reader in multiprocessing.connection.wait(list(children)):
                told = children[reader].listen()
                if told is None:
                    child = children.pop(reader)
                    told = child.end()
                    free.append(child.network)
                yield from told
    finally:
        # Nothing is left here unless somebody interrupts.
        for child in children.values():
            child.signal_group(signal.SIGINT)
            child.end()

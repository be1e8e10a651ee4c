# SPDX-License-Identifier: Apache-2.0
"""SIPp as registrar (start) and as phones (run), with the scenarios of the folder sipp/."""
import csv
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAM = 'sipp'
SCENARIOS = pathlib.Path(__file__).with_name('sipp')
# SIPp sets this itself, 64 KB by default, and then reports its own drops as the registrar's failures.
SOCKET_BYTES = 33554432
START_S_MAX = 10.0


def missing():
    """Why SIPp cannot be used here, or None."""
    return None if shutil.which(PROGRAM) else 'sipp is not installed (scripts/deps test)'


def bound(udp_port, command_prefix=()):
    listening = subprocess.run([*command_prefix, 'cat', '/proc/net/udp'], capture_output=True, text=True, check=True)
    return any(line.split()[1].endswith(f':{udp_port:04X}') for line in listening.stdout.splitlines()[1:])


class Registrar:
    """with Registrar('uas_ok', '127.0.0.1', 5072) as registrar: ...; arrivals() when asked with log=True."""

    def __init__(self, scenario, address, udp_port, log=False, keys=None, command_prefix=()):
        self.udp_port = udp_port
        self.command_prefix = command_prefix
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='sipp-'))
        self.command = [*command_prefix, PROGRAM, '-sf', str(SCENARIOS / f'{scenario}.xml'), '-i', address,
                        '-p', str(udp_port), '-t', 'u1', '-nd', '-nostdin', '-deadcall_wait', '0',
                        '-buff_size', str(SOCKET_BYTES), '-trace_err', '-error_file', str(self.folder / 'errors')]
        for key, value in (keys or {}).items():
            self.command += ['-key', key, str(value)]
        if log:
            self.command += ['-trace_shortmsg', '-shortmessage_file', str(self.folder / 'arrivals')]
        self.process = None

    def __enter__(self):
        with (self.folder / 'screen').open('wb') as screen:
            self.process = subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=screen,
                                            stderr=screen)
        deadline = time.monotonic() + START_S_MAX
        while not bound(self.udp_port, self.command_prefix):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f'sipp did not start: {" ".join(self.command)}')
            time.sleep(0.05)
        return self

    def arrivals(self):
        """Seconds of arrival of each datagram received so far, counted from the first."""
        path = self.folder / 'arrivals'
        if not path.exists():
            return []
        rows = (line.split('\t') for line in path.read_text().splitlines())
        times = [float(row[2]) for row in rows if len(row) > 3 and row[3] == 'R']
        return [at - times[0] for at in times]

    def errors(self):
        path = self.folder / 'errors'
        return path.read_text(errors='replace') if path.exists() else ''

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def run(scenario, target, calls, rate, timeout_s=60.0, prefix=()):
    """Phones: CALLS registrations at RATE a second. {'successful', 'failed', 'retransmissions'} as SIPp counts."""
    chosen = ['-sf', str(SCENARIOS / f'{scenario}.xml'), '-inf', str(SCENARIOS / 'users.csv')]
    return client(chosen, target, calls, rate, timeout_s, prefix)


def ask(scenario, target, calls, rate, user, built_in=False, timeout_s=30.0):
    """Requests to one user, by a scenario of the folder or one that SIPp has built in; counted as run() does."""
    chosen = ['-sn', scenario] if built_in else ['-sf', str(SCENARIOS / f'{scenario}.xml')]
    return client([*chosen, '-s', user, '-i', '127.0.0.1'], target, calls, rate, timeout_s, ())


def client(scenario, target, calls, rate, timeout_s, prefix):
    folder = pathlib.Path(tempfile.mkdtemp(prefix='sipp-'))
    try:
        subprocess.run([*prefix, PROGRAM, *scenario, target, '-t', 'u1', '-nd', '-nostdin', '-r', str(rate),
                        '-m', str(calls), '-l', str(calls), '-buff_size', str(SOCKET_BYTES), '-trace_stat',
                        '-stf', str(folder / 'statistics'), '-fd', '1', '-timeout', str(int(timeout_s)),
                        '-timeout_error'],
                       cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       timeout=timeout_s + 30, check=False)
        with (folder / 'statistics').open() as file:
            last = list(csv.DictReader(file, delimiter=';'))[-1]
        return {'successful': int(last['SuccessfulCall(C)']), 'failed': int(last['FailedCall(C)']),
                'retransmissions': int(last['Retransmissions(C)'])}
    finally:
        shutil.rmtree(folder, ignore_errors=True)

# SPDX-License-Identifier: Apache-2.0
"""Runs regstorm as a user does: command line in, exit code, result.json and text out."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get('REGSTORM', ROOT / 'build' / 'regstorm'))

PASSED, CRITERION_FAILED, BAD_USAGE, GENERATOR_LIMITED, BAD_ENVIRONMENT = range(5)
# A busy machine may delay the generator; it says so, and what it did is right all the same.
WORKED = (PASSED, GENERATOR_LIMITED)


def descriptors(pid):
    """What a process has open, without what it closes meanwhile."""
    links = []
    for entry in pathlib.Path(f'/proc/{pid}/fd').iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.append(os.readlink(entry))
    return links


class Run:
    """with Run(target='127.0.0.1:5070', endpoints=20000) as run: ...; run.wait(); run.result['endpoints']"""

    def __init__(self, *arguments, command_prefix=(), settings=None, **options):
        if not PROGRAM.exists():
            raise RuntimeError(f'{PROGRAM} is missing: scripts/build')
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='regstorm-'))
        self.result_path = self.folder / 'result.json'
        self.output_path = self.folder / 'output'
        self.command = [*command_prefix, str(PROGRAM), 'run', *arguments]
        for name, value in {'result': self.result_path, **options}.items():
            self.command += ['--' + name.replace('_', '-'), str(value)]
        # Bindings are counted after the run, unless a test is about their removal.
        for key, value in {'run.unregister_at_end': 'false', **(settings or {})}.items():
            self.command += ['--set', f'{key}={value}']
        self.process = None
        self.started_at = 0.0

    def __enter__(self):
        self.started_at = time.monotonic()
        with self.output_path.open('wb') as output:
            self.process = subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def seconds(self):
        return time.monotonic() - self.started_at

    def running(self):
        return self.process.poll() is None

    def wait(self, timeout_s=120.0):
        """The exit code; a run that does not end is a failure of its own."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'{" ".join(self.command)} still runs after {timeout_s} s:\n{self.output()}') from None

    def udp_ports(self, seconds_max=10.0):
        """UDP ports that the program has bound: where its phones can be reached on the port udp. Waits for one."""
        deadline = time.monotonic() + seconds_max
        while time.monotonic() < deadline and self.running():
            links = descriptors(self.process.pid)
            inodes = {link[len('socket:['):-1] for link in links if link.startswith('socket:[')}
            rows = [line.split() for table in ('udp', 'udp6')
                    for line in pathlib.Path(f'/proc/{self.process.pid}/net/{table}').read_text().splitlines()[1:]]
            ports = sorted({int(row[1].rpartition(':')[2], 16) for row in rows if row[9] in inodes} - {0})
            if ports:
                return ports
            time.sleep(0.05)
        raise AssertionError(f'no UDP port bound\n{self.describe()}')

    def output(self):
        return self.output_path.read_text(errors='replace')

    @property
    def result(self):
        return json.loads(self.result_path.read_text())

    def describe(self):
        """For a failed assertion: what was run and what it said."""
        return f'{" ".join(self.command)}\n{self.output()[-2000:]}'


def run_to_the_end(*arguments, timeout_s=120.0, **options):
    """(exit code, output, result or None) of a run that is only waited for."""
    with Run(*arguments, **options) as run:
        code = run.wait(timeout_s)
        return code, run.output(), run.result if run.result_path.exists() else None


class Registrar:
    """with Registrar(5070, '--no-auth') as registrar: ...; our own registrar on a loopback socket."""

    START_S_MAX = 10.0

    def __init__(self, udp_port, *arguments, address='127.0.0.1', command_prefix=()):
        self.udp_port = udp_port
        self.target = f'{address}:{udp_port}'
        self.command_prefix = command_prefix
        self.command = [*command_prefix, str(PROGRAM), 'registrar', '--port', 'udp', '--workers', '1', '--listen',
                        self.target, *arguments]
        self.process = None
        self.said = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        deadline = time.monotonic() + self.START_S_MAX
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f'{" ".join(self.command)} did not start:\n{self.stop()}')
            time.sleep(0.02)
        return self

    def listens(self):
        sockets = subprocess.run([*self.command_prefix, 'cat', '/proc/net/udp'], capture_output=True, text=True,
                                 check=True).stdout
        return any(row.split()[1].endswith(f':{self.udp_port:04X}') for row in sockets.splitlines()[1:])

    def stop(self):
        """Ends it in order; everything it said."""
        if self.said is None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
            self.said = self.process.communicate(timeout=20)[0].decode(errors='replace')
        return self.said

    def __exit__(self, *_):
        self.stop()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""regstorm side by side with SIPp: same machine, same cores, same far end.

Over loopback both are on kernel UDP and the far end is a responder that does little else than answer. With --veth they
are in one network namespace, and `regstorm registrar` on af_xdp in another, joined by a veth pair; there regstorm runs
on kernel UDP like SIPp, and again on af_xdp.

Each trial offers registrations at one rate for two seconds and is clean when every one succeeded, nothing was sent
again, and they took no longer than offered. The rate rises by 1.4 until a trial is not clean, then the gap is halved
twice. What each says of a server that is not overloaded, at 1.5 times its own clean rate, is its honesty.

SIPp is tuned: one socket with a large buffer, no default behaviours, no watchdog, no screen.

    versus_sipp.py RESPONDER REGSTORM [--veth]        the two programs; SIPp comes from the PATH
"""
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

INTEROP = pathlib.Path(__file__).resolve().parents[1] / 'tests' / 'interop'
sys.path.insert(0, str(INTEROP))
import namespaces  # the path comes first

CLIENT_CORE, RESPONDER_CORE = 0, 1
SCENARIOS = INTEROP / 'sipp'
TRIAL_S = 2.0
# Beyond the offered time an answer may still be on its way; a trial that needs more was not clean.
SLACK_S = 0.25
KILL_AFTER_S = 9.0
OVERLOAD_KILL_AFTER_S = 14.0
TRIALS_MAX = 9
RISE = 1.4
OVERLOAD = 1.5
HELD_PHONES = 50_000
PHONES_MAX = 4_000_000
SIPP_SOCKET_BYTES = 33554432


class Trial:
    """What one run of a client came to."""

    responder = 'said nothing'

    def __init__(self, offered, seconds, succeeded, retransmitted, cpu_s, resident_bytes, says):
        self.offered = offered
        self.seconds = seconds
        self.succeeded = succeeded
        self.retransmitted = retransmitted
        self.cpu_s = cpu_s
        self.resident_bytes = resident_bytes
        self.says = says

    def missing(self):
        return self.offered - self.succeeded

    def clean(self):
        return self.missing() == 0 and self.retransmitted == 0 and self.seconds <= TRIAL_S + SLACK_S

    def cpu_us_each(self):
        return self.cpu_s * 1e6 / self.succeeded if self.succeeded else float('nan')


def resident_bytes_max(pid):
    """The most that the process held so far. The kernel's ru_maxrss would count this program before its exec too."""
    try:
        status = pathlib.Path(f'/proc/{pid}/status').read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith('VmHWM:')), 0)


def run_measured(network, command, folder, kill_after_s):
    """(CPU seconds, resident bytes at most) of a child that is ended after a while. OSError when it does not start."""
    command = [*network.prefix, 'taskset', '-c', str(CLIENT_CORE), *map(str, command)]
    child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + kill_after_s
    resident_bytes = 0
    while True:
        resident_bytes = max(resident_bytes, resident_bytes_max(child.pid))
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > deadline:
            child.kill()
            deadline += 60
        time.sleep(0.02)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode in (126, 127):
        raise OSError(f'does not start: {" ".join(command)}')
    return usage.ru_utime + usage.ru_stime, resident_bytes


class Loopback:
    """Kernel UDP within one host, and the responder."""

    target = '127.0.0.1:5090'
    prefix = ()

    def __init__(self, responder):
        self.responder = responder

    def far_end(self, digest):
        return [self.responder, '--listen', self.target] + (['--digest'] if digest else [])


class Veth:
    """Two hosts on one link, and our registrar on af_xdp."""

    target = f'{namespaces.REGISTRAR_ADDRESS}:5060'

    def __init__(self, regstorm, link):
        self.regstorm = regstorm
        self.link = link
        self.prefix = link.phones.prefix
        link.phones.run('ip', 'addr', 'add', f'198.18.0.2/{namespaces.PREFIX_LENGTH}', 'dev',
                        namespaces.PHONES_INTERFACE)

    def far_end(self, digest):
        return [*self.link.registrar.prefix, self.regstorm, 'registrar', '--listen', self.target,
                '--port', f'af_xdp:{namespaces.REGISTRAR_INTERFACE}', '--password', 'secret',
                '--set', f'run.endpoints={PHONES_MAX}'] + ([] if digest else ['--no-auth'])


class Sipp:
    name = 'SIPp'
    start_rates = {False: 25_000, True: 12_000}

    def run(self, network, digest, phones, rate, folder, kill_after_s, hold_s=0.0):
        text = (SCENARIOS / ('uac_register_digest.xml' if digest else 'uac_register.xml')).read_text()
        # A held registration is a call that has not ended.
        scenario = folder / 'scenario.xml'
        scenario.write_text(text.replace('</scenario>', '<pause/></scenario>') if hold_s else text)
        command = ['sipp', '-sf', scenario, network.target, '-inf', SCENARIOS / 'users.csv', '-t', 'u1', '-nd',
                   '-nostdin', '-r', int(rate), '-m', phones, '-l', phones, '-buff_size', SIPP_SOCKET_BYTES,
                   '-watchdog_interval', 3600000, '-d', int(hold_s * 1000),
                   '-trace_stat', '-stf', folder / 'statistics', '-fd', 1]
        cpu_s, resident_bytes = run_measured(network, command, folder, kill_after_s)
        with (folder / 'statistics').open() as file:
            rows = list(csv.DictReader(file, delimiter=';'))
        if not rows:
            return Trial(phones, kill_after_s, 0, 0, cpu_s, resident_bytes, 'no statistics')
        last = rows[-1]
        # Date, time of day, seconds since the epoch.
        started_at, ended_at = (float(last[column].split('\t')[2]) for column in ('StartTime', 'CurrentTime'))
        return Trial(phones, ended_at - started_at - hold_s, int(last['SuccessfulCall(C)']),
                     int(last['Retransmissions(C)']), cpu_s, resident_bytes,
                     f'{last["FailedCall(C)"]} failed calls')


class Regstorm:
    start_rates = {False: 100_000, True: 40_000}

    def __init__(self, program, port='udp', name='regstorm', source=()):
        self.program = program
        self.port = port
        self.name = name
        self.source = source

    def run(self, network, digest, phones, rate, folder, kill_after_s, hold_s=0.0):
        del digest  # the far end asks for it
        command = [self.program, 'run', '--target', network.target, '--port', self.port, *self.source,
                   '--endpoints', phones, '--rate', int(rate), '--workers', 1, '--password', 'secret', '--quiet',
                   '--no-unregister', '--result', folder / 'result.json']
        if hold_s:
            command += ['--hold', f'{hold_s:g}s']
        cpu_s, resident_bytes = run_measured(network, command, folder, kill_after_s)
        if not (folder / 'result.json').exists():
            return Trial(phones, kill_after_s, 0, 0, cpu_s, resident_bytes, 'no result')
        result = json.loads((folder / 'result.json').read_text())
        if result['generator']['huge_pages']:
            # Huge pages are not counted as resident.
            resident_bytes += result['generator']['memory_bytes']
        return Trial(phones, result['duration_s'] - hold_s, result['registrations']['succeeded'],
                     result['messages']['retransmitted'], cpu_s, resident_bytes,
                     f'verdict {result["verdict"]["status"]}')


class Comparison:
    def __init__(self, network):
        self.network = network

    def trial(self, client, digest, rate, phones=None, kill_after_s=KILL_AFTER_S, hold_s=0.0):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='versus-'))
        # nsenter and taskset become what they start, so that the signal reaches it.
        command = ['taskset', '-c', str(RESPONDER_CORE), *self.network.far_end(digest)]
        server = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        try:
            if not server.stdout.readline():
                raise OSError(f'does not start: {" ".join(map(str, command))}')
            trial = client.run(self.network, digest, phones or int(rate * TRIAL_S), rate, folder, kill_after_s, hold_s)
        finally:
            server.send_signal(signal.SIGINT)
            said = server.communicate()[0]
            shutil.rmtree(folder, ignore_errors=True)
        # Its last line: how busy it was, and whether it lost something itself. Then it was the limit, not the client.
        trial.responder = said.strip().splitlines()[-1]
        return trial

    def clean_maximum(self, client, digest):
        """(rate, trial) of the fastest clean trial; (0, the last trial) when none was."""
        rate = client.start_rates[digest]
        best_rate, best, worst_rate = 0.0, None, None
        for _ in range(TRIALS_MAX):
            trial = self.trial(client, digest, rate)
            print(f'    {client.name}, {"digest" if digest else "plain"}, {rate:9,.0f}/s: '
                  + ('clean' if trial.clean() else f'{trial.retransmitted} sent again, {trial.missing()} missing, '
                     f'{trial.seconds:.1f} s') + f'; the responder: {trial.responder}', flush=True)
            if trial.clean():
                best_rate, best = rate, trial
            else:
                worst_rate = rate
            if worst_rate is None:
                rate *= RISE
            elif best is None:
                rate /= RISE
            elif worst_rate / best_rate < 1.1:
                break
            else:
                rate = (best_rate + worst_rate) / 2
        return best_rate, best or trial

    def memory_each(self, client):
        """Resident bytes for each held registration, against a run that holds one."""
        rate = client.start_rates[False]
        many = self.trial(client, False, rate, HELD_PHONES, hold_s=2.0)
        one = self.trial(client, False, rate, 1, hold_s=0.5)
        return (many.resident_bytes - one.resident_bytes) / HELD_PHONES


def idle_share(seconds=0.5):
    def sample():
        fields = [int(word) for word in pathlib.Path('/proc/stat').read_text().splitlines()[0].split()[1:]]
        return fields[3] + fields[4], sum(fields)
    idle_before, all_before = sample()
    time.sleep(seconds)
    idle_after, all_after = sample()
    return (idle_after - idle_before) / max(1, all_after - all_before)


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return '\n'.join('  '.join([row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in
                                                          zip(row[1:], widths[1:])]).rstrip() for row in rows)


def compare(comparison, clients):
    columns = {client.name: [] for client in clients}
    names = []
    for digest in (False, True):
        kind = 'digest' if digest else 'plain'
        names += [f'{kind}: clean maximum, registrations/s', f'{kind}: CPU for each, us',
                  f'{kind}: responder then busy',
                  f'{kind}: missing at {OVERLOAD} x that', f'{kind}: sent again at {OVERLOAD} x that',
                  f'{kind}: what it says then']
        for client in clients:
            rate, best = comparison.clean_maximum(client, digest)
            over = comparison.trial(client, digest, (rate or client.start_rates[digest]) * OVERLOAD,
                                    kill_after_s=OVERLOAD_KILL_AFTER_S)
            columns[client.name] += [f'{rate:,.0f}', f'{best.cpu_us_each():.2f}',
                                     ' '.join(best.responder.split()[1:3]).rstrip(','), f'{over.missing():,}',
                                     f'{over.retransmitted:,}', over.says]
    names.append('memory for each held phone, bytes')
    for client in clients:
        columns[client.name].append(f'{comparison.memory_each(client):,.0f}')
    return table([('', *columns), *zip(names, *columns.values())])


def compare_over_loopback(responder, regstorm):
    print(compare(Comparison(Loopback(responder)), (Sipp(), Regstorm(regstorm))))


def compare_over_veth(_, regstorm):
    device = Regstorm(regstorm, f'af_xdp:{namespaces.PHONES_INTERFACE}', 'regstorm on af_xdp',
                      ('--source', namespaces.PHONES_RANGE))
    with namespaces.VethPair() as link:
        print(compare(Comparison(Veth(regstorm, link)), (Sipp(), Regstorm(regstorm), device)))


def main(responder, regstorm, *options):
    if options not in ((), ('--veth',)):
        print('versus_sipp: the only option is --veth', file=sys.stderr)
        return 2
    for program in ('sipp', 'taskset'):
        if shutil.which(program) is None:
            print(f'versus_sipp: {program} is not installed (scripts/deps test)', file=sys.stderr)
            return 4
    if (os.cpu_count() or 1) < 2:
        print('versus_sipp: needs two cores, one for each side', file=sys.stderr)
        return 4
    if options and namespaces.missing():
        print(f'versus_sipp: {namespaces.missing()}', file=sys.stderr)
        return 4
    idle = idle_share()
    if idle < 0.9:
        print(f'versus_sipp: the machine is busy ({100 * idle:.0f} % idle): the figures will say little')
    measure = compare_over_veth if options else compare_over_loopback
    measure(pathlib.Path(responder).resolve(), pathlib.Path(regstorm).resolve())
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""A Kamailio of our own: started from kamailio.cfg beside this file, asked over its JSON-RPC socket, stopped.

Each instance has a folder of its own for its sockets and its log, so that several run side by side, and none looks at
what the system has in its configuration folders. The socket is a file: it works across network namespaces.
"""
import json
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

PROGRAM = 'kamailio'
TEMPLATE = pathlib.Path(__file__).with_name('kamailio.cfg')
START_S_MAX = 15.0
ANSWER_S_MAX = 5.0
# min_expires 0 and max_expires 0 mean no limit, max_contacts 0 any number, nonce_count 1 refuses a repeated count,
# one_time_nonce 1 a repeated nonce; expires_range is the part of a lifetime, in percent, that chance may take away;
# timer_interval is how often, in seconds, what has expired is removed.
DEFAULTS = {
    'children': 2,
    'min_expires': 60,
    'min_expires_mode': 0,
    'max_expires': 0,
    'max_contacts': 0,
    'retry_after': 30,
    'expires_range': 0,
    'timer_interval': 5,
    'gruu_enabled': 0,
    'nonce_expire': 300,
    'nonce_count': 0,
    'one_time_nonce': 0,
    'add_authinfo_hdr': 0,
    'qop': 'auth',
    'algorithm': '',
    'challenge_flags': 1,
    'realm': 'registrar.test',
    'password': 'secret',
    'ping_interval': 2,
    'ping_timeout': 6,
    'control_socket': '',
}


def missing():
    """Why Kamailio cannot be used here, or None."""
    return None if shutil.which(PROGRAM) else 'kamailio is not installed (scripts/deps test)'


class Kamailio:
    """with Kamailio('127.0.0.1:5070', auth=True) as registrar: registrar.bindings()

    `extras` are the parts of kamailio.cfg that are off otherwise: WITH_PROXY_AUTH, WITH_PATH, WITH_PINGS,
    WITH_CONTROL.
    """

    def __init__(self, listen, auth=False, extras=(), shared_mb=256, package_mb=16, command_prefix=(), **settings):
        unknown = set(settings) - set(DEFAULTS)
        if unknown:
            raise ValueError(f'unknown settings: {sorted(unknown)}')
        self.listen = listen
        self.settings = {**DEFAULTS, **settings}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='kamailio-'))
        self.rpc_path = self.folder / 'rpc.sock'
        self.log_path = self.folder / 'log'
        self.command = [*command_prefix, PROGRAM, '-f', str(self.folder / 'kamailio.cfg'), '-DD', '-E',
                        '-Y', str(self.folder), '-w', str(self.folder), '-m', str(shared_mb), '-M', str(package_mb)]
        if auth:
            self.command += ['-A', 'WITH_AUTH']
        for extra in extras:
            self.command += ['-A', extra]
        self.process = None
        self.rpc_socket = None

    def configuration(self):
        values = {**self.settings, 'listen': f'udp:{self.listen}', 'rpc_socket': str(self.rpc_path)}
        return re.sub(r'@(\w+)@', lambda match: str(values[match.group(1)]), TEMPLATE.read_text())

    def __enter__(self):
        (self.folder / 'kamailio.cfg').write_text(self.configuration())
        with self.log_path.open('wb') as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_ready(self):
        deadline = time.monotonic() + START_S_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f'kamailio did not start:\n{self.log()}')
            try:
                self.call('core.uptime')
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f'kamailio was not ready after {START_S_MAX} s:\n{self.log()}')

    def call(self, method, *parameters):
        """The result of one JSON-RPC call; OSError when nobody answers."""
        if self.rpc_socket is None:
            self.rpc_socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.rpc_socket.bind(str(self.folder / 'client.sock'))
            self.rpc_socket.settimeout(ANSWER_S_MAX)
        request = {'jsonrpc': '2.0', 'method': method, 'params': list(parameters), 'id': 1}
        self.rpc_socket.sendto(json.dumps(request).encode(), str(self.rpc_path))
        answer = json.loads(self.rpc_socket.recv(1 << 20))
        if 'error' in answer:
            raise RuntimeError(f'{method}: {answer["error"]}')
        return answer['result']

    def statistics(self, group):
        """{name: count} of one group: 'usrloc:', 'registrar:', 'sl:'."""
        values = self.call('stats.fetchn', group)
        return {name.split('.', 1)[1]: int(value) for name, value in values.items()}

    def bindings(self):
        """Contacts bound now, from usrloc's own counter: exact, and costs the registrar nothing."""
        return self.statistics('usrloc:')['location_contacts']

    def contacts(self):
        """URIs of all contacts bound now."""
        domain = self.call('ul.dump')['Domains'][0]['Domain']
        return [contact['Contact']['Address'] for aor in domain['AoRs'] for contact in aor['Info']['Contacts']]

    def seconds_left(self, user):
        """How long each contact of one user has to live, as Kamailio sees it; nothing for a user without one."""
        try:
            found = self.call('ul.lookup', 'location', user)
        except RuntimeError:  # it answers 404 then
            return []
        return [contact['Contact']['Expires'] for contact in found['Contacts']]

    def drops(self):
        """Datagrams that the kernel dropped at the registrar's sockets."""
        listening = subprocess.run([*self.command[:self.command.index(PROGRAM)], 'cat', '/proc/net/udp'],
                                   capture_output=True, text=True, check=True).stdout
        udp_port = f'{int(self.listen.rpartition(":")[2]):04X}'
        rows = [line.split() for line in listening.splitlines()[1:]]
        return sum(int(row[-1]) for row in rows if row[1].endswith(':' + udp_port))

    def log(self):
        return self.log_path.read_text(errors='replace') if self.log_path.exists() else ''

    def __exit__(self, *_):
        if self.rpc_socket is not None:
            self.rpc_socket.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

# SPDX-License-Identifier: Apache-2.0
"""Two hosts without hardware: network namespaces joined by a veth pair, or one with a tap interface.

All addresses are of 198.18.0.0/15 and 2001:2::/48, which RFC 2544 and RFC 5180 set apart for benchmarks, and exist
inside the namespaces only. The phones' addresses belong to nobody's kernel: the generator answers for them itself.

Commands enter a namespace by nsenter and not by 'ip netns exec', which mounts a new /sys and thereby hides the BPF file
system and the huge pages.
"""
import os
import shutil
import subprocess
import uuid

REGISTRAR_ADDRESS = '198.18.0.1'
UNUSED_ADDRESS = '198.18.0.99'
PHONES_RANGE = '198.18.1.0/24'
PREFIX_LENGTH = 15
REGISTRAR_ADDRESS_6 = '2001:2::1'
PHONES_RANGE_6 = '2001:2::1:0/120'
PREFIX_LENGTH_6 = 64
PHONES_INTERFACE = 'phones0'
REGISTRAR_INTERFACE = 'registrar0'
TAP_INTERFACE = 'tap0'


def missing():
    """Why namespaces cannot be made here, or None."""
    if os.geteuid() != 0:
        return 'network namespaces need root'
    for program in ('ip', 'nsenter', 'ethtool'):
        if shutil.which(program) is None:
            return f'{program} is not installed (scripts/deps test)'
    made = subprocess.run(['unshare', '--net', 'true'], capture_output=True, check=False)
    return None if made.returncode == 0 else 'the kernel refuses network namespaces'


def command(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f'{" ".join(words)}: {done.stderr.strip()}')
    return done.stdout


class Namespace:
    def __init__(self, role, ipv6=False):
        self.ipv6 = ipv6
        self.name = f'{role}-{uuid.uuid4().hex[:8]}'
        self.prefix = ('nsenter', f'--net=/run/netns/{self.name}')

    def run(self, *words):
        return command(*self.prefix, *words)

    def __enter__(self):
        command('ip', 'netns', 'add', self.name)
        # Router solicitations and neighbour discovery of the kernel are noise on a link that is counted frame by frame.
        off = 0 if self.ipv6 else 1
        self.run('sysctl', '-q', '-w', f'net.ipv6.conf.all.disable_ipv6={off}',
                 f'net.ipv6.conf.default.disable_ipv6={off}')
        self.run('ip', 'link', 'set', 'lo', 'up')
        return self

    def __exit__(self, *_):
        subprocess.run(['ip', 'netns', 'del', self.name], capture_output=True, check=False)

    def serve(self, interface):
        """Gives the interface the registrar's address and room for the answers' neighbours."""
        self.run('ip', 'addr', 'add', f'{REGISTRAR_ADDRESS}/{PREFIX_LENGTH}', 'dev', interface)
        if self.ipv6:
            self.run('ip', 'addr', 'add', f'{REGISTRAR_ADDRESS_6}/{PREFIX_LENGTH_6}', 'dev', interface, 'nodad')
        self.run('ip', 'link', 'set', interface, 'up')
        # The kernel leaves UDP checksums to hardware that a veth or a tap does not have.
        self.run('ethtool', '-K', interface, 'tx', 'off')


class VethPair:
    """with VethPair() as link: link.phones and link.registrar are namespaces with one interface each."""

    def __init__(self, ipv6=False):
        self.phones = Namespace('phones', ipv6)
        self.registrar = Namespace('registrar', ipv6)

    def __enter__(self):
        self.phones.__enter__()
        try:
            self.registrar.__enter__()
            command('ip', 'link', 'add', PHONES_INTERFACE, 'netns', self.phones.name, 'type', 'veth',
                    'peer', 'name', REGISTRAR_INTERFACE, 'netns', self.registrar.name)
            self.registrar.serve(REGISTRAR_INTERFACE)
            self.phones.run('ip', 'link', 'set', PHONES_INTERFACE, 'up')
            self.phones.run('ethtool', '-K', PHONES_INTERFACE, 'tx', 'off')
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.phones.__exit__()
        self.registrar.__exit__()


class TapHost:
    """One namespace in which the generator holds the far end of a tap interface and the kernel the near end."""

    def __init__(self, ipv6=False):
        self.registrar = Namespace('tap', ipv6)
        self.phones = self.registrar

    def __enter__(self):
        self.registrar.__enter__()
        try:
            # DPDK opens its taps with queues; the kernel lets it in only when the interface was made so.
            self.registrar.run('ip', 'tuntap', 'add', 'dev', TAP_INTERFACE, 'mode', 'tap', 'multi_queue')
            self.registrar.serve(TAP_INTERFACE)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.registrar.__exit__()

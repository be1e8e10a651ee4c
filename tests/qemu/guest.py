# SPDX-License-Identifier: Apache-2.0
"""A virtual machine with network cards, emulated whole (TCG): neither KVM nor a real card is needed.

Its cards are plugged into one bridge, in a network namespace of the test's own. What the guest has to say it writes to
its second serial port, as lines 'KEY VALUE' and files between 'begin NAME' and 'end NAME'.
"""
import re
import subprocess
import time
import uuid

import image
import namespaces

MEMORY_MIB = 1024
CPUS = 3


class Guest:
    """with Guest(kernel, archive, cards, folder) as guest: guest.wait(60)

    `cards` are (QEMU's device, queues); card 0 is the guest kernel's own.
    """

    def __init__(self, kernel, archive, cards, folder):
        self.cards = cards
        self.console_path = folder / 'console'
        self.report_path = folder / 'report'
        self.bridge = namespaces.Namespace('guest')
        self.process = None
        self.command = [
            'qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-machine', 'q35', '-cpu', 'max', '-smp', str(CPUS),
            '-m', str(MEMORY_MIB), '-nodefaults', '-display', 'none', '-no-reboot',
            '-kernel', str(kernel.image), '-initrd', str(archive),
            '-append', 'console=ttyS0 quiet panic=-1 intel_iommu=on mitigations=off nokaslr no_timer_check',
            '-serial', f'file:{self.console_path}', '-serial', f'file:{self.report_path}',
            # The kernel behind it gives a device to vfio-pci only when something keeps it from all other memory.
            '-device', 'intel-iommu,intremap=on,device-iotlb=on']
        for number, (device, queues) in enumerate(cards):
            shared = f',queues={queues}' if queues > 1 else ''
            self.command += [
                '-netdev', f'tap,id=net{number},ifname=card{number},script=no,downscript=no,vhost=off{shared}',
                '-device', f'{device},netdev=net{number},mac={mac(number)},bus=pcie.0,addr={pci_slot(number):#x}']

    def __enter__(self):
        self.bridge.__enter__()
        try:
            self.bridge.run('ip', 'link', 'add', 'bridge0', 'type', 'bridge')
            self.bridge.run('ip', 'link', 'set', 'bridge0', 'up')
            for number, (_, queues) in enumerate(self.cards):
                kind = ('multi_queue', 'vnet_hdr') if queues > 1 else ('vnet_hdr',)
                self.bridge.run('ip', 'tuntap', 'add', 'dev', f'card{number}', 'mode', 'tap', *kind)
                self.bridge.run('ip', 'link', 'set', f'card{number}', 'master', 'bridge0', 'up')
            self.process = subprocess.Popen([*self.bridge.prefix, *self.command], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.bridge.__exit__()

    def wait(self, seconds_max):
        """Until it has switched itself off."""
        try:
            self.process.wait(seconds_max)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'the guest still runs after {seconds_max} s\n{self.describe()}') from None

    def report(self):
        return self.report_path.read_text(errors='replace').replace('\r', '') if self.report_path.exists() else ''

    def value(self, key):
        found = re.search(rf'^{re.escape(key)} (.*)$', self.report(), re.MULTILINE)
        if found is None:
            raise AssertionError(f'the guest said nothing of {key}\n{self.describe()}')
        return found.group(1).strip()

    def file(self, name):
        found = re.search(rf'^begin {re.escape(name)}\n(.*?)^end {re.escape(name)}$', self.report(),
                          re.MULTILINE | re.DOTALL)
        if found is None:
            raise AssertionError(f'the guest sent no {name}\n{self.describe()}')
        return found.group(1)

    def describe(self):
        """For a failed assertion."""
        console = self.console_path.read_text(errors='replace')[-3000:] if self.console_path.exists() else ''
        return f'{" ".join(self.command)}\n{console}\n{self.report()[-6000:]}'


def mac(number):
    return f'52:54:00:00:00:{number + 1:02x}'


def pci_slot(number):
    return 4 + number


def pci_address(number):
    return f'0000:00:{pci_slot(number):02x}.0'

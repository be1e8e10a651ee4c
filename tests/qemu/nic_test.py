# SPDX-License-Identifier: Apache-2.0
"""`--port pci:ADDR` on network cards, in a guest: given to DPDK by the very commands that regstorm names, 500 phones at
a Kamailio behind the guest's own card, counted on both sides, and given back to the kernel afterwards.

Cards: virtio-net with two queues that spread by hash and with the UDP checksum left to the card, and Intel's e1000e.
"""
import json
import os
import pathlib
import shutil
import tempfile
import time
import unittest

import generator
import guest
import image
import kamailio
import namespaces

HERE = pathlib.Path(__file__).resolve().parent
PHONES = 500
# An emulated machine is slow; what is proved here is that nothing is lost, not how fast it goes.
RATE = 100
SECONDS_MAX = int(os.environ.get('QEMU_SECONDS_MAX', '180'))
PLUG_INS = ('bus_pci', 'bus_vdev', 'mempool_ring', 'net_virtio', 'net_e1000')
KAMAILIO_MODULES = ('kex', 'sl', 'pv', 'textops', 'siputils', 'usrloc', 'registrar', 'auth', 'jsonrpcs', 'ctl')
REGISTRAR = f'{namespaces.REGISTRAR_ADDRESS}:5060'
CONTROL_SOCKET = '/tmp/control'
PREPARE = f'''
interface=$(interface_of {guest.mac(0)})
sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
ip addr add {namespaces.REGISTRAR_ADDRESS}/{namespaces.PREFIX_LENGTH} dev "$interface"
ip link set "$interface" up
echo 192 >/proc/sys/vm/nr_hugepages
kamailio -f /etc/kamailio.cfg -DD -E -A WITH_AUTH -A WITH_CONTROL -w /tmp -Y /tmp -m 32 -M 8 >/tmp/kamailio.log 2>&1 &
count() {{
    kamcmd -s unix:{CONTROL_SOCKET} stats.get_statistics usrloc: | sed -n 's/^usrloc:location_contacts = //p'
}}
answers() {{ [ -n "$(count 2>/dev/null)" ]; }}
repeat_until 20 answers
'''


def steps(name, number, arguments):
    """Shell: card `number` under DPDK, the run, what both sides counted, the card back under the kernel."""
    address = guest.pci_address(number)
    run = (f'regstorm run --quiet --port pci:{address} --target {REGISTRAR} --source {namespaces.PHONES_RANGE} '
           f'--endpoints {PHONES} --rate {RATE} --duration {PHONES // RATE + 2}s --password secret --seed 1 '
           f'--set run.unregister_at_end=false --set limits.send_lag_p99=10s --set limits.missed_slots=1 '
           f'--set limits.read_late=1 '
           f'--user {name}%d --result /tmp/{name}.json {arguments}')
    return f'''
# What it says to do about a card that the kernel holds is done, word for word.
{run} >/tmp/{name}.refused 2>&1
say "{name}.refused $?"
send {name}.refused /tmp/{name}.refused
sed -n 's/.*; fix: //p' /tmp/{name}.refused | head -n 1 >/tmp/{name}.fix
sh /tmp/{name}.fix >/tmp/{name}.fixed 2>&1
send {name}.fixed /tmp/{name}.fixed
say "{name}.driver $(driver_of {address})"
before=$(count)
{run} >/tmp/{name}.output 2>&1
say "{name}.exit $?"
say "{name}.bindings $(($(count) - before))"
send {name}.output /tmp/{name}.output
send {name}.json /tmp/{name}.json
say "{name}.bad_checksums $(awk '/^Udp: [0-9]/ {{ print $8 }}' /proc/net/snmp)"
say "{name}.huge $(sed -n 's/HugePages_Free: *//p' /proc/meminfo) of $(cat /proc/sys/vm/nr_hugepages)"
echo >/sys/bus/pci/devices/{address}/driver_override
echo {address} >/sys/bus/pci/devices/{address}/driver/unbind
echo {address} >/sys/bus/pci/drivers_probe
say "{name}.back $(driver_of {address})"
interface=$(interface_of {guest.mac(number)})
if [ -n "$interface" ]; then
    ip link set "$interface" up
    up() {{ [ "$(cat /sys/class/net/$interface/carrier)" = 1 ]; }}
    repeat_until 5 up
    say "{name}.link $(cat /sys/class/net/$interface/carrier)"
fi
'''


@unittest.skipIf(image.missing() or kamailio.missing() or namespaces.missing(),
                 image.missing() or kamailio.missing() or namespaces.missing())
class CardTest(unittest.TestCase):
    CARDS = [('virtio-net-pci,iommu_platform=on,disable-legacy=on', 1),
             ('virtio-net-pci,iommu_platform=on,disable-legacy=on,ats=on,mq=on,rss=on,vectors=6', 2),
             ('e1000e', 1)]

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='guest-'))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        kernel = image.Kernel(generator.ROOT / 'build' / 'qemu')
        archive = cls.make_archive(kernel, PREPARE + steps('virtio', 1, '--workers 2') +
                                   steps('e1000e', 2, '--workers 1'))
        started = time.monotonic()
        with guest.Guest(kernel, archive, cls.CARDS, cls.folder) as cls.guest:
            cls.guest.wait(SECONDS_MAX)
        cls.seconds = time.monotonic() - started

    @classmethod
    def make_archive(cls, kernel, shell):
        root = image.Image(cls.folder / 'root')
        root.copy(generator.PROGRAM.resolve(), 'usr/bin/regstorm')
        root.add_libraries(generator.PROGRAM)
        for name in PLUG_INS:
            plug_in, = pathlib.Path('/usr/lib/x86_64-linux-gnu/dpdk').glob(f'pmds-*/librte_{name}.so')
            root.add_program(plug_in)
        root.add('/usr/bin/busybox')
        for path in ('/usr/sbin/kamailio', '/usr/sbin/kamcmd'):
            root.add_program(path)
        for name in KAMAILIO_MODULES:
            root.add_program(f'/usr/lib/x86_64-linux-gnu/kamailio/modules/{name}.so')
        registrar = kamailio.Kamailio(REGISTRAR, auth=True, control_socket=CONTROL_SOCKET)
        root.put('etc/kamailio.cfg', registrar.configuration().replace(str(registrar.folder), '/tmp'))
        shutil.rmtree(registrar.folder)
        kernel.put_modules(root, image.MODULES)
        # Nobody but root is there: this word of a fix needs to do nothing.
        root.put('usr/bin/sudo', '#!/bin/sh\nexec "$@"\n', 0o755)
        root.put('init', (HERE / 'init').read_text(), 0o755)
        root.put('steps', shell)
        archive = cls.folder / 'initramfs'
        root.pack(archive)
        return archive

    def result(self, name):
        return json.loads(self.guest.file(f'{name}.json'))

    def card(self, name, drivers):
        """What holds for every card: taken, used, counted, given back."""
        guest_says = self.guest.value
        self.assertEqual(guest_says(f'{name}.refused'), str(generator.BAD_ENVIRONMENT), self.guest.describe())
        self.assertIn(f'is driven by {drivers[0]}, which keeps DPDK out', self.guest.file(f'{name}.refused'))
        self.assertEqual(guest_says(f'{name}.driver'), 'vfio-pci', self.guest.describe())
        self.assertIn(int(guest_says(f'{name}.exit')), generator.WORKED, self.guest.describe())
        result = self.result(name)
        self.assertEqual(result['endpoints']['registered'], PHONES, self.guest.describe())
        self.assertEqual(guest_says(f'{name}.bindings'), str(PHONES), 'what Kamailio counts')
        self.assertEqual((result['registrations']['failed'], result['generator']['tx_dropped']), (0, 0), result)
        self.assertEqual(guest_says(f'{name}.bad_checksums'), '0')
        free, _, total = guest_says(f'{name}.huge').partition(' of ')
        self.assertEqual(free, total, 'huge pages that did not come back')
        self.assertEqual(guest_says(f'{name}.back'), drivers[1])
        return result

    def test_virtio_with_a_queue_for_each_of_two_workers(self):
        result = self.card('virtio', ('virtio-pci', 'virtio-pci'))
        self.assertEqual(self.guest.value('virtio.link'), '1', 'the kernel has it back, and its link is up')
        self.assertEqual(len(result['generator']['busy']), 2)
        # The card sorts by the hash that the source ports were chosen for.
        self.assertEqual(result['generator']['rx_crossed'], 0, self.guest.describe())

    def test_e1000e(self):
        # The guest's kernel was built without a driver for it: nobody had it before, nobody takes it back.
        self.card('e1000e', ('nothing', ''))

    def test_every_phone_was_challenged(self):
        for name in ('virtio', 'e1000e'):
            self.assertEqual(self.result(name)['responses'], {'200': PHONES, '401': PHONES}, self.guest.describe())

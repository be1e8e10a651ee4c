# SPDX-License-Identifier: Apache-2.0
"""What was kept of a run, read by tshark: nothing malformed, on every port; and one phone's life as text."""
import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import kamailio
import namespaces
from generator import WORKED, Registrar, Run
from kamailio_case import free_port

TSHARK = shutil.which('tshark')
PHONES = 50


def decode(path, *options):
    """tshark's view: one {field: value} per packet."""
    fields = ['frame.number', '_ws.malformed', '_ws.expert.message', 'sip.Method', 'sip.Status-Code', 'sip.from.user',
              'udp.checksum.status', 'ip.checksum.status', 'frame.protocols']
    command = [TSHARK, '-r', str(path), '-o', 'udp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE', '-d',
               'udp.port==1-65535,sip', '-T', 'json', *options]
    for field in fields:
        command += ['-e', field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    return [{name: values[0] for name, values in packet['_source']['layers'].items()}
            for packet in json.loads(done.stdout)]


@unittest.skipIf(TSHARK is None, 'tshark is not installed (scripts/deps test)')
class CaptureTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.path = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory())) / 'capture.pcapng'

    def run_phones(self, settings=None, **options):
        options = {'capture': self.path, 'endpoints': PHONES, 'rate': 500, 'workers': 1, 'user': 'user%d', **options}
        settings = {'device.unregister_before_registration': 'no', **(settings or {})}
        with Run('--quiet', settings=settings, **options) as run:
            self.assertIn(run.wait(), WORKED, run.describe())
            return run.result, run.output()

    def assert_whole(self, packets, checksums=True):
        for packet in packets:
            self.assertNotIn('_ws.malformed', packet)
            self.assertNotIn('alformed', packet.get('_ws.expert.message', ''), packet)
            if checksums:
                both = packet.get('udp.checksum.status'), packet.get('ip.checksum.status')
                self.assertNotIn('0', both, packet)

    def test_over_udp_sockets(self):
        udp_port = free_port()
        self.stack.enter_context(Registrar(udp_port, '--password', 'secret'))
        result, _ = self.run_phones(target=f'127.0.0.1:{udp_port}')
        packets = decode(self.path)
        self.assert_whole(packets)
        self.assertEqual(len(packets), result['messages']['sent'] + result['messages']['received'])
        self.assertEqual(sum(packet.get('sip.Method') == 'REGISTER' for packet in packets), 2 * PHONES)
        self.assertEqual(sum(packet.get('sip.Status-Code') == '200' for packet in packets), PHONES)

    def test_over_memory(self):
        self.run_phones()
        packets = decode(self.path)
        # Nobody computes them where no wire can change a bit.
        self.assert_whole(packets, checksums=False)
        self.assertEqual(sum(packet.get('sip.Status-Code') == '200' for packet in packets), PHONES)
        self.assertTrue(any('arp' in packet['frame.protocols'] for packet in packets), 'frames as they were')

    def test_of_one_phone_and_at_most_so_many(self):
        self.run_phones(settings={'evidence.endpoint': 8, 'evidence.first': 3})
        packets = decode(self.path)
        self.assertEqual(len(packets), 3)
        self.assertEqual({packet['sip.from.user'] for packet in packets}, {'user7'})

    def test_of_failures_only(self):
        result, _ = self.run_phones(settings={'evidence.failures': 'true', 'registrar.misbehave': '403 20% user'})
        packets = decode(self.path)
        refused = result['registrations']['failed_by']['403']
        self.assertEqual(sum(packet.get('sip.Status-Code') == '403' for packet in packets), refused)
        self.assertEqual(len(packets), 2 * refused)

    def test_a_phones_life_is_told_message_by_message(self):
        _, said = self.run_phones(trace_endpoint=3)
        arrows = re.findall(r'\|(?:-- (\w+) -+>|<-+ (\d+) )', said)
        self.assertEqual(arrows, [('REGISTER', ''), ('', '401'), ('REGISTER', ''), ('', '200')], said)

    def test_what_the_registrar_asks_of_a_phone_is_part_of_its_life(self):
        udp_port = free_port()
        self.stack.enter_context(Registrar(udp_port, '--no-auth', '--misbehave', 'ping every=300ms'))
        for target in ({}, {'target': f'127.0.0.1:{udp_port}'}):
            _, said = self.run_phones(settings={'run.hold': '1s', 'registrar.auth': 'false',
                                                'registrar.misbehave': 'ping every=300ms'} if not target else
                                      {'run.hold': '1s'}, trace_endpoint=3, **target)
            arrows = re.findall(r'\|(?:-- (\w+)[ \w]* -+>|<-+ (\w+)[ \w]*--)\|', said)
            self.assertEqual(arrows[:4], [('REGISTER', ''), ('', '200'), ('', 'OPTIONS'), ('200', '')], said)
            self.assertGreaterEqual(arrows.count(('200', '')), 2, said)

    @unittest.skipIf(kamailio.missing() or namespaces.missing(), kamailio.missing() or namespaces.missing())
    def test_over_af_packet_and_tap(self):
        for hosts, port in ((namespaces.VethPair(), f'af_packet:{namespaces.PHONES_INTERFACE}'),
                            (namespaces.TapHost(), f'tap:{namespaces.TAP_INTERFACE}')):
            with self.subTest(port), hosts as link:
                listen = f'{namespaces.REGISTRAR_ADDRESS}:5060'
                with kamailio.Kamailio(listen, auth=True, command_prefix=link.registrar.prefix):
                    self.run_phones(port=port, target=listen, source=namespaces.PHONES_RANGE, password='secret',
                                    command_prefix=link.phones.prefix)
                packets = decode(self.path)
                self.assert_whole(packets)
                self.assertGreaterEqual(sum(packet.get('sip.Status-Code') == '200' for packet in packets), PHONES)

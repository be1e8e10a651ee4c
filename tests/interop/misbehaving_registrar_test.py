# SPDX-License-Identifier: Apache-2.0
"""`regstorm registrar --misbehave` against phones that are not ours: each rule seen from outside, on a socket."""
import select
import signal
import socket
import subprocess
import time
import unittest

import sipp
from generator import Registrar
from kamailio_case import free_port
from peer import Message, says

RULES = ('503 user=refused retry-after=7; 302 user=moved contact=sip:b@192.0.2.9:5060; '
         '423 user=brief min-expires=120; drop user=dropped; silent user=mute; drop-answer user=lost; '
         'duplicate user=twice; early-1xx user=early; delay 400ms user=late; garbage user=noise; no-contact user=bare; '
         'foreign-contact user=foreign expires=9; short-expires user=short expires=6; 404 1s-2s user=window; '
         'ping every=1s')
HEARD_FOR_S = 0.7


class Phone:
    """A phone of a few lines: REGISTER out, everything that comes back as it came."""

    def __init__(self, test, registrar, user):
        self.user = user
        self.registrar = registrar
        self.cseq = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        test.addCleanup(self.socket.close)
        self.socket.connect(('127.0.0.1', registrar.udp_port))
        self.sent_at = 0.0

    def register(self, method='REGISTER'):
        self.cseq += 1
        host, udp_port = self.socket.getsockname()
        self.sent_at = time.monotonic()
        self.socket.send((f'{method} sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{udp_port};rport;'
                          f'branch=z9hG4bK{self.user}{self.cseq}\r\nFrom: <sip:{self.user}@127.0.0.1>;tag=1\r\n'
                          f'To: <sip:{self.user}@127.0.0.1>\r\nCall-ID: {self.user}\r\nCSeq: {self.cseq} {method}\r\n'
                          f'Contact: <sip:{self.user}@{host}:{udp_port}>\r\nExpires: 600\r\nMax-Forwards: 70\r\n'
                          'Content-Length: 0\r\n\r\n').encode())


def hear(phones, seconds=HEARD_FOR_S):
    """{user: [(seconds after the request, bytes)]} of what comes within the time, pings of the registrar left out."""
    found = {phone.user: [] for phone in phones}
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        for ready in select.select([phone.socket for phone in phones], [], [], left)[0]:
            phone = next(phone for phone in phones if phone.socket is ready)
            data = ready.recv(65536)
            if not data.startswith(b'OPTIONS'):
                found[phone.user].append((time.monotonic() - phone.sent_at, data))
    return found


class MisbehavingRegistrarTest(unittest.TestCase):
    def setUp(self):
        self.registrar = Registrar(free_port(), '--no-auth', '--misbehave', RULES)
        self.registrar.__enter__()
        self.addCleanup(self.registrar.__exit__)

    def heard_by(self, *users):
        """{user: what came}; all ask at the same time."""
        phones = [Phone(self, self.registrar, user) for user in users]
        for phone in phones:
            phone.register()
        return hear(phones)

    @staticmethod
    def statuses(heard):
        return [Message(data, None, 0).status for _, data in heard]

    def test_every_rule_is_for_its_user_and_seen_on_the_wire(self):
        wanted = {'honest': [200], 'refused': [503], 'moved': [302], 'brief': [423], 'dropped': [], 'mute': [],
                  'lost': [], 'twice': [200, 200], 'early': [100, 200], 'late': [200], 'bare': [200], 'foreign': [200],
                  'short': [200]}
        heard = self.heard_by('noise', *wanted)
        noise = heard.pop('noise')
        self.assertEqual({user: self.statuses(found) for user, found in heard.items()}, wanted)
        first = {user: Message(found[0][1], None, 0) for user, found in heard.items() if found}
        self.assertEqual(first['refused'].row('Retry-After'), '7')
        self.assertIn('sip:b@192.0.2.9:5060', first['moved'].row('Contact'))
        self.assertEqual(first['brief'].row('Min-Expires'), '120')
        self.assertGreaterEqual(heard['late'][0][0], 0.4)
        self.assertEqual(heard['twice'][0][1], heard['twice'][1][1])
        self.assertIsNone(first['bare'].row('Contact'))
        self.assertRegex(first['short'].row('Contact'), r'<sip:short@[^>]+>;expires=6$')
        self.assertRegex(first['honest'].row('Contact'), r'<sip:honest@[^>]+>;expires=600$')
        contacts = ', '.join(value for name, value in first['foreign'].rows if name == 'Contact')
        self.assertRegex(contacts, r'expires=9\b.*<sip:foreign@[^>]+>;expires=600$', 'the other one comes first')
        self.assertEqual(len(noise), 1)
        self.assertFalse(noise[0][1].startswith(b'SIP/2.0'))

    def test_silence_is_to_every_method_and_a_drop_to_REGISTER(self):
        mute, dropped = (Phone(self, self.registrar, user) for user in ('mute', 'dropped'))
        for phone in (mute, dropped):
            phone.register('OPTIONS')
        heard = hear([mute, dropped])
        self.assertEqual((heard['mute'], self.statuses(heard['dropped'])), ([], [200]))

    def test_a_window_counts_from_the_first_datagram(self):
        phone = Phone(self, self.registrar, 'window')
        began_at = time.monotonic()
        found = []
        for at_s in (0, 1.3, 2.3):
            time.sleep(max(0, began_at + at_s - time.monotonic()))
            phone.register()
            found += self.statuses(hear([phone], 0.3)['window'])
        self.assertEqual(found, [200, 404, 200])

    def test_INC_1_bound_contacts_are_pinged_every_interval(self):
        phone = Phone(self, self.registrar, 'honest')
        phone.register()
        phone.socket.settimeout(3)
        pings = []
        while len(pings) < 2:
            message = Message(phone.socket.recv(65536), None, time.monotonic())
            if message.method == 'OPTIONS':
                pings.append(message)
                phone.socket.send(says(200)(message))
        self.assertRegex(pings[0].uri, r'^sip:honest@127\.0\.0\.1:\d+$')
        self.assertAlmostEqual(pings[1].at - pings[0].at, 1, delta=0.4)

    def test_its_table_counts_what_each_rule_did(self):
        self.heard_by('refused', 'mute')
        said = self.registrar.stop()
        self.assertRegex(said, r'(?m)^misbehaved +1 times: 503 user=refused retry-after=7$')
        self.assertRegex(said, r'(?m)^misbehaved +1 times: silent user=mute$')
        self.assertRegex(said, r'(?m)^misbehaved +0 times: duplicate user=twice$')


class ReadyTest(unittest.TestCase):
    def test_who_has_read_its_first_line_may_send_at_once(self):
        # A table of this size takes a good part of a second to make.
        registrar = Registrar(free_port(), '--no-auth', '--set', 'run.endpoints=2M')
        process = subprocess.Popen(registrar.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.kill)
        self.assertIn('room for 2,000,000 phones', process.stdout.readline())
        phone = Phone(self, registrar, 'first')
        phone.register()
        self.assertEqual(MisbehavingRegistrarTest.statuses(hear([phone])['first']), [200])
        process.send_signal(signal.SIGINT)
        self.assertRegex(process.communicate(timeout=20)[0],
                         r'busy \d+ % from the first datagram to the last; lost by its port: 0 arriving, 0 leaving\n$')


@unittest.skipIf(sipp.missing(), sipp.missing())
class OwnRegistrarTest(unittest.TestCase):
    def test_AUT_1_phones_of_SIPp_register_with_digest(self):
        with Registrar(free_port(), '--password', 'secret') as registrar:
            done = sipp.run('uac_register_digest', f'127.0.0.1:{registrar.udp_port}', 500, 500)
            self.assertEqual((done['successful'], done['failed']), (500, 0), registrar.stop())

    def test_AUT_12_phones_of_SIPp_with_a_wrong_password_do_not(self):
        with Registrar(free_port(), '--password', 'another') as registrar:
            done = sipp.run('uac_register_digest', f'127.0.0.1:{registrar.udp_port}', 10, 10, timeout_s=2)
            self.assertEqual(done['successful'], 0, registrar.stop())

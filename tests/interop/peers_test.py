# SPDX-License-Identifier: Apache-2.0
"""The peers themselves: a harness that counts wrongly, or a registrar that accepts everything, proves nothing."""
import socket
import unittest

import kamailio
import namespaces
import sipp
from garbage import datagrams

PHONES = 1000
RATE = 1000


@unittest.skipIf(kamailio.missing(), kamailio.missing())
@unittest.skipIf(sipp.missing(), sipp.missing())
class KamailioTest(unittest.TestCase):
    def test_counts_exactly_the_phones_that_registered(self):
        with kamailio.Kamailio('127.0.0.1:5070') as registrar:
            self.assertEqual(registrar.bindings(), 0)
            self.assertEqual(sipp.run('uac_register', '127.0.0.1:5070', PHONES, RATE)['successful'], PHONES)
            self.assertEqual(registrar.bindings(), PHONES)
            dumped = registrar.call('ul.dump', 'brief')['Domains'][0]['Domain']
            self.assertEqual(dumped['Stats']['Records'], PHONES)

    def test_accepts_digest_with_the_right_password_only(self):
        for algorithm in ('', 'MD5'):
            with self.subTest(algorithm), kamailio.Kamailio('127.0.0.1:5070', auth=True, algorithm=algorithm,
                                                            nonce_count=1) as registrar:
                done = sipp.run('uac_register_digest', '127.0.0.1:5070', PHONES, RATE)
                self.assertEqual((done['successful'], registrar.bindings()), (PHONES, PHONES))
        with kamailio.Kamailio('127.0.0.1:5070', auth=True, password='another') as registrar:
            done = sipp.run('uac_register_digest', '127.0.0.1:5070', 10, 10, timeout_s=3)
            self.assertEqual((done['successful'], registrar.bindings()), (0, 0))

    def test_works_inside_a_namespace(self):
        if namespaces.missing():
            self.skipTest(namespaces.missing())
        with namespaces.VethPair() as link, kamailio.Kamailio(
                f'{namespaces.REGISTRAR_ADDRESS}:5060', command_prefix=link.registrar.prefix) as registrar:
            link.phones.run('ip', 'addr', 'add', '198.18.0.2/15', 'dev', namespaces.PHONES_INTERFACE)
            done = sipp.run('uac_register', f'{namespaces.REGISTRAR_ADDRESS}:5060', PHONES, RATE,
                            prefix=link.phones.prefix)
            self.assertEqual((done['successful'], registrar.bindings(), registrar.drops()), (PHONES, PHONES, 0))

    def test_refuses_a_setting_that_does_not_exist(self):
        with self.assertRaisesRegex(ValueError, 'no_such_setting'):
            kamailio.Kamailio('127.0.0.1:5070', no_such_setting=1)
        with self.assertRaisesRegex(RuntimeError, 'did not start'), kamailio.Kamailio('127.0.0.1:5070', qop='bad'):
            pass


@unittest.skipIf(sipp.missing(), sipp.missing())
class SippTest(unittest.TestCase):
    def test_says_200_to_every_registration(self):
        with sipp.Registrar('uas_ok', '127.0.0.1', 5071) as registrar:
            done = sipp.run('uac_register', '127.0.0.1:5071', PHONES, RATE)
            self.assertEqual((done['successful'], done['failed']), (PHONES, 0), registrar.errors())

    def test_checks_the_answer_to_its_challenge(self):
        with sipp.Registrar('uas_challenge', '127.0.0.1', 5071) as registrar:
            done = sipp.run('uac_register_digest', '127.0.0.1:5071', PHONES, RATE)
            self.assertEqual((done['successful'], done['failed']), (PHONES, 0), registrar.errors())
            done = sipp.run('uac_register', '127.0.0.1:5071', 10, 10, timeout_s=3)
            self.assertEqual(done['successful'], 0)

    def test_says_503_with_the_delay_that_was_asked_for(self):
        with sipp.Registrar('uas_unavailable', '127.0.0.1', 5071, keys={'retry_after': 17}):
            answer = ask('127.0.0.1', 5071)
            self.assertRegex(answer, r'^SIP/2.0 503 ')
            self.assertRegex(answer, r'\r\nRetry-After: 17\r\n')

    def test_stays_silent_and_writes_down_when_datagrams_came(self):
        with sipp.Registrar('uas_silent', '127.0.0.1', 5071, log=True) as registrar:
            self.assertIsNone(ask('127.0.0.1', 5071, times=2, wait_s=0.5))
            arrivals = registrar.arrivals()
            self.assertEqual(len(arrivals), 2)
            self.assertAlmostEqual(arrivals[1], 0.5, delta=0.2)


class GarbageTest(unittest.TestCase):
    def test_repeats_from_its_seed_and_reaches_every_length(self):
        first = list(datagrams(seed=7, count=4000))
        self.assertEqual(first, list(datagrams(seed=7, count=4000)))
        self.assertNotEqual(first, list(datagrams(seed=8, count=4000)))
        lengths = {len(datagram) for datagram in first}
        self.assertEqual((min(lengths), max(lengths)), (0, 2000))


def ask(address, udp_port, times=1, wait_s=2.0):
    """The answer to a hand-written REGISTER, or None."""
    request = ('REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKa\r\n'
               'From: <sip:u@a>;tag=1\r\nTo: <sip:u@a>\r\nCall-ID: one\r\nCSeq: 1 REGISTER\r\n'
               'Contact: <sip:u@127.0.0.1>\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n').encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(wait_s)
        for _ in range(times):
            phone.sendto(request, (address, udp_port))
            try:
                return phone.recv(65536).decode()
            except TimeoutError:
                pass
    return None

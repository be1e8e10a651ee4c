# SPDX-License-Identifier: Apache-2.0
"""The peers themselves: a harness that counts wrongly, or a registrar that accepts everything, proves nothing."""
import os
import socket
import unittest

import kamailio
import namespaces
import sipp
from garbage import datagrams
from kamailio_case import bind_foreign, free_port
from peer import Challenging, Peer, Wire, grants, in_turn, says

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

    def test_takes_a_contact_of_somebody_else(self):
        with kamailio.Kamailio(f'127.0.0.1:{free_port()}') as registrar:
            bind_foreign(registrar, 'user1', 'desk@192.0.2.1:5060', 600)
            self.assertEqual((registrar.contacts(), registrar.bindings()), (['sip:desk@192.0.2.1:5060'], 1))

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


class PeerTest(unittest.TestCase):
    def test_asks_its_script_once_for_a_transaction_and_keeps_what_came(self):
        with Peer(REGISTER=in_turn(says(503, 'Retry-After: 7'), grants(60))) as peer:
            answers = [ask(*peer.address, branch=branch) for branch in ('z9hG4bKa', 'z9hG4bKa', 'z9hG4bKb')]
            self.assertEqual([text.split(' ')[1] for text in answers], ['503', '503', '200'])
            self.assertIn('\r\nRetry-After: 7\r\n', answers[0])
            self.assertIn('\r\nContact: <sip:u@127.0.0.1>;expires=60\r\n', answers[2])
            self.assertEqual((len(peer.messages), len(peer.requests('REGISTER'))), (3, 2))
            self.assertLessEqual(peer.messages[0].at, peer.messages[2].at)

    def test_checks_the_answer_to_its_challenge(self):
        script = Challenging(grants(60), user='', realm='peer.test')
        with Peer(REGISTER=script) as peer:
            self.assertIn('401', ask(*peer.address).split('\r\n', maxsplit=1)[0])
            wrong = f'Digest username="u", realm="peer.test", nonce="{script.nonces[0]}", uri="sip:a", qop=auth, ' \
                    f'nc=00000001, cnonce="c", response="{"0" * 32}"'
            self.assertIn('401', ask(*peer.address, branch='z9hG4bKb', row=f'Authorization: {wrong}\r\n')[:20])
            self.assertEqual(len(script.nonces), 2)

    def test_tells_what_went_wrong_in_its_script(self):
        def fault(_):
            raise ValueError('of the script')
        with Peer(REGISTER=fault) as peer:
            ask(*peer.address, wait_s=0.2)
            with self.assertRaisesRegex(ValueError, 'of the script'):
                peer.wait_for(lambda: False)

    @unittest.skipIf(os.geteuid() != 0, 'captures, which only root may')
    def test_sees_once_what_goes_to_a_closed_port(self):
        udp_port = free_port()
        with Wire(udp_port) as wire:
            for _ in range(2):
                ask('127.0.0.1', udp_port, wait_s=0.1)
            seen = wire.watch(3, seconds_max=0.5)
        self.assertEqual([message.start_line for message in seen], ['REGISTER sip:a SIP/2.0'] * 2)


class GarbageTest(unittest.TestCase):
    def test_repeats_from_its_seed_and_reaches_every_length(self):
        first = list(datagrams(seed=7, count=4000))
        self.assertEqual(first, list(datagrams(seed=7, count=4000)))
        self.assertNotEqual(first, list(datagrams(seed=8, count=4000)))
        lengths = {len(datagram) for datagram in first}
        self.assertEqual((min(lengths), max(lengths)), (0, 2000))


def ask(address, udp_port, times=1, wait_s=2.0, branch='z9hG4bKa', row=''):
    """The answer to a hand-written REGISTER, or None."""
    request = (f'REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch={branch}\r\n{row}'
               'From: <sip:u@a>;tag=1\r\nTo: <sip:u@a>\r\nCall-ID: one\r\nCSeq: 1 REGISTER\r\n'
               'Contact: <sip:u@127.0.0.1>\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n').encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(wait_s)
        for _ in range(times):
            phone.sendto(request, (address, udp_port))
            try:
                return phone.recv(65536).decode()
            except (TimeoutError, ConnectionError):
                pass
    return None

# SPDX-License-Identifier: Apache-2.0
"""What each registration setting of a Grandstream GSC35xx does to the datagrams that its phones send.

The profile is the maker's; each test changes the setting that it is about. The other end is peer.py: what arrives
there is what counts, not what the result says.
"""
import os
import socket
import time
import unittest

from peer import Challenging, Wire, grants, in_turn, says, silent
from phone_case import PhoneCase


class RegistrationSwitchTest(PhoneCase):
    def test_INC_1_registration_off_sends_nothing_and_answers_OPTIONS(self):
        peer, run = self.start_pair({'registration': 'false'}, REGISTER=grants(60))
        phone = ('127.0.0.1', run.udp_ports()[0])
        time.sleep(1)
        self.assertEqual(peer.messages, [])
        ask = ('OPTIONS sip:user1@127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=z9hG4bKask;rport\r\n'
               'From: <sip:ping@peer.test>;tag=a\r\nTo: <sip:user1@peer.test>\r\nCall-ID: ping\r\n'
               'CSeq: 7 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n') % (phone[1], *peer.address)
        # Twice: a retransmitted request gets the same answer (INC-6).
        peer.send(ask, phone)
        peer.send(ask, phone)
        first, second = peer.wait_for(lambda: len(peer.answers(200)) == 2 and peer.answers(200))
        self.assertEqual(first.text, second.text)
        self.assertEqual((first.row('Call-ID'), first.row('CSeq'), first.row('From')),
                         ('ping', '7 OPTIONS', '<sip:ping@peer.test>;tag=a'))
        self.assertRegex(first.row('To'), r'^<sip:user1@peer\.test>;tag=\w+$')
        self.assertRegex(first.row('Via'), r'branch=z9hG4bKask;rport=%d' % peer.address[1])
        self.assertIn('NOTIFY', first.row('Allow'))
        self.assertTrue(run.running())
        self.assertEqual(peer.requests('REGISTER'), [])


class UnregisterBeforeTest(PhoneCase):
    def answered_late(self, request):
        """An un-REGISTER takes a while: whoever registers before its answer is seen doing it."""
        if request.row('Expires') == '0':
            time.sleep(0.3)
        return grants(60)(request)

    def two_requests(self, setting):
        peer, _ = self.start_pair({'unregister_before_registration': setting}, REGISTER=self.answered_late)
        peer.wait_for(lambda: len(peer.requests('REGISTER')) == 2)
        time.sleep(0.5)
        removal, register = peer.requests('REGISTER')
        self.assertEqual((removal.expires, register.expires), (0, 3600))
        self.assertGreaterEqual(register.at - removal.at, 0.3, 'registered before the answer to the un-REGISTER')
        self.assertEqual(register.row('CSeq'), f'{removal.cseq + 1} REGISTER')
        self.assertEqual(register.row('Call-ID'), removal.row('Call-ID'))
        return removal, register

    def test_no_registers_at_once(self):
        peer, _ = self.start_pair({'unregister_before_registration': 'no'}, REGISTER=grants(60))
        peer.wait_for(peer.registers)
        self.assertEqual([message.expires for message in peer.requests('REGISTER')], [3600])

    def test_MSG_11_instance_removes_the_own_contact_first(self):
        removal, register = self.two_requests('instance')
        # The row of the removal is that of the registration, and says how long it lives: not at all.
        self.assertEqual(removal.row('Contact'), register.row('Contact') + ';expires=0')
        self.assertRegex(removal.row('Contact'), r'^<sip:user\d+@127\.0\.0\.1:[1-9]\d*>;\+sip\.instance="<urn:uuid:')

    def test_MSG_9_MSG_10_all_removes_every_contact_first(self):
        removal, register = self.two_requests('all')
        self.assertEqual((removal.row('Contact'), removal.row('Expires')), ('*', '0'))
        self.assertNotIn('instance', removal.text)
        self.assertIn('+sip.instance', register.row('Contact'))


class LifetimeTest(PhoneCase):
    def test_MSG_8_register_expiration_is_minutes(self):
        pairs = {3600: self.start_pair({'register_expiration': 60}, REGISTER=grants(60)),
                 3_888_000: self.start_pair({'register_expiration': 64800}, REGISTER=grants(60))}
        for wanted_s, (peer, _) in pairs.items():
            with self.subTest(wanted_s):
                self.assertEqual(peer.wait_for(peer.registers)[0].row('Expires'), str(wanted_s))

    def test_REG_6_refreshes_as_long_before_expiry_as_is_set(self):
        granted_s = 4
        # A margin that is not shorter than the lifetime is half of it; 0 leaves it to refresh_fraction, here 0.9.
        pairs = {wanted_s: self.start_pair({'re_register_before_expiration': margin_s}, REGISTER=grants(granted_s))
                 for margin_s, wanted_s in ((1, 3), (10, 2), (0, 3.6))}
        for wanted_s, (peer, _) in pairs.items():
            with self.subTest(wanted_s):
                peer.wait_for(lambda peer=peer: len(peer.registers()) >= 2)
                registers = peer.registers()[:2]
                self.assert_gaps(registers, wanted_s)
                self.assertEqual(len({message.contact for message in registers}), 1, 'MSG-12')
                self.assertEqual([message.cseq - registers[0].cseq for message in registers], [0, 1], 'MSG-4')
                self.assertEqual({message.expires for message in registers}, {3600}, 'asks for what is set')

    def test_delay_registration_counts_from_power_on(self):
        peer = self.start_peer(REGISTER=grants(60))
        started_at = time.time()
        self.start_phones(peer.target, settings={'delay_registration': 2})
        late_s = peer.wait_for(peer.registers)[0].at - started_at
        self.assertGreater(late_s, 2)
        self.assertLess(late_s, 4.5, 'starting the program included')


class RetryTest(PhoneCase):
    def test_REG_11_TXN_8_503_is_tried_again_after_the_retry_wait_each_time(self):
        peer, _ = self.start_pair({'registration_retry_wait': 2}, REGISTER=says(503))
        peer.wait_for(lambda: len(peer.registers()) >= 3)
        registers = peer.registers()
        self.assert_gaps(registers, 2)
        self.assertEqual(len({message.branch for message in registers}), len(registers), 'MSG-6')

    @unittest.skipIf(os.geteuid() != 0, 'what a closed port gets is captured, which only root may')
    def test_TXN_7_a_closed_port_is_tried_again_after_the_retry_wait_each_time(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(('127.0.0.1', 0))
            udp_port = free.getsockname()[1]
        with Wire(udp_port) as wire:
            self.start_phones(f'127.0.0.1:{udp_port}', settings={'registration_retry_wait': 1})
            registers = wire.watch(3)
        self.assertEqual(len(registers), 3)
        self.assert_gaps(registers, 1)
        self.assertEqual(len({message.branch for message in registers}), 3, 'ICMP ends a transaction')

    def test_REG_10_403_has_a_wait_of_its_own_and_0_stops(self):
        waits = {'registration_retry_wait': 3600, 'retry_wait_403': 1}
        waiting, _ = self.start_pair(waits, REGISTER=says(403))
        stopped, _ = self.start_pair({'registration_retry_wait': 1, 'retry_wait_403': 0}, REGISTER=says(403))
        same, _ = self.start_pair({'registration_retry_wait': 1}, REGISTER=says(403))
        for peer in (waiting, same):
            peer.wait_for(lambda peer=peer: len(peer.registers()) >= 3)
            self.assert_gaps(peer.registers()[:3], 1)
        self.assertEqual(len(stopped.registers()), 1)

    def test_REG_11_REG_12_Retry_After_is_a_floor_unless_set_otherwise(self):
        cases = (('floor', 1, 3, 3), ('floor', 2, 1, 2), ('exact', 3, 1, 1), ('ignore', 1, 3, 1))
        pairs = [(case, self.start_pair({'honour_retry_after': case[0], 'registration_retry_wait': case[1]},
                                        REGISTER=says(503, f'Retry-After: {case[2]} (busy)'))[0]) for case in cases]
        for case, peer in pairs:
            with self.subTest(case):
                peer.wait_for(lambda peer=peer: len(peer.registers()) >= 2)
                self.assert_gaps(peer.registers()[:2], case[3])

    def test_REG_7_423_is_obeyed_once_and_then_waits(self):
        settings = {'register_expiration': '30s', 'registration_retry_wait': 1}
        obeyed, _ = self.start_pair(settings, REGISTER=in_turn(says(423, 'Min-Expires: 90'), grants(90)))
        going_round, _ = self.start_pair(settings, REGISTER=in_turn(says(423, 'Min-Expires: 60'),
                                                                    says(423, 'Min-Expires: 600'), grants(600)))
        obeyed.wait_for(lambda: len(obeyed.registers()) == 2)
        first, second = obeyed.registers()
        self.assertEqual((first.expires, second.expires), (30, 90))
        self.assert_later(first, second, 0)
        going_round.wait_for(lambda: len(going_round.registers()) == 3)
        self.assert_later(*going_round.registers()[1:], 1)


class AuthorizationTest(PhoneCase):
    # Refreshed a second after they were granted.
    SHORT = {'re_register_before_expiration': 2}

    def refreshed(self, settings, wanted):
        script = Challenging(grants(3))
        peer, _ = self.start_pair({**self.SHORT, **settings}, password='secret', REGISTER=script)
        peer.wait_for(lambda: len(peer.requests('REGISTER')) >= wanted)
        rows = [message.row('Authorization') for message in peer.requests('REGISTER')[:wanted]]
        counts = [message.parameter('Authorization', 'nc') for message in peer.requests('REGISTER')[:wanted]]
        nonces = [message.parameter('Authorization', 'nonce') for message in peer.requests('REGISTER')[:wanted]]
        return rows, counts, nonces

    def test_AUT_9_a_refresh_carries_the_known_nonce_counted_on(self):
        _, counts, nonces = self.refreshed({'auth_header_on_re_register': 'true'}, 4)
        self.assertEqual(counts, [None, '00000001', '00000002', '00000003'])
        self.assertEqual(nonces, [None, 'nonce1', 'nonce1', 'nonce1'])

    def test_a_refresh_without_auth_header_is_challenged_anew(self):
        rows, counts, nonces = self.refreshed({'auth_header_on_re_register': 'false'}, 4)
        self.assertEqual((rows[0], rows[2]), (None, None))
        self.assertEqual(counts, [None, '00000001', None, '00000001'])
        self.assertEqual(nonces, [None, 'nonce1', None, 'nonce2'])

    def test_REG_18_a_first_REGISTER_carries_what_the_un_REGISTER_learned_only_if_set(self):
        for setting, wanted in (('true', [None, '00000001', '00000002']), ('false', [None, '00000001', None])):
            with self.subTest(setting):
                _, counts, _ = self.refreshed({'auth_header_on_register': setting,
                                               'unregister_before_registration': 'instance'}, 3)
                self.assertEqual(counts, wanted)


class TimersTest(PhoneCase):
    def test_TXN_1_TXN_2_T1_T2_and_timer_F_are_those_that_are_set(self):
        peer, run = self.start_pair({'t1': '200ms', 't2': '400ms', 'timer_f': '1700ms', 'registration_retry_wait': 1},
                                    REGISTER=silent)
        peer.wait_for(lambda: len(peer.registers()) == 2)
        first, again = peer.registers()
        sent = [message for message in peer.messages if message.branch == first.branch]
        self.assertEqual(len({message.text for message in sent}), 1, 'a retransmission is the same datagram')
        self.assertEqual(len(sent), 5, run.describe())
        for gap_s, (before, after) in zip((0.2, 0.4, 0.4, 0.4), zip(sent, sent[1:])):
            self.assert_later(before, after, gap_s)
        # Timer F, then the wait; the next attempt goes on with the same Call-ID.
        self.assert_later(first, again, 2.7)
        self.assertEqual((again.row('Call-ID'), again.cseq), (first.row('Call-ID'), first.cseq + 1))

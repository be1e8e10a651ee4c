# SPDX-License-Identifier: Apache-2.0
"""OPTIONS keep-alives and subscriptions of a Grandstream GSC35xx, beside its registration."""
import contextlib
import os
import time
import unittest

from peer import Challenging, Peer, Wire, answer, grants, in_turn, says, silent
from phone_case import PhoneCase

EVERY_SECOND = {'options_keep_alive': 'true', 'options_interval': 1}


class OptionsTest(PhoneCase):
    def test_KA_1_OPTIONS_leave_every_interval_with_a_dialogue_of_their_own(self):
        peer, _ = self.start_pair(EVERY_SECOND, REGISTER=grants(60), OPTIONS=says(200))
        peer.wait_for(lambda: len(peer.requests('OPTIONS')) >= 3)
        options, register = peer.requests('OPTIONS'), peer.registers()[0]
        self.assert_later(register, options[0], 1)
        self.assert_gaps(options, 1)
        self.assertEqual({message.uri for message in options}, {'sip:127.0.0.1'})
        self.assertEqual([message.cseq - options[0].cseq for message in options], list(range(len(options))))
        call_ids = {message.row('Call-ID') for message in options}
        self.assertEqual(len(call_ids), 1)
        self.assertNotIn(register.row('Call-ID'), call_ids)

    def test_off_sends_none(self):
        peer, _ = self.start_pair({'options_keep_alive': 'false', 'options_interval': 1}, REGISTER=grants(60))
        peer.wait_for(peer.registers)
        time.sleep(1.5)
        self.assertEqual(len(peer.messages), 1)

    def test_KA_2_any_final_answer_is_alive(self):
        # A short Timer F: an answer that did not count would be a loss within the second.
        settings = {**EVERY_SECOND, 't1': '20ms', 't2': '40ms', 'timer_f': '300ms'}
        peers = [self.start_pair(settings, REGISTER=grants(60),
                                 OPTIONS=in_turn(*(says(status) for status in finals)))[0]
                 for finals in ((200, 302, 404), (405, 481, 483), (503, 603))]
        for peer in peers:
            peer.wait_for(lambda peer=peer: len(peer.requests('OPTIONS')) > 3)
            self.assertEqual(len(peer.registers()), 1, 'no answer was a loss')
            self.assertEqual(len([message for message in peer.messages if message.method == 'OPTIONS']),
                             len(peer.requests('OPTIONS')), 'none was sent twice')

    def test_KA_3_the_third_loss_in_a_row_registers_anew(self):
        # Two losses, an answer, and only then three in a row.
        script = in_turn(silent, silent, says(404), silent)
        peer, _ = self.start_pair({**EVERY_SECOND, 'options_max_lost': 3, 't1': '100ms', 't2': '200ms',
                                   'timer_f': '500ms'}, REGISTER=grants(60), OPTIONS=script)
        peer.wait_for(lambda: len(peer.registers()) == 2)
        options = peer.requests('OPTIONS')
        self.assertEqual(len(options), 6, 'two losses and an answer are no reason to register')
        self.assert_later(options[5], peer.registers()[1], 0.5)

    @unittest.skipIf(os.geteuid() != 0, 'what a closed port gets is captured, which only root may')
    def test_KA_2_KA_3_a_closed_port_is_a_loss_at_once(self):
        with contextlib.ExitStack() as registered:
            peer = registered.enter_context(Peer(REGISTER=grants(60)))
            self.start_phones(peer.target, settings=EVERY_SECOND)
            first = peer.wait_for(peer.registers)[0]
            wire = self.stack.enter_context(Wire(peer.address[1]))
        found = wire.watch(4)
        self.assertEqual([message.method for message in found], ['OPTIONS', 'OPTIONS', 'OPTIONS', 'REGISTER'])
        self.assert_gaps([first, *found[:3]], 1)
        self.assert_later(found[2], found[3], 0)

    def test_KA_4_one_OPTIONS_at_a_time(self):
        # Timer F is longer than the interval: the next one waits for it.
        peer, _ = self.start_pair({**EVERY_SECOND, 't1': '500ms', 'timer_f': '1600ms'}, REGISTER=grants(60),
                                  OPTIONS=silent)
        peer.wait_for(lambda: len(peer.requests('OPTIONS')) >= 3)
        self.assert_gaps(peer.requests('OPTIONS'), 1.6)


def accepts(expires_s):
    """A notifier that takes a subscription; its Contact is where the refresh has to go."""
    return lambda request: answer(request, 200, f'Expires: {expires_s}', 'Contact: <sip:notifier@127.0.0.1:9>',
                                  tag='notifier')


class SubscribeTest(PhoneCase):
    def test_a_subscription_is_refreshed_in_its_dialog_before_it_expires(self):
        peer, _ = self.start_pair({'subscribe_mwi': 'true', 'subscribe_expiration': 60}, REGISTER=grants(60),
                                  SUBSCRIBE=accepts(2))
        peer.wait_for(lambda: len(peer.requests('SUBSCRIBE')) >= 3)
        first, second, third = peer.requests('SUBSCRIBE')[:3]
        self.assertEqual((first.row('Event'), first.row('Expires'), first.row('Accept')),
                         ('message-summary', '3600', 'application/simple-message-summary'))
        self.assertRegex(first.row('To'), r'^<sip:user\d+@127\.0\.0\.1>$')
        self.assertRegex(first.uri, r'^sip:user\d+@127\.0\.0\.1$')
        for refresh in (second, third):
            self.assertEqual((refresh.row('To'), refresh.uri, refresh.row('Call-ID'), refresh.row('From')),
                             (first.row('To') + ';tag=notifier', 'sip:notifier@127.0.0.1:9', first.row('Call-ID'),
                              first.row('From')))
        self.assertEqual((second.cseq, third.cseq), (first.cseq + 1, first.cseq + 2))
        # refresh_fraction is 0.9, of what was granted.
        self.assert_gaps([first, second, third], 1.8)

    def test_INC_2_a_NOTIFY_in_the_dialog_is_answered_200(self):
        peer, run = self.start_pair({'subscribe_mwi': 'true'}, REGISTER=grants(60), SUBSCRIBE=accepts(60))
        subscribe = peer.wait_for(lambda: peer.requests('SUBSCRIBE'))[0]
        body = 'Messages-Waiting: yes\r\n'
        peer.send(f'NOTIFY {subscribe.contact} SIP/2.0\r\nVia: SIP/2.0/UDP {peer.target};branch=z9hG4bKnotify\r\n'
                  f'From: {subscribe.row("To")};tag=notifier\r\nTo: {subscribe.row("From")}\r\n'
                  f'Call-ID: {subscribe.row("Call-ID")}\r\nCSeq: 1 NOTIFY\r\nMax-Forwards: 70\r\n'
                  f'Contact: <sip:notifier@127.0.0.1:9>\r\nEvent: message-summary\r\n'
                  f'Subscription-State: active;expires=60\r\nContent-Type: application/simple-message-summary\r\n'
                  f'Content-Length: {len(body)}\r\n\r\n{body}', subscribe.source)
        accepted = peer.wait_for(lambda: peer.answers(200))[0]
        self.assertEqual((accepted.row('CSeq'), accepted.row('Call-ID'), accepted.row('To')),
                         ('1 NOTIFY', subscribe.row('Call-ID'), subscribe.row('From')))
        self.assertTrue(run.running())

    def test_a_subscription_is_challenged_and_counted_by_itself(self):
        registrar, notifier = Challenging(grants(60)), Challenging(accepts(2))
        notifier.nonces.append('not the first')
        peer, _ = self.start_pair({'subscribe_mwi': 'true'}, password='secret', REGISTER=registrar,
                                  SUBSCRIBE=notifier)
        peer.wait_for(lambda: len(peer.requests('SUBSCRIBE')) >= 3)
        self.assertEqual([(message.parameter('Authorization', 'nonce'), message.parameter('Authorization', 'nc'))
                          for message in peer.requests('SUBSCRIBE')[:3]],
                         [(None, None), ('nonce2', '00000001'), ('nonce2', '00000002')])

    def test_a_lost_subscription_is_begun_anew_and_a_refused_one_after_its_wait(self):
        forgotten, _ = self.start_pair({'subscribe_mwi': 'true'}, REGISTER=grants(60),
                                       SUBSCRIBE=in_turn(accepts(2), says(481), accepts(60)))
        refused, _ = self.start_pair({'subscribe_mwi': 'true', 'subscribe_retry_wait': 2}, REGISTER=grants(60),
                                     SUBSCRIBE=says(503))
        forgotten.wait_for(lambda: len(forgotten.requests('SUBSCRIBE')) == 3)
        _, refresh, anew = forgotten.requests('SUBSCRIBE')
        self.assert_later(refresh, anew, 0)
        self.assertNotIn('tag=', anew.row('To'))
        refused.wait_for(lambda: len(refused.requests('SUBSCRIBE')) >= 3)
        self.assert_gaps(refused.requests('SUBSCRIBE')[:3], 2)
        self.assertEqual(len(refused.registers()), 1, 'a refused subscription is no reason to register')

    def test_leaving_ends_the_subscription_in_its_dialog_and_the_binding(self):
        peer = self.start_peer(REGISTER=grants(60), SUBSCRIBE=accepts(60))
        run = self.start_phones(peer.target, duration='1s', settings={
            'subscribe_mwi': 'true', 'run.unregister_at_end': 'true'})
        run.wait()
        first, last = peer.requests('SUBSCRIBE')
        self.assertEqual((first.expires, last.expires, last.cseq), (3600, 0, first.cseq + 1))
        self.assertEqual((last.row('To'), last.row('Call-ID')),
                         (first.row('To') + ';tag=notifier', first.row('Call-ID')))
        self.assertEqual([message.expires for message in peer.requests('REGISTER')], [3600, 0])
        self.assertEqual((run.result['subscriptions']['succeeded'], run.result['removals']['succeeded']), (2, 1))

    def test_reg_event_and_no_expiration(self):
        peer, _ = self.start_pair({'subscribe_reg_event': 'true'}, REGISTER=grants(60), SUBSCRIBE=accepts(60))
        none, _ = self.start_pair({'subscribe_mwi': 'true', 'subscribe_expiration': 0}, REGISTER=grants(60))
        subscribe = peer.wait_for(lambda: peer.requests('SUBSCRIBE'))[0]
        self.assertEqual((subscribe.row('Event'), subscribe.row('Accept')), ('reg', 'application/reginfo+xml'))
        none.wait_for(none.registers)
        time.sleep(0.5)
        self.assertEqual(none.requests('SUBSCRIBE'), [])

# SPDX-License-Identifier: Apache-2.0
"""Requests that reach registered phones from SIPp, while they refresh at Kamailio: calls, pings, notifications."""
import unittest

import kamailio
import sipp
from kamailio_case import PHONES, KamailioCase

CALLS = 100
CALL_RATE = 200


@unittest.skipIf(kamailio.missing() or sipp.missing(), kamailio.missing() or sipp.missing())
class RequestsTest(KamailioCase):
    def asked(self, *scenarios, duration='4s', **options):
        """(what SIPp counted, the run's result): the phones refresh every 1.6 s while SIPp asks them."""
        registrar = self.start_kamailio(auth=True, min_expires=0, max_expires=4)
        run = self.start_phones(registrar, {'refresh_fraction': 0.4}, duration=duration)
        udp_port = run.udp_ports()[0]
        while registrar.bindings() != PHONES and run.running():
            pass
        counts = [sipp.ask(scenario, f'127.0.0.1:{udp_port}', CALLS, CALL_RATE, user='user1', **options)
                  for scenario in scenarios]
        done = {key: sum(count[key] for count in counts) for key in counts[0]} | {'calls': CALLS * len(counts)}
        self.assertTrue(run.running(), 'SIPp took longer than the run')
        result = self.agreed(registrar, run)
        self.assert_never_failed(result)
        self.assertGreaterEqual(result['registrations']['attempted'], 2 * PHONES)
        return done, result

    def assert_all_served(self, asked, requests):
        done, result = asked
        self.assertEqual((done['successful'], done['failed']), (done['calls'], 0), result['messages'])
        # Retransmissions are requests as well, and get the same answer.
        self.assertGreaterEqual(result['messages']['requests'], requests)
        self.assertLessEqual(result['messages']['requests'], requests + done['retransmissions'])

    def test_INC_4_a_call_gets_480_and_its_ACK_no_answer(self):
        self.assert_all_served(self.asked('uac_invite'), 2 * CALLS)

    def test_INC_4_INC_6_the_built_in_caller_of_SIPp_gets_no_call_through(self):
        # It expects no 480 and goes on to call, again and again: each time the same answer, and no call.
        done, result = self.asked('uac', duration='6s', built_in=True, timeout_s=2)
        self.assertEqual(done['successful'], 0)
        self.assertGreater(done['retransmissions'], CALLS)
        self.assertGreater(result['messages']['requests'], 2 * CALLS)

    def test_INC_1_INC_2_a_ping_and_an_unsolicited_NOTIFY_get_200(self):
        # The ping's answer says what the phone can do, or the scenario fails.
        self.assert_all_served(self.asked('uac_options', 'uac_notify'), 2 * CALLS)

# SPDX-License-Identifier: Apache-2.0
"""Phones that turn from their registrar to another one of the run: redirected, or because it does not serve."""
from kamailio_case import free_port
from peer import answer, grants, says, silent
from phone_case import PhoneCase

AT_ONCE = {'registration_retry_wait': 1, 't1': '50ms', 't2': '100ms', 'timer_f': '400ms'}


class ServersTest(PhoneCase):
    def start_two(self, first, second, settings=None):
        """(first peer, second peer, run): phones of the first whose secondary registrar is the second."""
        peers = self.start_peer(REGISTER=first), self.start_peer(REGISTER=second)
        run = self.start_phones(peers[0].target, settings={
            **AT_ONCE, 'secondary_registrar': peers[1].target, **(settings or {})})
        return *peers, run

    def test_silence_and_503_send_phones_to_the_secondary_registrar_and_a_refresh_returns(self):
        for away in (silent, says(503)):
            first, second, run = self.start_two(away, grants(2))
            register = second.wait_for(second.registers)[0]
            self.assertEqual(register.uri, 'sip:127.0.0.1', 'the same domain at another registrar')
            self.assertEqual(register.row('Call-ID'), first.registers()[0].row('Call-ID'))
            first.scripts['REGISTER'] = grants(60)
            first.wait_for(lambda first=first: first.registers()[-1].branch in [
                key[1] for key, given in first.given.items() if given and b' 200 ' in given])
            self.assertEqual(len(second.registers()), 1)

    def test_the_port_of_a_registrar_that_is_down_is_left_for_the_secondary_one(self):
        second = self.start_peer(REGISTER=grants(60))
        self.start_phones(f'127.0.0.1:{free_port()}', settings={**AT_ONCE, 'secondary_registrar': second.target})
        second.wait_for(second.registers)

    def test_REG_8_a_redirection_is_followed_to_a_registrar_of_the_run(self):
        second = self.start_peer(REGISTER=grants(60))
        first = self.start_peer(REGISTER=says(302, f'Contact: <sip:198.51.100.9>;q=0.9, <sip:{second.target}>;q=0.5'))
        self.start_phones(first.target, settings={'secondary_registrar': second.target})
        register = second.wait_for(second.registers)[0]
        self.assertEqual(register.uri, f'sip:{second.target}')
        self.assertEqual(register.row('To'), first.registers()[0].row('To'))
        self.assertEqual(len(first.registers()), 1)

    def test_REG_8_a_redirection_to_anybody_else_is_a_failure_and_no_datagram_leaves(self):
        bystander = self.start_peer(REGISTER=grants(60))
        first = self.start_peer(REGISTER=lambda request: answer(request, 302, f'Contact: <sip:{bystander.target}>'))
        run = self.start_phones(first.target, duration='1s', settings={'registration_retry_wait': 30})
        run.wait()
        self.assertEqual(bystander.messages, [])
        self.assertEqual(run.result['registrations']['failed_by'], {'redirect': 1}, run.describe())
        self.assertEqual(run.result['registrations']['redirected'], 0)

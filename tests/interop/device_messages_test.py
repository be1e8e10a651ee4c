# SPDX-License-Identifier: Apache-2.0
"""What each setting of a Grandstream GSC35xx puts into its messages, and where they come from and go."""
import contextlib
import pathlib
import re
import tempfile
import unittest

import kamailio
import namespaces
from generator import WORKED, Run
from peer import grants, says
from phone_case import PhoneCase

MAC = r'000b82[0-9a-f]{6}'
CONFIG_FILE = '''<?xml version="1.0" encoding="UTF-8"?>
<gs_provision version="1"><config version="1">
<P2>admin</P2><P32>30</P32><P81>1</P81><P138>1</P138><P288>1</P288>
</config></gs_provision>
'''


class MessagesTest(PhoneCase):
    def first(self, settings=None, endpoints=1, **scripts):
        """The first REGISTER of each phone."""
        peer, _ = self.start_pair(settings, endpoints=endpoints, **{'REGISTER': grants(60), **scripts})
        peer.wait_for(lambda: len(peer.registers()) >= endpoints)
        return peer.registers() if endpoints > 1 else peer.registers()[0]

    def test_factory_settings_are_those_of_the_maker(self):
        register = self.first()
        self.assertEqual((register.row('User-Agent'), register.expires, register.row('Supported'), register.row('To')),
                         ('Grandstream GSC3516 1.0.5.22', 3600, 'path', '<sip:user0@127.0.0.1>'))
        self.assertIn('+sip.instance', register.row('Contact'))
        for absent in ('Authorization', 'Route', 'MAC'):
            self.assertIsNone(register.row(absent), absent)

    def test_MAT_2_TPT_1_Via_and_Contact_carry_the_port_that_it_came_from(self):
        peer, run = self.start_pair({'options_keep_alive': 'true', 'options_interval': 1, 'subscribe_mwi': 'true'},
                                    REGISTER=grants(2), OPTIONS=says(200), SUBSCRIBE=says(200, 'Expires: 60'))
        peer.wait_for(lambda: len(peer.registers()) >= 2 and peer.requests('OPTIONS') and peer.requests('SUBSCRIBE'))
        udp_port = run.udp_ports()[0]
        self.assertNotEqual(udp_port, 0)
        for message in list(peer.messages):
            with self.subTest(message.start_line):
                self.assertEqual(message.source, ('127.0.0.1', udp_port))
                self.assertRegex(message.row('Via'), rf'^SIP/2\.0/UDP 127\.0\.0\.1:{udp_port};.*\brport\b(?!=)')
                self.assertRegex(message.contact, rf'^sip:user\d+@127\.0\.0\.1:{udp_port}$')

    def test_instance_id_is_one_for_each_phone_or_none(self):
        instances = {re.search(r'\+sip\.instance="(<urn:uuid:[0-9a-f-]{36}>)"', message.row('Contact')).group(1)
                     for message in self.first(endpoints=20)}
        self.assertEqual(len(instances), 20)
        self.assertNotIn('sip.instance', self.first({'instance_id': 'false'}).text)

    def test_OB_1_instance_id_survives_a_restart(self):
        before, after = (self.first().row('Contact').partition('+sip.instance')[2] for _ in range(2))
        self.assertEqual(before, after)

    def test_user_agent_is_the_text_that_is_set_or_none(self):
        self.assertEqual(self.first({'user_agent': 'Door 7 (lobby)'}).row('User-Agent'), 'Door 7 (lobby)')
        self.assertIsNone(self.first({'user_agent': ''}).row('User-Agent'))

    def test_mac_in_user_agent_is_one_for_each_phone(self):
        agents = {message.row('User-Agent') for message in self.first({'mac_in_user_agent': 'yes'}, endpoints=20)}
        self.assertEqual(len(agents), 20)
        for agent in agents:
            self.assertRegex(agent, rf'^Grandstream GSC3516 1\.0\.5\.22 {MAC}$')

    def test_mac_header_is_in_REGISTER_or_in_all_requests(self):
        others = {'options_keep_alive': 'true', 'options_interval': 1, 'subscribe_mwi': 'true'}
        scripts = {'REGISTER': grants(60), 'OPTIONS': says(200), 'SUBSCRIBE': says(200, 'Expires: 60')}
        pairs = {setting: self.start_pair({**others, 'mac_header': setting}, **scripts)
                 for setting in ('no', 'register', 'all')}
        for setting, (peer, _) in pairs.items():
            peer.wait_for(lambda peer=peer: all(peer.requests(method) for method in scripts))
            for method in scripts:
                with self.subTest(setting=setting, method=method):
                    wanted = setting == 'all' or (setting == 'register' and method == 'REGISTER')
                    self.assertRegex(peer.requests(method)[0].row('MAC') or '', MAC if wanted else '^$')

    def test_MSG_16_support_path_is_said_or_not(self):
        self.assertEqual(self.first().row('Supported'), 'path')
        self.assertIsNone(self.first({'support_path': 'false'}).row('Supported'))

    def test_MSG_15_an_outbound_proxy_is_sent_to_and_named_in_Route_as_its_mode_says(self):
        # .invalid never resolves (RFC 6761 6.4): what arrives came by the proxy.
        for mode in ('in_route', 'not_in_route', 'always'):
            with self.subTest(mode):
                peer = self.start_peer(REGISTER=grants(60))
                self.start_phones('registrar.invalid:5060', settings={
                    'outbound_proxy': peer.target, 'outbound_proxy_mode': mode})
                register = peer.wait_for(peer.registers)[0]
                self.assertEqual(register.uri, 'sip:registrar.invalid')
                self.assertRegex(register.row('To'), r'^<sip:user\d+@registrar\.invalid>$')
                self.assertEqual(register.row('Route'), f'<sip:{peer.target};lr>' if mode == 'in_route' else None)

    def test_a_configuration_file_of_the_maker_is_obeyed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'cfg.xml'
            path.write_text(CONFIG_FILE)
            peer = self.start_peer(REGISTER=says(503))
            with Run('--quiet', target=peer.target, endpoints=1, rate=10, workers=1, port='udp', device=path,
                     duration='20s'):
                peer.wait_for(lambda: len(peer.requests('REGISTER')) >= 3)
        removal, register, again = peer.requests('REGISTER')[:3]
        # P81 = 1: all; P32 = 30 minutes; P138 = 1 second.
        self.assertEqual((removal.row('Contact'), removal.expires, register.expires), ('*', 0, 1800))
        self.assert_later(register, again, 1)


@unittest.skipIf(kamailio.missing() or namespaces.missing(), kamailio.missing() or namespaces.missing())
class SipPortTest(unittest.TestCase):
    """Phones with addresses of their own: the port is theirs to choose."""

    def bound_contacts(self, endpoints, source, settings):
        listen = f'{namespaces.REGISTRAR_ADDRESS}:5060'
        with contextlib.ExitStack() as stack:
            link = stack.enter_context(namespaces.VethPair())
            registrar = stack.enter_context(kamailio.Kamailio(listen, command_prefix=link.registrar.prefix))
            run = stack.enter_context(Run('--quiet', target=listen, endpoints=endpoints, rate=100, workers=1,
                                          port=f'af_packet:{namespaces.PHONES_INTERFACE}', source=source,
                                          command_prefix=link.phones.prefix, duration='1s',
                                          settings={f'device.{key}': value for key, value in settings.items()}))
            self.assertIn(run.wait(), WORKED, run.describe())
            return [contact.removeprefix('sip:').partition('@')[2] for contact in registrar.contacts()]

    def test_local_sip_port_counts_up_for_the_phones_of_one_address(self):
        found = self.bound_contacts(4, '198.18.1.1-198.18.1.2', {'local_sip_port': 5062})
        # The default port of SIP may be left out of a URI; none of these is it.
        self.assertEqual(sorted(found), ['198.18.1.1:5062', '198.18.1.1:5063', '198.18.1.2:5062', '198.18.1.2:5063'])

    def test_random_sip_port_scatters_them(self):
        found = self.bound_contacts(20, '198.18.1.1', {'random_sip_port': 'true'})
        ports = sorted(int(contact.rpartition(':')[2]) for contact in found)
        self.assertEqual(len(set(ports)), 20)
        self.assertGreater(len({after - before for before, after in zip(ports, ports[1:])}), 1, ports)
        self.assertNotIn(0, ports)

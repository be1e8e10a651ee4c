# SPDX-License-Identifier: Apache-2.0
"""The first registrations: 20,000 phones at a real Kamailio, each challenged, over every way that packets can travel.

What the generator says of its phones and what the registrar counts must be one number. An attempt that failed is the
generator's fault here: Kamailio is left far from its limits, and lost datagrams would show as retransmissions first.
"""
import contextlib
import os
import time
import unittest

import kamailio
import namespaces
from generator import WORKED, Run
from lanes import alone

# Fewer on a machine that is too slow for so many: INTEROP_PHONES=2000 scripts/test interop.
PHONES = int(os.environ.get('INTEROP_PHONES', '20000'))
RATE = PHONES * 3 // 20
# Bringing DPDK up takes a second, and much longer on a machine that has other work.
START_S_MAX = 30
LOOPBACK = '127.0.0.1:5070'
# Kamailio grants this, so that a refresh round fits into a test; a phone refreshes at half of it.
SHORT_EXPIRES_S = 16
REFRESHED_AFTER_S = PHONES / RATE + SHORT_EXPIRES_S + 2


class Registration(unittest.TestCase):
    """What all ways have in common."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start_kamailio(self, listen, **settings):
        return self.stack.enter_context(kamailio.Kamailio(listen, auth=True, **settings))

    def start_run(self, listen, **options):
        options = {'target': listen, 'endpoints': PHONES, 'rate': RATE, 'password': 'secret', 'workers': 1, 'seed': 1,
                   **options}
        return self.stack.enter_context(Run('--quiet', **options))

    def wait_for_bindings(self, registrar, run, wanted, seconds_max):
        deadline = time.monotonic() + seconds_max
        while registrar.bindings() != wanted and time.monotonic() < deadline and run.running():
            time.sleep(0.2)
        self.assertEqual(registrar.bindings(), wanted, f'after {run.seconds():.1f} s of\n{run.describe()}')

    def assert_every_attempt_succeeded(self, run, registrar, phones=PHONES):
        code = run.wait()
        self.assertIn(code, WORKED, run.describe())
        result = run.result
        registrations = result['registrations']
        self.assertEqual(registrations['failed'], 0, registrations)
        # A refresh may be on its way when the run ends; nothing else may be without an outcome.
        self.assertEqual(registrations['attempted'], registrations['succeeded'] + registrations.get('abandoned', 0))
        self.assertGreaterEqual(registrations['attempted'], phones)
        self.assertEqual(result['endpoints']['total'], phones)
        self.assertEqual(registrar.drops(), 0, 'the kernel dropped requests at the registrar')
        return result

    def check_that_the_registrar_agrees(self, listen, registrar_prefix=(), phones_prefix=(), phones=PHONES,
                                       **options):
        registrar = self.start_kamailio(listen, command_prefix=registrar_prefix)
        run = self.start_run(listen, command_prefix=phones_prefix, endpoints=phones,
                             duration=f'{phones // RATE + 5}s', **options)
        self.wait_for_bindings(registrar, run, phones, phones / RATE + START_S_MAX)
        # They stay registered: nothing of the run removes one before it ends.
        while run.running():
            self.assertEqual(registrar.bindings(), phones)
            time.sleep(0.5)
        result = self.assert_every_attempt_succeeded(run, registrar, phones)
        self.assertEqual(result['endpoints']['registered'], phones, result['endpoints'])
        self.assertEqual(registrar.bindings(), result['endpoints']['registered'])
        return result


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class RegistrationTest(Registration):
    @alone('20,000 phones: a registrar that has to wait for a core drops requests')
    def test_over_udp_sockets(self):
        self.check_that_the_registrar_agrees(LOOPBACK, port='udp')

    def test_with_sha_256(self):
        registrar = self.start_kamailio(LOOPBACK, algorithm='SHA-256')
        run = self.start_run(LOOPBACK, port='udp', endpoints=PHONES // 10)
        self.assertIn(run.wait(), WORKED, run.describe())
        self.assertEqual(run.result['registrations']['failed'], 0, run.describe())
        self.assertEqual(registrar.bindings(), PHONES // 10)

    @alone('20,000 phones: a registrar that has to wait for a core drops requests')
    def test_refreshes_before_the_bindings_expire_and_removes_them_at_the_end(self):
        # nonce_count makes Kamailio refuse a count that it has seen: refreshes with a known nonce count on.
        registrar = self.start_kamailio(LOOPBACK, min_expires=0, max_expires=SHORT_EXPIRES_S, nonce_count=1)
        run = self.start_run(LOOPBACK, port='udp', duration=f'{int(REFRESHED_AFTER_S) + 4}s',
                             settings={'device.refresh_fraction': 0.5, 'run.unregister_at_end': 'true'})
        self.wait_for_bindings(registrar, run, PHONES, PHONES / RATE + START_S_MAX)
        while run.seconds() < REFRESHED_AFTER_S:
            statistics = registrar.statistics('usrloc:')
            self.assertEqual((statistics['location_contacts'], statistics['location_expires']), (PHONES, 0),
                             f'contacts and expired ones after {run.seconds():.1f} s')
            time.sleep(0.5)
        result = self.assert_every_attempt_succeeded(run, registrar)
        self.assertGreaterEqual(result['registrations']['attempted'], 2 * PHONES)
        self.assertEqual(registrar.bindings(), 0, run.describe())
        self.assertEqual(registrar.statistics('usrloc:')['location_expires'], 0,
                         'a binding expired instead of being removed')


@unittest.skipIf(kamailio.missing() or namespaces.missing(), kamailio.missing() or namespaces.missing())
@alone('20,000 phones: a registrar that has to wait for a core drops requests')
class LinkRegistrationTest(Registration):
    def over(self, hosts, port, registrar=f'{namespaces.REGISTRAR_ADDRESS}:5060', source=namespaces.PHONES_RANGE,
             **options):
        link = self.stack.enter_context(hosts)
        return self.check_that_the_registrar_agrees(
            registrar, registrar_prefix=link.registrar.prefix, phones_prefix=link.phones.prefix, port=port,
            source=source, **options)

    def over_ipv6(self, hosts, port):
        """Fewer phones than over IPv4: what differs is the address, its neighbour and the checksum."""
        return self.over(hosts, port, registrar=f'[{namespaces.REGISTRAR_ADDRESS_6}]:5060',
                         source=namespaces.PHONES_RANGE_6, phones=PHONES // 10)

    def test_over_af_packet(self):
        self.over(namespaces.VethPair(), f'af_packet:{namespaces.PHONES_INTERFACE}')

    def test_two_workers_share_an_interface_and_hand_over_what_the_kernel_gives_to_the_wrong_one(self):
        result = self.over(namespaces.VethPair(), f'af_packet:{namespaces.PHONES_INTERFACE}', workers=2)
        self.assertGreater(result['generator']['rx_crossed'], 0)
        self.assertEqual((result['messages']['stray'], result['generator']['rx_dropped']), (0, 0))

    def test_over_af_xdp(self):
        self.over(namespaces.VethPair(), f'af_xdp:{namespaces.PHONES_INTERFACE}')

    def test_over_tap(self):
        self.over(namespaces.TapHost(), f'tap:{namespaces.TAP_INTERFACE}')

    def test_TPT_7_over_IPv6_on_af_packet(self):
        self.over_ipv6(namespaces.VethPair(ipv6=True), f'af_packet:{namespaces.PHONES_INTERFACE}')

    def test_TPT_7_over_IPv6_on_af_xdp(self):
        self.over_ipv6(namespaces.VethPair(ipv6=True), f'af_xdp:{namespaces.PHONES_INTERFACE}')

    def test_TPT_7_over_IPv6_on_tap(self):
        self.over_ipv6(namespaces.TapHost(ipv6=True), f'tap:{namespaces.TAP_INTERFACE}')

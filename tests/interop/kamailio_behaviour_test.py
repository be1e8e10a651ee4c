# SPDX-License-Identifier: Apache-2.0
"""Everything that Kamailio 5.6.3 does to a registering phone, provoked: too-brief lifetimes and clamped ones, nonces
that end, bindings of others, Path, requests out of order, full AoRs, pings. After each, its count and ours are one.
"""
import os
import socket
import unittest

import kamailio
import namespaces
from generator import WORKED
from kamailio_case import PHONES, KamailioCase, bind_foreign, free_port
from lanes import alone

PINGED_PHONES = int(os.environ.get('INTEROP_PHONES', '20000'))
# Of 4 s, on which all registrars here agree with such phones; the second refresh would come after the run.
REFRESHED_ONCE = {'refresh_fraction': 0.5}
ONCE = '3500ms'


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class LifetimesTest(KamailioCase):
    def test_REG_7_a_423_is_obeyed_once(self):
        registrar = self.start_kamailio(min_expires=60, min_expires_mode=1)
        run = self.start_phones(registrar, {'register_expiration': '30s'})
        result = self.agreed(registrar, run)
        self.assertEqual(result['responses'], {'200': PHONES, '423': PHONES})
        self.assertEqual((result['registrations']['attempted'], result['registrations']['failed']), (PHONES, 0))

    def test_REG_4_REG_6_raised_and_clamped_lifetimes_decide_when_to_refresh(self):
        raising = self.start_kamailio(min_expires=60)
        clamping = self.start_kamailio(min_expires=0, max_expires=4, timer_interval=1)
        drawing = self.start_kamailio(min_expires=0, expires_range=50, timer_interval=1)
        raised = self.start_phones(raising, {'register_expiration': '2s'}, duration='5s')
        # Kamailio counts whole seconds: what it grants for four may be over after three.
        clamped = self.start_phones(clamping, {'register_expiration': '999999s', 'refresh_fraction': 0.5},
                                    duration='5s')
        drawn = self.start_phones(drawing, {'register_expiration': '10s', 'refresh_fraction': 0.5}, duration='7s')
        result = self.agreed(raising, raised)
        self.assertEqual(result['registrations']['attempted'], PHONES, 'refreshed as asked for, not as granted')
        result = self.agreed(clamping, clamped)
        self.assert_never_failed(result)
        self.assertGreaterEqual(result['registrations']['attempted'], 2 * PHONES)
        self.assert_never_failed(self.agreed(drawing, drawn))
        for registrar in (clamping, drawing):
            self.assertEqual(registrar.statistics('usrloc:')['location_expires'], 0)

    def test_REG_1_REG_2_EXT_3_the_own_binding_is_found_among_those_of_others_and_with_gruus(self):
        registrar = self.start_kamailio(min_expires=0, gruu_enabled=1)
        # Comma-joined in one row, the ones with a q first: ours is the third.
        for number in range(2 * 10):
            bind_foreign(registrar, f'user{number // 2}', f'desk{number % 2}@192.0.2.1:5060', 600)
        run = self.start_phones(registrar, {'register_expiration': '4s', 'instance_id': 'true', **REFRESHED_ONCE},
                                endpoints=10, duration=ONCE)
        result = self.agreed(registrar, run, endpoints=10, foreign=20)
        self.assert_never_failed(result)
        # With the 600 s of another binding there would have been no refresh.
        self.assertEqual(result['registrations']['attempted'], 20)


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class NoncesTest(KamailioCase):
    """Refreshed once, 2 s after the registration: what does the refresh's nonce get?"""

    def refreshed(self, **settings):
        registrar = self.start_kamailio(auth=True, min_expires=0, max_expires=4, **settings)
        return registrar, self.start_phones(registrar, REFRESHED_ONCE, duration=ONCE)

    def assert_challenged(self, pair, times):
        result = self.agreed(*pair)
        self.assert_never_failed(result)
        self.assertEqual(result['registrations']['attempted'], 2 * PHONES)
        self.assertEqual(result['responses'], {'200': 2 * PHONES, '401': times * PHONES})

    def test_AUT_9_AUT_10_an_expired_nonce_is_renewed_without_stale_and_a_live_one_counted_on(self):
        expired, counted = self.refreshed(nonce_expire=1), self.refreshed(nonce_count=1)
        self.assert_challenged(expired, 2)
        self.assert_challenged(counted, 1)

    def test_AUT_10_AUT_13_a_nonce_that_serves_once_is_renewed_unless_a_nextnonce_came(self):
        once, next_nonce = self.refreshed(one_time_nonce=1), self.refreshed(one_time_nonce=1, add_authinfo_hdr=1)
        self.assert_challenged(once, 2)
        self.assert_challenged(next_nonce, 1)

    def test_AUT_1_AUT_5_AUT_15_MD5_and_SHA_256_by_401_and_by_407(self):
        for algorithm in ('MD5', 'SHA-256'):
            for by in ({'auth': True}, {'extras': ['WITH_PROXY_AUTH']}):
                with self.subTest(algorithm=algorithm, by=by):
                    registrar = self.start_kamailio(algorithm=algorithm, **by)
                    result = self.agreed(registrar, self.start_phones(registrar))
                    self.assertEqual(result['responses'], {'200': PHONES, '401' if 'auth' in by else '407': PHONES})


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class RefusalsTest(KamailioCase):
    def test_MSG_16_REG_14_Path_needs_Supported_path(self):
        registrar = self.start_kamailio(extras=['WITH_PATH'])
        self.agreed(registrar, self.start_phones(registrar, {'support_path': 'true'}))
        without = self.start_kamailio(extras=['WITH_PATH'])
        run = self.start_phones(without, {'support_path': 'false'})
        run.wait()
        # Kamailio says 420 and keeps the binding all the same; what it says is what a phone can know.
        self.assertEqual(run.result['registrations']['failed_by'], {'420': PHONES}, run.describe())
        self.assertEqual(run.result['endpoints']['registered'], 0)

    def test_REG_11_a_full_AoR_is_left_alone_for_Retry_After_and_then_taken(self):
        registrar = self.start_kamailio(min_expires=0, max_contacts=1, retry_after=2, timer_interval=1)
        for number in range(10):
            bind_foreign(registrar, f'user{number}', 'desk@192.0.2.1:5060', 4)
        run = self.start_phones(registrar, {'registration_retry_wait': 1}, endpoints=10, duration='8s')
        result = self.agreed(registrar, run, endpoints=10)
        # The start may take 2 s of the 4. Refused at 0 and 2 s, and at 4 s or 6 s no more: twice or three times, not
        # once for each second.
        self.assertIn(result['responses']['503'], range(20, 31), result['responses'])
        self.assertEqual(result['registrations']['failed_by'], {'503': result['responses']['503']})

    @unittest.skipIf(namespaces.missing(), namespaces.missing())
    def test_REG_9_a_400_for_an_old_CSeq_is_survived(self):
        # Started again with the same seed and ports, phones are the same devices with the same Call-ID, and count anew.
        link = self.stack.enter_context(namespaces.VethPair())
        registrar = self.start_kamailio(f'{namespaces.REGISTRAR_ADDRESS}:5060', min_expires=0,
                                        command_prefix=link.registrar.prefix)
        options = {'port': f'af_packet:{namespaces.PHONES_INTERFACE}', 'source': namespaces.PHONES_RANGE,
                   'command_prefix': link.phones.prefix, 'endpoints': 20}
        settings = {'register_expiration': '30s', 'refresh_fraction': 0.05, 'registration_retry_wait': 1}
        self.agreed(registrar, self.start_phones(registrar, settings, duration='2500ms', **options), endpoints=20)
        run = self.start_phones(registrar, settings, duration='2500ms', **options)
        result = self.agreed(registrar, run, endpoints=20)
        self.assertEqual(list(result['registrations']['failed_by']), ['400'], result['registrations'])
        self.assertGreater(result['registrations']['succeeded'], 0)


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class RemovalsTest(KamailioCase):
    def with_foreign_binding(self, setting):
        registrar = self.start_kamailio(auth=False)
        for number in range(10):
            bind_foreign(registrar, f'user{number}', 'desk@192.0.2.1:5060', 600)
        run = self.start_phones(registrar, {'unregister_before_registration': setting}, endpoints=10)
        return registrar, run

    def test_MSG_9_all_removes_the_bindings_of_others_too(self):
        result = self.agreed(*self.with_foreign_binding('all'), endpoints=10)
        self.assertEqual((result['clearings']['attempted'], result['clearings']['succeeded']), (10, 10))

    def test_MSG_11_instance_and_no_leave_the_bindings_of_others(self):
        for setting in ('instance', 'no'):
            with self.subTest(setting):
                self.agreed(*self.with_foreign_binding(setting), endpoints=10, foreign=10)

    def test_REG_18_a_challenged_un_REGISTER_completes(self):
        registrar = self.start_kamailio(auth=True, nonce_count=1)
        # Each run binds contacts on a port of its own: "all" removes those of the run before.
        for setting in ('instance', 'all'):
            with self.subTest(setting):
                result = self.agreed(registrar, self.start_phones(registrar, {
                    'unregister_before_registration': setting, 'auth_header_on_register': 'true'}))
                self.assertEqual(result['clearings']['succeeded'], PHONES)
                self.assertEqual(result['responses'], {'200': 2 * PHONES, '401': PHONES})

    def test_REG_17_leaving_ends_in_a_200_without_Contact_and_empties_the_registrar(self):
        registrar = self.start_kamailio(auth=True)
        run = self.start_phones(registrar, {'run.unregister_at_end': 'true'})
        self.assertIn(run.wait(), WORKED, run.describe())
        self.assertEqual((registrar.bindings(), run.result['removals']['succeeded']), (0, PHONES), run.describe())


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class PingsTest(KamailioCase):
    @alone('20,000 phones: a registrar that has to wait for a core drops requests')
    def test_INC_1_twenty_thousand_phones_answer_pings_while_they_refresh(self):
        # 2,000 REGISTERs and 3,300 pings a second: what Kamailio serves on a machine that does something else, too.
        registrar = self.start_kamailio(extras=['WITH_PINGS'], ping_interval=6, ping_timeout=12)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
            deaf.bind(('127.0.0.1', 0))
            bind_foreign(registrar, 'deaf', 'deaf@%s:%d' % deaf.getsockname(), 600)
            run = self.start_phones(registrar, {'register_expiration': '600s', 're_register_before_expiration': 590},
                                    endpoints=PINGED_PHONES, rate=PINGED_PHONES / 8, duration='20s')
            run.wait()
            left = registrar.seconds_left('deaf')
            result = self.agreed(registrar, run, endpoints=PINGED_PHONES, foreign=len(left))
        # Who answers no ping for the timeout has ten seconds left, whatever was granted: the deaf one, none of ours.
        self.assertLessEqual(max(left, default=0), 10)
        for number in range(0, PINGED_PHONES, 100):
            self.assertGreater(registrar.seconds_left(f'user{number}')[0], 500)
        self.assert_never_failed(result)
        self.assertGreaterEqual(result['registrations']['attempted'], 2 * PINGED_PHONES)
        self.assertGreaterEqual(result['messages']['requests'], 2 * PINGED_PHONES, result['messages'])


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class FamilyTest(KamailioCase):
    @unittest.skipIf(not socket.has_ipv6, 'this machine has no IPv6')
    def test_TPT_7_over_IPv6(self):
        registrar = self.start_kamailio(f'[::1]:{free_port(socket.AF_INET6)}', auth=True, min_expires=0, max_expires=4)
        run = self.start_phones(registrar, {'instance_id': 'true', **REFRESHED_ONCE}, duration=ONCE)
        udp_port = run.udp_ports()[0]
        result = self.agreed(registrar, run)
        self.assert_never_failed(result)
        self.assertEqual({contact.partition('@')[2] for contact in registrar.contacts()}, {f'[::1]:{udp_port}'})

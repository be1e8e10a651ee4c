# SPDX-License-Identifier: Apache-2.0
"""Power comes back to a whole site before its registrar does: all phones try at once, fail at once, and come again in
waves, because nothing in their settings spreads them."""
import contextlib
import socket
import time
import unittest

import kamailio
from kamailio_case import KamailioCase, free_port
from lanes import alone

# All start within half a second, so that a wave fits into one row of the series.
START_S = 0.5


@unittest.skipIf(kamailio.missing(), kamailio.missing())
@alone('ten thousand requests a second, to be answered within the seconds of the run')
class AvalancheTest(KamailioCase):
    def registered_after_the_registrar_came(self, down, phones, down_s, duration_s, settings):
        """The result of a run whose registrar is there only after `down_s`; until then `down` is at its port."""
        listen = f'127.0.0.1:{free_port()}'
        with down(listen):
            run = self.start_phones(listen, {'report.interval': '1s', **settings}, endpoints=phones,
                                    rate=int(phones / START_S), device='grandstream-gsc35xx',
                                    duration=f'{duration_s}s')
            run.udp_ports()
            time.sleep(down_s)
        registrar = self.start_kamailio(listen, auth=True, timer_interval=1)
        result = self.agreed(registrar, run, endpoints=phones)
        # The factory setting: each phone removes its contact first, once. What the storm made the kernel drop at the
        # registrar was sent again.
        self.assertEqual(result['clearings']['attempted'], phones)
        self.assertEqual(result['registrations']['succeeded'], phones)
        return result

    def assert_in_waves(self, result, period_s):
        """Nearly all attempts are in the seconds in which a wave is due, and each wave is of nearly all phones."""
        attempted = {round(row['t_s']): row['attempted'] for row in result['series']}
        # t_s is the end of a second; a wave begins after a multiple of the period, and a crowded machine blurs it.
        waves = {first: attempted[first + 1] + attempted.get(first + 2, 0)
                 for first in range(period_s, max(attempted), period_s)}
        self.assertGreater(sum(waves.values()), 0.95 * sum(attempted.values()), attempted)
        complete = [first for first, attempts in waves.items() if attempts > 0.9 * result['endpoints']['total']]
        self.assertGreaterEqual(len(complete), 2, attempted)

    def test_TXN_7_phones_whose_requests_met_a_closed_port_come_every_retry_wait(self):
        result = self.registered_after_the_registrar_came(lambda listen: contextlib.nullcontext(), 5_000, 12, 20, {
            'registration_retry_wait': 5})
        self.assertGreaterEqual(result['registrations']['failed_by']['transport'], 5_000)
        self.assert_in_waves(result, 5)

    def test_TXN_8_phones_whose_requests_were_lost_come_every_timer_F_and_retry_wait(self):
        # The hole is closed between two waves.
        result = self.registered_after_the_registrar_came(black_hole, 1_000, 5, 9, {
            'registration_retry_wait': 2, 't1': '500ms', 't2': '1s', 'timer_f': '1s'})
        self.assertEqual(list(result['registrations']['failed_by']), ['timeout'])
        self.assert_in_waves(result, 3)


@contextlib.contextmanager
def black_hole(listen):
    """Somebody has the port and reads nothing from it."""
    host, _, udp_port = listen.rpartition(':')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind((host, int(udp_port)))
        yield

# SPDX-License-Identifier: Apache-2.0
"""Power comes back to a whole site before its registrar does: all phones try at once, fail at once, and come again in
waves, because nothing in their settings spreads them."""
import time
import unittest

import kamailio
from generator import WORKED
from kamailio_case import KamailioCase, free_port

PHONES = 5_000
DOWN_S = 12
RETRY_WAIT_S = 5


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class AvalancheTest(KamailioCase):
    def start_site(self, listen, settings):
        return self.start_phones(listen, {'registration_retry_wait': RETRY_WAIT_S, **settings}, endpoints=PHONES,
                                 rate=PHONES, device='grandstream-gsc35xx', duration='24s')

    def test_every_phone_registers_in_the_first_wave_after_the_registrar_is_there(self):
        listen = f'127.0.0.1:{free_port()}'
        run = self.start_site(listen, {'report.interval': '1s'})
        run.udp_ports()
        time.sleep(DOWN_S)
        registrar = self.start_kamailio(listen, auth=True)
        result = self.agreed(registrar, run, endpoints=PHONES)
        self.assertEqual(registrar.drops(), 0)
        self.assertGreaterEqual(result['registrations']['failed_by']['transport'], PHONES)
        self.assert_in_waves(result, RETRY_WAIT_S)

    def assert_in_waves(self, result, period_s):
        """Nearly all attempts are in the seconds in which a wave is due, and there is more than one."""
        waves = {}
        for row in result['series']:
            # t_s is the end of a second; phones start within the first.
            waves[round(row['t_s'])] = row['attempted']
        print(waves)


if __name__ == '__main__':
    unittest.main()

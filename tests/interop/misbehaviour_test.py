# SPDX-License-Identifier: Apache-2.0
"""Registrars that refuse, stay silent or talk nonsense, and what the generator makes of each."""
import itertools
import socket
import subprocess
import sys
import threading
import time
import unittest

import garbage
import kamailio
import namespaces
import sipp
from generator import WORKED, Run

LOOPBACK = ('127.0.0.1', 5072)
TARGET = '%s:%d' % LOOPBACK
# RFC 3261 17.1.2.2 with T1 = 0.5 s and T2 = 4 s: Timer E doubles up to T2, Timer F ends it at 64 * T1 = 32 s.
SENT_AT_S = (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)
LATE_S_MAX = 0.35


@unittest.skipIf(sipp.missing(), sipp.missing())
class SippRegistrarTest(unittest.TestCase):
    def run_against(self, scenario, endpoints=200, keys=None, **options):
        with sipp.Registrar(scenario, *LOOPBACK, log=True, keys=keys) as registrar:
            with Run('--quiet', target=TARGET, port='udp', endpoints=endpoints, rate=100, workers=1,
                     password='secret', **options) as run:
                code = run.wait(90)
                return code, run.result, registrar.arrivals(), run.describe() + registrar.errors()

    def test_200_registers_every_phone(self):
        code, result, arrivals, said = self.run_against('uas_ok')
        self.assertIn(code, WORKED, said)
        self.assertEqual((result['endpoints']['registered'], result['responses']), (200, {'200': 200}), said)
        self.assertEqual(len(arrivals), result['messages']['sent'])

    def test_a_challenge_is_answered_as_sipp_computes_it(self):
        code, result, arrivals, said = self.run_against('uas_challenge')
        self.assertIn(code, WORKED, said)
        self.assertEqual(result['endpoints']['registered'], 200, said)
        self.assertEqual((result['responses'], len(arrivals)), ({'200': 200, '401': 200}, 400), said)

    def test_503_with_retry_after_is_left_alone_for_that_long(self):
        _, result, arrivals, said = self.run_against('uas_unavailable', endpoints=20, keys={'retry_after': 30},
                                                     duration='8s')
        self.assertEqual(result['endpoints']['registered'], 0, said)
        self.assertEqual(result['registrations']['failed_by'].get('503'), 20, said)
        self.assertEqual(len(arrivals), 20, 'one request for each phone, and none before the delay is over')

    def test_TXN_1_silence_is_sent_to_eleven_times_and_given_up_after_32_s(self):
        _, result, arrivals, said = self.run_against('uas_silent', endpoints=1, duration='34s')
        self.assertEqual(len(arrivals), len(SENT_AT_S), f'{arrivals}\n{said}')
        # Timer E starts anew when it fires, so what a busy machine delays once is late from then on: gaps count.
        for number in range(1, len(arrivals)):
            late_s = (arrivals[number] - arrivals[number - 1]) - (SENT_AT_S[number] - SENT_AT_S[number - 1])
            self.assertLess(abs(late_s), LATE_S_MAX, f'datagram {number} of {arrivals}')
        self.assertEqual(result['registrations']['failed_by'].get('timeout'), 1, said)
        self.assertEqual(result['messages']['retransmitted'], len(SENT_AT_S) - 1, said)


class Interferer(threading.Thread):
    """Stands between the phones and the registrar: passes everything on, throws garbage in, says answers twice.

    Garbage comes from the registrar's own address, so that a connected socket lets it through.
    """

    def __init__(self, listen, registrar, datagrams):
        super().__init__(daemon=True)
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.near.bind(listen)
        self.near.settimeout(0.2)
        self.far = {}
        self.registrar = registrar
        self.datagrams = datagrams
        self.taking = threading.Lock()
        self.thrown = 0
        self.stopping = False

    def answers(self, phone, far):
        while not self.stopping:
            try:
                answer = far.recv(65536)
            except TimeoutError:
                continue
            self.near.sendto(answer, phone)
            self.near.sendto(answer, phone)
            with self.taking:
                noise = list(itertools.islice(self.datagrams, 3))
                self.thrown += len(noise)
            for datagram in noise:
                self.near.sendto(datagram, phone)

    def run(self):
        while not self.stopping:
            try:
                request, phone = self.near.recvfrom(65536)
            except TimeoutError:
                continue
            if phone not in self.far:
                far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                far.connect(self.registrar)
                far.settimeout(0.2)
                self.far[phone] = far
                threading.Thread(target=self.answers, args=(phone, far), daemon=True).start()
            self.far[phone].send(request)

    def stop(self):
        self.stopping = True
        self.join()


@unittest.skipIf(kamailio.missing(), kamailio.missing())
class GarbageRegistrarTest(unittest.TestCase):
    SEED = 20_260_101

    def test_noise_and_repeated_answers_change_no_registration(self):
        phones = 2_000
        noise = garbage.datagrams(self.SEED, count=50_000)
        with kamailio.Kamailio('127.0.0.1:5070', auth=True) as registrar:
            between = Interferer(LOOPBACK, ('127.0.0.1', 5070), noise)
            between.start()
            self.addCleanup(between.stop)
            with Run('--quiet', target=TARGET, port='udp', endpoints=phones, rate=400, workers=1,
                     password='secret') as run:
                self.assertIn(run.wait(), WORKED, f'seed {self.SEED}\n{run.describe()}')
                result = run.result
                self.assertEqual((registrar.bindings(), result['endpoints']['registered']), (phones, phones),
                                 f'seed {self.SEED}\n{run.describe()}')
        self.assertEqual(result['registrations']['failed'], 0, f'seed {self.SEED}')
        messages = result['messages']
        unwanted = messages['received'] - sum(result['responses'].values())
        self.assertGreater(between.thrown, phones)
        # The last ones may come when the run is over; all others are received, and none of them is an outcome.
        self.assertGreater(unwanted, between.thrown // 2, f'{between.thrown} thrown, counted {messages}')

    @unittest.skipIf(namespaces.missing(), namespaces.missing())
    def test_noise_on_the_link_changes_no_registration(self):
        phones = 2_000
        with namespaces.VethPair() as link, kamailio.Kamailio(
                f'{namespaces.REGISTRAR_ADDRESS}:5060', auth=True, command_prefix=link.registrar.prefix) as registrar:
            with Run('--quiet', target=f'{namespaces.REGISTRAR_ADDRESS}:5060', endpoints=phones, rate=400, workers=1,
                     port=f'af_packet:{namespaces.PHONES_INTERFACE}', source=namespaces.PHONES_RANGE,
                     password='secret', duration='8s', command_prefix=link.phones.prefix) as run:
                time.sleep(1)
                # Up to 2000 bytes: longer than a frame, so fragments arrive as well.
                throwing = [subprocess.Popen([*link.registrar.prefix, sys.executable, garbage.__file__,
                                              f'198.18.1.{host}', '10000', '10100', '3000', '1000', str(self.SEED)])
                            for host in (1, 2)]
                for thrower in throwing:
                    self.assertEqual(thrower.wait(60), 0)
                self.assertIn(run.wait(), WORKED, f'seed {self.SEED}\n{run.describe()}')
                result = run.result
            self.assertEqual((registrar.bindings(), result['registrations']['failed']), (phones, 0),
                             f'seed {self.SEED}')

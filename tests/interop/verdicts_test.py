# SPDX-License-Identifier: Apache-2.0
"""Who is to blame: each fault is provoked for real, and the verdict has to name the right side, and why.

What is @judged here is the table in GUIDE.md.
"""
import os
import pathlib
import signal
import sys
import time
import unittest

import garbage
import namespaces
from generator import ROOT
from kamailio_case import free_port
from verdict_case import (ABORTED, IN, LATE, LIMITED, OUT, RATE, READ_LATE, VALID, LossyRelay, VerdictCase,
                          busy_core, flood, judged, rows_of, shrink_buffer, stopped, undisturbed)

HEADING = '## The verdict'
# Where the worker goes by itself; its neighbours have to be told.
CORE = max(os.sched_getaffinity(0))


class GeneratorTest(VerdictCase):
    """The fault is on this machine."""

    @judged('a rate beyond the reach of the generator', LIMITED, LATE)
    def test_a_rate_beyond_reach(self):
        registrar = self.start_registrar()
        result = self.judge(self.start_phones(registrar.target, rate='20M', endpoints=50_000, duration='1s'))
        self.assertGreater(result['generator']['missed_slots'], 10_000)

    @judged('four busy neighbours of higher priority on its core', LIMITED, LATE)
    def test_a_core_that_others_use(self):
        registrar = self.start_registrar()
        run = self.start_phones(registrar.target, ('taskset', '-c', str(CORE), 'nice', '-n', '19'))
        run.udp_ports()
        with busy_core(CORE):
            time.sleep(2)
        self.judge(run)

    @judged('the generator is stopped for half a second', LIMITED, LATE)
    def test_a_pause_of_the_whole_program(self):
        registrar = self.start_registrar()
        run = self.start_phones(registrar.target)
        run.udp_ports()
        time.sleep(0.7)
        with stopped(run.process):
            time.sleep(0.5)
        result = self.judge(run)
        self.assertGreater(result['generator']['longest_gap_us'], 490_000)
        self.assertGreater(result['generator']['missed_slots'], RATE * 0.4)

    @judged('the generator is stopped while all wait for answers', LIMITED, READ_LATE)
    def test_a_pause_when_nothing_is_to_be_sent(self):
        registrar = self.start_registrar(misbehave='delay 1500ms')
        run = self.start_phones(registrar.target, rate='2k', duration='3s')
        run.udp_ports()
        time.sleep(0.7)
        with stopped(run.process):
            time.sleep(1.5)
        result = self.judge(run)
        self.assertGreater(result['rrd_us']['p50'], 1_600_000, 'the registrar took 1.5 s')
        self.assertGreater(result['generator']['read_late'], RATE)

    @judged('busy neighbours on its core, at the rate `max`', LIMITED, READ_LATE)
    def test_a_core_that_others_use_without_a_rate(self):
        registrar = self.start_registrar()
        run = self.start_phones(registrar.target, ('taskset', '-c', str(CORE), 'nice', '-n', '19'), rate='max',
                                endpoints=10_000, duration='2s', settings={'load.cycle': 'true'})
        run.udp_ports()
        with busy_core(CORE):
            time.sleep(2)
        self.judge(run)

    @judged('the generator is stopped, and its socket overflows', LIMITED, IN)
    def test_a_socket_that_overflows_while_it_is_stopped(self):
        registrar = self.start_registrar()
        run = self.start_phones(registrar.target)
        udp_port = run.udp_ports()[0]
        time.sleep(0.7)
        with stopped(run.process):
            flood('127.0.0.1', udp_port)
        self.assertGreater(self.judge(run)['generator']['rx_dropped'], 0)

    @judged('a receive buffer of the generator that holds one answer', LIMITED, IN)
    def test_a_receive_buffer_that_is_too_small(self):
        registrar = self.start_registrar()
        run = self.start_phones(registrar.target, rate=None, endpoints=2000, duration='3s',
                                settings={'load.avalanche': '1ms', 'device.delay_registration': '1s'})
        shrink_buffer(run.process.pid, run.udp_ports()[0])
        result = self.judge(run)
        self.assertGreater(result['generator']['rx_dropped'], 0)
        self.assertGreater(result['messages']['retransmitted'], 0, 'what was lost here looks like a bad registrar')

    @judged('more arrives than the generator can read', LIMITED, IN)
    def test_a_flood_at_its_socket(self):
        registrar = self.start_registrar()
        run = self.start_phones(registrar.target, ('taskset', '-c', str(CORE), 'nice', '-n', '19'))
        udp_port = run.udp_ports()[0]
        with busy_core(CORE):
            for _ in range(4):
                flood('127.0.0.1', udp_port)
                time.sleep(0.2)
        self.judge(run)


@unittest.skipIf(namespaces.missing(), namespaces.missing())
class LinkTest(VerdictCase):
    """The fault is on this machine's end of the link, or beyond it."""

    def setUp(self):
        super().setUp()
        self.link = self.stack.enter_context(namespaces.VethPair())
        self.registrar = self.start_registrar(udp_port=5060, address=namespaces.REGISTRAR_ADDRESS,
                                              command_prefix=self.link.registrar.prefix)

    def start_on_udp(self, **options):
        """Phones behind an address that the kernel of their namespace has."""
        self.link.phones.run('ip', 'addr', 'add', f'198.18.2.1/{namespaces.PREFIX_LENGTH}', 'dev',
                             namespaces.PHONES_INTERFACE)
        return self.start_phones(self.registrar.target, command_prefix=(*undisturbed(), *self.link.phones.prefix),
                                 **options)

    def start_on_device(self, **options):
        return self.start_phones(self.registrar.target, command_prefix=self.link.phones.prefix,
                                 port=f'af_packet:{namespaces.PHONES_INTERFACE}', source=namespaces.PHONES_RANGE,
                                 **options)

    def narrow(self, namespace, interface):
        namespace.run('tc', 'qdisc', 'add', 'dev', interface, 'root', 'tbf', 'rate', '400kbit', 'burst', '2k', 'limit',
                      '3k')

    @judged('its transmit queue refuses datagrams', LIMITED, OUT)
    def test_a_transmit_queue_that_is_full(self):
        self.narrow(self.link.phones, namespaces.PHONES_INTERFACE)
        self.assertGreater(self.judge(self.start_on_udp(duration='2s'))['generator']['tx_dropped'], 0)

    @judged('its interface goes down, on `udp`', LIMITED, OUT)
    def test_an_interface_that_goes_down(self):
        run = self.start_on_udp(duration='2s')
        run.udp_ports()
        time.sleep(0.7)
        self.link.phones.run('ip', 'link', 'set', namespaces.PHONES_INTERFACE, 'down')
        self.judge(run)

    @judged('its interface goes down, on `af_packet`', LIMITED, OUT)
    def test_an_interface_that_goes_down_under_a_device(self):
        run = self.start_on_device(duration='3s')
        time.sleep(1.5)
        self.link.phones.run('ip', 'link', 'set', namespaces.PHONES_INTERFACE, 'down')
        self.judge(run)

    @judged('its interface is removed, on `af_packet`', LIMITED, OUT)
    def test_an_interface_that_is_removed_under_a_device(self):
        run = self.start_on_device(duration='3s')
        time.sleep(1.5)
        self.link.phones.run('ip', 'link', 'del', namespaces.PHONES_INTERFACE)
        self.judge(run)

    @judged('the generator is stopped, and the ring of `af_packet` overflows', LIMITED, IN)
    def test_a_ring_that_overflows_while_it_is_stopped(self):
        run = self.start_on_device(duration='3s')
        time.sleep(1.5)
        with stopped(run.process):
            self.link.registrar.run(sys.executable, garbage.__file__, '198.18.1.1', '10000', '10000', '20000',
                                    '1000000', '1')
        self.judge(run)

    @judged('no host has the address of the registrar', VALID)
    def test_a_registrar_that_answers_no_arp(self):
        self.registrar.target = f'{namespaces.UNUSED_ADDRESS}:5060'
        self.assertEqual(self.judge(self.start_on_udp(duration='5s'))['registrations']['succeeded'], 0)

    @judged('the way back is too narrow, and loses answers', VALID)
    def test_a_network_too_narrow_for_the_answers(self):
        self.narrow(self.link.registrar, namespaces.REGISTRAR_INTERFACE)
        self.assertGreater(self.judge(self.start_on_udp(rate=400, duration='3s'))['messages']['retransmitted'], 10)


class RegistrarTest(VerdictCase):
    """The fault is the registrar's, or the network's."""

    def misbehaving(self, rules, *arguments, **options):
        registrar = self.start_registrar(*arguments, misbehave=rules)
        return self.judge(self.start_phones(registrar.target, **options))

    @judged('the registrar drops 1 % of the requests', VALID)
    def test_one_request_of_a_hundred_dropped(self):
        result = self.misbehaving('drop 1%', rate=400, endpoints=800)
        self.assertGreater(result['messages']['retransmitted'], 0)
        self.assertEqual(result['registrations']['failed'], 0)

    @judged('the registrar drops half of the requests', VALID)
    def test_half_of_the_requests_dropped(self):
        result = self.misbehaving('drop 50%', duration='3s')
        self.assertGreater(result['messages']['retransmitted'], RATE / 2)

    @judged('the registrar drops 1 % of the answers', VALID)
    def test_one_answer_of_a_hundred_dropped(self):
        result = self.misbehaving('drop-answer 1%', rate=400, endpoints=800)
        self.assertGreater(result['messages']['retransmitted'], 0)

    @judged('the registrar answers after 100 ms', VALID)
    def test_answers_after_100_ms(self):
        self.assertGreater(self.misbehaving('delay 100ms')['rrd_us']['p50'], 100_000)

    @judged('the registrar answers after the second retransmission', VALID)
    def test_answers_after_retransmissions(self):
        result = self.misbehaving('delay 1600ms', settings={'run.stop_timeout': '5s'})
        self.assertGreaterEqual(result['messages']['retransmitted'], 2 * 2 * RATE)
        self.assertGreater(result['messages']['duplicate'], 0)

    @judged('the registrar refuses with 503', VALID)
    def test_503(self):
        self.assertEqual(self.misbehaving('503')['registrations']['failed_by'], {'503': 2 * RATE})

    @judged('the registrar is silent', VALID)
    def test_silence(self):
        result = self.misbehaving('silent', duration='2s')
        self.assertEqual(result['registrations']['succeeded'], 0)

    @judged('nobody listens at the port of the registrar', VALID)
    def test_a_closed_port(self):
        result = self.judge(self.start_phones(f'127.0.0.1:{free_port()}'))
        self.assertEqual(result['registrations']['failed_by'], {'transport': 2 * RATE})

    @judged('the registrar dies in the middle', VALID)
    def test_a_registrar_that_dies(self):
        registrar = self.start_registrar()
        run = self.start_phones(registrar.target)
        run.udp_ports()
        time.sleep(0.7)
        registrar.process.send_signal(signal.SIGKILL)
        self.assertGreater(self.judge(run)['registrations']['failed_by']['transport'], RATE / 2)

    @judged('the registrar answers garbage', VALID)
    def test_garbage(self):
        self.assertGreater(self.misbehaving('garbage', duration='2s')['messages']['malformed'], RATE)

    @judged('the registrar answers twice', VALID)
    def test_two_answers_to_everything(self):
        self.assertGreater(self.misbehaving('duplicate')['messages']['duplicate'], RATE)

    @judged('the registrar sends a 100 first', VALID)
    def test_100_before_the_answer(self):
        self.assertEqual(self.misbehaving('early-1xx')['messages']['provisional'], 2 * RATE)

    @judged('the password is wrong', VALID)
    def test_a_wrong_password(self):
        registrar = self.start_registrar('--set', 'registrar.auth=true', '--password', 'another')
        result = self.judge(self.start_phones(registrar.target, password='secret'))
        self.assertEqual(result['registrations']['failed_by'], {'403': 2 * RATE})

    @judged('the registrar stalls for two seconds', VALID)
    def test_a_registrar_that_is_stopped_for_two_seconds(self):
        registrar = self.start_registrar()
        run = self.start_phones(registrar.target, endpoints=4 * RATE, settings={'run.stop_timeout': '5s'})
        run.udp_ports()
        time.sleep(0.7)
        with stopped(registrar.process):
            time.sleep(2)
        result = self.judge(run)
        self.assertGreater(result['rrd_us']['p999'], 1_900_000, 'who came in the stall waited for its end')
        self.assertGreater(result['rrd_us']['p90'], 1_200_000, 'and half of all came in it')

    @judged('the socket of the registrar overflows', VALID)
    def test_a_socket_of_the_registrar_that_overflows(self):
        registrar = self.start_registrar()
        shrink_buffer(registrar.process.pid, registrar.udp_port)
        run = self.start_phones(registrar.target, duration='3s')
        run.udp_ports()
        time.sleep(0.7)
        with stopped(registrar.process):
            time.sleep(0.8)
        result = self.judge(run)
        self.assertGreater(result['messages']['retransmitted'], RATE / 4)
        table = pathlib.Path('/proc/net/udp').read_text().splitlines()[1:]
        drops = [int(row.split()[-1]) for row in table if row.split()[1].endswith(f':{registrar.udp_port:04X}')]
        self.assertGreater(sum(drops), RATE / 4)
        self.assertIn(f'lost by its port: {sum(drops)} arriving, 0 leaving', registrar.stop())

    @judged('the network loses 5 %', VALID)
    def test_a_network_that_loses_every_twentieth_datagram(self):
        registrar = self.start_registrar()
        network = LossyRelay(('127.0.0.1', registrar.udp_port), 20)
        network.start()
        self.stack.callback(network.stop)
        result = self.judge(self.start_phones(network.target))
        self.assertGreater(network.lost, RATE / 10)
        self.assertGreater(result['messages']['retransmitted'], RATE / 10)

    @judged('nothing is wrong', VALID)
    def test_nothing(self):
        result = self.misbehaving('')
        self.assertEqual(result['registrations']['succeeded'], 2 * RATE)


class EndTest(VerdictCase):
    """The run was ended, or never was one."""

    @judged('Ctrl-C', ABORTED, 'stopped early by a signal')
    def test_an_interrupt(self):
        run = self.start_phones(self.start_registrar().target)
        run.udp_ports()
        time.sleep(0.7)
        run.process.send_signal(signal.SIGINT)
        self.assertGreater(self.judge(run)['registrations']['attempted'], 0)

    @judged('`report.abort_if` holds', ABORTED, 'stopped early by report.abort_if, ...')
    def test_a_criterion_that_ends_it(self):
        registrar = self.start_registrar(misbehave='503')
        self.judge(self.start_phones(registrar.target, endpoints=100 * RATE,
                                     settings={'report.abort_if': 'ira > 50%', 'report.abort_grace': '1s'}))

    @judged('`device.registration` is off', ABORTED, 'no registration was attempted')
    def test_phones_that_never_register(self):
        registrar = self.start_registrar()
        self.judge(self.start_phones(registrar.target, duration='1s', settings={'device.registration': 'false'}))


class GuideTest(unittest.TestCase):
    def test_the_guide_has_every_case_and_no_other(self):
        section = (ROOT / 'GUIDE.md').read_text().partition(f'\n{HEADING}\n')[2].partition('\n## ')[0]
        found = [tuple(cell.strip() for cell in line.strip('|').split('|')) for line in section.splitlines()
                 if line.startswith('| ') and not line.startswith('| cause ')]
        cases = [row for case in (GeneratorTest, LinkTest, RegistrarTest, EndTest) for row in rows_of(case)]
        self.assertEqual(found, cases, '\n'.join(f'| {" | ".join(row)} |' for row in cases))

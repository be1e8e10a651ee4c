# SPDX-License-Identifier: Apache-2.0
"""The run as Prometheus sees it: promtool finds nothing to complain of, and the counts are the result's."""
import json
import re
import shutil
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from generator import BAD_ENVIRONMENT, ROOT, WORKED, Run, run_to_the_end

PHONES = 1000
START_S_MAX = 30
PROMTOOL = shutil.which('promtool')
DASHBOARD = ROOT / 'share' / 'grafana' / 'regstorm.json'
SAMPLE = re.compile(r'(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$')


def free_tcp_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def scrape(port):
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics', timeout=5) as answer:
        return answer.read().decode()


def samples(text):
    """{'name{labels}': value}"""
    found = [SAMPLE.match(line) for line in text.splitlines() if line and not line.startswith('#')]
    return {match['name'] + (f"{{{match['labels']}}}" if match['labels'] else ''): float(match['value'])
            for match in found}


class PrometheusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        port = free_tcp_port()
        with Run(endpoints=PHONES, rate=2000, workers=1, prometheus=f'127.0.0.1:{port}',
                 settings={'run.hold': '3s', 'report.interval': '200ms', 'registrar.misbehave': '403 10% user',
                           'device.unregister_before_registration': 'no'}) as run:
            deadline = time.monotonic() + START_S_MAX
            cls.text = ''
            while run.running() and time.monotonic() < deadline:
                try:
                    cls.text = scrape(port)
                except (urllib.error.URLError, ConnectionError):
                    pass
                if samples(cls.text).get('regstorm_registrations_attempted_total', 0) >= PHONES:
                    break
                time.sleep(0.1)
            cls.code = run.wait()
            cls.said = run.describe()
            cls.result = run.result
        cls.samples = samples(cls.text)

    def test_counts_are_those_of_the_result(self):
        self.assertIn(self.code, WORKED, self.said)
        self.assertEqual(self.samples['regstorm_registrations_attempted_total'], PHONES, self.said)
        refused = self.samples['regstorm_registrations_failed_total{cause="403"}']
        self.assertGreater(refused, 0)
        self.assertLessEqual(self.samples['regstorm_endpoints{state="registered"}'], PHONES - refused)
        self.assertEqual(sum(value for name, value in self.samples.items() if name.startswith('regstorm_endpoints')),
                         PHONES)
        self.assertEqual(self.result['registrations']['attempted'], PHONES)

    def test_delays_are_cumulative_buckets_in_seconds(self):
        buckets = [value for name, value in self.samples.items()
                   if name.startswith('regstorm_registration_delay_seconds_bucket')]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], self.samples['regstorm_registration_delay_seconds_count'])
        self.assertEqual(buckets[-1], self.samples['regstorm_registrations_succeeded_total'])

    def test_datagrams_read_late_are_part_of_those_received(self):
        late = self.samples['regstorm_datagrams_read_late_total']
        self.assertGreaterEqual(late, 0)
        self.assertLessEqual(late, self.samples['regstorm_datagrams_received_total'])

    @unittest.skipIf(PROMTOOL is None, 'promtool is not installed (scripts/deps test)')
    def test_promtool_finds_nothing_to_complain_of(self):
        checked = subprocess.run([PROMTOOL, 'check', 'metrics'], input=self.text, capture_output=True, text=True,
                                 timeout=60, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ''))

    def test_the_dashboard_asks_for_nothing_that_is_not_there(self):
        panels = json.loads(DASHBOARD.read_text())['panels']
        asked = {name for panel in panels for target in panel['targets']
                 for name in re.findall(r'regstorm_\w+', target['expr'])}
        self.assertGreater(len(asked), 8)
        there = {name.partition('{')[0] for name in self.samples} | {
            line.split()[2] for line in self.text.splitlines() if line.startswith('# TYPE')}
        self.assertEqual(asked - there, set())

    def test_an_address_that_is_taken_is_told_before_the_run(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            code, said, _ = run_to_the_end(prometheus=f'127.0.0.1:{taken.getsockname()[1]}', endpoints=10)
        self.assertEqual(code, BAD_ENVIRONMENT, said)
        self.assertIn('nobody can listen at 127.0.0.1', said)

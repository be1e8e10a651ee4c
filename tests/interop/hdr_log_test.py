# SPDX-License-Identifier: Apache-2.0
"""The delays as an HdrHistogram log, read back by hdr-histogram-js."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from generator import ROOT, WORKED, Run

NODE = shutil.which('node')
LIBRARY = ROOT / 'build' / 'node' / 'node_modules' / 'hdr-histogram-js'
READER = pathlib.Path(__file__).with_name('read_hdr_log.js')


@unittest.skipIf(NODE is None or not LIBRARY.exists(), 'node or hdr-histogram-js is missing (scripts/deps test)')
class HdrLogTest(unittest.TestCase):
    def test_every_interval_reads_back_to_the_same_counts_and_percentiles(self):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / 'delays.hlog'
            with Run(endpoints=3000, rate=2000, workers=1, hdr_log=log,
                     settings={'run.hold': '500ms', 'report.interval': '250ms',
                               'registrar.misbehave': 'delay 1ms-20ms'}) as run:
                self.assertIn(run.wait(), WORKED, run.describe())
                series = run.result['series']
            done = subprocess.run([NODE, str(READER), str(LIBRARY), str(log)], capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
        read = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([row['count'] for row in read], [row['succeeded'] for row in series])
        self.assertEqual(sum(row['count'] for row in read), 3000)
        for theirs, ours in zip(read, series):
            if theirs['count']:
                # Both name the highest value of a bucket, ours no more than the interval's own maximum.
                self.assertAlmostEqual(theirs['p50'] / 1000, ours['rrd_p50_us'], delta=ours['rrd_p50_us'] * 0.009)
                self.assertAlmostEqual(theirs['p99'] / 1000, ours['rrd_p99_us'], delta=ours['rrd_p99_us'] * 0.009)
            self.assertAlmostEqual(theirs['end'], ours['t_s'] * 1000 + read[0]['start'], delta=300)

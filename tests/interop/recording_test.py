# SPDX-License-Identifier: Apache-2.0
"""`--record-timers`: what tools/timer_lab replays."""
import pathlib
import struct
import tempfile
import unittest

from generator import BAD_USAGE, WORKED, run_to_the_end

PHONES = 500
HEADER = struct.Struct('=8sIIQQ')
KINDS = {0: 'arm', 1: 'cancel', 2: 'advance'}


def read(path):
    data = path.read_bytes()
    magic, timers, start, entries, left_out = HEADER.unpack_from(data)
    rows = list(struct.iter_unpack('=II', data[HEADER.size:]))
    return magic, timers, start, entries, left_out, rows


class RecordingTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='recording-')
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name) / 'timers'

    def test_each_worker_writes_down_every_timer_of_its_phones(self):
        code, output, _ = run_to_the_end('--quiet', '--workers', '2', endpoints=PHONES, rate=PHONES,
                                         port='memory', settings={'run.hold': '1s'}, record_timers=self.path)
        self.assertIn(code, WORKED, output)
        for path in (self.path, self.path.with_suffix('.1')):
            magic, timers, start, entries, left_out, rows = read(path)
            self.assertEqual((magic, timers, left_out), (b'rstimer1', PHONES // 2, 0))
            self.assertEqual(len(rows), entries)
            kinds = [KINDS[row[0] >> 30] for row in rows]
            # Its retransmission, and its refresh once it is registered.
            self.assertGreaterEqual(kinds.count('arm'), 2 * timers)
            times = [row[1] for row, kind in zip(rows, kinds) if kind == 'advance']
            self.assertEqual(times, sorted(set(times)), 'once for each tick')
            self.assertGreater(times[0], start - 1)
            self.assertTrue(all(row[0] & 0x3fffffff < timers for row in rows))

    def test_ports_that_do_not_record_say_so(self):
        code, output, _ = run_to_the_end('--port', 'tap:tap9', '--target', '198.18.0.1', '--source', '198.18.1.0/24',
                                         record_timers=self.path)
        self.assertEqual(code, BAD_USAGE, output)
        self.assertIn('tap:tap9 does not record', output)

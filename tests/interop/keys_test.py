# SPDX-License-Identifier: Apache-2.0
"""A run on a terminal: the keys that it offers, what it shows, and that it leaves the terminal as it was."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import termios
import time
import unittest

from generator import PROGRAM

WAIT_S_MAX = 20.0


class Screen:
    """with Screen('--rate', '100') as screen: a run on the embedded registrar, on a pseudo-terminal."""

    def __init__(self, *arguments):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='keys-'))
        self.result_path = self.folder / 'result.json'
        self.command = [str(PROGRAM), 'run', '--port', 'memory', '--interval', '100ms', '--result',
                        str(self.result_path), *arguments]
        self.master, self.slave = pty.openpty()
        self.text = ''

    def __enter__(self):
        self.before = termios.tcgetattr(self.slave)
        # A session of its own makes the pseudo-terminal its controlling one, with the run in its foreground.
        script = ['setsid', '--ctty', '--wait', *self.command]
        self.process = subprocess.Popen(script, stdin=self.slave, stdout=self.slave, stderr=self.slave)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            self.text += os.read(self.master, 65536).decode(errors='replace')

    def wait_for(self, pattern):
        """Waits until the screen has shown it since the last call."""
        deadline = time.monotonic() + WAIT_S_MAX
        while time.monotonic() < deadline:
            self.read()
            if found := re.search(pattern, self.text):
                self.text = self.text[found.end():]
                return found
            time.sleep(0.02)
        raise AssertionError(f'{pattern!r} was not shown, but:\n{self.text[-2000:]}')

    def press(self, key):
        os.write(self.master, key.encode())

    def end(self):
        deadline = time.monotonic() + WAIT_S_MAX
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read()  # a terminal holds 8 KB that nobody reads; the program would wait to write more
            time.sleep(0.02)
        code = self.process.wait(0)
        return code, json.loads(self.result_path.read_text())


class KeysTest(unittest.TestCase):
    def test_p_pauses_and_goes_on_plus_and_minus_change_the_rate_q_stops(self):
        with Screen('--endpoints', '100000', '--rate', '100') as screen:
            screen.wait_for(r'keys +p pause')
            screen.press('p')
            screen.wait_for('paused')
            screen.press('p')
            screen.wait_for(r'registered')
            for _ in range(10):
                screen.press('+')
            screen.wait_for(r'rate +[1-9],\d\d\d/s')
            screen.press('q')
            code, result = screen.end()
            after = termios.tcgetattr(screen.slave)
        self.assertEqual(code, 1, 'aborted')
        self.assertEqual(result['verdict']['status'], 'aborted')
        self.assertIn('the key q', result['verdict']['reasons'][0])
        rates = [change['rate_per_s'] for change in result['rate_changes']]
        self.assertEqual(rates[:2], [0, 100])
        self.assertAlmostEqual(rates[-1], 1000, places=2)
        self.assertEqual(after[3], screen.before[3], 'the terminal echoes and waits for lines again')
        # Counted when the load ended; the answer to a request that was on its way then counts among the succeeded.
        self.assertLessEqual(result['endpoints']['registered'], result['registrations']['succeeded'])
        self.assertGreater(result['endpoints']['registered'], 0)

    def test_a_signal_pauses_where_there_is_no_terminal(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'result.json'
            command = [str(PROGRAM), 'run', '--port', 'memory', '--endpoints', '500', '--rate', '500', '--interval',
                       '100ms', '--result', str(path)]
            with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True) as run:
                self.wait_for_line(run, 'registered')
                run.send_signal(signal.SIGUSR1)
                self.wait_for_line(run, 'paused')
                run.send_signal(signal.SIGUSR1)
                run.stderr.read()
                self.assertIn(run.wait(WAIT_S_MAX), (0, 3))
            result = json.loads(path.read_text())
        self.assertEqual([change['rate_per_s'] for change in result['rate_changes']], [0, 500])
        self.assertEqual(result['endpoints']['registered'], 500)

    def wait_for_line(self, run, word):
        for line in run.stderr:
            if word in line:
                return
        self.fail(f'no line with {word!r}')


if __name__ == '__main__':
    unittest.main()

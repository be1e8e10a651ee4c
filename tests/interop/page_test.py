# SPDX-License-Identifier: Apache-2.0
"""The HTML report in a real browser: it draws, it complains of nothing, and nothing in it becomes code."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from generator import PROGRAM, WORKED, Run

BROWSER = shutil.which('chromium')
HOSTILE = '</script><script>document.title = "owned"</script><img src=x onerror="document.title = \'owned\'">'
# Stands after the page's own scripts: what each canvas holds, and what went wrong.
PROBE = '''<script>
const drawn = [...document.querySelectorAll('canvas')].map((canvas) => ({
  id: canvas.parentElement.id,
  colours: new Set(new Uint32Array(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size,
}));
const probe = document.createElement('pre');
probe.id = 'probe';
probe.textContent = 'PROBE' + JSON.stringify({ drawn, images: document.images.length, title: document.title,
  ranks: document.body.innerText.includes('3 on box-b'),
  wide: document.documentElement.scrollWidth > innerWidth, text: document.body.innerText.length }) + 'END';
document.body.append(probe);
</script>'''


def visit(page, size='1200,900'):
    """(what the probe saw, the console's lines: without what the browser's own pages say, of a slow network say)"""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'page.html'
        path.write_text(page.replace('</body>', PROBE + '</body>'), encoding='utf-8')
        done = subprocess.run(
            [BROWSER, '--headless', '--disable-gpu', '--no-first-run', f'--user-data-dir={folder}/profile',
             *(['--no-sandbox'] if os.geteuid() == 0 else []), '--enable-logging=stderr', f'--window-size={size}',
             '--virtual-time-budget=5000', '--dump-dom', path.as_uri()],
            capture_output=True, text=True, timeout=120, check=False)
    console = [line for line in done.stderr.splitlines() if 'CONSOLE' in line and 'source: chrome://' not in line]
    # The probe's own source stands in the page too; what it wrote is the last.
    seen = done.stdout.rpartition('PROBE')[2].partition('END')[0]
    seen = seen.replace('&lt;', '<').replace('&gt;', '>').replace('&amp;', '&')
    return json.loads(seen), console


@unittest.skipIf(BROWSER is None, 'chromium is not installed: scripts/deps test')
class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        page = pathlib.Path(tempfile.mkdtemp(prefix='regstorm-')) / 'report.html'
        cls.addClassCleanup(shutil.rmtree, page.parent, ignore_errors=True)
        with Run(endpoints=2000, rate=1000, workers=1, report=page,
                 settings={'run.hold': '1s', 'report.interval': '200ms', 'registrar.misbehave': '403 2% user',
                           'device.unregister_before_registration': 'no'}) as run:
            code = run.wait()
            if code not in WORKED:
                raise AssertionError(run.describe())
            cls.result = run.result
        cls.page = page.read_text(encoding='utf-8')

    def report_of(self, result):
        """The page of a result file, made by `regstorm report`."""
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / 'result.json'
            source.write_text(json.dumps(result))
            done = subprocess.run([str(PROGRAM), 'report', str(source)], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            return (pathlib.Path(folder) / 'result.html').read_text(encoding='utf-8')

    def test_a_run_and_its_result_file_give_the_same_page(self):
        self.assertEqual(self.report_of(self.result), self.page)

    def test_every_chart_is_drawn_and_the_console_stays_empty(self):
        seen, console = visit(self.page)
        self.assertEqual(console, [])
        self.assertEqual({chart['id'] for chart in seen['drawn']},
                         {'rates', 'population', 'delay', 'failures', 'responses'})
        for chart in seen['drawn']:
            self.assertGreater(chart['colours'], 10, f'{chart["id"]} is blank')

    def test_what_a_page_throws_is_on_the_console(self):
        _, console = visit(self.page.replace('</body>', '<script>throw new Error("of the test")</script></body>'))
        self.assertEqual(len(console), 1, console)
        self.assertIn('of the test', console[0])

    def test_nothing_is_wider_than_a_narrow_window(self):
        seen, _ = visit(self.page, '500,900')  # as narrow as this browser's window gets
        self.assertFalse(seen['wide'])

    def test_ranks_have_their_table_also_in_a_narrow_window(self):
        rank = {'rank': 3, 'host': 'box-b', 'status': 'generator-limited', 'reasons': ['it was late: ' * 9],
                'attempted': 1234567, 'succeeded': 1234567, 'send_lag_p99_us': 1234567.8, 'missed_slots': 99999}
        seen, console = visit(self.report_of({**self.result, 'ranks': [rank]}), '500,900')
        self.assertEqual(console, [])
        self.assertTrue(seen['ranks'])
        self.assertFalse(seen['wide'])
        self.assertFalse(visit(self.page)[0]['ranks'])

    def test_hostile_strings_stay_text(self):
        result = json.loads(json.dumps(self.result))
        result['scenario']['device']['user_agent'] = HOSTILE
        result['registrations']['failed_by'][HOSTILE] = 7
        result['verdict']['reasons'] = [HOSTILE]
        result['machine']['cpu'] = HOSTILE
        result['ranks'] = [{'rank': HOSTILE, 'host': HOSTILE, 'status': HOSTILE, 'reasons': [HOSTILE]}]
        result['verdict']['status'] = '__proto__'
        seen, console = visit(self.report_of(result))
        self.assertEqual(console, [])
        self.assertEqual(seen['images'], 0)
        self.assertNotIn('owned', seen['title'])

    def test_a_result_without_most_of_its_fields_still_gives_a_page(self):
        seen, console = visit(self.report_of({'schema': 'regstorm.result/1'}))
        self.assertEqual(console, [])
        self.assertGreater(seen['text'], 500)

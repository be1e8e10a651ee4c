# SPDX-License-Identifier: Apache-2.0
"""The Debian package: built by its script, installed by dpkg into a root of its own, and what it brings works."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from generator import PROGRAM, ROOT

COMMANDS = ('run', 'registrar', 'capacity', 'doctor', 'scenarios', 'profiles', 'report', 'compare')


def missing():
    tools = [tool for tool in ('dpkg-deb', 'dpkg-shlibdeps', 'meson') if shutil.which(tool) is None]
    if os.geteuid() != 0:
        return 'dpkg installs as root only'
    return f'{tools[0]} is not installed (scripts/deps test)' if tools else None


@unittest.skipIf(missing(), missing())
class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        build = PROGRAM.resolve().parent
        packed = subprocess.run([ROOT / 'scripts' / 'package', '--build', str(build)], capture_output=True, text=True,
                                timeout=300, check=False)
        if packed.returncode:
            raise AssertionError(packed.stdout + packed.stderr)
        cls.package = ROOT / packed.stdout.strip().rpartition('package: ')[2]
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix='regstorm-root-'))
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        for folder in ('var/lib/dpkg/info', 'var/lib/dpkg/updates'):
            (cls.root / folder).mkdir(parents=True)
        (cls.root / 'var/lib/dpkg/status').touch()
        # The libraries are the system's: the new root has none.
        installed = subprocess.run(['dpkg', f'--root={cls.root}', '--force-depends', '--force-script-chrootless', '-i',
                                    str(cls.package)], capture_output=True, text=True, timeout=120, check=False)
        if installed.returncode:
            raise AssertionError(installed.stdout + installed.stderr)
        cls.program = cls.root / 'usr/bin/regstorm'

    def test_it_names_the_libraries_it_needs(self):
        depends = subprocess.run(['dpkg-deb', '-f', str(self.package), 'Depends'], capture_output=True, text=True,
                                 check=True).stdout
        for library in ('libc6', 'librte-eal', 'librte-net-af-packet', 'zlib1g'):
            self.assertIn(library, depends)

    def test_the_program_runs_and_says_what_it_was_built_from(self):
        said = subprocess.run([self.program, '--version'], capture_output=True, text=True, check=True).stdout
        self.assertTrue(said.startswith('regstorm '), said)
        for fact in ('commit', 'build', 'DPDK'):
            self.assertIn(f'\n{fact} ', said)

    def test_every_command_has_a_manual_page_without_a_warning(self):
        for page in ['regstorm', *(f'regstorm-{command}' for command in COMMANDS)]:
            path = self.root / f'usr/share/man/man1/{page}.1.gz'
            self.assertTrue(path.exists(), page)
            text = subprocess.run(['gzip', '-dc', str(path)], capture_output=True, check=True).stdout
            self.assertIn(page.replace('-', '\\-').encode() + b' \\- ', text)
            if shutil.which('groff'):
                shown = subprocess.run(['groff', '-man', '-Tutf8', '-ww', '-z'], input=text, capture_output=True,
                                       check=False)
                self.assertEqual(shown.stderr, b'', page)

    def complete(self, *words):
        script = (f'source {self.root}/usr/share/bash-completion/completions/regstorm.bash\n'
                  f'compopt() {{ :; }}\nCOMP_WORDS=({" ".join(repr(word) for word in words)})\n'
                  f'COMP_CWORD={len(words) - 1}\n_regstorm\nprintf "%s\\n" "${{COMPREPLY[@]}}"\n')
        return subprocess.run(['bash', '-c', script], capture_output=True, text=True, check=True).stdout.split()

    def test_bash_completes_commands_flags_and_values(self):
        self.assertEqual(self.complete('regstorm', 'reg'), ['registrar'])
        self.assertEqual(self.complete('regstorm', 'run', '--trace'), ['--trace-endpoint'])
        self.assertEqual(self.complete('regstorm', 'capacity', '--method', ''), ['search', 'rfc7502'])
        self.assertEqual(self.complete('regstorm', 'run', '--device', 'grandstream-gs'), ['grandstream-gsc35xx'])
        self.assertEqual(self.complete('regstorm', 'run', '--set', 'evidence.tr'), ['evidence.trace='])
        self.assertIn('avalanche', self.complete('regstorm', 'scenarios', 'show', ''))

    def test_it_brings_the_dashboard_and_the_guide(self):
        for path in ('usr/share/regstorm/grafana/regstorm.json', 'usr/share/doc/regstorm/GUIDE.md'):
            self.assertGreater((self.root / path).stat().st_size, 1000)

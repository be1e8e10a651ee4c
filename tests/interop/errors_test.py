# SPDX-License-Identifier: Apache-2.0
"""What a user gets for a mistake: the right exit code, and one line that says where, what and what instead."""
import os
import pathlib
import tempfile
import unittest

import kamailio
import namespaces
from generator import BAD_ENVIRONMENT, BAD_USAGE, CRITERION_FAILED, GENERATOR_LIMITED, WORKED, run_to_the_end

QUICK = {'endpoints': 10, 'rate': 10, 'workers': 1}


class ErrorsTest(unittest.TestCase):
    def assert_refused(self, code, output, *words):
        """One sentence on one line, with these words in it, and no trace of an exception or of DPDK."""
        lines = [line for line in output.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, output)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertNotRegex(lines[0], r'EAL:|terminate called|std::|what\(\)')
        self.assertLess(len(lines[0]), 300)
        self.assertIn(code, (BAD_USAGE, BAD_ENVIRONMENT), output)

    def test_a_misspelt_key_is_told_the_nearest(self):
        code, output, _ = run_to_the_end(settings={'auth.pasword': 'x'}, **QUICK)
        self.assert_refused(code, output, 'auth.pasword', 'auth.password')
        self.assertEqual(code, BAD_USAGE)

    def test_a_misspelt_option_is_refused(self):
        code, output, _ = run_to_the_end('--endpionts', '10')
        self.assertEqual(code, BAD_USAGE, output)
        self.assertIn('endpionts', output)

    def test_a_value_out_of_range_is_told_what_is_allowed(self):
        code, output, _ = run_to_the_end(endpoints='-5')
        self.assertEqual(code, BAD_USAGE, output)
        self.assertIn('endpoints', output)

    def test_a_directory_is_no_scenario(self):
        with tempfile.TemporaryDirectory(suffix='.toml') as folder:
            code, output, _ = run_to_the_end(folder)
            self.assert_refused(code, output, folder, 'directory')
            self.assertEqual(code, BAD_USAGE)

    def test_binary_garbage_is_no_scenario(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'garbage.toml'
            path.write_bytes(bytes(range(256)) * 16)
            code, output, _ = run_to_the_end(str(path))
            self.assert_refused(code, output, 'garbage.toml')
            self.assertEqual(code, BAD_USAGE)
            self.assertTrue(output.strip().isprintable(), 'what came out of the file goes to no terminal')

    def test_a_scenario_that_is_not_there(self):
        code, output, _ = run_to_the_end('no-such-scenario.toml')
        self.assert_refused(code, output, 'no-such-scenario.toml')

    def test_a_name_that_nobody_knows(self):
        # .invalid never resolves (RFC 6761 6.4), with or without a resolver.
        code, output, _ = run_to_the_end(target='registrar.invalid:5060', timeout_s=40, **QUICK)
        self.assert_refused(code, output, 'registrar.invalid')

    def test_a_result_that_cannot_be_written_is_known_before_the_run(self):
        code, output, _ = run_to_the_end(**{**QUICK, 'result': '/proc/no/such/result.json'})
        self.assert_refused(code, output, 'report.result', '/proc/no/such')

    def test_nobody_listens(self):
        code, output, result = run_to_the_end(target='127.0.0.1:5999', port='udp', **QUICK)
        # Nothing registered: whatever else is said about it, that is no success.
        self.assertIn(code, (CRITERION_FAILED, GENERATOR_LIMITED, BAD_ENVIRONMENT), output)
        self.assertIn('127.0.0.1:5999', output)
        self.assertEqual(result['registrations']['failed_by'].get('transport'), 10, result['registrations'])

    @unittest.skipIf(namespaces.missing(), namespaces.missing())
    def test_a_host_that_answers_no_arp(self):
        with namespaces.VethPair() as link:
            code, output, _ = run_to_the_end(
                target=f'{namespaces.UNUSED_ADDRESS}:5060', port=f'af_packet:{namespaces.PHONES_INTERFACE}',
                source=namespaces.PHONES_RANGE, command_prefix=link.phones.prefix, timeout_s=60, **QUICK)
        self.assertEqual(code, BAD_ENVIRONMENT, output)
        self.assertIn(namespaces.UNUSED_ADDRESS, output)

    @unittest.skipIf(namespaces.missing(), namespaces.missing())
    def test_an_interface_that_is_not_there(self):
        with namespaces.VethPair() as link:
            code, output, _ = run_to_the_end(
                target=f'{namespaces.REGISTRAR_ADDRESS}:5060', port='af_packet:nosuch0',
                source=namespaces.PHONES_RANGE, command_prefix=link.phones.prefix, **QUICK)
        self.assertIn(code, (BAD_USAGE, BAD_ENVIRONMENT), output)
        self.assertIn('nosuch0', output)

    @unittest.skipIf(kamailio.missing(), kamailio.missing())
    def test_a_wrong_password_is_tried_once_and_named(self):
        with kamailio.Kamailio('127.0.0.1:5070', auth=True, password='another') as registrar:
            _, output, result = run_to_the_end(target='127.0.0.1:5070', port='udp', password='secret', **QUICK)
            self.assertEqual(registrar.bindings(), 0)
        # AUT-12: a challenge, one answer, refused: credentials that were rejected are not sent again.
        self.assertEqual(result['registrations']['failed_by'], {'401': 10}, output)
        self.assertEqual(result['messages']['sent'], 20, result['messages'])
        self.assertIn('401', output)

    @unittest.skipIf(os.geteuid() != 0, 'drops capabilities, which only root has')
    def test_the_first_run_needs_no_capability(self):
        code, output, result = run_to_the_end(command_prefix=('setpriv', '--bounding-set=-all', '--inh-caps=-all'),
                                              **QUICK)
        self.assertIn(code, WORKED, output)
        self.assertEqual(result['endpoints']['registered'], 10)

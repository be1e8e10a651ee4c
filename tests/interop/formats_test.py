# SPDX-License-Identifier: Apache-2.0
"""What regstorm writes for other programs is read by such programs: a JSON Schema validator, an XML parser."""
import importlib.util
import shutil
import subprocess
import unittest

import generator

ROOT = generator.ROOT
NO_VALIDATOR = None if importlib.util.find_spec('jsonschema') else 'no python3-jsonschema (scripts/deps test)'


def result_schema(strict):
    spec = importlib.util.spec_from_file_location('result_schema', ROOT / 'tools' / 'result_schema.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make((ROOT / 'src' / 'report' / 'RESULT.md').read_text(), strict)


class FormatsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = generator.Run('--port', 'memory', '--quiet', endpoints=500, rate=5000, seed=1, junit='junit.xml',
                                settings={'device.options_keep_alive': 'true', 'report.interval': '100ms',
                                          'report.fail_if': 'rrd_p99 > 1ns'})
        cls.made.__enter__()
        cls.addClassCleanup(cls.made.__exit__)
        cls.made.wait()

    @unittest.skipIf(NO_VALIDATOR, NO_VALIDATOR)
    def test_the_result_is_what_its_JSON_Schema_says(self):
        import jsonschema
        for strict in (False, True):
            validator = jsonschema.Draft202012Validator(result_schema(strict))
            validator.check_schema(result_schema(strict))
            errors = [f'{error.json_path}: {error.message}' for error in validator.iter_errors(self.made.result)]
            self.assertEqual(errors, [], self.made.describe())

    @unittest.skipIf(NO_VALIDATOR, NO_VALIDATOR)
    def test_and_a_result_with_a_field_that_is_missing_or_of_another_kind_is_not(self):
        import jsonschema
        validator = jsonschema.Draft202012Validator(result_schema(False))
        self.assertFalse(validator.is_valid({**self.made.result, 'duration_s': 'long'}))
        result = self.made.result
        del result['registrations']['failed']
        self.assertFalse(validator.is_valid(result))

    @unittest.skipIf(NO_VALIDATOR, NO_VALIDATOR)
    def test_a_rate_that_was_chosen_by_hand_is_a_number_or_max(self):
        import jsonschema
        validator = jsonschema.Draft202012Validator(result_schema(True))
        for rate, valid in ((0, True), (12.5, True), ('max', True), (None, False), ('fast', False), (-1, False)):
            result = {**self.made.result, 'rate_changes': [{'t_s': 1.5, 'rate_per_s': rate}]}
            self.assertEqual(validator.is_valid(result), valid, rate)

    @unittest.skipIf(shutil.which('xmllint') is None, 'xmllint is missing (scripts/deps test)')
    def test_xmllint_reads_the_JUnit_file_and_finds_the_criterion_that_failed(self):
        def ask(*arguments):
            done = subprocess.run(['xmllint', *arguments, str(self.made.folder / 'junit.xml')], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.strip()
        self.assertEqual(ask('--noout'), '')
        self.assertIn('measured: ', ask('--xpath', 'string(//testcase[@name="not rrd_p99 > 1ns"]/failure/@message)'))
        self.assertEqual(ask('--xpath', 'count(//testcase)'), '2')


if __name__ == '__main__':
    unittest.main()

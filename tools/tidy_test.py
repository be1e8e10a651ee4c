#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule of tidy.py fires on a bad sample and stays silent on the nearest good one."""
import pathlib
import tempfile
import unittest

import tidy

CPP = '// SPDX-License-Identifier: Apache-2.0\n'
HASH = '# SPDX-License-Identifier: Apache-2.0\n'
HEADER = CPP + '#pragma once\n'
POLL = 'include/regstorm/timer/wheel.hpp'


class RuleTest(unittest.TestCase):
    def rules(self, files, ignored=('dead-file',)):
        """The names of the rules that fire on a tree of {path: text}."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            _, findings = tidy.examine(root)
            return sorted({rule for _, _, rule, _ in findings} - set(ignored))

    def assert_fires(self, rule, name, text):
        self.assertEqual(self.rules({name: text}), [rule], text)

    def assert_silent(self, name, text):
        self.assertEqual(self.rules({name: text}), [], text)

    def test_file_length(self):
        self.assert_silent('src/base/a.cpp', CPP + 'int a;\n' * 499)
        self.assert_fires('file-length', 'src/base/a.cpp', CPP + 'int a;\n' * 500)

    def test_columns(self):
        self.assert_silent('src/base/a.cpp', CPP + '//' + 'x' * 118 + '\n')
        self.assert_fires('columns', 'src/base/a.cpp', CPP + '//' + 'x' * 119 + '\n')

    def test_columns_of_a_table_laid_out_by_hand(self):
        wide = '//' + 'x' * 150 + '\n'
        table = '// clang-format off\n' + wide + '// clang-format on\n'
        self.assert_silent('src/base/a.cpp', CPP + table)
        self.assert_fires('columns', 'src/base/a.cpp', CPP + table + wide)

    def test_whitespace(self):
        self.assert_fires('whitespace', 'src/base/a.cpp', CPP + 'int a; \n')
        self.assert_fires('whitespace', 'src/base/a.cpp', CPP + '\tint a;\n')
        self.assert_fires('whitespace', 'src/base/a.cpp', CPP + 'int a;')

    def test_licence(self):
        self.assert_fires('licence', 'src/base/a.cpp', 'int a;\n')
        self.assert_fires('licence', 'src/base/meson.build', "a = 'x'\n")
        self.assert_fires('licence', 'scripts/go', '#!/bin/sh\necho go\n')
        self.assert_silent('scripts/go', '#!/bin/sh\n' + HASH + 'echo go\n')

    def test_owner(self):
        mark = 'TO' + 'DO'
        self.assert_fires('owner', 'src/base/a.cpp', CPP + f'// {mark}: later\n')
        self.assert_fires('owner', 'tools/a.py', HASH + '# FIX' + 'ME later\n')
        self.assert_silent('src/base/a.cpp', CPP + f'// {mark}(ada): measure\n')

    def test_machine_path(self):
        self.assert_fires('machine-path', 'src/base/a.cpp', CPP + '// see /ho' + 'me/ada/x\n')
        self.assert_fires('machine-path', 'scripts/go', '#!/bin/sh\n' + HASH + 'cd /wo' + 'rk/x\n')
        self.assert_silent('src/base/a.cpp', CPP + '// see docs/work/x and /usr/bin/env\n')

    def test_ranks(self):
        self.assert_fires('rank', POLL, HEADER + '#include "regstorm/sip/message.hpp"\n')
        self.assert_fires('rank', 'src/base/a.cpp', CPP + '#include "regstorm/timer/wheel.hpp"\n')
        self.assert_fires('rank', 'src/sip/a.cpp', CPP + '#include "regstorm/engine/worker.hpp"\n')
        self.assert_fires('rank', 'include/regstorm/engine/a.hpp', HEADER + '#include "regstorm/registrar/b.hpp"\n')
        self.assert_fires('rank', 'src/nowhere/a.cpp', CPP)
        self.assert_silent('src/engine/a.cpp', CPP + '#include "regstorm/sip/a.hpp"\n#include "regstorm/base/b.hpp"\n')
        self.assert_silent('src/app/a.cpp', CPP + '#include "regstorm/engine/worker.hpp"\n')
        self.assert_silent('tests/timer/a.cpp', CPP + '#include "regstorm/sip/message.hpp"\n')

    def test_ranks_of_private_headers(self):
        files = {'src/sip/lines.hpp': HEADER, 'src/net/a.cpp': CPP + '#include "sip/lines.hpp"\n'}
        self.assertEqual(self.rules(files), ['rank'])
        files = {'src/sip/lines.hpp': HEADER, 'src/sip/a.cpp': CPP + '#include "lines.hpp"\n'}
        self.assertEqual(self.rules(files), [])

    def test_dpdk_belongs_to_port(self):
        self.assert_fires('rank', 'src/engine/a.cpp', CPP + '#include <rte_mbuf.h>\n')
        self.assert_silent('src/port/a.cpp', CPP + '#include <rte_mbuf.h>\n')

    def test_own_headers_in_quotes(self):
        self.assert_fires('include', 'src/app/a.cpp', CPP + '#include <regstorm/base/units.hpp>\n')

    def test_banned_words(self):
        for line in ('int* a = new int;', 'void* a = malloc(8);', 'std::string a;', 'std::function<void()> f;',
                     'struct A { virtual void f(); };', 'inline void f() { throw 1; }', '#include <iostream>',
                     'int retry;', '// then retry'):
            with self.subTest(line):
                self.assert_fires('banned', POLL, HEADER + line + '\n')
                self.assert_silent('src/timer/wheel.cpp', CPP + line + '\n')
        for line in ('std::string_view a;', '// a new string, thrown away', '#include <new>', 'int retry_after_s;',
                     'A* a = new (memory) A;', 'constexpr const char* text = "throw new std::string";'):
            with self.subTest(line):
                self.assert_silent(POLL, HEADER + line + '\n')

    def test_cold_headers_may_allocate_but_not_throw(self):
        self.assert_silent('include/regstorm/config/scenario.hpp', HEADER + 'struct A { std::string name; };\n')
        self.assert_fires('banned', 'include/regstorm/config/scenario.hpp', HEADER + 'inline void f() { throw 1; }\n')

    def test_a_cold_line_in_a_hot_header_says_so(self):
        self.assert_silent(POLL, HEADER + '[[nodiscard, gnu::cold]] std::string why() const;\n')
        self.assert_silent(POLL, HEADER + 'std::string name;  // cold: set once, before the run\n')
        self.assert_fires('banned', POLL, HEADER + '[[gnu::cold]] inline void f() { throw 1; }\n')

    def test_pragma_once(self):
        self.assert_fires('pragma-once', 'src/base/a.hpp', CPP)

    def test_a_test_can_fail(self):
        self.assert_fires('no-assertion', 'tests/base/a_test.cpp', CPP + 'TEST(A, B) { run(); }\n')
        self.assert_fires('no-assertion', 'tests/base/a_test.cpp', CPP + 'TEST(A, B) { run(); }  // EXPECT_EQ(1, 1)\n')
        self.assert_fires('no-assertion', 'tests/base/a_test.cpp', CPP + 'void f() { EXPECT_EQ(1, 1); }\n')
        self.assert_silent('tests/base/a_test.cpp', CPP + 'TEST(A, B) { EXPECT_EQ(f(), 1); }\n')
        files = {'tests/base/a_test.cpp': CPP + '#include "model.hpp"\nTEST(A, B) { run(); }\n',
                 'tests/base/model.hpp': HEADER + 'inline void run() { EXPECT_EQ(1, f()); }\n'}
        self.assertEqual(self.rules(files), [])

    def test_function_length(self):
        body = '    step();\n' * 68
        for head in ('void f() {\n', 'int A::f(int a) const noexcept {\n', 'auto f() -> std::vector<int> {\n',
                     'A::A(int a) : a_(a), b_{a} {\n', 'template <typename T>\nrequires Port<T>\nT f(T& a) {\n',
                     'TEST(Wheel, Fires) {\n', 'int f(std::string_view a = "{") {\n'):
            allowed = 68 - (head.count('\n') - 1)
            with self.subTest(head):
                self.assert_silent('src/base/a.cpp', CPP + head + '    step();\n' * allowed + '}\n')
                self.assert_fires('function-length', 'src/base/a.cpp', CPP + head + body + '    step();\n}\n')

    def test_function_length_counts_functions_only(self):
        for head in ('namespace a {\n', 'struct A {\n', 'enum class A {\n', 'constexpr int a[] = {\n'):
            self.assert_silent('src/base/a.cpp', CPP + head + '    x,\n' * 90 + '}\n')
        members = 'struct A {\n' + '    void f() {\n        g();\n    }\n' * 40 + '};\n'
        self.assert_silent('src/base/a.cpp', CPP + members)

    def test_function_length_in_python(self):
        self.assert_silent('tools/a.py', HASH + 'def f():\n' + '    g()\n' * 69)
        self.assert_fires('function-length', 'tools/a.py', HASH + 'def f():\n' + '    g()\n' * 70)

    def test_dead_files(self):
        files = {'src/base/a.cpp': CPP, 'src/base/meson.build': HASH}
        self.assertEqual(self.rules(files, ignored=()), ['dead-file'])
        files['src/base/meson.build'] += "lib = static_library('base', 'a.cpp')\n"
        self.assertEqual(self.rules(files, ignored=()), [])
        files['src/base/meson.build'] = HASH + "foreach kind : ['a']\n  lib = '@0@.cpp'.format(kind)\nendforeach\n"
        self.assertEqual(self.rules(files, ignored=()), [])
        files['src/base/b.hpp'] = HEADER
        self.assertEqual(self.rules(files, ignored=()), ['dead-file'])
        files['src/base/a.cpp'] += '#include "b.hpp"\n'
        self.assertEqual(self.rules(files, ignored=()), [])

    def test_build_folders_are_not_examined(self):
        self.assert_silent('build/release/a.cpp', 'int a;')


if __name__ == '__main__':
    unittest.main()

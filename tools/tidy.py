#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house style, as a test: what a reviewer would otherwise have to say again and again.

Every rule is one function that yields (line, rule, message); tools/tidy_test.py shows each one firing. Text is
examined with comments and string literals blanked out where a word in them would not be code.

    tidy.py [--root FOLDER]
"""
import argparse
import ast
import pathlib
import re
import sys

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 120

# Who may include whom. Rooms of rank 1 see base and themselves and never each other: they meet in rank 2.
RANKS = {
    'base': 0,
    'sip': 1, 'registration': 1, 'timer': 1, 'net': 1, 'port': 1, 'stats': 1,
    'engine': 2, 'registrar': 2,
    'config': 3, 'report': 3, 'capacity': 3, 'cluster': 3, 'app': 3,
}

# Words that cost an allocation, an indirection or an exception, or that blur two meanings; in include/ only.
BANNED_WORDS = (
    (r'\bnew\b(?!\s*\()', 'new: memory comes from the arena'),
    (r'\b(malloc|calloc|realloc|free)\s*\(', 'malloc and friends: memory comes from the arena'),
    (r'\bstd::string\b', 'std::string allocates: std::string_view or a fixed buffer'),
    (r'\bstd::function\b', 'std::function allocates and hides a call: a template argument'),
    (r'\bvirtual\b', 'virtual: choose at compile time'),
    (r'\bthrow\b', 'throw: a small enum and a counter'),
    (r'#\s*include\s*<iostream>', 'iostream: output is made in src/'),
)
COLD_LINE = re.compile(r'\bgnu::cold\b|// cold: \w')
AMBIGUOUS_WORD = re.compile(r'\bretry\b')

# Headers in include/ whose strings never meet a packet, each with the reason. A single cold line in a hot header says
# so itself: [[gnu::cold]], or a comment '// cold: why'.
COLD_ROOMS = {'config', 'report', 'capacity', 'cluster', 'app'}
COLD_HEADERS = {
    'include/regstorm/base/mac_address.hpp': 'the text form is for messages and configuration, out of line',
    'include/regstorm/base/nearest.hpp': 'suggestions in error messages',
    'include/regstorm/base/socket_address.hpp': 'the text form is for messages and configuration, out of line',
    'include/regstorm/net/link_config.hpp': 'what the user said about the link, and what is wrong with it',
    'include/regstorm/port/doctor.hpp': 'findings for a person',
    'include/regstorm/port/eal.hpp': 'DPDK is brought up once, from words',
    'include/regstorm/port/host_facts.hpp': 'what /proc and /sys say, read before anything is opened',
    'include/regstorm/port/port_spec.hpp': 'what the user said about the port',
    'include/regstorm/port/problem.hpp': 'why a port could not be opened, for a person',
    'include/regstorm/registrar/plan.hpp': 'realm and password, read before the registrar is built',
    'include/regstorm/sip/request_template.hpp': 'templates are compiled from text before the run; writing is not',
}

CODE_SUFFIXES = {'.hpp', '.cpp', '.py', '.bash', '.build', '.toml'}
CPP_SUFFIXES = {'.hpp', '.cpp'}
SKIPPED_FOLDERS = re.compile(r'^(build.*|__pycache__|\..*|corpus|seeds|data)$')
EXTRA_FILES = ('.ci/run', 'meson_options.txt')

# Written in pieces so that this file does not name them itself.
MACHINE_PATHS = re.compile(r'(?<![\w.$}])/' + r'(?:work|home|root|tmp/' + r'wt)/')
UNOWNED = re.compile(r'\b(?:TO' + r'DO|FIX' + r'ME|X' + r'XX)\b(?!\([a-z][\w.-]*\))')

COMMENTS_AND_STRINGS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


class Source:
    """One file, read once: its path below the root, its text, and the text with comments and strings blanked."""

    def __init__(self, root, path):
        self.root = root
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding='utf-8', errors='replace')
        self.lines = self.text.splitlines()
        self.is_cpp = path.suffix in CPP_SUFFIXES
        self.is_script = not path.suffix and self.text.startswith('#!')
        self.is_code = path.suffix in CODE_SUFFIXES or self.is_script or self.name in EXTRA_FILES
        self.code = COMMENTS_AND_STRINGS.sub(blanked, self.text) if self.is_cpp else self.text

    def room(self):
        match = re.match(r'(?:include/regstorm|src)/([^/]+)/', self.name)
        return match.group(1) if match else None

    def code_without_directives(self):
        """#include <new> is no use of new, and a macro's head would read as the head of a function."""
        return re.sub(r'^[ \t]*#[^\n]*(\\\n[^\n]*)*', blanked, self.code, flags=re.MULTILINE)

    def line_of(self, offset):
        return self.text.count('\n', 0, offset) + 1


def blanked(match):
    """Spaces of the same length and the same line ends, so that offsets stay true."""
    return re.sub(r'[^\n]', ' ', match.group(0))


def rule_length(source):
    if len(source.lines) > FILE_LINES_MAX:
        yield FILE_LINES_MAX, 'file-length', f'{len(source.lines)} lines, {FILE_LINES_MAX} allowed: split by noun'
    laid_out_by_hand = False
    for number, line in enumerate(source.lines, 1):
        # A table that clang-format is kept away from has one row on a line, whatever its width.
        laid_out_by_hand = 'clang-format off' in line or laid_out_by_hand and 'clang-format on' not in line
        if len(line) > COLUMNS_MAX and not laid_out_by_hand:
            yield number, 'columns', f'{len(line)} columns, {COLUMNS_MAX} allowed'


def rule_whitespace(source):
    for number, line in enumerate(source.lines, 1):
        if line != line.rstrip():
            yield number, 'whitespace', 'space at the end of the line'
        if '\t' in line:
            yield number, 'whitespace', 'tab: indent with spaces'
    if source.text and not source.text.endswith('\n'):
        yield len(source.lines), 'whitespace', 'no line end at the end of the file'


def rule_licence(source):
    first = source.lines[:2]
    if first and first[0].startswith('#!'):
        first = first[1:]
    mark = '//' if source.is_cpp else '#'
    if not first or first[0] != f'{mark} SPDX-License-Identifier: Apache-2.0':
        yield 1, 'licence', f'first line must be "{mark} SPDX-License-Identifier: Apache-2.0"'


def rule_owner(source):
    for number, line in enumerate(source.lines, 1):
        if UNOWNED.search(line):
            yield number, 'owner', 'unfinished work without an owner: finish it, or name one in brackets'


def rule_machine_path(source):
    for number, line in enumerate(source.lines, 1):
        if MACHINE_PATHS.search(line):
            yield number, 'machine-path', 'a path of one machine: it is not there on another'


def included_room(source, target):
    """The room that an include names, or None when the file is not ours."""
    if target.startswith('regstorm/'):
        parts = target.split('/')
        return parts[1] if len(parts) > 2 else None
    for folder in (source.path.parent, source.root / 'src', source.root):
        found = folder / target
        if found.is_file():
            match = re.match(r'(?:src|include/regstorm)/([^/]+)/', found.resolve().relative_to(source.root).as_posix())
            return match.group(1) if match else None
    return None


def may_include(room, other):
    if room == other or other == 'base':
        return True
    if RANKS[room] == 3:
        return True
    return RANKS[room] == 2 and RANKS[other] == 1


def rule_includes(source):
    if not source.is_cpp:
        return
    room = source.room()
    if room is not None and room not in RANKS:
        yield 1, 'rank', f'room {room} is not in the rank table of tools/tidy.py'
        return
    for match in INCLUDE.finditer(source.text):
        bracket, target = match.groups()
        number = source.line_of(match.start(1))
        if bracket == '<' and target.startswith('regstorm/'):
            yield number, 'include', f'write "{target}": brackets are for other projects'
        if room is None:
            continue
        if re.search(r'(^|/)rte_', target) and room != 'port':
            yield number, 'rank', f'<{target}> outside port: DPDK is known to one room'
        other = included_room(source, target) if bracket == '"' else None
        if other is not None and other not in RANKS:
            yield number, 'rank', f'room {other} is not in the rank table of tools/tidy.py'
        elif other is not None and not may_include(room, other):
            yield number, 'rank', f'{room} (rank {RANKS[room]}) must not include {other} (rank {RANKS[other]})'


def rule_banned_words(source):
    if not source.name.startswith('include/'):
        return
    cold = source.room() in COLD_ROOMS or source.name in COLD_HEADERS
    for pattern, message in BANNED_WORDS:
        if cold and 'allocates' in message:
            continue
        for match in re.finditer(pattern, source.text if 'include' in pattern else source.code_without_directives()):
            number = source.line_of(match.start())
            if 'allocates' not in message or not COLD_LINE.search(source.lines[number - 1]):
                yield number, 'banned', message
    for number, line in enumerate(source.lines, 1):
        if AMBIGUOUS_WORD.search(line):
            yield number, 'banned', 'retry is ambiguous: retransmit, reattempt or refresh'


def rule_pragma_once(source):
    if source.path.suffix == '.hpp' and '#pragma once' not in source.text:
        yield 1, 'pragma-once', 'a header says #pragma once'


def rule_tests_can_fail(source):
    if source.name.startswith('tests/') and source.name.endswith('_test.cpp'):
        # What a test asserts may stand in a header beside it: a model, a fixture.
        beside = [source.path.parent / target for _, target in INCLUDE.findall(source.text)]
        helpers = [Source(source.root, path).code for path in beside if path.is_file()]
        if not re.search(r'\b(EXPECT|ASSERT)_[A-Z]|\bstatic_assert\b', '\n'.join([source.code, *helpers])):
            yield 1, 'no-assertion', 'a test file without EXPECT or ASSERT cannot fail'
        if not re.search(r'\b(TYPED_)?TEST(_[FP])?\s*\(', source.code):
            yield 1, 'no-assertion', 'a test file without a TEST'


# Followed by a brace without a space: a member initialised in braces, before the body of its constructor.
MEMBER_INITIALISER = re.compile(r'\)\s*(noexcept\s*)?:\s[^;]*[\w>]$')
NOT_FUNCTIONS = re.compile(r'\b(if|for|while|switch|catch|namespace|class|struct|union|enum|do|else|try)\b')
FUNCTION_HEAD = re.compile(r'\)\s*(const|volatile|noexcept(\s*\([^{}]*\))?|override|final|mutable|&{1,2}|'
                           r'->\s*[\w:<>,\s*&]+|requires[^{};]*|:\s[^{};]*(\{[^{}]*\}[^{};]*)*|\[\[[^\]]*\]\]|\s)*$')


def cpp_functions(code):
    """(first offset, last offset) of every outermost function body, found by braces; good for ranking, not parsing."""
    depth_of_function = None
    depth_of_initialiser = None
    depth = 0
    opened_at = 0
    statement_from = 0
    for offset, char in enumerate(code):
        if char == '{':
            head = code[statement_from:offset]
            signature = head.lstrip()
            is_function = FUNCTION_HEAD.search(head) and not NOT_FUNCTIONS.match(signature)
            if depth_of_function is None and MEMBER_INITIALISER.search(head):
                depth_of_initialiser = depth
                depth += 1
                continue
            if depth_of_function is None and is_function:
                depth_of_function = depth
                opened_at = statement_from + len(head) - len(signature)
            depth += 1
            statement_from = offset + 1
        elif char == '}':
            depth -= 1
            if depth_of_function == depth:
                yield opened_at, offset
                depth_of_function = None
            if depth_of_initialiser == depth:
                depth_of_initialiser = None
            else:
                statement_from = offset + 1
        elif char == ';':
            statement_from = offset + 1


def rule_function_length(source):
    if source.path.suffix == '.py' or (source.is_script and 'python' in source.lines[0]):
        for node in ast.walk(ast.parse(source.text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                size = node.end_lineno - node.lineno + 1
                if size > FUNCTION_LINES_MAX:
                    yield node.lineno, 'function-length', f'{node.name}: {size} lines, {FUNCTION_LINES_MAX} allowed'
    elif source.is_cpp:
        for first, last in cpp_functions(source.code_without_directives()):
            size = source.line_of(last) - source.line_of(first) + 1
            if size > FUNCTION_LINES_MAX:
                yield source.line_of(first), 'function-length', f'{size} lines, {FUNCTION_LINES_MAX} allowed'


RULES = (rule_length, rule_whitespace, rule_licence, rule_owner, rule_machine_path, rule_includes, rule_banned_words,
         rule_pragma_once, rule_tests_can_fail, rule_function_length)


def dead_files(sources):
    """A .cpp that no meson.build names is not built; a header that nothing includes is not used."""
    build_text = '\n'.join(source.text for source in sources if source.path.name == 'meson.build')
    words = {pathlib.PurePosixPath(word).name for word in re.findall(r"'([^'\n]*)'", build_text)}
    # Names put together by the build: 'hash_' + isa + '.cpp', 'hash_@0@.cpp'.format(isa).
    built = words | {prefix + word for prefix in words if prefix.endswith('_') for word in words}
    built |= {re.sub('@0@', word, pattern) for pattern in words if '@0@' in pattern for word in words}
    included = {pathlib.PurePosixPath(target).name
                for source in sources if source.is_cpp for _, target in INCLUDE.findall(source.text)}
    for source in sources:
        name = source.path.name
        stem = re.sub(r'_(test|fuzz|bench)$', '', source.path.stem)
        if source.path.suffix == '.cpp' and not built & {name, source.path.stem, stem}:
            yield source, 1, 'dead-file', 'no meson.build names it'
        if source.path.suffix == '.hpp' and name not in included:
            yield source, 1, 'dead-file', 'nothing includes it'


def sources_below(root):
    for path in sorted(root.rglob('*')):
        relative = path.relative_to(root)
        hidden = any(SKIPPED_FOLDERS.match(part) for part in relative.parts[:-1])
        if path.is_file() and not path.is_symlink() and (not hidden or relative.as_posix() in EXTRA_FILES):
            source = Source(root, path)
            if source.is_code:
                yield source


def examine(root):
    sources = list(sources_below(root))
    findings = [(source.name, *finding) for source in sources for rule in RULES for finding in rule(source)]
    findings += [(source.name, *finding) for source, *finding in dead_files(sources)]
    return len(sources), sorted(findings)


def main():
    parser = argparse.ArgumentParser(description='checks the house style')
    parser.add_argument('--root', type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    count, findings = examine(root)
    for name, line, rule, message in findings:
        print(f'{name}:{line}: {rule}: {message}')
    print(f'tidy: {count} files, {len(findings)} findings')
    return 1 if findings or not count else 0


if __name__ == '__main__':
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Writes a C++ file with one constexpr table of TOML files: embed.py OUTPUT TABLE FILE..."""

import pathlib
import sys

DELIMITER = "regstorm"  # of the raw strings; no TOML file may contain )regstorm"


def main(output, table, *files):
    rows = []
    for file in sorted(map(pathlib.Path, files)):
        text = file.read_text(encoding="utf-8")
        if f'){DELIMITER}"' in text:
            sys.exit(f"{file}: contains the delimiter of its own raw string")
        rows.append(f'    {{"{file.stem}", R"{DELIMITER}({text}){DELIMITER}"}},\n')
    pathlib.Path(output).write_text(
        '#include "config/embedded.hpp"\n\nnamespace regstorm::config {\n\n'
        f"const Embedded {table}_table[] = {{\n{''.join(rows)}}};\n"
        f"const std::size_t {table}_count = {len(rows)};\n\n}}  // namespace regstorm::config\n",
        encoding="utf-8",
    )


main(*sys.argv[1:])

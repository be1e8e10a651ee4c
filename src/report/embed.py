# SPDX-License-Identifier: Apache-2.0
"""Writes a C++ file with the page of the report as string literals: embed.py OUTPUT TEMPLATE CHART_JS PAGE_JS..."""

import pathlib
import sys

DELIMITER = "regstorm"  # of the raw strings; no file may contain )regstorm"
CHUNK = 8_000  # characters; compilers need not take literals above 65,536 bytes


def literal(text):
    chunks = [text[at:at + CHUNK] for at in range(0, len(text), CHUNK)]
    return "".join(f'    R"{DELIMITER}({chunk}){DELIMITER}",\n' for chunk in chunks)


def main(output, template, *scripts):
    page = pathlib.Path(template).read_text(encoding="utf-8")
    texts = [pathlib.Path(script).read_text(encoding="utf-8") for script in scripts]
    for text, name in zip([page, *texts], [template, *scripts]):
        if f'){DELIMITER}"' in text:
            sys.exit(f"{name}: contains the delimiter of a raw string")
    for text, name in zip(texts, scripts):
        if "</script" in text.lower() or "<!--" in text:
            sys.exit(f"{name}: would end the script element that it is put into")
    before, after = page.split("@DATA@")
    after = after.replace("@CHART_JS@", texts[0]).replace("@PAGE_JS@", "\n".join(texts[1:]))
    pathlib.Path(output).write_text(
        '#include "report/page.hpp"\n\nnamespace regstorm::report {\n\n'
        f"const std::string_view page_before_data[] = {{\n{literal(before)}}};\n"
        "const std::size_t page_before_data_count = std::size(page_before_data);\n"
        f"const std::string_view page_after_data[] = {{\n{literal(after)}}};\n"
        "const std::size_t page_after_data_count = std::size(page_after_data);\n\n"
        "}  // namespace regstorm::report\n",
        encoding="utf-8",
    )


main(*sys.argv[1:])

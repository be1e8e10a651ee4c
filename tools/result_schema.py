#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of result.json, made from the tables of src/report/RESULT.md: fields are described in one place.

    result_schema.py RESULT.md OUTPUT [--strict]

Fields may be added to regstorm.result/1, so the schema allows others; --strict does not, for our own tests.
"""
import json
import pathlib
import re
import sys

ROW = re.compile(r'^\| `([^`]+)` \| ([^|]+) \|')
# Whatever the reader should expect instead of a name: a status, a cause.
ANY_NAME = ('CODE', 'CAUSE')
COUNTED = ('count', 'phones', 'datagrams', 'bytes', 'number')
DRAFT = 'https://json-schema.org/draft/2020-12/schema'


def leaf(unit):
    if unit == 'text':
        return {'type': 'string'}
    if unit == 'true/false':
        return {'type': 'boolean'}
    if unit == 'object':
        return {'type': 'object'}
    if unit == '1/s or "max"':
        return {'anyOf': [{'type': 'number', 'minimum': 0}, {'const': 'max'}]}
    if unit in COUNTED:
        return {'type': 'number', 'minimum': 0}
    # A figure that does not exist is null.
    return {'type': ['number', 'null']}


def place(schema, words, unit):
    """Puts the field words[0].words[1]... into an object's schema."""
    word, rest = words[0], words[1:]
    inner = place(schema_at(schema, word), rest, unit) if rest else leaf(unit)
    if word in ANY_NAME:
        schema['additionalProperties'] = inner
    elif word.endswith('[]'):
        schema['properties'][word[:-2]] = {'type': 'array', 'items': inner}
    else:
        schema['properties'][word] = inner
    return schema


def schema_at(schema, word):
    found = schema.get('properties', {}).get(word.removesuffix('[]'), {})
    found = found.get('items', found)
    return found if found.get('type') == 'object' else {'type': 'object', 'properties': {}}


def close(schema, strict):
    """All fields are always there; nothing else is, when strict."""
    if schema.get('type') == 'object' and 'properties' in schema:
        schema.setdefault('additionalProperties', not strict)
        if schema['properties']:
            schema['required'] = sorted(schema['properties'])
        for inner in schema['properties'].values():
            close(inner, strict)
    if schema.get('type') == 'array':
        close(schema['items'], strict)


def make(text, strict=False):
    schema = {'$schema': DRAFT, 'title': 'regstorm.result/1', 'type': 'object', 'properties': {}}
    for line in text.splitlines():
        if found := ROW.match(line):
            place(schema, found.group(1).split('.'), found.group(2).strip())
    close(schema, strict)
    schema['properties']['schema'] = {'const': 'regstorm.result/1'}
    return schema


def main(source, output, *flags):
    schema = make(pathlib.Path(source).read_text(), strict='--strict' in flags)
    pathlib.Path(output).write_text(json.dumps(schema, indent=2) + '\n')


if __name__ == '__main__':
    main(*sys.argv[1:])

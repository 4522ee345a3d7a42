"""Write colosseum/study/schema.json and docs/study.md from the classes in colosseum/study/keys.py (make reference)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from colosseum.study.keys import make_schema
from colosseum.study.schema import SCHEMA_FILE

PAGE = Path(__file__).parents[1] / "study.md"
HEAD = """\
# The keys of a study

A study is a YAML file: [config.yaml](../config.yaml), or one that `--configfile` names, such as those in
[studies/](../studies). Every key that is left out has its default; a key or a value that does not exist is told before
any job starts. This page is generated from [colosseum/study/keys.py](../colosseum/study/keys.py) by `make reference`.
"""
TABLE = "| key | value | default | meaning |\n|---|---|---|---|\n"
WORDS = {
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
    "null": "null",
    "number": "number",
    "object": "mapping",
    "string": "text",
}


def schema_text() -> str:
    """Return the text of the schema that ships in the package."""
    return json.dumps(make_schema(), indent=2) + "\n"


def page_text() -> str:
    """Return the text of the reference page."""
    schema = make_schema()
    tables = [TABLE + "".join(_rows(schema, ""))]
    for key, of_key in schema["properties"].items():
        if "properties" in of_key:
            tables.append(f"## {key}\n\n{of_key['description']}\n\n{TABLE}" + "".join(_rows(of_key, f"{key}.")))
    return "\n".join([HEAD, *tables])


def _rows(schema: dict[str, Any], prefix: str) -> Iterator[str]:
    required = schema.get("required", ())
    for key, of_key in schema["properties"].items():
        has_table = "properties" in of_key and not prefix
        name = f"[`{key}`](#{key})" if has_table else f"`{prefix}{key}`"
        default = "(needed)" if key in required else f"`{json.dumps(of_key['default'])}`"
        if "properties" in of_key and isinstance(of_key["default"], dict):
            default = "see below"
        yield f"| {name} | {_values(of_key)} | {default} | {_escaped(of_key['description'])} |\n"
        within = of_key.get("items", of_key)
        if "properties" in within and not has_table:
            yield from _rows(within, f"{prefix}{key}{'[]' if within is not of_key else ''}.")


def _escaped(text: str) -> str:
    return text.replace("<", "\\<")


def _values(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    text = " or ".join(WORDS[name] for name in types)
    if "minimum" in schema:
        text += f", at least {schema['minimum']}"
    if "exclusiveMinimum" in schema:
        text += f", more than {schema['exclusiveMinimum']:g}"
    return text


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    PAGE.write_text(page_text(), encoding="utf-8")
    print(f"{SCHEMA_FILE}\n{PAGE}")

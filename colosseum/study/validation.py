"""Checking a configuration against a JSON schema, with errors that a person can act on; and its defaults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from colosseum.errors import ConfigurationError, nearest

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "a text",
}


def read_schema() -> dict[str, Any]:
    """Return the schema of a study, which ships inside the package."""
    return yaml.safe_load(Path(__file__).with_name("schema.yaml").read_text(encoding="utf-8"))


def with_defaults(value: Any, schema: Mapping[str, Any]) -> Any:
    """
    Return a configuration with the schema's defaults filled in, those of nested mappings too.

    Parameters
    ----------
    value : object
        The configuration; it is not changed.
    schema : mapping
        A JSON schema of objects with `properties`.
    """
    properties = schema.get("properties")
    if properties is None or not isinstance(value, Mapping):
        return value
    filled = {key: with_defaults(item, properties.get(key, {})) for key, item in value.items()}
    for key, of_key in properties.items():
        if key not in filled and "default" in of_key:
            filled[key] = with_defaults(of_key["default"], of_key)
    return filled


def with_scalars_read(value: Any, schema: Mapping[str, Any]) -> Any:
    """
    Return a configuration with the texts read as YAML where the schema wants something else.

    ``snakemake --config 'experiment={"n_seeds": 4}'`` hands over the text "4".

    Parameters
    ----------
    value : object
        The configuration; it is not changed.
    schema : mapping
        Its JSON schema.
    """
    if isinstance(value, Mapping):
        properties = schema.get("properties", {})
        return {key: with_scalars_read(item, properties.get(key, {})) for key, item in value.items()}
    types = schema.get("type", "string")
    if not isinstance(value, str) or "string" in types:
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        return value


def check_against_schema(value: Mapping[str, Any], schema: Mapping[str, Any], source: str) -> None:
    """
    Check a configuration.

    Parameters
    ----------
    value : mapping
        The configuration.
    schema : mapping
        Its JSON schema.
    source : str
        Names the configuration in errors.

    Raises
    ------
    ConfigurationError
        About the first thing that is wrong, in one line: the key, the value, what would do, what the key is for.
    """
    from jsonschema import Draft202012Validator

    errors = sorted(Draft202012Validator(schema).iter_errors(value), key=lambda e: (e.validator != _FIRST, e.json_path))
    if errors:
        raise ConfigurationError(f"{source}: {_explain(errors[0])}")


_FIRST = "additionalProperties"  # a key with a typo is often the reason why another one is missing


def _explain(error: Any) -> str:
    key = _key(error.absolute_path)
    rule, limit, value = error.validator, error.validator_value, error.instance
    if rule == "additionalProperties":
        known = error.schema["properties"]
        unknown = next(name for name in value if name not in known)
        where = f"{key}: " if key else ""
        return f"{where}there is no key {unknown!r}; {nearest(str(unknown), known)}"
    if rule == "required":
        missing = next(name for name in limit if name not in value)
        about = error.schema["properties"][missing].get("description", "")
        return f"the key {missing!r} is missing. {about}".rstrip()
    about = error.schema.get("description", "")
    return f"{key}: {_says(rule, limit, value)}. {about}".rstrip()


def _says(rule: str, limit: Any, value: Any) -> str:
    match rule:
        case "type":
            types = [limit] if isinstance(limit, str) else sorted(limit, key=lambda name: name == "null")
            return f"{value!r} is not {' or '.join(_TYPES[name] for name in types)}"
        case "minimum":
            return f"{value!r} is too small; it must be at least {limit}"
        case "exclusiveMinimum":
            return f"{value!r} is too small; it must be more than {limit}"
        case "minItems" | "minLength":
            return f"{value!r} is empty"
        case "uniqueItems":
            twice = next(item for i, item in enumerate(value) if item in value[:i])
            return f"{twice!r} is listed twice"
        case "enum":
            return f"there is no {value!r}; {nearest(str(value), limit)}".rstrip(".")
        case "pattern" if ":" in limit:
            return f"{value!r} is not an import path, such as 'my_lab.module:MyClass'"
        case "pattern":
            return f"{value!r} is not a plain name of letters, digits, '.', '-' and '_'"
    return f"{value!r} makes no sense ({rule} {limit!r})"


def _key(path: Any) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")

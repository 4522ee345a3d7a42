"""Checking the keys of a configuration, with one line about the first mistake that a person can act on."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from colosseum.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "a text",
}


def check_keys(configuration: Mapping[str, Any], source: str) -> None:
    """
    Check the keys of a study and the types and limits of their values.

    Parameters
    ----------
    configuration : mapping
        The configuration.
    source : str
        Names the configuration in errors.

    Raises
    ------
    ConfigurationError
        About the first thing that is wrong, in one line: the key, the value, what would do, what the key is for.
    """
    from pydantic import ValidationError

    from colosseum.study.keys import StudyKeys

    try:
        StudyKeys.model_validate(configuration)
    except ValidationError as error:
        # a key with a typo is often the reason why another one is missing
        first = min(error.errors(include_url=False), key=lambda details: details["type"] != "extra_forbidden")
        raise ConfigurationError(f"{source}: {_explain(first)}") from None


def _explain(error: "ErrorDetails") -> str:
    from colosseum.study.keys import make_schema

    # pydantic names the alternative that it took, too
    path = [step for step in error["loc"] if not str(step).startswith("<")]
    if error["type"] == "extra_forbidden":
        *parent, unknown = path
        where = f"{_key(parent)}: " if parent else ""
        return f"{where}there is no key {unknown!r}; {nearest(str(unknown), _at(make_schema(), parent)['properties'])}"
    schema = _at(make_schema(), path)
    about = schema.get("description", "")
    if error["type"] == "missing":
        return f"the key {_key(path)!r} is missing. {about}"
    return f"{_key(path)}: {_says(error, schema, error['input'])}. {about}".rstrip()


def _says(error: "ErrorDetails", schema: Mapping[str, Any], value: Any) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            return f"{value!r} is too small; it must be at least {limits['ge']}"
        case "greater_than":
            return f"{value!r} is too small; it must be more than {limits['gt']:g}"
        case "less_than_equal":
            return f"{value!r} is too large; it must be at most {limits['le']:,}"
        case "too_short" | "string_too_short":
            return f"{value!r} is empty"
        case "listed_twice":
            return f"{limits['value']} is listed twice"
        case "literal_error":
            return f"there is no {value!r}; {nearest(str(value), schema['enum'])}".rstrip(".")
        case "string_pattern_mismatch" if ":" in limits["pattern"]:
            return f"{value!r} is not an import path, such as 'my_lab.module:MyClass'"
        case "string_pattern_mismatch":
            return f"{value!r} is not a plain name of letters, digits, '.', '-' and '_'"
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return f"{value!r} is not {' or '.join(_TYPES[name] for name in types)}"


def _at(schema: dict[str, Any], path: Sequence[int | str]) -> dict[str, Any]:
    for step in path:
        within = schema.get("properties", {})
        schema = schema["items"] if isinstance(step, int) else within.get(step) or schema["additionalProperties"]
    return schema


def _key(path: Sequence[int | str]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.lstrip(".")

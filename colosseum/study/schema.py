"""The schema of a study, as it ships in the package: what a key is read as, and its default.

Nothing here loads pydantic: a configuration is read each time that the workflow is parsed, but seldom checked.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).with_name("schema.json")


def read_schema() -> dict[str, Any]:
    """Return the JSON schema of a study."""
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


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
            filled[key] = of_key["default"]
    return filled


def with_keys_of_today(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration whose ``hyperopt.n_timesteps``, the former name of the key, is called ``n_steps``."""
    renamed = dict(configuration)
    hyperopt = renamed.get("hyperopt")
    if isinstance(hyperopt, Mapping) and "n_timesteps" in hyperopt and "n_steps" not in hyperopt:
        renamed["hyperopt"] = {{"n_timesteps": "n_steps"}.get(key, key): value for key, value in hyperopt.items()}
    return renamed


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
    if isinstance(value, list):
        return [with_scalars_read(item, schema.get("items", {})) for item in value]
    types = schema.get("type", "string")
    if not isinstance(value, str) or "string" in types:
        return value
    import yaml

    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        return value

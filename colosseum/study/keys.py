"""The keys of a study: their types, limits, defaults and documentation, each in one place.

`schema.json` (which editors read) and ``docs/study.md`` are generated from these classes by ``make reference``.
Importing this module loads pydantic, which costs more than to plan a study: only what checks a configuration does so.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

PLAIN_NAME = "^[A-Za-z0-9][A-Za-z0-9_.-]*$"
IMPORT_PATH = "^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$"
LISTED_TWICE = "listed_twice"


def _each_once(values: list[Any]) -> list[Any]:
    for i, value in enumerate(values):
        if value in values[:i]:
            raise PydanticCustomError(LISTED_TWICE, "{value} is listed twice", {"value": repr(value)})
    return values


EachOnce = (AfterValidator(_each_once), Field(json_schema_extra={"uniqueItems": True}))
Count = Annotated[int, Field(ge=1, le=100_000)]
Steps = Annotated[int, Field(ge=1, le=1_000_000_000_000)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Seconds = Annotated[float, Field(gt=0)]


class Keys(BaseModel):
    """A mapping of known keys; the text below a key documents it."""

    model_config = ConfigDict(strict=True, extra="forbid", use_attribute_docstrings=True)


def _file_or_mapping(value: Any) -> str:
    return "<mapping>" if isinstance(value, Mapping) else "<file>"


SearchSpaces = Annotated[
    Annotated[str, Field(min_length=1), Tag("<file>")]
    | Annotated[dict[str, dict[str, dict[str, Any]]], Tag("<mapping>")],
    Discriminator(_file_or_mapping),
]


class RungKeys(Keys):
    """A rung of successive halving."""

    keep: Count
    """How many samples reach it; the first rung has them all."""

    runs: Count
    """How many pairs of environment and seed each of them has met then."""


class HyperoptKeys(Keys):
    """The hyperparameter optimisation, where it is more than the name of a preset."""

    preset: str = "DEFAULT_HYPEROPT_CONF"
    """The preset that a key takes its value from where it is null."""

    seed: Seed | None = None
    """Sample i of an agent or an environment depends on its class, the seed and i alone (both presets: 42)."""

    n_steps: Steps | None = None
    """Steps of each interaction."""

    max_interaction_time_s: Seconds | None = None
    """Seconds that an agent may train for."""

    n_samples_agents: Count | None = None
    """How many hyperparameter samples of each agent are tried."""

    search_spaces: SearchSpaces | None = None
    """The search spaces in place of the agents' own, {Agent: {name: {log_uniform: [1e-5, 1]}}}, or a YAML file of them;
    the kinds are uniform, log_uniform and integer: [low, high], choice: [values], fixed: value; a hyperparameter that
    is not named keeps the agent's own space."""

    n_samples_mdps: Count | None = None
    """How many samples of each environment class they are tried on."""

    log_every: Steps | None = None
    """Steps between two evaluations of the agent."""

    stop_when_optimal: bool | None = None
    """Whether training also stops, as in the published package, when the policy that the agent recommends has been
    optimal for 1,000 steps, after a fifth of all: then log_every changes what the agent does (both presets: false)."""

    n_seeds: Count | None = None
    """How often each interaction is repeated, with seeds 0 to n_seeds - 1."""

    mdp_classes: Annotated[list[str], Field(min_length=1), *EachOnce] | None = None
    """The environment classes to sample; null takes all packaged ones and those under mdps."""

    rungs: Annotated[list[RungKeys], Field(min_length=1)] | None = None
    """Successive halving: fewer samples are run on more pairs of environment and seed, an environment of each class
    first, [{keep: 50, runs: 14}, {keep: 17, runs: 35}, {keep: 6, runs: 105}]; null runs all samples on all pairs."""


class ConfirmKeys(Keys):
    """How the winner is confirmed."""

    top: Count
    """How many of the first samples are run again."""

    n_seeds: Count
    """With how many seeds, the first ones after those of the optimisation."""


class SelectionKeys(Keys):
    """The choice of hyperparameters."""

    indicator: str = "normalized_cumulative_regret"
    """The column of the logs that is compared at the last step; regrets are minimised, the others maximised."""

    reduce_seeds: Literal["mean", "median", "min", "max"] = "mean"
    """How the seeds of an environment become one number."""

    allow_cut: bool = True
    """Whether runs whose time was used up count like the others; false refuses to choose while there are any."""

    failed: Literal["refuse", "worst"] = "refuse"
    """What becomes of a run whose agent raises an error: refuse ends the study there; worst counts it as the worst
    policy, says so, and goes on."""

    confirm: ConfirmKeys | None = None
    """The first samples of the optimisation on seeds that it has not seen, {top: 5, n_seeds: 10}: the winner is chosen
    by these runs alone; null leaves it out."""


class ExperimentKeys(Keys):
    """The benchmarks' interactions."""

    n_seeds: Count | None = None
    """How often each interaction is repeated, with seeds first_seed to first_seed + n_seeds - 1; null takes the
    benchmark's own number."""

    first_seed: Seed | None = None
    """The first seed; above those of the hyperparameter optimisation the comparison is on seeds that no choice has seen
    (null takes the benchmark's own, which is 0 unless it says otherwise)."""

    n_steps: Steps | None = None
    """Steps of each interaction; null takes the benchmark's own number."""

    log_every: Steps | None = None
    """Steps between two evaluations of the agent; null takes the benchmark's own number."""

    max_interaction_time_s: Seconds | None = None
    """Seconds that an agent may train for; null takes the benchmark's own number."""

    stop_when_optimal: bool | None = None
    """Whether training also stops, as in the published package, when the policy that the agent recommends has been
    optimal for 1,000 steps, after a fifth of all: then log_every changes what the agent does (null takes the
    benchmark's own choice, which is false unless it says otherwise)."""


def _preset_or_mapping(value: Any) -> str:
    return "<mapping>" if isinstance(value, Mapping | HyperoptKeys) else "<preset>"


Hyperopt = Annotated[
    Annotated[str, Tag("<preset>")] | Annotated[HyperoptKeys, Tag("<mapping>")], Discriminator(_preset_or_mapping)
]


class AgentKeys(Keys):
    """An agent with a configuration of its own."""

    model_config = ConfigDict(strict=True, extra="forbid", use_attribute_docstrings=True, validate_by_alias=True)

    class_: Annotated[str, Field(min_length=1, alias="class")]
    """The class, by name or import path."""

    config: Annotated[str, Field(min_length=1)] | None = None
    """A gin file whose scope prms_0 is run (another study's selection/<Class>.gin, say), packaged or published; null is
    what the study tunes, or has for the class."""

    label: Annotated[str, Field(min_length=1)] | None = None
    """What tables and plots call it."""


def _class_or_mapping(value: Any) -> str:
    return "<mapping>" if isinstance(value, Mapping | AgentKeys) else "<class>"


Agent = Annotated[
    Annotated[str, Tag("<class>")] | Annotated[AgentKeys, Tag("<mapping>")], Discriminator(_class_or_mapping)
]


class StudyKeys(Keys):
    """A study: config.yaml, and each file in studies/."""

    study: Annotated[str, Field(pattern=PLAIN_NAME)] = "default"
    """The name of the study; its files lie in results/<stage>/<study>/, so two studies need two names."""

    results: Annotated[str, Field(min_length=1)] = "results"
    """The folder of everything that is made, relative to the working directory."""

    agents: Annotated[list[Agent], Field(min_length=1), *EachOnce]
    """The agent classes to compare; a user-defined one is given by its import path, "my_lab.agents:MyAgent". A class
    can be there several times, as {class: MyAgent, config: my_agent.gin, label: as published} with other configs."""

    mdps: Annotated[list[Annotated[str, Field(pattern=IMPORT_PATH)]], *EachOnce] = []
    """User-defined environment classes that benchmark folders or the hyperparameter optimisation use, by import path
    ("my_lab.mdps:MyMDP")."""

    hyperopt: Hyperopt | None = "SMALL_HYPEROPT_CONF"
    """The hyperparameter optimisation, a preset (SMALL_HYPEROPT_CONF, DEFAULT_HYPEROPT_CONF) or a mapping; null leaves
    it out and takes the packaged hyperparameters."""

    hyperparameters: dict[str, str] = {}
    """Where hyperopt is null: the gin file of an agent by its class name, {MyAgent: my_agent.gin}, whose scope prms_0
    is run, or published; without one an agent of the package has the packaged hyperparameters."""

    selection: SelectionKeys = SelectionKeys()
    """How the best sample of an agent is chosen."""

    benchmarks: Annotated[list[str], *EachOnce] = [
        "continuous_ergodic",
        "continuous_communicating",
        "episodic_ergodic",
        "episodic_communicating",
    ]
    """The benchmarks to run the tuned agents on; a default one by name, a user-defined one by its folder."""

    experiment: ExperimentKeys = ExperimentKeys()
    """The settings of the benchmarks' interactions."""

    allow_incomplete: bool = False
    """Whether to show what there is of benchmarks that are not finished, and to run nothing more of them; every table
    and plot then says what is missing."""

    barrier: bool = True
    """Whether a finished log is kept when its instance is made anew with the same bytes; false draws the whole graph of
    a finished study (make dag)."""


def make_schema() -> dict[str, Any]:
    """Return the JSON schema of a study, each key's in its place (no references, no alternatives of one type each)."""
    made = StudyKeys.model_json_schema()
    definitions = made.pop("$defs")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_plain(made, definitions)}


def _plain(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        node = {**definitions[node["$ref"].rpartition("/")[2]], **node}
    plain = {key: value for key, value in node.items() if key not in ("title", "$ref", "anyOf", "oneOf")}
    for variant in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        of_variant = _plain(variant, definitions)
        types = [*_as_list(plain.get("type", [])), *_as_list(of_variant["type"])]
        plain = {**of_variant, **plain, "type": types}
    if "items" in plain:
        plain["items"] = _plain(plain["items"], definitions)
    if "properties" in plain:
        plain["properties"] = {key: _plain(of_key, definitions) for key, of_key in plain["properties"].items()}
    if "description" in plain:
        plain["description"] = " ".join(plain["description"].split())
    return plain


def _as_list(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types

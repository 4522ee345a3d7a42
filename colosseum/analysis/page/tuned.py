"""The agents of a study: what their hyperparameters are, where they lie in their ranges, and what chose them."""

import csv
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from colosseum import layout
from colosseum.agent.spaces import Space, read_space
from colosseum.analysis.names import family_of, scope_number
from colosseum.analysis.page.shown import Shown, show
from colosseum.analysis.page.sources import Source, Sources
from colosseum.analysis.regrets import regret_title
from colosseum.analysis.table_model import DASH, Number, Row, Table
from colosseum.errors import ConfigurationError
from colosseum.gin_config import Reference, format_scope, format_value, read_gin_text
from colosseum.logs.columns import column

N_NEIGHBOURS = 3
"""How many of the samples around the chosen one are marked."""


@dataclass(frozen=True)
class Hyperparameter:
    """
    A hyperparameter of a configuration.

    Attributes
    ----------
    name, value : str
    range : str
        As a study writes it; empty where it is not known.
    low, high : str
        Its ends.
    place : float or None
        Where the value lies between them, on the range's own scale, 0 to 1.
    remarks : tuple of str
        What the samples say of the range.
    """

    name: str
    value: str
    range: str = ""
    low: str = ""
    high: str = ""
    place: float | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agent:
    """
    A configuration of an agent that is compared.

    Attributes
    ----------
    label, class_name, setting : str
    anchor : str
        Its id on the page.
    how : str
        What chose its hyperparameters.
    hyperparameters : tuple of Hyperparameter
    gin : str
        The configuration to copy.
    samples : Shown or None
        The scores of all samples, best first.
    confirmed : Shown or None
        The same of those that were confirmed on fresh seeds.
    files : tuple of str
        Where they are.
    """

    label: str
    class_name: str
    anchor: str
    setting: str
    how: str
    hyperparameters: tuple[Hyperparameter, ...]
    gin: str
    samples: Shown | None = None
    confirmed: Shown | None = None
    files: tuple[str, ...] = ()


def read_agents(sources: Sources, tuned: Mapping[str, str]) -> list[Agent]:
    """
    Gather the agents that the benchmarks of a page compare, and those that were only tuned, each once.

    Parameters
    ----------
    sources : Sources
    tuned : mapping of str to str
        By class: how hyperparameters were chosen, see `About`.
    """
    found: dict[tuple[str, str], Agent] = {}
    for source in sources.benchmarks:
        for agent, parameters in source.results.parameters("agent").items():
            gin = _gin(agent.class_name, agent.scope, parameters)
            if (agent.class_name, gin) not in found:
                label = source.results.agent_labels[agent]
                found[agent.class_name, gin] = _agent(
                    agent.class_name, agent.scope, label, parameters, gin, sources, tuned
                )
    known = {class_name for class_name, _ in found}
    for source in sources.optimisations:
        for class_name in dict.fromkeys(agent.class_name for agent in source.results.agents):
            chosen = Path(layout.selection_file(source.folder, class_name))
            if class_name not in known and chosen.is_file():
                parameters = dict(_chosen(source, class_name))
                gin = chosen.read_text(encoding="utf-8")
                label = family_of(class_name)
                found[class_name, gin] = _agent(class_name, layout.FIRST_SCOPE, label, parameters, gin, sources, tuned)
    return list(found.values())


def _agent(
    class_name: str,
    scope: str,
    label: str,
    parameters: Mapping[str, str],
    gin: str,
    sources: Sources,
    tuned: Mapping[str, str],
) -> Agent:
    setting = class_name.removeprefix(family_of(class_name)).lower()
    anchor = f"agent-{class_name}-{scope}"
    optimisation = next((one for one in sources.optimisations if _was_tuned_in(one, class_name, parameters)), None)
    if optimisation is None:
        how = tuned.get(class_name, "")
        values = tuple(Hyperparameter(name, value) for name, value in parameters.items())
        return Agent(label, class_name, anchor, setting, how, values, gin)
    folder = optimisation.folder
    paths = [
        layout.selection_file(folder, class_name),
        layout.selection_table(folder, class_name),
        layout.selection_ranges(folder, class_name),
        layout.selection_table(f"{folder}{layout.CONFIRM}", class_name),
    ]
    rows = read_rows(paths[1])
    ranges = {row["hyperparameter"]: row for row in read_rows(paths[2])}
    spaces = {name: _space(row["range"]) for name, row in ranges.items()}
    return Agent(
        label,
        class_name,
        anchor,
        setting,
        tuned.get(class_name, "") or f"the best of {len(rows):,} samples",
        _hyperparameters(parameters, ranges, spaces),
        gin,
        _samples(f"{anchor}-samples", rows, spaces),
        _confirmed(f"{anchor}-confirmed", read_rows(paths[3])),
        tuple(path for path in paths if Path(path).is_file()),
    )


def _was_tuned_in(source: Source, class_name: str, parameters: Mapping[str, str]) -> bool:
    """Whether what is compared is what an optimisation has chosen: a published or packaged configuration is not."""
    return dict(_chosen(source, class_name)) == dict(parameters)


def _chosen(source: Source, class_name: str) -> Iterable[tuple[str, str]]:
    path = Path(layout.selection_file(source.folder, class_name))
    if not path.is_file():
        return
    for parameters in read_gin_text(class_name, path.read_text(encoding="utf-8"), str(path)).values():
        yield from ((name, format_value(value)) for name, value in parameters.items())


def _gin(class_name: str, scope: str, parameters: Mapping[str, str]) -> str:
    return format_scope(class_name, scope, {name: Reference(value) for name, value in parameters.items()})


def _hyperparameters(
    parameters: Mapping[str, str], ranges: Mapping[str, Mapping[str, str]], spaces: Mapping[str, Space | None]
) -> tuple[Hyperparameter, ...]:
    found = []
    for name, row in ranges.items():
        space = spaces[name]
        low, high = space.given if space is not None and _has_ends(space) else ("", "")
        place = float(row["place"]) if row["place"] else None
        found.append(Hyperparameter(name, row["best"], row["range"], f"{low}", f"{high}", place, tuple(_remarks(row))))
    of_ranges = {name.partition("[")[0] for name in ranges}
    rest = (Hyperparameter(name, value) for name, value in parameters.items() if name not in of_ranges)
    return (*found, *rest)


def _remarks(row: Mapping[str, str]) -> Iterable[str]:
    if row["at_edge"]:
        yield f"The best three samples lie at the {row['at_edge']} end: {row['advice']}."
    if row["inert"]:
        yield f"No effect of its own ({row['inert']})."
    elif row["importance"]:
        yield f"Explains {float(row['importance']):.0%} of the variance of the scores."


def read_rows(path: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file; none where there is no such file."""
    if not Path(path).is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _space(text: str) -> Space | None:
    """The range that a table of ranges names; None where it is none of a study's kinds."""
    try:
        space = read_space(yaml.safe_load(f"{{{text}}}"))
    except (ConfigurationError, yaml.YAMLError):
        return None
    return space if isinstance(space, Space) else None


def _has_ends(space: Space) -> bool:
    return isinstance(space.given, list) and len(space.given) == 2 and space.kind != "choice"


def _samples(id: str, rows: list[dict[str, str]], spaces: Mapping[str, Space | None]) -> Shown | None:
    """Scores and hyperparameters of all samples, best first; the chosen one and those around it are marked."""
    if not rows:
        return None
    indicator = rows[0]["indicator"]
    names = _sampled_names(rows)
    near = neighbours(rows, {name: spaces.get(name) for name in names})
    sign = -1 if column(indicator).higher_is_better else 1
    rungs = {row["scope"]: int(row.get("rung") or 0) for row in rows}
    ordered = sorted(rows, key=lambda row: (-rungs[row["scope"]], sign * float(row["score"])))
    lines = []
    for row in ordered:
        mark = "chosen" if row["selected"] == "1" else "neighbour" if row["scope"] in near else ""
        score, error = float(row["score"]), float(row["standard_error"] or "nan")
        cells: tuple[Number | str, ...] = (
            Number(score, 3, spread=error),
            str(rungs[row["scope"]] + 1),
            row["n_logs"],
            *(row[name] for name in names),
        )
        lines.append(Row((scope_number(row["scope"]), mark), cells))
    title = f"Samples, by {regret_title(indicator).lower()} a step"
    notes = (
        "Score ± standard error over the environments; of samples that reached the same rung the best comes first. "
        f"Neighbours: the {N_NEIGHBOURS} samples that are nearest to the chosen one, on the ranges' own scales.",
    )
    table = Table(title, ("Sample", ""), ("Score", "Rung", "Logs", *names), tuple(lines), notes)
    return show(table, id, ())


def _sampled_names(rows: list[dict[str, str]]) -> list[str]:
    """The hyperparameters in a table of selections: the columns behind its figures."""
    columns = list(rows[0]) if rows else ["selected"]
    return columns[columns.index("selected") + 1 :]


def neighbours(rows: list[dict[str, str]], spaces: Mapping[str, Space | None]) -> set[str]:
    """Return the scopes of the samples nearest to the chosen one, each range being of length one."""
    chosen = next((row for row in rows if row["selected"] == "1"), None)
    if chosen is None:
        return set()
    places = {row["scope"]: [place_of(row[name], space) for name, space in spaces.items()] for row in rows}
    here = places[chosen["scope"]]

    def distance(scope: str) -> float:
        pairs = zip(places[scope], here, strict=True)
        return math.fsum((a - b) ** 2 for a, b in pairs if a is not None and b is not None)

    others = sorted((scope for scope in places if scope != chosen["scope"]), key=lambda scope: (distance(scope), scope))
    return set(others[:N_NEIGHBOURS])


def place_of(text: str, space: Space | None) -> float | None:
    """Return where a value that a table holds lies in its range, 0 to 1; None where it has no place."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if space is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return space.place(value)


def _confirmed(id: str, rows: list[dict[str, str]]) -> Shown | None:
    if not rows:
        return None
    lines = [
        Row(
            (scope_number(row["sample"]), "chosen" if row["selected"] == "1" else ""),
            (
                _score(row["score_when_chosen"]),
                _score(row["score_when_confirmed"]),
                _score(row["standard_error"]),
                _score(row["difference_to_winner"]),
                _score(row["paired_standard_error"]),
            ),
        )
        for row in rows
    ]
    titles = ("When chosen", "Confirmed", "Standard error", "Behind the winner", "Paired standard error")
    notes = ("Confirmed: the score on fresh seeds alone, which had no part in the choice.",)
    return show(Table("Confirmation on fresh seeds", ("Sample", ""), titles, tuple(lines), notes), id, ())


def _score(text: str) -> Number | str:
    return Number(float(text), 3) if text else DASH


@dataclass(frozen=True)
class Selection:
    """
    The samples of an agent, for the plots.

    Attributes
    ----------
    rows : list of dict
        As in the table of the selection.
    names : list of str
        Of the hyperparameters.
    spaces : dict of str to Space or None
        The range of each, where it is known.
    """

    rows: list[dict[str, str]]
    names: list[str]
    spaces: dict[str, Space | None]

    @property
    def indicator(self) -> str:
        """What the samples were compared by."""
        return self.rows[0]["indicator"]


def selection_of(folder: str, class_name: str) -> Selection:
    """Return the samples of an agent that an optimisation has compared; none where there is no table."""
    rows = read_rows(layout.selection_table(folder, class_name))
    ranges = read_rows(layout.selection_ranges(folder, class_name))
    known = {row["hyperparameter"]: _space(row["range"]) for row in ranges}
    rows, names = _with_elements(rows, _sampled_names(rows))
    return Selection(rows, names, {name: known.get(name) for name in names})


def _with_elements(rows: list[dict[str, str]], names: list[str]) -> tuple[list[dict[str, str]], list[str]]:
    """Numbers of a list are hyperparameters of their own, where all samples have lists of one length."""
    found: list[str] = []
    for name in names:
        lists = [_elements(row[name]) for row in rows]
        n = len(lists[0] or ())
        if not n or any(one is None or len(one) != n for one in lists):
            found.append(name)
            continue
        parts = [f"{name}[{i}]" for i in range(n)]
        rows = [row | dict(zip(parts, one or (), strict=True)) for row, one in zip(rows, lists, strict=True)]
        found += parts
    return rows, found


def _elements(text: str) -> list[str] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return [str(one) for one in value] if isinstance(value, list) else None

"""What the samples of an agent say of the ranges that they were drawn from: too narrow, without effect, important."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum.agent.spaces import Space
from colosseum.agent.utils import sample_agent_hyperparameters
from colosseum.gin_config import parse_gin_text
from colosseum.hyperopt.main_effects import Factor, main_effects

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.hyperopt.selection import Selection

NEAR_THE_END = 0.05
"""Part of a range, on its own scale, that counts as its end."""

N_BEST = 3
"""How many of the best samples must lie there."""

SIGNIFICANCE = 0.01
"""Level of the test that shows an effect: a hyperparameter that is noise is called inert in 99 of 100 cases."""


@dataclass(frozen=True)
class Range:
    """
    What is known of a hyperparameter from the scores of its samples.

    Attributes
    ----------
    name : str
        In the search spaces; in the gin text, where it is none of theirs.
    space : str
        The range as a study writes it; empty where it is not known.
    best : object
        The best sample's value.
    place : float
        Where that lies between the ends, on the range's own scale (0 to 1); NaN where there are no ends.
    at_edge : str
        ``"low"`` or ``"high"`` where the best three samples all lie within 5 % of that end (which happens to a
        hyperparameter without any effect once in 4,000 cases); else empty.
    inert : str
        ``"equal logs"`` where all samples that differ in nothing else have the same score; ``"noise"`` where there is
        no main effect on the ranks of the scores at the 1 % level, as a partial F test judges it; else empty.
    importance : float
        Share of the scores' variance that is its main effect; NaN where there are too few samples to tell.
    p_value : float
        Of that test; NaN where there are too few samples.
    advice : str
        What to widen; empty unless `at_edge`.
    """

    name: str
    space: str
    best: Any
    place: float
    at_edge: str
    inert: str
    importance: float
    p_value: float
    advice: str

    def warnings(self) -> list[str]:
        """Return a sentence about each thing that a person should know of it."""
        said = []
        if self.at_edge:
            end = {"low": "lower", "high": "upper"}[self.at_edge]
            said.append(f"{self.name}: the best {N_BEST} samples lie at the {end} end of {self.space}; {self.advice}.")
        if self.inert:
            why = "equal logs" if self.inert == "equal logs" else f"p = {self.p_value:.2f}"
            said.append(f"{self.name}: it has no effect of its own on the scores, beyond noise ({why}).")
        return said


def judge_ranges(
    agent_class: "type[BaseAgent]",
    spaces: Mapping[str, Any],
    configurations: Sequence[Mapping[str, Any]],
    losses: np.ndarray,
    order: Sequence[int] | None = None,
) -> tuple[Range, ...]:
    """
    Judge the range of each hyperparameter that differs among samples.

    Parameters
    ----------
    agent_class : type
    spaces : mapping of str to object
        Its search spaces, from which the samples were drawn.
    configurations : sequence of mapping
        The gin parameters of each sample.
    losses : ndarray of shape (n_samples,)
        Smaller is better.
    order : sequence of int, optional
        The samples from the best on, where that is not the order of the losses (of a lower rung, say).

    Returns
    -------
    tuple of Range
        In the order of the search spaces.
    """
    order = np.argsort(losses, kind="stable").tolist() if order is None else list(order)
    samples = [_components(one) for one in configurations]
    named = _columns(agent_class, spaces, samples)
    factors = [_factor(spaces.get(name), [one.get(component) for one in samples]) for name, component in named.items()]
    effects = main_effects(factors, losses)
    found = []
    for (name, component), effect in zip(named.items(), effects, strict=True):
        space, column = spaces.get(name), [one.get(component) for one in samples]
        places = [_place(space, value) for value in column]
        equal = _equal_without(component, samples, losses)
        at_edge = "" if equal else _edge([places[i] for i in order[:N_BEST]], losses)
        noise = effect.p_value > SIGNIFICANCE and equal is None
        best = places[order[0]]
        found.append(
            Range(
                name=name,
                space=_written(space),
                best=column[order[0]],
                place=math.nan if best is None else best,
                at_edge=at_edge,
                inert="equal logs" if equal else "noise" if noise else "",
                importance=effect.share,
                p_value=effect.p_value,
                advice=_advice(space, at_edge) if at_edge else "",
            )
        )
    return tuple(found)


def ranges_of(selection: "Selection", spaces: Mapping[str, Any]) -> tuple[Range, ...]:
    """
    Judge the ranges that the samples of a selection were drawn from.

    Effects are those on the scores of the first rung, where all samples have had the same runs; the best samples are
    those of the last one.

    Parameters
    ----------
    selection : Selection
    spaces : mapping of str to object
        The search spaces of the agent.
    """
    scores = selection.scores
    losses = np.array(selection.losses)

    def merit(i: int) -> tuple[bool, int, float]:
        rung = getattr(scores[i], "rung", None) or 0
        return scores[i] is not selection.best, -rung, selection.sign * scores[i].score

    order = sorted(range(len(scores)), key=merit)
    return judge_ranges(selection.agent_class, spaces, [one.parameters for one in scores], losses, order)


def selection_warnings(selection: "Selection", ranges: Iterable[Range]) -> list[str]:
    """Return a line about each thing that makes a choice worth less than it looks; it begins with the agent's name."""
    said = [warning for one in ranges for warning in one.warnings()]
    n_logs, n_cut = (sum(getattr(one, name) for one in selection.scores) for name in ("n_logs", "n_cut"))
    failed = [one for one in selection.scores if one.n_failed]
    if failed:
        said.append(
            f"{sum(one.n_failed for one in failed)} of {n_logs} runs failed and count as the worst policy, those of "
            f"{', '.join(one.scope for one in failed[:5])}{' and others' if len(failed) > 5 else ''}."
        )
    if n_cut:
        said.append(f"{n_cut} of {n_logs} runs were cut by the clock; give them more time (max_interaction_time_s).")
    n_tied = selection.n_tied
    if n_tied > 1:
        said.append(f"{n_tied} samples share the best score, {selection.best.score:.6g}; the first was taken.")
    return [f"{selection.agent_class.__name__}: {line}" for line in said]


def ranges_table(ranges: Iterable[Range]) -> str:
    """Return a CSV, a row a hyperparameter; shares and p values have three decimals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = ("hyperparameter", "range", "best", "place", "at_edge", "inert", "importance", "p_value", "advice")
    writer.writerow(columns)
    for r in ranges:
        numbers = ["" if math.isnan(x) else f"{x:.3f}" for x in (r.place, r.importance, r.p_value)]
        writer.writerow([r.name, r.space, r.best, numbers[0], r.at_edge, r.inert, *numbers[1:], r.advice])
    return text.getvalue()


def located(agent_class: "type[BaseAgent]", spaces: Mapping[str, Any]) -> dict[str, str]:
    """
    Return where in the gin text each hyperparameter of the search spaces goes.

    A class writes its gin text itself (the prior mean of PSRL is the first of four numbers): what changes in it when
    one hyperparameter does is where that one goes.

    Returns
    -------
    dict of str to str
        The name of a gin parameter, with ``[i]`` behind it for a number in a list. What goes nowhere, or to several
        places, is not in it.
    """
    base = sample_agent_hyperparameters(agent_class, 0, 0, spaces)
    others = [sample_agent_hyperparameters(agent_class, 0, i, spaces) for i in range(1, 10)]
    found = {}
    for name in base:
        other = next((one[name] for one in others if one[name] != base[name]), None)
        if other is None:
            continue
        before, after = (_gin_components(agent_class, {**base, name: value}) for value in (base[name], other))
        changed = [key for key, value in after.items() if before.get(key) != value]
        if len(changed) == 1 and after[changed[0]] == other:
            found[name] = changed[0]
    return found


def _gin_components(agent_class: "type[BaseAgent]", parameters: Mapping[str, Any]) -> dict[str, Any]:
    text = agent_class.produce_gin_file_from_parameters(dict(parameters), 0)
    [one] = parse_gin_text(agent_class, text, "produce_gin_file_from_parameters").values()
    return _components(one)


def _components(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Take lists apart: each number of one is a hyperparameter of its own."""
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, list | tuple):
            found |= {f"{name}[{i}]": one for i, one in enumerate(value)}
        else:
            found[name] = value
    return found


def _columns(
    agent_class: "type[BaseAgent]", spaces: Mapping[str, Any], samples: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """The name and the gin component of each hyperparameter that differs among the samples."""
    components = dict.fromkeys(key for one in samples for key in one)
    varying = [key for key in components if any(one.get(key) != samples[0].get(key) for one in samples)]
    named = {name: key for name, key in located(agent_class, spaces).items() if key in varying} if varying else {}
    return named | {key: key for key in varying if key not in named.values()}


def _factor(space: Any, column: Sequence[Any]) -> Factor:
    if isinstance(space, Space) and space.kind == "choice" or not all(map(_is_number, column)):
        levels = sorted(set(map(repr, column)))
        return Factor.of_levels([levels.index(repr(value)) for value in column])
    places = [_place(space, value) for value in column]
    if None in places:
        return Factor.of_ranks([float(value) for value in column])
    return Factor.of_places([min(max(place, 0.0), 1.0) for place in places if place is not None])


def _place(space: Any, value: Any) -> float | None:
    if not _is_number(value) or space is None:
        return None
    if isinstance(space, Space):
        return space.place(value)
    return float(space.cdf(value)) if hasattr(space, "cdf") else None  # a distribution of scipy


def _edge(places: Sequence[float | None], losses: np.ndarray) -> str:
    known = [place for place in places if place is not None]
    if len(known) < N_BEST or np.ptp(losses) == 0:
        return ""
    if max(known) <= NEAR_THE_END:
        return "low"
    return "high" if min(known) >= 1 - NEAR_THE_END else ""


def _equal_without(component: str, samples: Sequence[Mapping[str, Any]], losses: np.ndarray) -> bool | None:
    """Whether samples that differ in nothing but a component have equal losses; None if there are no such samples."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, one in enumerate(samples):
        rest = tuple(sorted((key, repr(value)) for key, value in one.items() if key != component))
        groups.setdefault(rest, []).append(i)
    alike = [group for group in groups.values() if len({repr(samples[i].get(component)) for i in group}) > 1]
    if not alike:
        return None
    return all(losses[i] == losses[group[0]] for group in alike for i in group)


def _advice(space: Any, end: str) -> str:
    """What to write in place of a range whose end the best samples lie at."""
    if not isinstance(space, Space) or space.kind not in ("uniform", "log_uniform", "integer"):
        return "widen it there"
    low, high = space.given
    if space.kind == "integer":
        wider: dict[str, Any] = {"integer": [low - (high - low), high] if end == "low" else [low, 2 * high - low]}
    elif low > 0:
        wider = {"log_uniform": [_short(low / 1000), high] if end == "low" else [low, _short(high * 10)]}
    elif end == "low":
        wider = {"uniform": [_short(2 * low - high), high]} if low < 0 else {"log_uniform": [_short(high / 1e4), high]}
    else:
        wider = {"uniform": [low, _short(low + 3 * (high - low))]}
    return f"widen it, e.g. {_text(wider)}"


def _written(space: Any) -> str:
    if space is None:
        return ""
    return _text(space.spec()) if isinstance(space, Space) else repr(space)


def _text(spec: Mapping[str, Any]) -> str:
    [(kind, given)] = spec.items()
    inside = ", ".join(map(_number, given)) if isinstance(given, list) else _number(given)
    return f"{kind}: [{inside}]" if isinstance(given, list) else f"{kind}: {inside}"


def _number(value: Any) -> str:
    return f"{value:g}" if _is_number(value) else str(value)


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

"""A part of a benchmark's results, by the names of agents and environments, and other names for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from colosseum.analysis.names import family_of, scope_number, short_family
from colosseum.analysis.results import Results
from colosseum.errors import ConfigurationError, nearest
from colosseum.layout import Configured


def parse_labels(pairs: Iterable[str]) -> dict[str, str]:
    """
    Return what ``NAME=LABEL`` pairs say.

    Raises
    ------
    ConfigurationError
        If one of them is no such pair, or a name has two labels.
    """
    labels: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not (equals and name and text.strip()):
            raise ConfigurationError(f"--labels: {pair!r} is no NAME=LABEL, such as QLearning=Q-learning.")
        if labels.setdefault(name, text) != text:
            raise ConfigurationError(f"--labels: {name} has two labels, {labels[name]!r} and {text!r}.")
    return labels


def choose(
    several: Sequence[Results],
    agents: Sequence[str] = (),
    mdps: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
) -> list[Results]:
    """
    Return the parts of some benchmarks that are of some agents and environments.

    A name is a label (``MG-Rooms (2)``), a class with or without its setting (``MiniGridRooms``), which stands for all
    its configurations, or one of these (``prms_2-MiniGridRoomsEpisodic``). Order, colours and names stay those of the
    whole benchmark. Comparisons are among the chosen agents, in the chosen environments.

    Parameters
    ----------
    several : sequence of Results
    agents, mdps : sequence of str
        Names of those to keep, in any of the benchmarks; all where there are none.
    labels : mapping of str to str, optional
        Other names by names, of agents and of environments. Where a name stands for several configurations, each has
        the number of its gin scope behind the label.

    Returns
    -------
    list of Results
        Without benchmarks of which nothing is left.

    Raises
    ------
    ConfigurationError
        If no benchmark has an agent or environment of a name, or nothing is left of any.
    """
    chosen_agents = _find(several, agents, "agent", lambda one: one.agent_names())
    chosen_mdps = _find(several, mdps, "environment", lambda one: one.label_mdps())
    renamed = _rename(several, labels or {})
    parts = []
    for one in several:
        kept = [agent for agent in one.agents_as_given if chosen_agents is None or agent in chosen_agents]
        places = [mdp for mdp in one.mdps if chosen_mdps is None or mdp in chosen_mdps]
        if kept and places:
            parts.append(_part(one, kept, places, renamed))
    if not parts:
        raise ConfigurationError("--agents and --mdps: no benchmark has both such an agent and such an environment.")
    return parts


def _part(
    results: Results, agents: list[Configured], mdps: list[Configured], renamed: dict[Configured, str]
) -> Results:
    def keep(table: pd.DataFrame) -> pd.DataFrame:
        chosen = [
            (agent_class, agent_scope) in of_agents and (mdp_class, mdp_scope) in of_mdps
            for agent_class, agent_scope, mdp_class, mdp_scope in zip(
                *(table[name] for name in ("agent_class", "agent_scope", "mdp_class", "mdp_scope")), strict=True
            )
        ]
        return table[chosen].reset_index(drop=True)

    of_agents, of_mdps = set(map(tuple, agents)), set(map(tuple, mdps))
    curves = None if results.curves is None else keep(results.curves)
    return replace(results, summary=keep(results.summary), curves=curves, whole=results, renamed=renamed)


def _names(one: Configured, label: str) -> set[str]:
    """Return what an agent or environment may be called."""
    return {label, one.class_name, family_of(one.class_name), short_family(one.class_name), one.name}


def _find(
    several: Sequence[Results],
    names: Sequence[str],
    what: str,
    labels_of: Callable[[Results], Mapping[Configured, str]],
) -> set[Configured] | None:
    if not names:
        return None
    known = {(one, label) for results in several for one, label in labels_of(results).items()}
    found: set[Configured] = set()
    for name in names:
        named = {one for one, label in known if name in _names(one, label)}
        if not named:
            there = sorted({short for one, label in known for short in (label, family_of(one.class_name))})
            raise ConfigurationError(f"there is no {what} {name!r} in these results: {nearest(name, there)}")
        found |= named
    return found


def _rename(several: Sequence[Results], labels: Mapping[str, str]) -> dict[Configured, str]:
    known = {pair for results in several for pair in {**results.agent_names(), **results.label_mdps()}.items()}
    renamed: dict[Configured, str] = {}
    for name, text in labels.items():
        named = {one for one, label in known if name in _names(one, label)}
        if not named:
            there = sorted({short for one, label in known for short in (label, family_of(one.class_name))})
            raise ConfigurationError(f"--labels: there is no {name!r} in these results: {nearest(name, there)}")
        several_scopes = len({one.scope for one in named}) > 1
        renamed |= {one: f"{text} ({scope_number(one.scope)})" if several_scopes else text for one in named}
    return renamed

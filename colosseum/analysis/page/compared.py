"""Two studies, or two times of one, side by side: how far each agent has moved, and whether that is more than noise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from colosseum.analysis.folder import Configured
from colosseum.analysis.page.shown import Shown, show
from colosseum.analysis.page.sources import Source, Sources
from colosseum.analysis.regrets import POLICY_REGRET, RANDOM_POLICY, TITLES, layouts, random_values, regrets_of
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import Interval
from colosseum.analysis.statistics.comparison import LEVEL, parts_of_difference
from colosseum.analysis.statistics.intervals import UNBOUNDED
from colosseum.analysis.statistics.strata import satterthwaite, t_interval
from colosseum.analysis.table_model import DASH, Number, Row, Table

BETTER, WORSE, NOISE, SAME, UNKNOWN = "better", "worse", "within the noise", "the same", "one seed: not known"

_ROUNDING = 1e-9
_NAMED = 3


@dataclass(frozen=True)
class Compared:
    """
    A benchmark that both studies have.

    Attributes
    ----------
    title, anchor : str
    sentence : str
        What has moved.
    tables : list of Shown
        Of each regret the leaderboards side by side and the differences in each environment, then what differs in the
        configurations, where anything does.
    """

    title: str
    anchor: str
    sentence: str
    tables: list[Shown]


@dataclass(frozen=True)
class Comparison:
    """
    What a page says of another study.

    Attributes
    ----------
    names : tuple of str
        How the page calls its own study and the other one.
    place : str
        Where the other one was found.
    benchmarks : list of Compared
    notes : list of str
        What cannot be compared.
    """

    names: tuple[str, str]
    place: str
    benchmarks: list[Compared]
    notes: list[str]


def compare(mine: Sources, other: Sources, names: tuple[str, str], place: str) -> Comparison:
    """
    Compare the benchmarks of two studies that have the same name.

    Parameters
    ----------
    mine, other : Sources
    names : tuple of str
        What to call the two.
    place : str
        Where the other one was found.
    """
    others = {source.name: source for source in other.benchmarks}
    both = [source for source in mine.benchmarks if source.name in others]
    notes = []
    for here, there, name in ((mine, other, names[0]), (other, mine, names[1])):
        known = {source.name for source in there.benchmarks}
        alone = [source.title for source in here.benchmarks if source.name not in known]
        if alone:
            notes.append(f"Only in {name}: {', '.join(alone)}.")
    return Comparison(names, place, [_Pair(source, others[source.name], names).compared() for source in both], notes)


class _Pair:
    """A benchmark at two times."""

    def __init__(self, mine: Source, other: Source, names: tuple[str, str]):
        self.source, self.names = mine, names
        self.both = (mine.results, other.results)
        agents = [agent for agent in self.both[0].agents if agent in self.both[1].agents]
        self.agents = [agent for agent in agents if all(_holds(one, POLICY_REGRET, agent) for one in self.both)]
        parameters = [results.parameters("mdp") for results in self.both]
        shared = [mdp for mdp in self.both[0].mdps if parameters[0][mdp] == parameters[1].get(mdp)]
        self.regrets = [
            regret
            for regret in regrets_of(self.both[0])
            if all(_holds(results, regret, agent) for results in self.both for agent in self.agents)
        ]
        self.seeds = [results.seeds for results in self.both]
        self.mdps = [mdp for mdp in shared if self.agents and self.regrets and self._is_measured(mdp)]
        self.paired = self._paired()

    def compared(self) -> Compared:
        """What the page shows of it."""
        anchor, labels = f"{self.source.anchor}-compared", list(self.both[0].agent_labels.values())
        tables: list[Shown] = []
        sentence = "They have no environment and agent in common: nothing can be compared."
        for regret in self.regrets if self.mdps else []:
            differences = {agent: self._difference(regret, agent) for agent in self.agents}
            verdicts = {agent: _verdict(one) for agent, one in differences.items()}
            by_mdp = self._by_environment(regret)
            if not tables:
                sentence = self._sentence(verdicts, by_mdp)
            boards = show(self._boards(regret, differences, verdicts), f"{anchor}-{regret}", labels, regret=regret)
            tables += [boards, show(by_mdp, f"{anchor}-environments-{regret}", labels, regret=regret)]
        differs = list(self._what_differs())
        if differs:
            rows = tuple(Row((what,), texts) for what, *texts in differs)  # type: ignore[arg-type]
            title = f"What differs in the configurations: {self.source.title}"
            tables.append(show(Table(title, ("Setting",), self.names, rows), f"{anchor}-configurations", ()))
        return Compared(self.source.title, anchor, sentence, tables)

    def _is_measured(self, mdp: Configured) -> bool:
        """Whether all agents of both have an instance of an environment on both sides."""
        sides = (
            values for regret in self.regrets for agent in self.agents for values in self._values(regret, agent, [mdp])
        )
        return not any(np.isnan(values).all() for values in sides)

    def _values(self, regret: str, agent: Configured, mdps: list[Configured]) -> list[np.ndarray]:
        """Regret a step of both, of shape (n_seeds, n_mdps); with the same seeds, of those instances that both have."""
        places = [[results.mdps.index(mdp) for mdp in mdps] for results in self.both]
        sides = [results.values(regret, agent)[:, at] for results, at in zip(self.both, places, strict=True)]
        if self.seeds[0] == self.seeds[1]:
            either = np.isnan(sides[0]) | np.isnan(sides[1])
            sides = [np.where(either, np.nan, values) for values in sides]
        return sides

    def _paired(self) -> np.ndarray:
        """Where seeds are layouts, and both have the same: the difference is then taken seed by seed."""
        if self.seeds[0] != self.seeds[1]:
            return np.zeros(len(self.mdps), bool)
        found = [layouts(results)[[results.mdps.index(mdp) for mdp in self.mdps]] for results in self.both]
        return np.asarray(found[0] & found[1], bool)

    def _difference(self, regret: str, agent: Configured, at: int | None = None) -> Interval:
        """Mine minus the other's over all environments, or in one, at the level that holds for the table's rows."""
        chosen = slice(None) if at is None else slice(at, at + 1)
        mine, other = self._values(regret, agent, self.mdps[chosen])
        estimate = (np.nanmean(mine, axis=0) - np.nanmean(other, axis=0)).mean()
        variances, degrees = parts_of_difference(mine, other, self.paired[chosen])
        error = np.sqrt(variances.sum()) / mine.shape[1]
        n_rows = len(self.agents) * (1 if at is None else len(self.mdps))
        return t_interval(
            np.asarray(estimate), error, satterthwaite(variances, degrees), (1 - LEVEL) ** (1 / n_rows), UNBOUNDED
        )

    def _means(self, regret: str, side: int) -> dict[Configured, float]:
        """Mean regret of every agent of a side, where it has all environments that are compared."""
        results = self.both[side]
        columns = [results.mdps.index(mdp) for mdp in self.mdps]
        found = {}
        for agent in results.agents:
            if agent in self.agents:
                values = self._values(regret, agent, self.mdps)[side]
            else:
                values = results.values(regret, agent)[:, columns]
            if not np.isnan(values).all(axis=0).any():
                found[agent] = float(np.nanmean(values, axis=0).mean())
        return dict(sorted(found.items(), key=lambda one: one[1]))

    def _boards(self, regret: str, differences: dict[Configured, Interval], verdicts: dict[Configured, str]) -> Table:
        means = [self._means(regret, side) for side in (0, 1)]
        labels = self.both[1].agent_labels | self.both[0].agent_labels
        rows = []
        for agent in dict.fromkeys([*means[0], *means[1]]):
            cells: list[Number | str] = []
            for of_side in means:
                place = str(list(of_side).index(agent) + 1) if agent in of_side else DASH
                cells += [place, Number(of_side.get(agent, float("nan")), 3)]
            if agent in differences:
                cells += [_number(differences[agent]), verdicts[agent]]
            else:
                cells += [DASH, f"only in {self.names[0 if agent in means[0] else 1]}"]
            rows.append(Row((labels[agent],), tuple(cells)))
        random = [self._random(regret, side) for side in (0, 1)]
        if None not in random:
            mine, other = (float(value) for value in random if value is not None)
            same = abs(mine - other) <= _ROUNDING
            cells = ["", Number(mine, 3), "", Number(other, 3), Number(0.0 if same else mine - other, 3)]
            rows.append(Row((RANDOM_POLICY,), (*cells, SAME if same else "other environments or layouts")))
        notes = (
            f"{TITLES[regret]} a step, mean over the {len(self.mdps)} environments that both have with the same "
            "parameters; the lower, the better.",
            f"Difference: {self.names[0]} minus {self.names[1]}. The intervals of the table hold together in 95 %, for "
            "other seeds on these same environments; one that leaves out 0 is more than the noise.",
        )
        titles = [f"{what}{name}" for name in self.names for what in ("#, ", "")]
        title = f"{self.source.title}: {TITLES[regret].lower()}, both leaderboards"
        return Table(title, ("Agent",), (*titles, "Difference", f"{self.names[0]} is"), tuple(rows), notes)

    def _random(self, regret: str, side: int) -> float | None:
        results = self.both[side]
        values = random_values(results, regret)
        if values is None:
            return None
        values = values[:, [results.mdps.index(mdp) for mdp in self.mdps]]
        return None if np.isnan(values).all(axis=0).any() else float(np.nanmean(values, axis=0).mean())

    def _by_environment(self, regret: str) -> Table:
        """The differences in each environment, those that moved most first."""
        found = []
        for i, mdp in enumerate(self.mdps):
            moved = [self._difference(regret, agent, i) for agent in self.agents]
            cells = tuple(_number(one, bold=_verdict(one) in (BETTER, WORSE)) for one in moved)
            found.append((max(abs(float(one.estimate)) for one in moved), Row((self.both[0].mdp_labels[mdp],), cells)))
        rows = tuple(row for _, row in sorted(found, key=lambda one: -one[0]))
        notes = (
            f"{self.names[0]} minus {self.names[1]}, those that moved most first. Bold: more than the noise; the "
            "intervals of the table hold together in 95 %.",
        )
        title = f"{self.source.title}: difference of {TITLES[regret].lower()} in each environment"
        return Table(
            title, ("Environment",), tuple(self.both[0].agent_labels[agent] for agent in self.agents), rows, notes
        )

    def _sentence(self, verdicts: dict[Configured, str], by_mdp: Table) -> str:
        parts = []
        for verdict in (BETTER, WORSE, NOISE, SAME, UNKNOWN):
            labels = [self.both[0].agent_labels[agent] for agent, one in verdicts.items() if one == verdict]
            if labels:
                parts.append(f"{verdict}: {', '.join(labels)}")
        said = f"Against {self.names[1]}, {self.names[0]} is {'; '.join(parts)}."
        clear = [row.labels[0] for row in by_mdp.rows if any(isinstance(c, Number) and c.bold for c in row.cells)]
        if clear:
            more = f" and {len(clear) - _NAMED} more" if len(clear) > _NAMED else ""
            said += f" More than noise in {', '.join(clear[:_NAMED])}{more}."
        return said

    def _what_differs(self) -> Iterator[tuple[str, str, str]]:
        """What differs, and how it is in each."""
        yield from _if_differ("Seeds", *(_listed(map(str, seeds)) for seeds in self.seeds))
        yield from _if_differ("Steps", *map(_steps, self.both))
        yield from _if_differ("Complete instances", *map(_complete, self.both))
        for kind, what in (("agent", "Agents"), ("mdp", "Environments")):
            known = [results.parameters(kind) for results in self.both]
            labels = [getattr(results, f"{kind}_labels") for results in self.both]
            alone = []
            for side in (0, 1):
                alone.append([labels[side][one] for one in known[side] if one not in known[1 - side]])
            yield from _if_differ(f"{what} of one alone", *(_listed(one) or DASH for one in alone))
            for one in known[0]:
                for name in dict.fromkeys([*known[0][one], *known[1].get(one, {})]) if one in known[1] else ():
                    values = (known[side][one].get(name, DASH) for side in (0, 1))
                    yield from _if_differ(f"{labels[0][one]}: {name}", *values)


def _holds(results: Results, regret: str, agent: Configured) -> bool:
    return bool(np.isfinite(results.final_values(regret)[results.agents.index(agent)]).any())


def _verdict(difference: Interval) -> str:
    if abs(float(difference.estimate)) <= _ROUNDING:
        return SAME
    if np.isnan(difference.low):
        return UNKNOWN
    if difference.low <= 0 <= difference.high:
        return NOISE
    return BETTER if difference.high < 0 else WORSE


def _number(difference: Interval, bold: bool = False) -> Number:
    ends = (float(difference.low), float(difference.high))
    return Number(float(difference.estimate), 3, interval=ends, bold=bold)


def _if_differ(what: str, mine: str, other: str) -> Iterator[tuple[str, str, str]]:
    if mine != other:
        yield what, mine, other


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _steps(results: Results) -> str:
    return _listed(f"{int(n):,}" for n in sorted(results.summary["steps"].dropna().unique()))


def _complete(results: Results) -> str:
    return f"{int((results.summary['status'] == 'complete').sum()):,} of {len(results.summary):,}"

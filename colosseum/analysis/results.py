"""A benchmark's results, ready for tables and plots, from its folder or from its summary."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from colosseum.analysis.completeness import failure_notes, incomplete_note, most_in_common
from colosseum.analysis.folder import Configured, natural_key
from colosseum.analysis.load import load_tables
from colosseum.analysis.names import label
from colosseum.analysis.statistics import mean_score
from colosseum.errors import LogError
from colosseum.logs import columns
from colosseum.logs.columns import check_indicator

_IDENTITIES = ("mdp_class", "mdp_scope", "agent_class", "agent_scope")

LEARNING_REGRET = "normalized_cumulative_learning_regret"
POLICY_REGRET = "normalized_cumulative_regret"

MANY_NAMES = 10
"""More names than that are counted in a note."""

HardnessSource = str | os.PathLike | Callable[[str, str, Mapping[str, str]], Mapping[str, float]] | None


@dataclass(frozen=True)
class Results:
    """
    What is known of a benchmark.

    Attributes
    ----------
    name : str
        Name of the benchmark.
    summary : DataFrame
        A row an instance, see `columns.SUMMARY_COLUMNS`.
    curves : DataFrame or None
        Sampled curves, see `columns.CURVES_COLUMNS`; None where only a summary was given.
    folder : Path or None
        The benchmark's folder, or that of the summary.
    hardness : path, callable or None
        Where the environments' measures of hardness come from, see `colosseum.analysis.hardness`.
    whole : Results or None
        What these are a part of, see `colosseum.analysis.choice.choose`; it gives agents and environments their names,
        looks and order.
    renamed : dict of Configured to str
        Names that were asked for.
    """

    name: str
    summary: pd.DataFrame
    curves: pd.DataFrame | None = None
    folder: Path | None = None
    hardness: HardnessSource = None
    whole: "Results | None" = None
    renamed: Mapping[Configured, str] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        source: str | os.PathLike,
        curves: str | os.PathLike | None = None,
        hardness: HardnessSource = None,
        allow_incomplete: bool = False,
    ) -> "Results":
        """
        Load results.

        Parameters
        ----------
        source : str or path
            A benchmark's folder (its logs are read), a ``summary.csv``, or a folder that holds one.
        curves : str or path, optional
            The curves of the summary; default: ``curves.csv`` beside it, if it is there.
        hardness : path, callable or None
            Measures of hardness, see `colosseum.analysis.hardness`.
        allow_incomplete : bool
            Whether a benchmark's folder may lack instances. A summary says so itself: it was allowed when it was
            made.

        Raises
        ------
        ConfigurationError, LogError
            If the source is none of these, or its benchmark is incomplete where that is not allowed.
        """
        summary, points, folder = load_tables(source, curves, allow_incomplete)
        return cls(str(summary["benchmark"].iloc[0]), summary, points, folder, hardness)

    @cached_property
    def mdps(self) -> list[Configured]:
        """Environments in their natural order."""
        return sorted(self._configured("mdp"), key=natural_key)

    @cached_property
    def agents(self) -> list[Configured]:
        """
        Agents in the order of the leaderboard, best first, wherever they are shown.

        It is that of the mean of the first regret that all compared agents have, learning regret if they do. Equal
        agents, and after all others those without logs to compare, are in the order of the summary.
        """
        given = self.agents_as_given
        if self.whole is not None:
            return [agent for agent in self.whole.agents if agent in given]
        as_given = replace(self)
        as_given.__dict__["agents"] = given
        return order_of_leaderboard(as_given)

    @cached_property
    def agents_as_given(self) -> list[Configured]:
        """Agents in the order of the summary: the study's, or their natural one."""
        return self._configured("agent")

    @cached_property
    def seeds(self) -> list[int]:
        """Seeds in ascending order."""
        return sorted(int(seed) for seed in self.summary["seed"].unique())

    @cached_property
    def mdp_labels(self) -> dict[Configured, str]:
        """Short, unambiguous names of the environments."""
        return self.label_mdps()

    @cached_property
    def agent_labels(self) -> dict[Configured, str]:
        """Short, unambiguous names of the agents, or those that the study gives them."""
        return self.label_agents()

    def label_mdps(self, show_scope: bool | None = None) -> dict[Configured, str]:
        """Return `mdp_labels`; `show_scope` is that of `colosseum.analysis.names.label`."""
        names = label((self.whole or self).mdps, show_scope)
        return {mdp: self.renamed.get(mdp, names[mdp]) for mdp in self.mdps}

    def label_agents(self, show_scope: bool | None = None) -> dict[Configured, str]:
        """Return `agent_labels`; `show_scope` is that of `colosseum.analysis.names.label`."""
        names = (self.whole or self).agent_names(show_scope)
        return {agent: self.renamed.get(agent, names[agent]) for agent in self.agents}

    def agent_names(self, show_scope: bool | None = None) -> dict[Configured, str]:
        """Return what agents are called where no other names were asked for."""
        rows = self.summary.drop_duplicates(["agent_class", "agent_scope"])
        given = {
            Configured(cls, scope): text
            for cls, scope, text in zip(rows["agent_class"], rows["agent_scope"], rows["agent_label"], strict=True)
            if isinstance(text, str) and text
        }
        others = label([agent for agent in self.agents if agent not in given], show_scope)
        return {agent: given.get(agent) or others[agent] for agent in self.agents}

    @property
    def note(self) -> str:
        """Sentence that says what an incomplete benchmark lacks; empty for a complete one."""
        return incomplete_note(self.summary)

    @property
    def notes(self) -> list[str]:
        """`note`, and sentences that name the failed instances, with the reason."""
        return [self.note, *failure_notes(self.summary)] if self.note else []

    @property
    def score_notes(self) -> list[str]:
        """`score_note`, and sentences that name the failed instances, with the reason."""
        return [self.score_note, *failure_notes(self.summary)] if self.note else []

    def values(self, indicator: str, agent: Configured, per_step: bool = True) -> np.ndarray:
        """
        Return an indicator's final values for an agent.

        Parameters
        ----------
        indicator : str
            One of `columns.INDICATORS`.
        agent : Configured
            One of `agents`.
        per_step : bool
            Whether to divide by the number of steps; what is no sum over steps (steps per second) is never divided.

        Returns
        -------
        ndarray of shape (n_seeds, n_mdps)
            In the order of `seeds` and `mdps`, nan where there is no complete log.
        """
        self.check_held(indicator)
        return self.final_values(indicator, per_step)[self.agents.index(agent)]

    def check_held(self, indicator: str) -> None:
        """Raise where an indicator does not exist (ConfigurationError), or no log holds it (LogError)."""
        check_indicator(indicator)
        if np.isnan(self.final_values(indicator)).all():
            raise LogError(f"{self.name}: the logs do not hold the indicator {indicator!r}.")

    def final_values(self, column: str, per_step: bool = True) -> np.ndarray:
        """
        Return the final values of any number of the logs, those of baselines included, for all agents.

        Returns
        -------
        ndarray of shape (n_agents, n_seeds, n_mdps)
            In the order of `agents`, `seeds` and `mdps`; nan where no complete log holds it.
        """
        rows, places, table = self._positions
        values = np.full((len(self.agents), len(self.seeds), len(self.mdps)), np.nan)
        numbers = table[column].to_numpy(float)
        if per_step and columns.column(column).is_sum:
            numbers = numbers / table["steps"].to_numpy(float)
        values[places[1], rows, places[0]] = numbers
        return values

    def count(self, agent: Configured, states: Sequence[str]) -> np.ndarray:
        """Return in how many complete instances an agent ended in one of these training states; shape (n_mdps,)."""
        rows, places, table = self._positions
        chosen = (places[1] == self.agents.index(agent)) & table["training_state"].isin(list(states)).to_numpy(bool)
        return np.bincount(places[0][chosen], minlength=len(self.mdps))

    def scores(
        self, indicator: str = "normalized_cumulative_regret"
    ) -> tuple[dict[Configured, np.ndarray], list[Configured]]:
        """
        Return what the statistics need: scores of all agents on the same environments with the same seeds.

        Of an incomplete benchmark these are those for which all agents have a complete log, as many as there are.
        Agents without a log, or with none where the others have theirs, are left out; `score_note` says which.

        Parameters
        ----------
        indicator : str
            A normalized regret. Which instances are compared does not depend on it: those of a log that lacks it are
            nan.

        Returns
        -------
        scores : dict of agent to ndarray of shape (n_seeds_kept, n_mdps_kept)
            1 minus the regret per step: 1 for the optimal policy, 0 for the worst.
        kept : list of Configured
            The environments.
        """
        agents, seeds, mdps = self.compared
        values = self.final_values(indicator)
        scores = {self.agents[i]: 1.0 - values[i][np.ix_(seeds, mdps)] for i in agents}
        return scores, [self.mdps[i] for i in mdps]

    @cached_property
    def regrets(self) -> list[str]:
        """
        The regrets that the logs hold, learning regret first; the first one orders the agents.

        Learning regret orders them only where every agent that is compared has it.
        """
        agents, seeds, mdps = self.compared
        known = [name for name in (LEARNING_REGRET, POLICY_REGRET) if name in columns.INDICATORS]
        held = [name for name in known if np.isfinite(self.final_values(name)).any()]
        if LEARNING_REGRET in held and np.isnan(self.final_values(LEARNING_REGRET)[np.ix_(agents, seeds, mdps)]).any():
            held.reverse()
        return held

    @property
    def score_note(self) -> str:
        """Sentences that say what an incomplete benchmark lacks and what `scores` holds; empty for a complete one."""
        if not self.note:
            return ""
        agents, seeds, mdps = self.compared
        counts = [(len(mdps), len(self.mdps), "environments"), (len(seeds), len(self.seeds), "seeds")]
        parts = [f"{kept} of {n} {what}" for kept, n, what in counts if kept < n]
        sentences = [self.note]
        if parts:
            sentences.append(f"Scores are of {' and '.join(parts)}, which all of these agents have.")
        left_out = {
            "Environments": [self.mdp_labels[mdp] for i, mdp in enumerate(self.mdps) if i not in mdps],
            "Seeds": [str(seed) for i, seed in enumerate(self.seeds) if i not in seeds],
        }
        for what, names in left_out.items():
            if names:
                more = f" and {len(names) - MANY_NAMES} more" if len(names) > MANY_NAMES else ""
                sentences.append(f"{what} left out: {', '.join(names[:MANY_NAMES])}{more}.")
        without = [self.agent_labels[agent] for i, agent in enumerate(self.agents) if i not in agents]
        if without:
            sentences.append(f"Without logs to compare: {', '.join(without)}.")
        return " ".join(sentences)

    @cached_property
    def compared(self) -> tuple[list[int], list[int], list[int]]:
        """Positions of the agents, seeds and environments that can be compared, as many as there are."""
        self.check_held("normalized_cumulative_regret")
        return most_in_common(~np.isnan(self.final_values("normalized_cumulative_regret")))

    def parameters(self, kind: str) -> dict[Configured, dict[str, str]]:
        """Return the parameters of every ``"agent"`` or ``"mdp"``, as gin texts."""
        rows = self.summary.drop_duplicates([f"{kind}_class", f"{kind}_scope"])
        columns = (rows[f"{kind}_class"], rows[f"{kind}_scope"], rows[f"{kind}_parameters"])
        return {Configured(name, scope): json.loads(text or "{}") for name, scope, text in zip(*columns, strict=True)}

    def curves_of(self, mdp: Configured, agent: Configured, column: str) -> tuple[np.ndarray, np.ndarray]:
        """
        Return the sampled curves of one agent in one environment.

        Returns
        -------
        steps : ndarray of shape (n_points,)
        values : ndarray of shape (n_complete_seeds, n_points)
            Both are empty where no log is complete. Sums over steps begin with 0 at step 0.

        Raises
        ------
        LogError
            If there are no curves, only a summary.
        """
        if self.curves is None:
            raise LogError(
                f"{self.name}: curves are needed; `summarise --curves` writes them, and they are read beside "
                "the summary."
            )
        rows = self._curve_groups.get((mdp.class_name, mdp.scope, agent.class_name, agent.scope))
        if rows is None:
            return np.empty(0), np.empty((0, 0))
        table = self.curves.iloc[rows].pivot(index="seed", columns="steps", values=column)
        steps, values = table.columns.to_numpy(float), table.to_numpy(float)
        if not columns.column(column).is_sum:
            return steps, values
        return np.insert(steps, 0, 0.0), np.insert(values, 0, 0.0, axis=1)  # sums begin at 0

    @cached_property
    def _curve_groups(self) -> dict[Any, Any]:
        assert self.curves is not None
        return self.curves.groupby(list(_IDENTITIES), observed=True, sort=False).indices

    @cached_property
    def _positions(self) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], pd.DataFrame]:
        table = self.summary[self.summary["status"] == "complete"]
        seeds = {seed: i for i, seed in enumerate(self.seeds)}
        places = []
        for kind, order in (("mdp", self.mdps), ("agent", self.agents)):
            index = {tuple(one): i for i, one in enumerate(order)}
            pairs = zip(table[f"{kind}_class"], table[f"{kind}_scope"], strict=True)
            places.append(np.array([index[pair] for pair in pairs], int))
        return np.array([seeds[int(seed)] for seed in table["seed"]], int), (places[0], places[1]), table

    def _configured(self, kind: str) -> list[Configured]:
        rows = self.summary[[f"{kind}_class", f"{kind}_scope"]].drop_duplicates()
        return [Configured(*row) for row in rows.itertuples(index=False)]


def order_of_leaderboard(results: Results) -> list[Configured]:
    """Return the agents of a benchmark, best first; see `Results.agents`."""
    try:
        scores, _ = results.scores(results.regrets[0])
    except LogError:  # no regret in the logs
        return results.agents
    means = {agent: float(mean_score(of_agent)) for agent, of_agent in scores.items()}
    return sorted(results.agents, key=lambda agent: (agent not in means, -means.get(agent, 0.0)))

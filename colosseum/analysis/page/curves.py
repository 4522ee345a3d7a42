"""Curves of a benchmark, packed: a page of thousands of instances holds every seed of them."""

from typing import Any

import numpy as np

from colosseum.analysis.folder import Configured
from colosseum.analysis.page.sources import Source
from colosseum.analysis.page.vega import number
from colosseum.analysis.plots.regret_curves import confidence_band
from colosseum.analysis.regrets import RANDOM_POLICY, TITLES, baseline_column, regrets_of
from colosseum.analysis.style import FEWEST_FOR_BAND


def curves(source: Source) -> dict[str, Any] | None:
    """
    Return the curves of both regrets and of single seeds.

    Returns
    -------
    dict or None
        ``regrets``, ``mdps``, ``agents``: labels; ``steps``: lists that curves have in common; ``lines``: [regret,
        environment, agent, steps, mean, low, high]; ``seeds``: [regret, environment, agent, steps, seed, values]. The
        last agent is the random policy. None where there are no curves.
    """
    results = source.results
    if results.curves is None:
        return None
    steps_known: dict[tuple[float, ...], int] = {}
    lines: list[list[Any]] = []
    seeds: list[list[Any]] = []
    kept = _seeds_by_pair(source)
    for r, regret in enumerate(regrets_of(results)):
        baseline = baseline_column("random", regret)
        for i, mdp in enumerate(results.mdps):
            random: list[Any] = []
            for j, agent in enumerate(results.agents):
                steps, values = results.curves_of(mdp, agent, regret)
                if not values.size:
                    continue
                at = steps_known.setdefault(tuple(steps.tolist()), len(steps_known))
                low, high = confidence_band(values) if len(values) >= FEWEST_FOR_BAND else (None, None)
                lines.append([r, i, j, at, _list(values.mean(axis=0)), _list(low), _list(high)])
                for seed, one in zip(kept[mdp, agent], values, strict=True):
                    seeds.append([r, i, j, at, seed, _list(one)])
                if not random and baseline is not None:
                    _, of_random = results.curves_of(mdp, agent, baseline)
                    if np.isfinite(of_random).all():
                        random = [r, i, len(results.agents), at, _list(of_random.mean(axis=0)), None, None]
            lines += [random] if random else []
    return {
        "regrets": [TITLES[regret] for regret in regrets_of(results)],
        "mdps": list(results.mdp_labels.values()),
        "agents": [*results.agent_labels.values(), RANDOM_POLICY],
        "steps": [list(steps) for steps in steps_known],
        "lines": lines,
        "seeds": seeds,
    }


def _seeds_by_pair(source: Source) -> dict[tuple[Configured, Configured], list[int]]:
    """The seeds in the order in which `Results.curves_of` has them: those that are complete, ascending."""
    table = source.results.summary
    done = table[table["status"] == "complete"]
    found: dict[tuple[Configured, Configured], list[int]] = {}
    names = ("mdp_class", "mdp_scope", "agent_class", "agent_scope", "seed")
    for mdp, mdp_scope, agent, agent_scope, seed in zip(*(done[name] for name in names), strict=True):
        found.setdefault((Configured(mdp, mdp_scope), Configured(agent, agent_scope)), []).append(int(seed))
    return {pair: sorted(seeds) for pair, seeds in found.items()}


def _list(values: np.ndarray | None) -> list[float | None] | None:
    return None if values is None else [number(value) for value in values.tolist()]

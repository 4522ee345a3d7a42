"""
Successive halving in a graph of fixed shape (Jamieson and Talwalkar 2016; Li et al. 2018, Hyperband).

Each rung gives fewer samples more runs. The fidelity of a rung is the number of (environment, seed) pairs that its
samples have met by then, in one order: the first environment of each family, the second of each, ..., with the first
seed; then the same with the next one. A run is never shortened: agents know their horizon.

A rung is a benchmark folder of its own with as many agents' configurations, its *slots*, as samples reach it. Their
number is known before anything was run; which sample is in a slot follows from the logs of the rungs below.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from colosseum.errors import ConfigurationError


@dataclass(frozen=True)
class Rung:
    """
    How many samples reach a rung, and how many runs each of them has then.

    Attributes
    ----------
    keep : int
        Samples.
    runs : int
        Pairs of environment and seed of each, those of the rungs below included.
    """

    keep: int
    runs: int


@dataclass(frozen=True)
class Pairs:
    """
    The pairs of environment and seed that a rung adds: each of its environments with each of its seeds.

    Attributes
    ----------
    environments : tuple of str
        In the order of the fidelity.
    seeds : range
    """

    environments: tuple[str, ...]
    seeds: range


def order_environments(families: Mapping[str, Iterable[str]]) -> list[str]:
    """
    Return environments in the order in which rungs add them: the first of each family, the second of each, ...

    Parameters
    ----------
    families : mapping of str to iterable of str
        The environments of each family.
    """
    rounds = zip_longest(*families.values())
    return [environment for one in rounds for environment in one if environment is not None]


def check_rungs(rungs: Sequence[Rung], n_samples: int, n_environments: int, n_seeds: int, key: str) -> None:
    """
    Refuse rungs that save nothing, or whose pairs are not some environments with some seeds each.

    Parameters
    ----------
    rungs : sequence of Rung
    n_samples : int
        Samples of each agent.
    n_environments, n_seeds : int
        Of the whole optimisation.
    key : str
        What a configuration calls the rungs.

    Raises
    ------
    ConfigurationError
        In one line: the key, the value, what would do.
    """
    if rungs[0].keep != n_samples:
        raise ConfigurationError(
            f"{key}[0].keep: {rungs[0].keep} is not the number of samples; all {n_samples} of them begin "
            "(n_samples_agents)."
        )
    for k, (below, above) in enumerate(pairwise(rungs), start=1):
        if above.keep >= below.keep:
            raise ConfigurationError(
                f"{key}[{k}].keep: {above.keep} does not fall; it must be less than the {below.keep} of the rung below."
            )
        if above.runs <= below.runs:
            raise ConfigurationError(
                f"{key}[{k}].runs: {above.runs} does not grow; it must be more than the {below.runs} of the rung below."
            )
    for k, rung in enumerate(rungs):
        _check_runs(f"{key}[{k}].runs", rung.runs, rungs[k - 1].runs if k else 0, n_environments)
    most = n_environments * n_seeds
    if rungs[-1].runs != most:
        raise ConfigurationError(
            f"{key}[{len(rungs) - 1}].runs: {rungs[-1].runs} are not all that there are; the last rung has all {most} "
            f"({n_environments} environments with {n_seeds} seeds each: n_samples_mdps, n_seeds)."
        )


def _check_runs(key: str, runs: int, before: int, n_environments: int) -> None:
    below, above = runs // n_environments * n_environments, -(-runs // n_environments) * n_environments
    if runs > n_environments and runs != below:
        raise ConfigurationError(
            f"{key}: {runs} is no multiple of the {n_environments} environments, so they would have unequal numbers of "
            f"seeds; take {below} or {above}."
        )
    if 0 < before < n_environments < runs:
        raise ConfigurationError(
            f"{key}: {runs} comes after {before}, and neither is the number of environments; add a rung of "
            f"{n_environments} runs between the two."
        )


def new_pairs(rungs: Sequence[Rung], k: int, environments: Sequence[str]) -> Pairs:
    """
    Return the pairs that rung `k` adds to those of the rungs below.

    Parameters
    ----------
    rungs : sequence of Rung
        As `check_rungs` takes them.
    k : int
        0 is the first rung.
    environments : sequence of str
        All of them, in the order of the fidelity.
    """
    n, runs = len(environments), rungs[k].runs
    before = rungs[k - 1].runs if k else 0
    if runs <= n:
        return Pairs(tuple(environments[before:runs]), range(1))
    return Pairs(tuple(environments), range(before // n, runs // n))


def fill_slots(costs: Sequence[float], keep: int) -> list[int]:
    """
    Choose the candidates that go on, and the slot of each.

    The first `keep` take the slots in their order; each later one takes the slot of the worst of them if it is better,
    so that one more candidate changes one slot at most. The choice depends on nothing but the costs.

    Parameters
    ----------
    costs : sequence of float
        Of each candidate, in order; the lowest are the best. Of equal ones the earlier stays.
    keep : int
        How many go on at most.

    Returns
    -------
    list of int
        The candidate of each slot.

    Examples
    --------
    >>> fill_slots([0.3, 0.9, 0.2, 0.5], keep=2)
    [0, 2]
    >>> fill_slots([0.3, 0.9, 0.2, 0.5, 0.1], keep=2)
    [4, 2]
    """
    slots = list(range(min(keep, len(costs))))
    for candidate in range(len(slots), len(costs)):
        worst = max(range(len(slots)), key=lambda slot: (costs[slots[slot]], slots[slot]))
        if costs[candidate] < costs[slots[worst]]:
            slots[worst] = candidate
    return slots


def settle_slots(costs: Sequence[float], keep: int) -> list[int]:
    """
    Choose likewise among candidates that are in slots already, so that few of them change their slot.

    Where another sample is in one slot of the rung below, `fill_slots` may shift those of the others, whose runs would
    then be made again. Here each takes the slot of its own number, counted modulo `keep`, or the next free one, the
    best first. That some change nevertheless is accepted: it costs runs, and never a wrong log.

    Parameters and result are those of `fill_slots`.

    Examples
    --------
    >>> settle_slots([0.3, 0.9, 0.2, 0.5], keep=2)
    [2, 0]
    """
    slots: list[int | None] = [None] * min(keep, len(costs))
    for candidate in sorted(range(len(costs)), key=lambda i: (costs[i], i))[: len(slots)]:
        slot = candidate % len(slots)
        while slots[slot] is not None:
            slot = (slot + 1) % len(slots)
        slots[slot] = candidate
    return [candidate for candidate in slots if candidate is not None]


def total_runs(rungs: Sequence[Rung], n_samples: int) -> int:
    """Return the runs of an agent of `n_samples` samples in all rungs."""
    before = [0, *(rung.runs for rung in rungs)]
    return sum(min(rung.keep, n_samples) * (rung.runs - before[k]) for k, rung in enumerate(rungs))

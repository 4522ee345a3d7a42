"""What instances take: a forecast before they run, and better ones from those that are done.

A forecast, not an upper bound as `colosseum.experiment.estimate`: that asks a cluster for room, this says how long a
study takes.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

OVERHEAD_S = 0.5
"""Seconds that an instance takes besides its interaction: to start, to build the environment, to write the log."""

SECONDS_PER_STEP = {
    "PSRLContinuous": 1.6e-5,
    "PSRLEpisodic": 4.6e-5,
    "QLearningContinuous": 1.7e-6,
    "QLearningEpisodic": 2.1e-6,
    "UCRL2Continuous": 4.3e-6,
    "RandomAgentContinuous": 1e-7,
    "RandomAgentEpisodic": 1e-7,
}
"""
Of the packaged agents with the published hyperparameters: means over the environments of the default benchmarks,
measured once (performance/cells.py). Environments differ by a factor of ten for an agent, and so do hyperparameters.
"""

UNKNOWN_SECONDS_PER_STEP = 1e-4
"""Of an agent in plain Python of which nothing is known."""


class Kind(NamedTuple):
    """Instances that are alike: of an agent's class in a benchmark, with so many steps."""

    benchmark: str
    agent: str
    n_steps: int


class Costs:
    """
    Mean times of instances, from those that are done.

    Examples
    --------
    >>> costs = Costs()
    >>> slow = Kind("a", "MyAgent", 1000)
    >>> round(costs.seconds(slow), 2), costs.is_measured(slow)
    (0.6, False)
    >>> costs.note(Kind("b", "MyAgent", 100), 3.0)
    >>> costs.seconds(slow), costs.is_measured(slow)
    (30.5, True)
    """

    def __init__(self) -> None:
        self._done: dict[Kind, tuple[int, float]] = {}

    def note(self, kind: Kind, seconds: float) -> None:
        """Count an instance that took so many seconds, without `OVERHEAD_S`."""
        if seconds >= 0:  # nan: the log does not tell
            n, total = self._done.get(kind, (0, 0.0))
            self._done[kind] = n + 1, total + seconds

    def seconds(self, kind: Kind) -> float:
        """
        Return how long an instance takes, overhead included.

        By the mean of its kind; else by the steps of the same agent elsewhere; else by what is known of the agent.
        """
        if kind in self._done:
            n, total = self._done[kind]
            return total / n + OVERHEAD_S
        others = [(other.n_steps * n, total) for other, (n, total) in self._done.items() if other.agent == kind.agent]
        n_steps = sum(steps for steps, _ in others)
        per_step = SECONDS_PER_STEP.get(kind.agent, UNKNOWN_SECONDS_PER_STEP)
        if n_steps:
            per_step = sum(total for _, total in others) / n_steps
        return kind.n_steps * per_step + OVERHEAD_S

    def is_measured(self, kind: Kind) -> bool:
        """Tell whether an instance of the same agent is done."""
        return any(other.agent == kind.agent for other in self._done)


def forecast(left: Mapping[Kind, int], costs: Costs, slots: int) -> tuple[float, float]:
    """
    Return what instances take in all, and on so many cores at a time, in seconds.

    Parameters
    ----------
    left : mapping of Kind to int
        How many instances there are of each kind.
    costs : Costs
    slots : int
        Cores, or jobs at a time.

    Returns
    -------
    all, elapsed : float
        The elapsed time is never shorter than one instance of the slowest kind.
    """
    each = {kind: costs.seconds(kind) for kind in left if left[kind]}
    total = sum(left[kind] * seconds for kind, seconds in each.items())
    return total, max(total / max(1, slots), max(each.values(), default=0.0))


def basis(left: Iterable[Kind], costs: Costs) -> str:
    """Say what a forecast is based on, agent by agent."""
    measured, known, unknown = set[str](), set[str](), set[str]()
    for kind in left:
        of = measured if costs.is_measured(kind) else known if kind.agent in SECONDS_PER_STEP else unknown
        of.add(kind.agent)
    parts = [
        f"{', '.join(sorted(agents))} {how}"
        for agents, how in (
            (measured, "by finished instances"),
            (known, "by one measurement elsewhere"),
            (unknown, f"by a guess, {1 / UNKNOWN_SECONDS_PER_STEP:,.0f} steps a second"),
        )
        if agents
    ]
    return "; ".join(parts)

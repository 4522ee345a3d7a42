"""The columns of a log: the one place that says what each means, which way is better, and what is a sum over steps."""

from dataclasses import dataclass, replace
from typing import Literal

from colosseum.errors import ConfigurationError, nearest

Kind = Literal["steps", "performance", "baseline", "time", "state", "identity"]

BASELINES = ("random", "worst", "optimal")
"""Policies that accompany every log: uniformly random actions, the worst policy that there is, and the best."""


@dataclass(frozen=True)
class Column:
    """
    A column of a log.

    Attributes
    ----------
    name : str
        In the header.
    meaning : str
        Half a sentence.
    unit : str
        ``steps``, ``reward``, ``1`` (normalized: a number between 0 and 1 for each step), ``1/s``, or nothing.
    kind : {"steps", "performance", "baseline", "time", "state", "identity"}
        Where it stands (steps); what an agent is judged by; the same of a baseline; what differs from run to run; how
        the training goes; which instance it is.
    higher_is_better : bool or None
        Which way an agent is better; None where nothing is.
    is_sum : bool
        Whether it grows with the steps: it begins with 0, and divided by their number it is an average of a step.
    since : int
        First format of logs that has it. Logs of earlier formats are read, and lack it.
    """

    name: str
    meaning: str
    unit: str
    kind: Kind
    higher_is_better: bool | None = None
    is_sum: bool = False
    since: int = 1


def _performance(name: str, meaning: str, higher_is_better: bool, since: int = 1) -> Column:
    unit = "1" if name.startswith("normalized_") else "reward"
    return Column(name, meaning, unit, "performance", higher_is_better, True, since)


_PERFORMANCE = (
    _performance("cumulative_reward", "sum of the rewards that were received", True),
    _performance(
        "cumulative_expected_reward", "sum over the steps of the exact average reward of the agent's policy", True
    ),
    _performance(
        "cumulative_regret",
        "sum over the steps of the optimal average reward minus that of the agent's policy",
        False,
    ),
    _performance(
        "normalized_cumulative_reward",
        "cumulative_reward with 0 a step for the worst policy and 1 for the optimal one",
        True,
    ),
    _performance("normalized_cumulative_expected_reward", "cumulative_expected_reward, normalized likewise", True),
    _performance(
        "normalized_cumulative_regret",
        "cumulative_regret with 1 a step for the worst policy and 0 for the optimal one",
        False,
    ),
    _performance(
        "cumulative_learning_regret",
        "sum of the exact optimality gaps of the actions that were taken: what they lost in expectation",
        False,
        since=2,
    ),
    _performance(
        "normalized_cumulative_learning_regret",
        "cumulative_learning_regret with 1 a step for the worst policy and 0 for the optimal one",
        False,
        since=2,
    ),
)


def _baseline(baseline: str, indicator: str) -> Column:
    """The same of a baseline as an indicator of the agent, and in logs since the same format."""
    of_agent = next(column for column in _PERFORMANCE if column.name == indicator)
    name, meaning = f"{baseline}_{indicator}", f"{indicator} of the {baseline} policy"
    return replace(of_agent, name=name, meaning=meaning, kind="baseline")


LOG_COLUMNS = (
    Column("steps", "steps of the interaction", "steps", "steps"),
    *_PERFORMANCE,
    *(
        _baseline(baseline, indicator)
        for baseline in BASELINES
        for indicator in (
            "cumulative_regret",
            "cumulative_expected_reward",
            "normalized_cumulative_regret",
            "normalized_cumulative_expected_reward",
            "cumulative_learning_regret",
            "normalized_cumulative_learning_regret",
        )
    ),
    Column(
        "steps_per_second",
        "steps so far over seconds so far; learning, acting and evaluating the policy included",
        "1/s",
        "time",
        higher_is_better=True,
    ),
    Column("training_state", "how the training goes, see TRAINING_STATES", "", "state"),
)
"""
All columns of an interaction, in order.

*Policy regret* (``cumulative_regret``) and the expected reward are those of the policy that the agent would recommend.
At a log point it is evaluated exactly, and the value holds for all the steps since the previous one. Continuous: the
*average reward* of a policy is its gain from the current state; episodic: its value at the starting state of the
running episode, over the horizon H.

*Learning regret* (``cumulative_learning_regret``) is that of what the agent did: the sum of the optimality gaps of its
actions (``MDP.optimality_gaps``). That of a baseline is what it loses in expectation, a constant a step.

Normalized, the policy regret of a step is divided by that of the worst policy in the same place (so the worst policy's
is exactly 1); rewards and learning regret are sums over many starting states, which are divided by a constant of the
environment: the optimal minus the worst average reward, in the mean over the starting states when episodic. Where these
two differ by rounding alone, the normalized indicators are 0. Nothing is clipped; but regrets within `ROUNDING` of zero
are zero, so that an optimal policy has a regret of exactly 0.
"""

_BY_NAME = {column.name: column for column in LOG_COLUMNS}

COLUMNS = tuple(_BY_NAME)
"""The header of a log of an interaction that belongs to no instance; logs of instances have `INSTANCE` as well."""

INSTANCE = Column(
    "instance", "first digits of the digest of the instance that made it, the same in all rows", "", "identity", since=3
)
"""The column before the last of an instance's log."""

INSTANCE_DIGITS = 16
"""So many digits of the digest, see `colosseum.experiment.instance_file.instance_digest`."""

HEADERS = (
    (*COLUMNS[:-1], INSTANCE.name, COLUMNS[-1]),
    *(
        tuple(column.name for column in LOG_COLUMNS if column.since <= since)
        for since in sorted({column.since for column in LOG_COLUMNS}, reverse=True)
    ),
)
"""The headers of this program's logs, those of the present format first."""


NOT_NEGATIVE = frozenset(name for name in _BY_NAME if name.endswith("regret") or name == "steps_per_second")
"""Columns of numbers that are not negative, but for rounding."""

AT_MOST_ONE_A_STEP = frozenset(name for name in _BY_NAME if name.endswith("normalized_cumulative_regret"))
"""Columns of the policy regret whose unit is that of the worst policy."""

_SLACK, _NORMALIZED_SLACK = 1e-6, 0.01


def out_of_range(column: str, value: float, steps: int) -> str:
    """
    Return what is wrong with a number after so many steps that no interaction gives; empty where nothing is.

    Rounding is allowed for: where a normalized value was divided by a small difference, a hundredth a step.
    """
    slack = (_NORMALIZED_SLACK if "normalized" in column else _SLACK) * steps
    if column in NOT_NEGATIVE and value < -slack:
        return "and cannot be negative"
    if column in AT_MOST_ONE_A_STEP and value > steps + slack:
        return f"and can be {steps} at most"
    return ""


def _of_kind(*kinds: Kind) -> dict[str, str]:
    return {column.name: column.meaning for column in LOG_COLUMNS if column.kind in kinds}


PERFORMANCE_INDICATORS = _of_kind("performance")
"""What an agent is judged by, with what it means."""

BASELINE_INDICATORS = _of_kind("baseline")
"""The same of the baselines, over the same steps."""

TIME_INDICATORS = _of_kind("time")
"""Indicators that differ from run to run; everything else in a log is determined by its instance."""

TIME_COLUMNS = tuple(TIME_INDICATORS)
"""Columns that differ from run to run."""

INDICATORS = {**PERFORMANCE_INDICATORS, **TIME_INDICATORS}
"""Columns by which agents can be compared: what tables and plots show."""

VALUE_COLUMNS = _of_kind("performance", "baseline", "time")
"""Every number of a log but its steps."""

TRAINING_STATES = {
    "running": "the agent learns",
    "optimal": "the policy that it recommends was optimal for so long that it acts on as it did and learns no more",
    "time_exceeded": "its time is used up: it acts on as it did and learns no more",
    "failed": "it failed, and the figures of the worst policy stand in for it (selection.failed: worst)",
}
"""Values of the last column. Training that has stopped never goes on: the first row that is not running tells when."""

ROUNDING = 1e-12
"""Differences of average rewards, relative to 1 or the optimal one, below which they are rounding."""

OPTIMALITY_TOLERANCE = 1e-8
"""A policy counts as optimal if its normalized regret at a log point is below this."""

OPTIMAL_STEPS_TO_STOP = 1_000
"""
For how many steps in a row a policy must be optimal for ``stop_when_optimal`` to end training, in the last four fifths
of all steps: ten log points of the published interval, which is 100 steps.
"""


def column(name: str) -> Column:
    """
    Return a column of a log.

    Raises
    ------
    KeyError
        If there is none of this name.
    """
    return _BY_NAME[name]


def check_indicator(name: str, what: str = "indicator") -> Column:
    """
    Return the column of an indicator by which agents can be compared.

    Parameters
    ----------
    name : str
        One of `INDICATORS`.
    what : str
        The key or argument that named it; an error begins with it.

    Raises
    ------
    ConfigurationError
        If there is no such indicator; with the nearest one.
    """
    if name not in INDICATORS:
        raise ConfigurationError(f"{what}: there is no {name!r}; {nearest(name, INDICATORS)}")
    return _BY_NAME[name]

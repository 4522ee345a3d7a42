"""The columns of a log: what each one means."""

PERFORMANCE_INDICATORS = {
    "cumulative_reward": "sum of the rewards that were received",
    "cumulative_expected_reward": "sum over the steps of the exact average reward of the agent's policy",
    "cumulative_regret": "sum over the steps of the optimal average reward minus that of the agent's policy",
    "normalized_cumulative_reward": "cumulative_reward with 0 a step for the worst policy and 1 for the optimal one",
    "normalized_cumulative_expected_reward": "cumulative_expected_reward, normalized likewise",
    "normalized_cumulative_regret": "cumulative_regret with 1 a step for the worst policy and 0 for the optimal one",
}
"""
What an agent is judged by.

At a log point the agent's policy is evaluated exactly, and the value holds for all the steps since the previous one.
Continuous: the *average reward* of a policy is its gain from the current state; episodic: its value at the starting
state of the running episode, over the horizon H. Where every policy is as good as any other (the optimal and the worst
average reward differ by rounding alone), the normalized indicators are 0. Nothing is clipped; but regrets within
`ROUNDING` of zero are zero, so that an optimal policy has a regret of exactly 0.
"""

BASELINES = ("random", "worst", "optimal")
"""Policies that accompany every log: uniformly random actions, the worst policy that there is, and the best."""

BASELINE_INDICATORS = {
    f"{baseline}_{indicator}": f"{indicator} of the {baseline} policy"
    for baseline in BASELINES
    for indicator in (
        "cumulative_regret",
        "cumulative_expected_reward",
        "normalized_cumulative_regret",
        "normalized_cumulative_expected_reward",
    )
}
"""The same of the baselines, over the same steps."""

TIME_INDICATORS = {
    "steps_per_second": "steps so far over seconds so far; learning, acting and evaluating the policy included"
}
"""Indicators that differ from run to run; everything else in a log is determined by its instance."""

TRAINING_STATES = {
    "running": "the agent learns",
    "optimal": "its policy was optimal at ten log points in a row: it goes on acting with it and learns no more",
    "time_exceeded": "its time is used up: it goes on acting with its last policy and learns no more",
}
"""Values of the last column. Training that has stopped never goes on: the first row that is not running tells when."""

ROUNDING = 1e-12
"""Differences of average rewards, relative to 1 or the optimal one, below which they are rounding."""

OPTIMALITY_TOLERANCE = 1e-8
"""A policy counts as optimal if its normalized regret at a log point is below this."""

TIME_COLUMNS = tuple(TIME_INDICATORS)
"""Columns that differ from run to run."""

INDICATORS = (*PERFORMANCE_INDICATORS, *TIME_COLUMNS)
"""Columns by which agents can be compared."""

COLUMNS = ("steps", *PERFORMANCE_INDICATORS, *BASELINE_INDICATORS, *TIME_COLUMNS, "training_state")
"""The header of a log, in order; what each one means is said above."""

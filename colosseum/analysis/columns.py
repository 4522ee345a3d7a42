"""The columns of a log and of the two tables that are made of logs, each with what it means."""

IDENTITY_COLUMNS = {
    "mdp_class": "class of the environment",
    "mdp_scope": "gin scope of the environment's parameters",
    "agent_class": "class of the agent",
    "agent_scope": "gin scope of the agent's hyperparameters",
    "seed": "seed of the instance",
}
"""What tells one instance of a benchmark from another."""

INDICATORS = {
    "cumulative_reward": "sum of the rewards that were received",
    "cumulative_expected_reward": "sum over the steps of the exact average reward of the agent's policy",
    "cumulative_regret": "sum over the steps of the optimal average reward minus that of the agent's policy",
    "normalized_cumulative_reward": "cumulative_reward with 0 a step for the worst policy and 1 for the optimal one",
    "normalized_cumulative_expected_reward": "cumulative_expected_reward, normalised likewise",
    "normalized_cumulative_regret": "cumulative_regret with 1 a step for the worst policy and 0 for the optimal one",
}
"""What an agent is judged by; all grow with the steps."""

TIME_INDICATORS = {"steps_per_second": "steps so far over seconds so far, learning and evaluation included"}
"""Indicators that are no sums over steps."""

BASELINES = ("random", "worst", "optimal")
"""Policies that every log is accompanied by."""

BASELINE_COLUMNS = {
    f"{baseline}_{indicator}": f"{indicator} of the {baseline} policy"
    for baseline in BASELINES
    for indicator in (
        "cumulative_regret",
        "cumulative_expected_reward",
        "normalized_cumulative_regret",
        "normalized_cumulative_expected_reward",
    )
}
"""Indicators of the baselines over the same steps."""

VALUE_COLUMNS = {**INDICATORS, **BASELINE_COLUMNS, **TIME_INDICATORS}
"""Every number of a log but its steps."""

LOG_COLUMNS = ("steps", *VALUE_COLUMNS, "training_state")
"""Header of a log, in order."""

SUMMARY_COLUMNS = {
    "benchmark": "name of the benchmark (of its folder)",
    **IDENTITY_COLUMNS,
    "status": "complete, failed (an unusable log, or its run ended in an error) or missing (no log)",
    "problem": "what is wrong with a log that is not complete",
    "training_state": "at the last step: running (trained to the end), optimal (stopped, its policy being optimal) "
    "or time_exceeded (stopped, its time being used up)",
    "stop_step": "step at which training stopped; empty where it went on to the end",
    "steps": "steps that the instance interacted",
    "seconds": "seconds that it took: steps / steps_per_second",
    **{name: f"{text}, at the last step" for name, text in VALUE_COLUMNS.items()},
    "agent_parameters": "hyperparameters of the agent, as a JSON object of gin texts",
    "mdp_parameters": "parameters of the environment, likewise",
    "log": "path of the log inside the benchmark's folder",
    "benchmark_complete": "whether every instance of the benchmark is complete (the same in all rows)",
}
"""Columns of `summary.csv`: one row for each instance that the benchmark's configuration asks for."""

CURVES_COLUMNS = {
    **IDENTITY_COLUMNS,
    "steps": "step of the log point",
    **VALUE_COLUMNS,
    "benchmark_complete": SUMMARY_COLUMNS["benchmark_complete"],
}
"""Columns of `curves.csv`: some evenly spaced log points of each complete instance, the last one included."""


def is_best_when_high(indicator: str) -> bool:
    """
    Tell whether more of an indicator is better: rewards and steps per second, not regrets.

    Parameters
    ----------
    indicator : str
        One of `INDICATORS` or `TIME_INDICATORS`.
    """
    return "regret" not in indicator


def is_sum_over_steps(indicator: str) -> bool:
    """Tell whether an indicator grows with the steps, so that dividing it by their number makes sense."""
    return indicator in INDICATORS

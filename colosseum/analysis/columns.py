"""The columns of the two tables that are made of logs, each with what it means."""

from colosseum.logs.columns import VALUE_COLUMNS

IDENTITY_COLUMNS = {
    "mdp_class": "class of the environment",
    "mdp_scope": "gin scope of the environment's parameters",
    "agent_class": "class of the agent",
    "agent_scope": "gin scope of the agent's hyperparameters",
    "seed": "seed of the instance",
}
"""What tells one instance of a benchmark from another."""

SUMMARY_COLUMNS = {
    "benchmark": "name of the benchmark (of its folder)",
    **IDENTITY_COLUMNS,
    "status": "complete, failed (an unusable log, or none and an error) or missing (no log)",
    "problem": "what is wrong with a log that is not complete",
    "training_state": "at the last step: running (trained to the end), optimal (stopped, its policy being optimal), "
    "time_exceeded (stopped, its time being used up) or failed (the worst policy's figures stand in for it); empty "
    "where the log does not tell",
    "stop_step": "step at which training stopped; empty where it went on to the end",
    "steps": "steps that the instance interacted",
    "seconds": "seconds that it took: steps / steps_per_second",
    **{name: f"{text}, at the last step" for name, text in VALUE_COLUMNS.items()},
    "agent_parameters": "hyperparameters of the agent, as a JSON object of gin texts",
    "mdp_parameters": "parameters of the environment, likewise",
    "agent_label": "what the study calls this configuration of the agent; empty where it has no name of its own",
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

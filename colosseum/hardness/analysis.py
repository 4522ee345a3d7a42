"""The published name of `colosseum.hardness.scenarios`."""

from colosseum.hardness.scenarios import HardnessAnalysisParams, get_varying_parameter_dfs, run_scenario_analysis

__all__ = ["HardnessAnalysisParams", "get_varying_parameter_dfs", "run_scenario_analysis"]

"""
Plots of a benchmark's results: one file a kind, each with ``draw(results, indicator) -> Figure``.

The three plots of the published interface are importable from here.
"""

from colosseum.analysis.plots._labels import plot_labels_on_benchmarks_hardness_space
from colosseum.analysis.plots.hardness_space import plot_indicator_in_hardness_space
from colosseum.analysis.plots.regret_curves import agent_performances_per_mdp_plot

__all__ = [
    "agent_performances_per_mdp_plot",
    "plot_indicator_in_hardness_space",
    "plot_labels_on_benchmarks_hardness_space",
]

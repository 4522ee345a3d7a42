"""Curves of the policy regret for each environment: of what the agent recommends, not of what it does."""

from matplotlib.figure import Figure

from colosseum.analysis.paper import Paper
from colosseum.analysis.plots import regret_curves
from colosseum.analysis.regrets import POLICY_REGRET
from colosseum.analysis.results import Results


def draw(results: Results, indicator: str = POLICY_REGRET, paper: Paper = Paper()) -> Figure:  # noqa: B008 (frozen)
    """Draw `regret_curves` of the policy regret, which stand beside those of the learning regret."""
    return regret_curves.draw(results, indicator, paper=paper)

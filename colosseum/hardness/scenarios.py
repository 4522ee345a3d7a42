"""How measures of hardness move as one parameter of an environment does: the published empirical analysis."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import matplotlib
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from colosseum.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes


class Environment(Protocol):
    """What is asked of an environment here: its measures by name."""

    def get_measure_from_name(self, measure_name: str) -> float:
        """Return a measure of hardness."""
        ...


@dataclass
class HardnessAnalysisParams:
    """
    A scenario: which parameter of which environment varies, and what is measured.

    Attributes
    ----------
    mdp_class : callable (seed=..., **parameters) -> environment
        The class of the environment.
    varying_params_name : str
        The parameter that varies.
    varying_params_values : iterable
        Its values.
    fixed_params : dict of str to object
        The other parameters.
    n_seeds_mdp : int
        Seeds 0 to n - 1 are measured.
    hardness_measures : collection of str or callable
        Names of measures (see `BaseMDP.get_available_hardness_measures`), or functions of an environment.
    near_optimal_agent_hyperopt_config : None
        In the published package, settings of an agent whose regret stands for hardness, which it does not compute
        either; accepted as None only.
    varying_params_name_clean : str, optional
        What the parameter is called in the plot.
    retrieve_from_cache : bool
        Without effect, kept for the scripts that give it: measures are computed afresh, in less than a second.
    """

    mdp_class: "Callable[..., Environment]"
    varying_params_name: str
    varying_params_values: Iterable[Any]
    fixed_params: dict[str, Any]
    n_seeds_mdp: int
    hardness_measures: Collection["str | Callable[[Any], float]"] = ("diameter", "value_norm")
    near_optimal_agent_hyperopt_config: None = None
    varying_params_name_clean: str | None = None
    retrieve_from_cache: bool = True

    @property
    def clean_varying_prm_name(self) -> str:
        """What the parameter is called in the plot."""
        return self.varying_params_name_clean or self.varying_params_name


def get_varying_parameter_dfs(hap: HardnessAnalysisParams, normalize_measures: bool = False) -> dict[str, pd.DataFrame]:
    """
    Measure the environments of a scenario.

    Parameters
    ----------
    hap : HardnessAnalysisParams
        The scenario.
    normalize_measures : bool
        Stretch each measure to [0, 1] over the scenario; one that does not move becomes 0.5.

    Returns
    -------
    dict of str to pandas.DataFrame
        For each measure, under its readable name, a row for each value and seed: the index is the value of the
        parameter, the columns are the measure and "Seed".

    Raises
    ------
    ConfigurationError
        If there is nothing to measure, a measure does not exist, or an environment rejects its parameters.
    """
    values = list(hap.varying_params_values)
    if not values or not hap.hardness_measures:
        raise ConfigurationError("HardnessAnalysisParams: give values of the parameter and measures of hardness.")
    if isinstance(hap.n_seeds_mdp, bool) or not isinstance(hap.n_seeds_mdp, int) or hap.n_seeds_mdp < 1:
        raise ConfigurationError(
            f"HardnessAnalysisParams.n_seeds_mdp: {hap.n_seeds_mdp!r} is not an integer of at least 1."
        )
    if hap.near_optimal_agent_hyperopt_config is not None:
        raise ConfigurationError(
            "HardnessAnalysisParams.near_optimal_agent_hyperopt_config: the regret of a near-optimal agent is no "
            "measure here; run a benchmark and plot it in the hardness space. None would do."
        )
    if hap.varying_params_name in hap.fixed_params:
        raise ConfigurationError(f"HardnessAnalysisParams: {hap.varying_params_name!r} is both varying and fixed.")
    measured: dict[str, list[tuple[Any, float, int]]] = {}
    for value in values:
        for seed in range(hap.n_seeds_mdp):
            mdp = hap.mdp_class(seed=seed, **hap.fixed_params, **{hap.varying_params_name: value})
            for measure in hap.hardness_measures:
                name = measure if isinstance(measure, str) else measure.__name__
                result = mdp.get_measure_from_name(measure) if isinstance(measure, str) else measure(mdp)
                measured.setdefault(name.capitalize().replace("_", " "), []).append((value, float(result), seed))
    return {
        name: pd.DataFrame(rows, columns=[hap.clean_varying_prm_name, name, "Seed"])
        .assign(**{name: _stretched([row[1] for row in rows]) if normalize_measures else [row[1] for row in rows]})
        .set_index(hap.clean_varying_prm_name)
        for name, rows in measured.items()
    }


def _stretched(values: list[float]) -> np.ndarray:
    array = np.array(values)
    span = array.max() - array.min()
    return (array - array.min()) / span if span > 1e-4 else np.full(array.size, 0.5)


def run_scenario_analysis(hap: HardnessAnalysisParams, ax: "Axes | None" = None) -> "Axes":
    """
    Plot how the measures of a scenario move, each stretched to [0, 1].

    Parameters
    ----------
    hap : HardnessAnalysisParams
        The scenario.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure, which is shown if there is a screen.

    Returns
    -------
    matplotlib.axes.Axes
        A line for each measure: the mean over the seeds, in a band from the smallest to the largest.

    Raises
    ------
    ConfigurationError
        As `get_varying_parameter_dfs`.
    """
    frames = get_varying_parameter_dfs(hap, normalize_measures=True)
    show = ax is None
    if ax is None:
        _, ax = plt.subplots(layout="constrained")
    for i, (name, frame) in enumerate(frames.items()):
        of_value = frame[name].groupby(level=0, sort=False)
        mean, low, high = of_value.mean(), of_value.min(), of_value.max()
        ax.plot(mean.index, mean, marker="os^Dvp"[i % 6], label=name)
        ax.fill_between(mean.index, low, high, alpha=0.2, linewidth=0)
    ax.set_xlabel(hap.clean_varying_prm_name)
    ax.set_ylabel("Hardness measure value")
    ax.legend()
    if show and matplotlib.get_backend().lower() != "agg":
        plt.show()
    return ax

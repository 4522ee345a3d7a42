import matplotlib
import pytest

from colosseum.errors import ConfigurationError
from colosseum.hardness.scenarios import HardnessAnalysisParams, get_varying_parameter_dfs, run_scenario_analysis
from colosseum.mdp.frozen_lake import FrozenLakeContinuous
from colosseum.mdp.river_swim import RiverSwimContinuous

matplotlib.use("agg")


def n_states(mdp):
    return mdp.n_states


def scenario(**changes):
    given = {
        "mdp_class": RiverSwimContinuous,
        "varying_params_name": "size",
        "varying_params_values": (3, 5, 9),
        "fixed_params": {"p_lazy": 0.5},
        "n_seeds_mdp": 2,
        "hardness_measures": ("diameter", "value_norm", n_states),
    }
    return HardnessAnalysisParams(**given | changes)


def test_measures_of_a_scenario():
    frames = get_varying_parameter_dfs(scenario(varying_params_name_clean="Length"))
    assert list(frames) == ["Diameter", "Value norm", "N states"]
    frame = frames["Diameter"]
    assert frame.index.name == "Length"
    assert frame.index.tolist() == [3, 3, 5, 5, 9, 9]
    assert frame["Seed"].tolist() == [0, 1] * 3
    assert frame["Diameter"].tolist() == pytest.approx([4, 4, 8, 8, 16, 16])
    assert frames["N states"]["N states"].tolist() == [3, 3, 5, 5, 9, 9]


def test_measures_are_stretched():
    frames = get_varying_parameter_dfs(scenario(fixed_params={}), normalize_measures=True)
    assert frames["Diameter"]["Diameter"].tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3, 1, 1])
    assert frames["Value norm"]["Value norm"].tolist() == [0.5] * 6  # deterministic: it does not move


def test_plot_shows_mean_and_range_of_the_seeds():
    hap = scenario(
        mdp_class=FrozenLakeContinuous,
        varying_params_values=(3, 4),
        fixed_params={"p_frozen": 0.7},
        n_seeds_mdp=4,
        hardness_measures=("diameter",),
    )
    axes = run_scenario_analysis(hap)
    frame = get_varying_parameter_dfs(hap, normalize_measures=True)["Diameter"]["Diameter"]
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [3, 4]
    assert line.get_ydata().tolist() == pytest.approx([frame[3].mean(), frame[4].mean()])
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((frame.min(), frame.max()))
    assert axes.get_xlabel() == "size"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Diameter"]
    assert run_scenario_analysis(hap, axes) is axes
    assert len(axes.lines) == 2


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"varying_params_values": ()}, "give values"),
        ({"n_seeds_mdp": 0}, "n_seeds_mdp: 0 is not"),
        ({"fixed_params": {"size": 3}}, "'size' is both varying and fixed"),
        ({"near_optimal_agent_hyperopt_config": "x"}, "None would do"),
        ({"hardness_measures": ("diametre",)}, "did you mean 'diameter'"),
    ],
)
def test_scenarios_that_make_no_sense(changes, message):
    with pytest.raises(ConfigurationError, match=message):
        get_varying_parameter_dfs(scenario(**changes))

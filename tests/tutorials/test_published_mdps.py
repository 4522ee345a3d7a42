"""What the published tutorials on environments do: properties and policies, pictures, analysis of hardness."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy.stats import beta

from colosseum.analysis.visualization import plot_MCGraph, plot_MDP_graph
from colosseum.hardness.analysis import HardnessAnalysisParams, get_varying_parameter_dfs, run_scenario_analysis
from colosseum.mdp import BaseMDP
from colosseum.mdp.custom_mdp import CustomEpisodic
from colosseum.mdp.deep_sea import DeepSeaContinuous
from colosseum.mdp.frozen_lake import FrozenLakeContinuous
from colosseum.mdp.minigrid_empty import MiniGridEmptyContinuous
from colosseum.mdp.minigrid_rooms import MiniGridRoomsContinuous
from colosseum.mdp.simple_grid import SimpleGridContinuous
from colosseum.mdp.taxi import TaxiContinuous

nx = pytest.importorskip("networkx")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def grid():
    return SimpleGridContinuous(seed=0, size=4, p_rand=0.01, n_starting_states=3)


@pytest.fixture
def two_axes():
    figure, axes = plt.subplots(1, 2, figsize=(8, 4))
    yield axes
    plt.close(figure)


# ------------------------------------------------------------------------------------------------ mdp-functionalities


def test_custom_mdp():
    rng = np.random.RandomState(3)
    T = rng.dirichlet(np.ones(4), size=(4, 2)).astype(np.float32)  # rows sum to one in float32 only
    R = {(s, a): beta(rng.uniform(1, 30), rng.uniform(1, 30)) for s in range(4) for a in range(2)}
    mdp = CustomEpisodic(seed=42, T_0={0: 0.5, 1: 0.5}, T=T, R=R)
    assert set(mdp.measures_of_hardness) == {"diameter", "value_norm", "suboptimal_gaps"}
    assert mdp.communication_class.name == "ERGODIC"
    assert np.allclose(mdp.T, T, atol=1e-6)
    assert mdp.R[3, 1] == pytest.approx(R[3, 1].mean())
    assert CustomEpisodic(seed=1, T_0={0: 1.0}, T=T, R=rng.rand(4, 2)).n_actions == 2


def test_structure(grid):
    assert grid.communication_class.name == "ERGODIC"
    start = grid.starting_state_distribution
    assert start.sum() == pytest.approx(1) and (start > 0).sum() == 3
    assert set(grid.get_node_labels(start.round(2))) == set(grid.G.nodes)
    actions = [action.name for action in grid.get_action_class()]
    states = range(grid.n_states)
    rewards = pd.DataFrame(grid.R.round(2), pd.Index(states, name="State"), pd.Index(actions, name="Action"))
    assert rewards.shape == (grid.n_states, grid.n_actions)
    index = pd.MultiIndex.from_product([states, actions, states], names=["State from", "Action", "State to"])
    kernel = pd.DataFrame(grid.T.flatten(), index=index).unstack(level="State to")
    assert np.allclose(kernel.sum(axis=1), 1)


def test_policies(grid):
    policy = grid._rng.dirichlet([1.0] * grid.n_actions, grid.n_states)
    assert policy.shape == (grid.n_states, grid.n_actions)
    gains = {name: getattr(grid, f"{name}_average_reward") for name in ("worst", "random", "optimal")}
    gains["own"] = grid.get_average_reward(policy)
    assert gains["worst"] < gains["own"] < gains["optimal"] and gains["worst"] < gains["random"] < gains["optimal"]
    for name in ("optimal", "worst", "random", "own"):
        if name == "own":
            occupied, (Q, V) = grid.get_stationary_distribution(policy), grid.get_value_functions(policy)
        else:
            occupied = getattr(grid, f"{name}_stationary_distribution")
            Q, V = getattr(grid, f"{name}_value_functions")
        assert occupied.sum() == pytest.approx(1)
        assert Q.shape == (grid.n_states, grid.n_actions) and V.shape == (grid.n_states,)
        for values in (occupied, V):
            labels = grid.get_node_labels(values.round(2))
            assert [labels[node] for node in grid.G.nodes] == values.round(2).tolist()


def test_graph_is_drawn_by_networkx(grid, two_axes):
    labels = grid.get_node_labels(grid.optimal_value_functions[1].round(2))
    nx.draw(grid.G, grid.graph_layout, labels=labels, node_color="darkred", ax=two_axes[0])
    assert len(two_axes[0].texts) == grid.n_states


# ----------------------------------------------------------------------------------------- mdp-visual-representations


@pytest.mark.parametrize(
    ("mdp", "options"),
    [
        (DeepSeaContinuous(seed=0, size=8, p_rand=0.3), {"prog": "dot", "ncol": 1}),
        (SimpleGridContinuous(seed=0, size=5), {"ncol": 3}),
        (FrozenLakeContinuous(seed=0, size=5, p_frozen=0.9), {"prog": "dot", "ncol": 1}),
        (TaxiContinuous(seed=0, size=4), {"ncol": 1}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_states_and_actions(mdp, options, two_axes):
    plot_MDP_graph(mdp, ax=two_axes[0], **options)
    plot_MCGraph(mdp, ax=two_axes[1])
    for axes in two_axes:
        assert sum(len(c.get_offsets()) for c in axes.collections) >= mdp.n_states


@pytest.mark.parametrize(
    "mdp",
    [MiniGridEmptyContinuous(seed=0, size=4), MiniGridRoomsContinuous(seed=0, room_size=3, n_rooms=9)],
    ids=lambda value: type(value).__name__,
)
def test_states_alone(mdp, two_axes):
    plot_MCGraph(mdp, ax=two_axes[0])
    assert two_axes[0].collections and not two_axes[1].collections


WRITTEN = {
    "int_labels_offset_x": 0,
    "int_labels_offset_y": 0,
    "font_color_state_actions_labels": "white",
    "no_written_state_action_labels": False,
    "no_written_state_labels": False,
    "node_size": 800,
}


def test_counts_of_visits(two_axes):
    sea, grid = DeepSeaContinuous(seed=0, size=4, p_rand=0.3), SimpleGridContinuous(seed=0, size=3)
    for mdp, axes, options in (
        (sea, two_axes[0], {"prog": "dot", **WRITTEN}),
        (
            grid,
            two_axes[1],
            {
                "cm_state_labels": matplotlib.colormaps["Blues"],
                "cm_state_actions_labels": matplotlib.colormaps["Greens"],
            },
        ),
    ):
        mdp.reset()
        for _ in range(200):
            mdp.random_step()
        states, pairs = mdp.get_visitation_counts(), mdp.get_visitation_counts(False)
        assert sum(states.values()) == 201 and sum(pairs.values()) == 200
        plot_MDP_graph(mdp, ncol=1, node_labels=states, action_labels=pairs, ax=axes, **options)
    assert len(two_axes[0].texts) == sea.n_states * (1 + sea.n_actions) and not two_axes[1].texts


def test_values(two_axes):
    mdp = DeepSeaContinuous(seed=0, size=4, p_rand=0.3)
    Q, V = mdp.optimal_value_functions
    states, pairs = mdp.get_node_labels(V.squeeze().round(2)), mdp.get_node_action_labels(Q.round(2))
    plot_MDP_graph(mdp, prog="dot", ncol=1, node_labels=states, action_labels=pairs, ax=two_axes[0], **WRITTEN)
    assert len(two_axes[0].texts) == mdp.n_states * (1 + mdp.n_actions)  # three digits of each
    assert f"{V[0]:.3g}" in {text.get_text() for text in two_axes[0].texts}


# -------------------------------------------------------------------------------------------------- hardness-analysis


def test_measures(grid):
    names = BaseMDP.get_available_hardness_measures()
    assert {"diameter", "value_norm", "sum_reciprocals_suboptimality_gaps"} <= set(names)
    for name in names:
        assert grid.get_measure_from_name(name) == getattr(grid, name) > 0


def states_of(mdp: BaseMDP) -> float:
    return mdp.n_states


@pytest.mark.parametrize(
    ("name", "values", "fixed"),
    [
        ("p_rand", np.linspace(0.0001, 0.6, 3).round(2), {"size": 4}),
        ("p_lazy", np.linspace(0.0001, 0.6, 3).round(2), {"size": 4}),
        ("size", np.arange(4, 9, 2), {}),
        ("size", np.arange(4, 9, 2), {"p_rand": 0.1}),
    ],
)
def test_scenarios(name, values, fixed):
    scenario = HardnessAnalysisParams(
        mdp_class=SimpleGridContinuous,
        varying_params_name=name,
        varying_params_name_clean=f"The {name}",
        varying_params_values=values,
        fixed_params={"make_reward_stochastic": True, "n_starting_states": 3, **fixed},
        hardness_measures=("diameter", states_of),
        n_seeds_mdp=2,
    )
    frames = get_varying_parameter_dfs(scenario)
    assert len(frames) == 2 and all(len(frame) for frame in frames.values())
    axes = run_scenario_analysis(scenario)
    assert axes.get_xlabel() == f"The {name}"
    plt.close(axes.figure)

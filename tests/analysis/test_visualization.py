"""Pictures of environments: what is on them, what they refuse, and the command."""

import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

import colosseum
from colosseum import cli
from colosseum.analysis.visualization import NODE_PALETTE, plot_MCGraph, plot_MDP_graph
from colosseum.errors import ConfigurationError
from colosseum.mdp.frozen_lake import FrozenLakeEpisodic
from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimNode


@pytest.fixture
def river():
    return RiverSwimContinuous(seed=0, size=4)


def scatters(figure):
    """Of each group of markers: its label and how many there are."""
    [axes] = figure.axes
    return {c.get_label(): len(c.get_offsets()) for c in axes.collections if not c.get_label().startswith("_")}


def test_states_are_told_apart(river):
    figure = plot_MCGraph(river, labels=True)
    assert scatters(figure) == {"starting state": 1, "greatest reward": 1, "state": 2}
    assert [text.get_text() for text in figure.axes[0].texts] == ["0", "1", "2", "3"]
    colours = {c.get_label(): c.get_facecolor()[0][:3] for c in figure.axes[0].collections[1:]}
    assert len({tuple(colour) for colour in colours.values()}) == 3 and len(NODE_PALETTE) == 4


def test_actions_are_squares_around_their_states(river):
    figure = plot_MDP_graph(river, title="A river", action_labels=river.get_node_action_labels(river.R))
    assert scatters(figure) == {"action 0": 4, "action 1": 4, "starting state": 1, "greatest reward": 1, "state": 2}
    assert figure.axes[0].get_title() == "A river" and len(figure.axes[0].texts) == 8


def test_values_colour_the_states(river):
    values = river.get_node_labels(river.optimal_value_functions[1])
    figure = plot_MCGraph(river, labels=values, cm_state_labels="viridis")
    [states] = [c for c in figure.axes[0].collections if len(c.get_offsets()) == 4 and c.get_sizes()[0] == 100]
    assert len(np.unique(states.get_facecolor(), axis=0)) == 4
    with pytest.raises(ConfigurationError, match="a colour map needs a number for each node"):
        plot_MCGraph(river, cm_state_labels="viridis")
    with pytest.raises(ConfigurationError, match=r"there is none of RiverSwimNode\(X=1\)"):
        plot_MCGraph(river, labels={RiverSwimNode(0): 1.0}, cm_state_labels="viridis")
    with pytest.raises(ConfigurationError, match="there is no 7"):
        plot_MCGraph(river, labels={7: "a"})


def test_axes_may_be_given(river):
    figure = Figure()
    axes = figure.subplots(1, 2)
    assert plot_MCGraph(river, ax=axes[1]) is figure
    assert not axes[0].collections and axes[1].collections


def test_the_form_with_steps_is_refused():
    with pytest.raises(ConfigurationError, match="continuous_form: False is not taken"):
        plot_MDP_graph(FrozenLakeEpisodic(seed=0, size=3, p_frozen=0.9), continuous_form=False)


def test_without_networkx_one_line_says_what_to_install(river, monkeypatch):
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ConfigurationError, match="pip install 'colosseum-benchmark\\[graphs\\]'"):
        plot_MCGraph(river)


@pytest.mark.parametrize("options", [[], ["--actions"], ["--values", "--text"]])
def test_command(options, tmp_path, capsys):
    file = tmp_path / "lake.svg"
    assert cli.main(["draw", "episodic_quick_test/FrozenLake/0", "-o", str(file), *options]) == 0
    assert file.stat().st_size > 5000
    mdp = colosseum.make_mdp("episodic_quick_test/FrozenLake/0", seed=0)
    said = capsys.readouterr().out
    assert said == (mdp.get_grid_representation(mdp.starting_nodes[0]) + "\n" if "--text" in options else "")
    again = tmp_path / "again.svg"
    cli.main(["draw", "episodic_quick_test/FrozenLake/0", "-o", str(again), *options])
    assert again.read_bytes() == file.read_bytes()


def test_command_names_the_nearest(capsys, tmp_path):
    assert cli.main(["draw", "episodic_quick_test/FrozenLak/0", "-o", str(tmp_path / "a.svg")]) == 2
    assert "did you mean 'episodic_quick_test/FrozenLake/0'?" in capsys.readouterr().err

"""What an environment tells about policies and nodes, against plain numpy, closed forms and the loop."""

import numpy as np
import pytest

import colosseum
from colosseum import registry
from colosseum.dynamic_programming import stationary_distribution
from colosseum.errors import ConfigurationError
from colosseum.mdp import BaseMDP, ContinuousMDP, EpisodicMDP
from colosseum.mdp.river_swim import RiverSwimAction, RiverSwimContinuous, RiverSwimNode

NAMES = registry.mdp_class_names()


def small(name: str) -> BaseMDP:
    cls = registry.resolve_mdp_class(name)
    return cls(seed=3, **cls.small_parameters)


def test_the_bases_are_offered_by_the_package():
    assert issubclass(RiverSwimContinuous, ContinuousMDP) and issubclass(ContinuousMDP, BaseMDP)
    assert not issubclass(RiverSwimContinuous, EpisodicMDP)


@pytest.mark.parametrize("name", NAMES)
def test_known_policies_have_their_known_averages(name):
    mdp = small(name)
    for policy, average in (
        (mdp.get_optimal_policy(True), mdp.optimal_average_reward),
        (mdp.get_optimal_policy(False), mdp.optimal_average_reward),
        (mdp.get_worst_policy(True), mdp.worst_average_reward),
        (mdp.random_policy, mdp.random_average_reward),
    ):
        assert mdp.get_average_reward(policy) == pytest.approx(average, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_values_solve_their_equations(name):
    mdp = small(name)
    policy = np.random.default_rng(0).dirichlet(np.ones(mdp.n_actions), mdp.random_policy.shape[:-1])
    Q, V = mdp.get_value_functions(policy)
    if mdp.H is None:
        np.testing.assert_allclose(V, (policy * Q).sum(-1), atol=1e-9)
        np.testing.assert_allclose(Q, mdp.R + 0.99 * mdp.T @ V, atol=1e-9)
    else:
        longer = np.concatenate([policy, policy[:1]])  # as the published package has it
        np.testing.assert_array_equal(mdp.get_value_functions(longer)[1], V)
        for h in range(mdp.H):
            np.testing.assert_allclose(Q[h], mdp.R + mdp.T @ V[h + 1], atol=1e-12)
            np.testing.assert_allclose(V[h], (policy[h] * Q[h]).sum(-1), atol=1e-12)
    for worse, better in (
        (mdp.worst_value_functions, mdp.random_value_functions),
        (mdp.random_value_functions, mdp.optimal_value_functions),
    ):
        assert (worse[1] <= better[1] + 1e-6).all()


@pytest.mark.parametrize("name", NAMES)
def test_long_run_shares_give_the_average_reward(name):
    mdp = small(name)
    share = mdp.random_stationary_distribution
    assert share.sum() == pytest.approx(1) and share.min() >= 0
    assert share @ mdp.R.mean(1) == pytest.approx(mdp.random_average_reward, abs=1e-9)
    if mdp.H is None:
        np.testing.assert_allclose(share @ mdp.random_transition_probabilities, share, atol=1e-12)
        optimal = mdp.optimal_stationary_distribution @ (mdp.get_optimal_policy(True) * mdp.R).sum(1)
        assert optimal == pytest.approx(mdp.optimal_average_reward, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_chains_are_chains(name):
    mdp = small(name)
    for chain in (mdp.optimal_markov_chain, mdp.worst_markov_chain, mdp.random_markov_chain):
        np.testing.assert_allclose(chain.p.sum(1), 1, atol=1e-12)
        assert chain.p.shape == (len(chain.states),) * 2 and chain.start.sum() == pytest.approx(1)
    if mdp.H is not None:  # the share of states in the chain over pairs is that of the episodes
        share = np.zeros(mdp.n_states)
        for (_, state), p in zip(chain.states, stationary_distribution(chain.p, chain.start), strict=True):
            share[state] += p
        np.testing.assert_allclose(share, mdp.random_stationary_distribution, atol=1e-12)
    assert mdp.worst_stationary_distribution.shape == (mdp.n_states,)
    assert mdp.worst_transition_probabilities.shape == mdp.optimal_transition_probabilities.shape


def test_stationary_distribution_of_several_classes_depends_on_the_start():
    P = np.zeros((5, 5))
    P[0, [1, 3]] = 0.25, 0.75  # from 0 into {1, 2} or {3}; 4 leads to 0
    P[1, 2] = P[2, 1] = P[3, 3] = P[4, 0] = 1
    for start, expected in ((0, [0, 0.125, 0.125, 0.75, 0]), (4, [0, 0.125, 0.125, 0.75, 0]), (2, [0, 0.5, 0.5, 0, 0])):
        np.testing.assert_allclose(stationary_distribution(P, np.eye(5)[start]), expected, atol=1e-15)


def test_stationary_distribution_of_a_chain_that_hardly_mixes():
    e = 1e-200
    P = np.array([[1 - e, e], [2 * e, 1 - 2 * e]])
    np.testing.assert_allclose(stationary_distribution(P, np.array([1.0, 0.0])), [2 / 3, 1 / 3], rtol=1e-12)


def test_a_policy_of_another_shape_is_refused():
    mdp = RiverSwimContinuous(seed=0, size=4)
    with pytest.raises(ConfigurationError, match=r"policy: the shape is \(3, 2\); \(4, 2\) would do, or actions of"):
        mdp.get_average_reward(np.ones((3, 2)) / 2)
    with pytest.raises(ConfigurationError, match="actions 0 to 1 only"):
        mdp.get_value_functions(np.array([0, 1, 2, 0]))


@pytest.mark.parametrize("name", NAMES)
def test_nodes_have_names_and_places(name):
    mdp = small(name)
    assert isinstance(next(iter(mdp.node_to_index)), mdp.get_node_class())
    assert len(mdp.get_action_class()) == mdp.n_actions
    assert set(mdp.G.nodes) == set(mdp.node_to_index) == set(mdp.graph_layout)
    assert len(set(mdp.graph_layout.values())) == mdp.n_states  # no two on one place
    T = mdp.T
    for node, following in mdp.G.edges:
        assert T[mdp.node_to_index[node], :, mdp.node_to_index[following]].max() > 0
    assert mdp.G.number_of_edges() == (T.max(1) > 0).sum()
    if mdp.H is None:
        assert mdp.graph_metrics == {"# nodes": mdp.n_states, "# edges": mdp.G.number_of_edges()}
    info = mdp.get_info_class(mdp.index_to_node[1])
    assert info.state == 1
    for a, moves in info.transition_distributions.items():
        for node, p in moves.items():
            assert T[1, a, mdp.node_to_index[node]] == p
    grid = mdp.get_grid_representation(mdp.index_to_node[0], h=2)
    assert grid.endswith("step 2") and len({len(row) for row in grid.splitlines()[:-1]}) == 1
    assert sum(grid.split("step")[0].count(mark) for mark in "A^>v<") == 1


def test_grid_text():
    assert RiverSwimContinuous(seed=0, size=4).get_grid_representation(RiverSwimNode(2)) == "..A."
    mdp = colosseum.make_mdp("continuous_quick_test/FrozenLake/0", seed=1)
    assert mdp.get_grid_representation(mdp.starting_nodes[0]).splitlines()[-1][0] == "A"


def test_visits_are_those_of_the_steps():
    mdp = RiverSwimContinuous(seed=0, size=4)
    assert mdp.cur_node is None and RiverSwimContinuous.get_action_class() is RiverSwimAction
    mdp.reset()
    steps = mdp.random_steps(200)
    counts = mdp.get_visitation_counts()
    pairs = mdp.get_visitation_counts(state_only=False)
    assert sum(counts.values()) == 201 and sum(pairs.values()) == 200
    observed = [mdp.starting_nodes[0], *(mdp.index_to_node[ts.observation] for ts, _ in steps)]
    assert counts == {node: observed.count(node) for node in mdp.node_to_index}
    taken = list(zip(observed, [action for _, action in steps], strict=False))
    assert pairs == {pair: taken.count(pair) for pair in pairs}
    assert mdp.cur_node == observed[-1]
    mdp.reset_visitation_counts()
    assert set(mdp.get_visitation_counts().values()) == {0}
    again = RiverSwimContinuous(seed=0, size=4)
    again.reset()
    assert [a for _, a in again.random_steps(200)] == [a for _, a in steps]


@pytest.mark.parametrize("auto_reset", [False, True])
def test_an_episode_begins_anew_whatever_auto_reset_says(auto_reset):
    mdp = colosseum.make_mdp("episodic_quick_test/RiverSwim/0", seed=0)
    kinds = [mdp.step(0, auto_reset=auto_reset).step_type for _ in range(mdp.H + 2)]
    assert [kind.first() for kind in kinds] == [True] + [False] * mdp.H + [True]


def test_what_tells_environments_apart():
    first, same, other = (RiverSwimContinuous(seed=seed, size=4) for seed in (0, 0, 1))
    assert first.hash == same.hash != other.hash and first.hash.startswith("mdp_RiverSwimContinuous_")
    assert first.summary["Measure of hardness"] == first.measures_of_hardness
    assert first.hardness_report["MDP measure of hardness"]["diameter"] == first.diameter
    labels = first.get_node_labels(first.optimal_value_functions[1])
    assert labels[RiverSwimNode(3)] == max(labels.values())
    assert first.get_node_action_labels(first.R)[RiverSwimNode(3), 0] == first.R[3, 0]
    with pytest.raises(ConfigurationError, match="there is no node 7"):
        first.get_info_class(7)

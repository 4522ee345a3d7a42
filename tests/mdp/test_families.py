"""What the seven families have in common: laziness, randomness, permuted actions, ranges of rewards, horizons."""

import numpy as np
import pytest
from mdp_samples import betas, family, make, reached_by, rewards_of

from colosseum.utils.miscellanea import get_colosseum_mdp_classes

CLASSES = pytest.mark.parametrize("cls", get_colosseum_mdp_classes(), ids=lambda cls: cls.__name__)


@CLASSES
@pytest.mark.parametrize(("p_lazy", "p_rand"), [(None, 0.4), (0.25, None), (0.25, 0.4), (0, 0.0)])
def test_laziness_and_randomness_mix_the_moves(cls, p_lazy, p_rand):
    if family(cls) == "DeepSea":
        mixed, lazy = make(cls, p_rand=p_rand), 0
    else:
        mixed, lazy = make(cls, p_lazy=p_lazy, p_rand=p_rand), p_lazy or 0
    rand, plain, n = p_rand or 0, reached_by(make(cls)), mixed.n_actions
    for (node, action), reached in reached_by(mixed).items():
        expected = {node: lazy}
        for other in range(n):
            weight = (1 - lazy) * ((1 - rand) * (other == action) + rand / n)
            for target, p in plain[node, other].items():
                expected[target] = expected.get(target, 0) + weight * p
        assert reached == pytest.approx({target: p for target, p in expected.items() if p > 0}, abs=1e-14)


@CLASSES
def test_the_reward_is_that_of_the_chosen_action(cls):
    plain, rand = rewards_of(make(cls)), rewards_of(make(cls, p_rand=0.4))
    assert len(rand) >= len(plain)
    assert plain == {key: rand[key] for key in plain}
    if family(cls) in ("RiverSwim", "DeepSea"):  # there it does not depend on the next state at all
        np.testing.assert_allclose(make(cls, p_rand=0.4).R, make(cls).R, atol=1e-15)


@CLASSES
def test_permuted_actions_are_the_same_actions_in_another_order(cls):
    def rows(mdp):
        """The moves and rewards of each node's actions, in order."""
        moves, rewards = reached_by(mdp), rewards_of(mdp)
        return {
            node: [
                sorted((t, round(p, 12), rewards[node, a, t]) for t, p in moves[node, a].items())
                for a in range(mdp.n_actions)
            ]
            for node in mdp.model.nodes
        }

    straight, permuted = rows(make(cls)), rows(make(cls, randomize_actions=True))
    assert straight.keys() == permuted.keys()
    assert all(sorted(straight[node]) == sorted(permuted[node]) for node in straight)
    assert (straight == permuted) == (family(cls) == "Taxi")


@CLASSES
@pytest.mark.parametrize("stochastic", [False, True])
def test_rewards_are_scaled_into_their_range(cls, stochastic):
    unit = make(cls, make_reward_stochastic=stochastic)
    scaled = make(cls, make_reward_stochastic=stochastic, rewards_range=(-2, 3))
    np.testing.assert_allclose(scaled.R, -2 + 5 * unit.R, atol=1e-14)
    assert scaled.rewards_range == (-2.0, 3.0)


@CLASSES
def test_the_variance_multiplier_scales_the_betas(cls):
    unit, tenth = (make(cls, make_reward_stochastic=True, reward_variance_multiplier=m) for m in (1.0, 0.1))
    np.testing.assert_allclose(tenth.R, unit.R, atol=1e-14)
    np.testing.assert_allclose(betas(tenth), 0.1 * np.array(betas(unit)), rtol=1e-12)


@pytest.mark.parametrize("cls", get_colosseum_mdp_classes(episodic=True), ids=lambda cls: cls.__name__)
def test_horizons_are_raised_to_the_shortest_one(cls):
    shortest = make(cls).H
    assert make(cls, H=1).H == shortest
    assert make(cls, H=shortest + 7).H == shortest + 7
    assert make(cls, seed=3).H == shortest or family(cls) == "FrozenLake"  # whose lake the seed draws

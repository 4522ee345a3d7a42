"""`take_step` against the model that its tables were made from."""

import numpy as np
import pytest

from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimEpisodic
from colosseum.mdp.sampling import draw_start, take_step, uncounted

EPISODIC = pytest.mark.parametrize("episodic", [False, True])


def make(episodic):
    return (RiverSwimEpisodic if episodic else RiverSwimContinuous)(seed=0, size=5, p_rand=0.1, p_lazy=0.1)


def with_gaps(mdp):
    return mdp.tables.with_gaps(mdp.optimality_gaps)


@EPISODIC
def test_the_gap_is_that_of_the_action_at_its_time(episodic):
    mdp, rng = make(episodic), np.random.default_rng(0)
    tables = with_gaps(mdp)
    for h in range(mdp.H or 1):
        for s in range(mdp.n_states):
            for a in range(mdp.n_actions):
                expected = mdp.optimality_gaps[h, s, a] if episodic else mdp.optimality_gaps[s, a]
                assert take_step(tables, rng, s, h, a)[2] == expected
                assert take_step(mdp.tables, rng, s, h, a)[2] == 0.0
    assert mdp.optimality_gaps.max() > 0


@EPISODIC
def test_next_states_have_their_probabilities_and_rewards_their_means(episodic):
    mdp = (RiverSwimEpisodic if episodic else RiverSwimContinuous)(
        seed=0, size=4, p_rand=0.2, p_lazy=0.1, make_reward_stochastic=True
    )
    rng, n = np.random.default_rng(1), 4000
    for s in range(mdp.n_states):
        for a in range(mdp.n_actions):
            steps = [take_step(mdp.tables, rng, s, 0, a) for _ in range(n)]
            frequencies = np.bincount([next_state for next_state, _, _ in steps], minlength=mdp.n_states) / n
            assert np.abs(frequencies - mdp.T[s, a]).max() < 4.5 * np.sqrt(0.25 / n)
            rewards = np.array([reward for _, reward, _ in steps])
            assert abs(rewards.mean() - mdp.R[s, a]) <= 4.5 * rewards.std() / np.sqrt(n) + 1e-12


def test_with_gaps_or_without_the_same_numbers_are_drawn():
    mdp, runs = make(True), []
    for tables in (mdp.tables, with_gaps(mdp)):
        rng = np.random.default_rng(3)
        s = draw_start(tables, rng)
        run = [s]
        for t in range(200):
            s, reward, _ = take_step(tables, rng, s, t % mdp.H, t % 2)
            run += [s, reward]
        runs.append((run, rng.random()))
    assert runs[0] == runs[1]


def test_tables_whose_references_are_not_counted_are_the_same_tables():
    tables = with_gaps(make(True))
    assert uncounted(tables) is tables  # in plain Python

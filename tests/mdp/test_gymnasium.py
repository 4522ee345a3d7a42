"""The environments as `gymnasium.Env`s."""

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env
from mdp_samples import SAMPLES

from colosseum.mdp.gymnasium_env import GymnasiumEnv
from colosseum.mdp.river_swim import RiverSwimEpisodic


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.filterwarnings("ignore::UserWarning")  # that there is no way to render, and no registered name
def test_it_follows_the_rules_of_gymnasium(name):
    cls, parameters = SAMPLES[name]
    check_env(GymnasiumEnv(cls(0, **parameters)))


@pytest.mark.parametrize("name", SAMPLES)
def test_it_steps_as_the_environment_does(name):
    cls, parameters = SAMPLES[name]
    mdp, env = cls(3, **parameters), GymnasiumEnv(cls(3, **parameters))
    time_step, (observation, info) = mdp.reset(), env.reset()
    for action in np.random.default_rng(0).integers(mdp.n_actions, size=100):
        assert observation == time_step.observation
        assert info["node"] == mdp.model.nodes[observation]
        time_step = mdp.step(action)
        observation, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated, truncated) == (time_step.reward, time_step.last(), False)
        if terminated:
            time_step, (observation, info) = mdp.reset(), env.reset()


def test_a_seed_at_reset_is_that_of_the_draws_and_not_of_the_structure():
    def rewards(env, seed):
        env.reset(seed=seed)
        return [env.step(0)[1] for _ in range(20)]

    env = GymnasiumEnv(RiverSwimEpisodic(0, size=30, p_rand=0.3, make_reward_stochastic=True))
    model = env.mdp.model
    assert rewards(env, 5) == rewards(env, 5) != rewards(env, 6)
    assert env.mdp.model is model

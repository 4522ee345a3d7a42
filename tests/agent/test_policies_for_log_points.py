"""A policy for log points is computed where a log point asks and something was learnt, and nowhere else."""

import numpy as np
import pytest
from small_mdps import compiled, random_mdp, specs

from colosseum.agent.agents.episodic import PSRLEpisodic
from colosseum.agent.agents.infinite_horizon import PSRLContinuous, UCRL2Continuous
from colosseum.agent.mdp_models.bayesian_models import RewardsConjugateModel

AGENTS = [
    (PSRLEpisodic, {}),
    (PSRLEpisodic, {"reward_prior_model": RewardsConjugateModel.N_N, "rewards_prior_prms": [0.5, 2.0]}),
    (PSRLContinuous, {"rewards_prior_prms": [0.8, 2.0, 1.0, 3.0]}),
    (UCRL2Continuous, {}),
]


@pytest.mark.parametrize(("agent_class", "arguments"), AGENTS)
@pytest.mark.parametrize("every", [1, 7, 500])
def test_as_often_as_needed(agent_class, arguments, every, monkeypatch):
    n, model, H = 2000, random_mdp(0), 5
    agent = agent_class(0, specs(model, *([H] if agent_class.is_episodic() else [])), n, **arguments)
    computed, asked_after_plan = [], set()
    original = agent.estimated_values
    monkeypatch.setattr(agent, "estimated_values", lambda: computed.append(agent.n_plans) or original())

    def at_log(_):
        asked_after_plan.add(agent.n_plans)
        policy = agent.current_optimal_stochastic_policy
        assert agent.current_optimal_stochastic_policy is policy

    compiled(agent, model, n, chunk=every, at_log=at_log)
    assert agent.n_plans > 20
    assert computed == sorted(asked_after_plan)  # once for each plan that a log point saw, in order
    assert len(computed) <= min(agent.n_plans, -(-n // every))


@pytest.mark.slow
@pytest.mark.parametrize(("agent_class", "arguments"), AGENTS)
def test_when_it_is_computed_changes_nothing(agent_class, arguments):
    """The first and the last log point of an episode see the same bytes, whatever was learnt in between."""
    n, model, H = 1500, random_mdp(1), 5

    def policies(is_early):
        agent = agent_class(0, specs(model, *([H] if agent_class.is_episodic() else [])), n, **arguments)
        plan = agent.plan
        found = {}

        def plan_and_look():
            plan()
            agent.n_plans += 1
            agent.current_optimal_stochastic_policy  # noqa: B018 - that it is asked for matters
            agent.n_plans -= 1

        if is_early:
            agent.plan = plan_and_look
        compiled(
            agent,
            model,
            n,
            chunk=1,
            at_log=lambda _: found.update({agent.n_plans: agent.current_optimal_stochastic_policy.tobytes()}),
        )
        return found, agent._values.tobytes()

    late, early = policies(False), policies(True)
    assert late == early
    assert len(late[0]) > 20


@pytest.mark.parametrize(("agent_class", "arguments"), AGENTS[:3])
def test_mean_rewards_are_those_at_the_start_of_the_episode(agent_class, arguments):
    n, model, H = 1000, random_mdp(2), 5
    agent = agent_class(0, specs(model, *([H] if agent_class.is_episodic() else [])), n, **arguments)
    means = []
    plan = agent.plan
    agent.plan = lambda: (plan(), means.append(agent._mdp_model.rewards_model.get_map_estimate().tobytes()))

    def at_log(_):
        assert agent.estimated_rewards().tobytes() == means[-1]

    compiled(agent, model, n, chunk=3, at_log=at_log)
    assert len(set(means)) > 20
    assert np.isfinite(agent.estimated_rewards()).all()

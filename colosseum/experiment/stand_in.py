"""The log of the worst policy: it stands in for an instance that failed, where a choice is to be made all the same."""

from typing import TYPE_CHECKING, Any

from colosseum.logs.columns import PERFORMANCE_INDICATORS

if TYPE_CHECKING:
    from colosseum.experiment.experiment_instance import ExperimentInstance

FAILED = "failed"
"""The training state of its rows."""

_EXPECTED = {
    "cumulative_reward": "worst_cumulative_expected_reward",
    "normalized_cumulative_reward": "worst_normalized_cumulative_expected_reward",
}


def worst_rows(instance: "ExperimentInstance") -> list[dict[str, Any]]:
    """
    Return the rows that the worst policy would have logged in place of an instance's agent.

    Its regrets are those of the baseline of this name (a normalized regret of 1 a step), its rewards what it expects;
    it makes no steps a second. Where the environment starts anew, it does so as under a random agent.

    Parameters
    ----------
    instance : ExperimentInstance

    Raises
    ------
    Exception
        Whatever the environment raises: then it is not the agent's fault that the instance failed.
    """
    from colosseum.agent.agents.random import RandomAgentContinuous, RandomAgentEpisodic
    from colosseum.experiment.agent_mdp_interaction import MDPLoop
    from colosseum.utils import make_mdp_spec

    mdp = instance.instantiate_mdp()
    agent_class = RandomAgentEpisodic if mdp.is_episodic() else RandomAgentContinuous
    budget = instance.experiment_config
    loop = MDPLoop(mdp, agent_class(instance.seed, make_mdp_spec(mdp), budget.n_steps))
    loop.run(budget.n_steps, budget.log_every)
    return [_of_worst(row) for row in loop.logger.data]


def _of_worst(row: dict[str, Any]) -> dict[str, Any]:
    worst = {name: row[_EXPECTED.get(name, f"worst_{name}")] for name in PERFORMANCE_INDICATORS}
    return {**row, **worst, "steps_per_second": 0.0, "training_state": FAILED}

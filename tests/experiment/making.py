"""What these tests run: small instances, and logs without what differs from run to run."""

from pathlib import Path

from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.experiment_instance import ExperimentInstance
from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimEpisodic


def make_instance(
    agent_class=QLearningContinuous, seed=0, n_steps=1_000, log_every=100, max_time=60.0, size=5, **changes
):
    """Return an instance on RiverSwim."""
    mdp_class = RiverSwimEpisodic if agent_class.is_episodic() else RiverSwimContinuous
    packaged = agent_class in (QLearningContinuous, QLearningEpisodic)
    arguments = {
        "seed": seed,
        "benchmark_name": "swimming",
        "mdp_class": mdp_class,
        "mdp_scope": "prms_0",
        "mdps_gin_config": f"prms_0/{mdp_class.__name__}.size = {size}\n",
        "agent_class": agent_class,
        "agent_scope": "prms_0",
        "agents_gin_config": get_default_gin_config(agent_class) if packaged else "",
        "experiment_config": ExperimentConfig(1, n_steps, max_time, log_every),
        "result_folder": "results/swimming",
    }
    return ExperimentInstance(**arguments | changes)


def without_times(path_or_text):
    """Return the lines of a log without steps_per_second."""
    text = path_or_text if "\n" in str(path_or_text) else Path(path_or_text).read_text()
    rows = [line.split(",") for line in text.splitlines()]
    column = rows[0].index("steps_per_second")
    return [",".join(row[:column] + row[column + 1 :]) for row in rows]

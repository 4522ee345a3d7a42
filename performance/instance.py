"""
How long an instance of the published size takes, and where the time goes.

    PYTHONPATH=. python performance/instance.py [--steps 500000] [--log-every 100] [--episodic] [--stochastic]

500,000 steps of QLearningContinuous on MiniGridRoomsContinuous(room_size=5, n_rooms=9, p_lazy=0.3), 948 states, with an
exact evaluation of the policy every 100 steps: 5,000 of them. The aim is 10 seconds after compilation. The published
logs took 480 s on average and 830 s at worst. It is run twice: as it is, where training may stop once the policy is
optimal and the rest is nearly free; and with training that goes on to the end, so that every log point costs an
evaluation.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.experiment.experiment_instance import ExperimentInstance
from colosseum.logs.write import write_log
from colosseum.mdp.minigrid_rooms import MiniGridRoomsContinuous, MiniGridRoomsEpisodic

LIMIT_S = 10.0


def make_instance(episodic: bool, stochastic: bool, n_steps: int, log_every: int) -> ExperimentInstance:
    """Return the instance that is measured."""
    agent = QLearningEpisodic if episodic else QLearningContinuous
    mdp = MiniGridRoomsEpisodic if episodic else MiniGridRoomsContinuous
    parameters = {"room_size": 5, "n_rooms": 9, "p_lazy": 0.3, "make_reward_stochastic": stochastic}
    return ExperimentInstance(
        seed=0,
        benchmark_name="performance",
        mdp_class=mdp,
        mdp_scope="prms_0",
        mdps_gin_config="".join(f"prms_0/{mdp.__name__}.{name} = {value}\n" for name, value in parameters.items()),
        agent_class=agent,
        agent_scope="prms_0",
        agents_gin_config=get_default_gin_config(agent),
        experiment_config=ExperimentConfig(1, n_steps, 600, log_every),
        result_folder="results",
    )


def measure(instance: ExperimentInstance, folder: str, may_stop: bool) -> tuple[dict[str, float], MDPLoop]:
    """Return the seconds of each part, and the loop."""
    seconds = {}
    clock = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        seconds[name], clock = now - clock, now

    mdp = instance.instantiate_mdp()
    _ = mdp.tables
    lap("environment")
    agent = instance.instantiate_agent(mdp)
    loop = MDPLoop(mdp, agent) if may_stop else MDPLoop(mdp, agent, None, instance.experiment_config.n_steps)
    lap("baselines and agent")
    settings = instance.experiment_config
    loop.run(settings.n_steps, settings.log_every, settings.max_interaction_time_s)
    lap("interaction")
    write_log(Path(folder) / "log.csv", loop.logger.data)
    lap("writing the log")
    return seconds, loop


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=500_000)
    parser.add_argument("--log-every", type=int, default=100)
    parser.add_argument("--episodic", action="store_true", help="QLearningEpisodic on the episodic environment")
    parser.add_argument("--stochastic", action="store_true", help="rewards drawn from Beta distributions")
    args = parser.parse_args()
    instance = make_instance(args.episodic, args.stochastic, args.steps, args.log_every)
    with tempfile.TemporaryDirectory() as folder:
        small = ExperimentConfig(1, 2_000, 600, min(100, args.log_every))
        measure(replace(instance, experiment_config=small), folder, True)  # compiles, or loads what was compiled
        for may_stop in (True, False):
            report(args.steps, *measure(instance, folder, may_stop))


def report(n_steps: int, seconds: dict[str, float], loop: MDPLoop) -> None:
    """Print where the time went."""
    total = sum(seconds.values())
    rows = loop.logger.data
    states = [row["training_state"] for row in rows]
    until = rows[states.index("optimal")]["steps"] if "optimal" in states else n_steps
    print(
        f"{n_steps} steps of {type(loop._agent).__name__} on {type(loop._mdp).__name__}, {loop._mdp.n_states} states, "
        f"{len(rows)} log points; training went on for {until} steps"
    )
    for name, value in seconds.items():
        print(f"{name:<24}{value:9.3f} s {value / total:6.1%}")
        if name == "interaction":
            for part, of_part in loop.seconds.items():
                print(f"    {part:<20}{of_part:9.3f} s {of_part / total:6.1%}")
    print(f"{'total':<24}{total:9.3f} s   (aim: {LIMIT_S:g} s)")
    print(f"{'regret':<24}{rows[-1]['normalized_cumulative_regret'] / n_steps:9.4f} a step, normalized\n")


if __name__ == "__main__":
    main()

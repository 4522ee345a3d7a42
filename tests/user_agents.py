"""The user-defined agents of all tests: fixed policies, slow ones, ones that fail; tests/workflow copies this file."""

import json
import os
import sys
import time
from pathlib import Path

import gin
import numpy as np

from colosseum.agent.actors import BaseActor
from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.agents.infinite_horizon import QLearningContinuous, RandomAgentContinuous
from colosseum.agent.mdp_models.base import BaseMDPModel
from colosseum.agent.spaces import Uniform
from colosseum.experiment.experiment_instance import ExperimentInstance


class PolicyAgent(BaseAgent):
    """Follows the policy that `choose_policy` makes of the specification, and counts what it is told."""

    def __init__(self, seed, mdp_specs, n_steps):
        super().__init__(seed, mdp_specs, None, None, n_steps)
        self.S, self.A = mdp_specs.observations.num_values, mdp_specs.actions.num_values
        self.H = mdp_specs.time_horizon
        self.policy = self.choose_policy()
        self.times, self.n_updates, self.n_episodes, self.n_starts, self.n_logs = [], 0, 0, 0, 0

    @staticmethod
    def is_emission_map_accepted(emission_map):
        return emission_map.is_tabular

    @staticmethod
    def is_episodic():
        return False

    @staticmethod
    def get_hyperparameters_search_spaces():
        return {}

    @classmethod
    def produce_gin_file_from_parameters(cls, parameters, index=0):
        return ""

    @classmethod
    def get_agent_instance_from_parameters(cls, seed, n_steps, mdp_specs, parameters):
        return cls(seed, mdp_specs, n_steps)

    def choose_policy(self):
        return np.full((self.S, self.A), 1 / self.A)

    @property
    def current_optimal_stochastic_policy(self):
        return self.policy

    def before_start_interacting(self):
        self.n_starts += 1

    def select_action(self, ts, time):
        self.times.append(time)
        row = self.policy[time, ts.observation] if self.policy.ndim == 3 else self.policy[ts.observation]
        return int(self._rng.choice(self.A, p=row))

    def step_update(self, ts_t, a_t, ts_tp1, time):
        self.n_updates += 1

    def episode_end_update(self):
        self.n_episodes += 1

    def agent_logs(self):
        self.n_logs += 1


@gin.configurable
class UniformContinuous(PolicyAgent):
    """Uniformly random."""


@gin.configurable
class UniformEpisodic(PolicyAgent):
    """Uniformly random."""

    @staticmethod
    def is_episodic():
        return True

    def choose_policy(self):
        return np.full((self.H, self.S, self.A), 1 / self.A)


@gin.configurable
class SlowAgent(UniformContinuous):
    """Takes its time for every step."""

    def __init__(self, seed, mdp_specs, n_steps, pause=0.01):
        super().__init__(seed, mdp_specs, n_steps)
        self.pause = pause

    def before_start_interacting(self):
        super().before_start_interacting()
        if "OWN_AGENTS_MARK" in os.environ:
            open(os.environ["OWN_AGENTS_MARK"], "x").close()

    def step_update(self, ts_t, a_t, ts_tp1, time_):
        super().step_update(ts_t, a_t, ts_tp1, time_)
        time.sleep(self.pause)


@gin.configurable
class FailingAgent(UniformContinuous):
    """Raises an exception at one of its steps."""

    def __init__(self, seed, mdp_specs, n_steps, fails_at=37):
        super().__init__(seed, mdp_specs, n_steps)
        self.fails_at = fails_at

    def step_update(self, ts_t, a_t, ts_tp1, time):
        super().step_update(ts_t, a_t, ts_tp1, time)
        if self.n_updates == self.fails_at:
            raise RuntimeError("the model\nexploded")


@gin.configurable
class DyingAgent(UniformContinuous):
    """Its process ends at once, as when it is killed."""

    def step_update(self, ts_t, a_t, ts_tp1, time):
        os._exit(9)


@gin.configurable
class Faulty(RandomAgentContinuous):
    """Fails with seed 1 as long as there is a file `broken` in the working directory."""

    def __init__(self, seed, mdp_specs, n_steps=0):
        if seed == 1 and os.path.exists("broken"):
            raise RuntimeError("the agent is broken")
        super().__init__(seed, mdp_specs, n_steps)


@gin.configurable
class Slow(RandomAgentContinuous):
    """Takes its time."""

    def __init__(self, seed, mdp_specs, n_steps=0):
        time.sleep(0.5)
        super().__init__(seed, mdp_specs, n_steps)


# ---------------------------------------------------------------------------------------------- of a model and an actor


class Values(BaseMDPModel):
    """Action values by in-episode time, learnt at a constant rate."""

    def __init__(self, seed, mdp_specs, rate):
        super().__init__(seed, mdp_specs)
        self.rate = rate
        noise = self._rng.randn(self._H, self._n_states, self._n_actions)
        self.Q = self._reward_range[1] * self._H + 1e-3 * noise
        self.V = np.zeros((self._H + 1, self._n_states))
        self.V[:-1] = self._H

    def step_update(self, ts_t, a_t, ts_tp1, time):
        s, following = ts_t.observation, ts_tp1.observation
        target = ts_tp1.reward + self.V[time + 1, following]
        self.Q[time, s, a_t] += self.rate * (target - self.Q[time, s, a_t])
        self.V[time, s] = self.Q[time, s].max()


class EpsilonGreedy(BaseActor):
    """Acts at random with probability epsilon."""

    def __init__(self, seed, mdp_specs, epsilon):
        super().__init__(seed, mdp_specs)
        self.epsilon, self.Q = epsilon, None

    def select_action(self, ts, time):
        if self._rng_fast.random() < self.epsilon:
            return self._rng_fast.randint(0, self._mdp_spec.actions.num_values - 1)
        q = self.Q[time, ts.observation]
        return self._rng.choice(np.flatnonzero(q == q.max()))


@gin.configurable
class ModelAndActorAgent(BaseAgent):
    """
    Epsilon-greedy Q-learning, made of a user-defined model and actor, as scripts for the published package are.

    It has the published name of `n_steps`; the other agents have ours.
    """

    def __init__(self, seed, mdp_specs, optimization_horizon, rate, epsilon):
        super().__init__(
            seed,
            mdp_specs,
            Values(seed, mdp_specs, rate),
            EpsilonGreedy(seed, mdp_specs, epsilon),
            optimization_horizon,
        )

    @staticmethod
    def is_episodic():
        return True

    @staticmethod
    def is_emission_map_accepted(emission_map):
        return emission_map.is_tabular

    @staticmethod
    def get_hyperparameters_search_spaces():
        return {"rate": Uniform(0.05, 0.4), "epsilon": Uniform(0.001, 0.1)}

    @staticmethod
    def produce_gin_file_from_parameters(parameters, index=0):
        return "\n".join(f"prms_{index}/ModelAndActorAgent.{name} = {value}" for name, value in parameters.items())

    @staticmethod
    def get_agent_instance_from_parameters(seed, optimization_horizon, mdp_specs, parameters):
        return ModelAndActorAgent(seed, mdp_specs, optimization_horizon, **parameters)

    @property
    def current_optimal_stochastic_policy(self):
        Q = self._mdp_model.Q
        greedy = (Q == Q.max(-1, keepdims=True)).astype(float)
        return greedy / greedy.sum(-1, keepdims=True)

    def before_start_interacting(self):
        self._actor.Q = self._mdp_model.Q

    def episode_end_update(self):
        self.episodes = getattr(self, "episodes", 0) + 1

    def step_update(self, ts_t, a_t, ts_tp1, time):
        super().step_update(ts_t, a_t, ts_tp1, time)


# ------------------------------------------------------------------------------------------------ with a plan of faults


def _instance() -> str:
    """The instance that is being run: the nearest one among the callers' variables."""
    frame = sys._getframe()
    while frame is not None:
        found = frame.f_locals.get("instance")
        if isinstance(found, ExperimentInstance):
            return f"{found.interaction}/seed{found.seed}"
        frame = frame.f_back
    return "no instance"


@gin.configurable
class FaultyContinuous(QLearningContinuous):
    """
    A Q-learning agent that counts its executions and, where a plan says so, misbehaves in one of many ways.

    The plan is a folder named by COLOSSEUM_TEST_PLAN: `executions` gets a line for every execution, and `plan.json`
    says what happens to which instance ("<environment>____<agent>/seed0" -> {"fault": ..., "times": n, ...}; "*" ->
    every other one). Without a plan the agent is Q-learning and nothing else, so an undisturbed run gives the logs to
    compare with.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        folder = os.environ.get("COLOSSEUM_TEST_PLAN")
        name = _instance()
        if not folder or name.startswith("no "):
            return
        folder = Path(folder)
        with open(folder / "executions", "a") as file:  # short appends are atomic
            file.write(f"{name} {os.environ.get('SLURM_JOB_ID', 'local')} {os.environ.get('SLURMD_NODENAME', '')}\n")
        plan = json.loads((folder / "plan.json").read_text())
        step = plan.get(name, plan.get("*"))
        if step:
            before = sum(line.startswith(f"{name} ") for line in (folder / "executions").read_text().splitlines())
            if before <= step.get("times", 1 << 30):
                self._misbehave(step)

    @staticmethod
    def _misbehave(step: dict) -> None:
        if "seconds" in step:
            time.sleep(step["seconds"])
        if step.get("fault") == "raise":
            raise RuntimeError("the plan says so")
        if step.get("fault") == "memory":
            block = bytearray(step["mb"] << 20)  # zeroed by the system, so it must be touched
            block[:: 1 << 12] = b"x" * len(block[:: 1 << 12])
            time.sleep(30)
        if step.get("fault") == "crash":
            os.abort()

"""What the published tutorials on agents do: two agents of one's own, interactions, tuning, settings."""

import dataclasses
from pathlib import Path
from typing import Any

import dm_env
import gin
import numpy as np
import pytest
from matplotlib import pyplot as plt

from colosseum import config
from colosseum.agent.actors import BaseActor, QValuesActor
from colosseum.agent.agents.base import BaseAgent
from colosseum.agent.agents.episodic import PSRLEpisodic, QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.agent.mdp_models.base import BaseMDPModel
from colosseum.agent.utils import sample_agent_gin_configs_file
from colosseum.analysis.plots import agent_performances_per_mdp_plot
from colosseum.benchmark import ColosseumDefaultBenchmark
from colosseum.benchmark.run import (
    instantiate_and_get_exp_instances_from_agents_and_benchmarks,
    instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt,
    instantiate_and_get_exp_instances_from_benchmark,
)
from colosseum.dynamic_programming.utils import get_policy_from_q_values
from colosseum.emission_maps import EmissionMap
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.experiment.experiment_instances import run_experiment_instances
from colosseum.hyperopt import DEFAULT_HYPEROPT_CONF, SMALL_HYPEROPT_CONF, HyperOptConfig
from colosseum.hyperopt.selection import retrieve_best_agent_config_from_hp_folder
from colosseum.hyperopt.utils import sample_agent_configs_and_benchmarks_for_hyperopt
from colosseum.mdp.river_swim import RiverSwimEpisodic
from colosseum.utils import make_mdp_spec
from colosseum.utils.acme import InMemoryLogger
from colosseum.utils.acme.specs import MDPSpec

pytestmark = pytest.mark.slow


class Between:
    """As a domain of ray's: it has `sample`, and draws from numpy's own generator."""

    def __init__(self, low: float, high: float, whole: bool = False) -> None:
        self.low, self.high, self.whole = low, high, whole

    def sample(self) -> float:
        return (
            int(np.random.randint(self.low, self.high)) if self.whole else float(np.random.uniform(self.low, self.high))
        )


class Heads(BaseMDPModel):
    """Tables of action values, one of which is asked at a time; all learn."""

    def __init__(self, seed: int, mdp_specs: MDPSpec, n_heads: int, rate: float) -> None:
        super().__init__(seed, mdp_specs)
        self.rate, self.active = rate, 0
        self.Q = self._rng.randn(self._H, self._n_states, self._n_actions, n_heads)
        self.V = np.zeros((self._H + 1, self._n_states), np.float32)

    def step_update(self, ts_t: dm_env.TimeStep, a_t: int, ts_tp1: dm_env.TimeStep, h: int) -> None:
        place = h, ts_t.observation, a_t
        self.Q[place] += self.rate * (ts_tp1.reward + self.V[h + 1, ts_tp1.observation] - self.Q[place])
        self.V[h, ts_t.observation] = min(self._H, self.Q[h, ts_t.observation].max())


class Greedy(BaseActor):
    """Takes the best action, seldom any."""

    def __init__(self, seed: int, mdp_specs: MDPSpec, epsilon: float = 0.05) -> None:
        super().__init__(seed, mdp_specs)
        self._epsilon, self._n_actions = epsilon, self._mdp_spec.actions.num_values

    def set_q_values(self, Q: np.ndarray) -> None:
        self._q_values = Q

    def select_action(self, ts: dm_env.TimeStep, time: int) -> int:
        if self._rng_fast.random() < self._epsilon:
            return self._rng_fast.randint(0, self._n_actions - 1)
        values = self._q_values[time, ts.observation]
        return self._rng.choice(np.where(values == values.max())[0])


class Learner(BaseAgent):
    """What both tutorials' agents have in common."""

    @staticmethod
    def is_episodic() -> bool:
        return True

    @staticmethod
    def is_emission_map_accepted(emission_map: EmissionMap) -> bool:
        return EmissionMap.is_tabular  # as printed there: the property, not its value

    @property
    def current_optimal_stochastic_policy(self) -> np.ndarray:
        return get_policy_from_q_values(self._mdp_model.Q.mean(-1), True)

    def before_start_interacting(self) -> None:
        self.episode_end_update()

    def episode_end_update(self) -> None:
        model = self._mdp_model
        model.active = self._rng_fast.randint(0, model.Q.shape[-1] - 1)
        self._actor.set_q_values(model.Q[..., model.active])


@gin.configurable
class WithOwnActor(Learner):
    """The quickstart's: a model and an actor of one's own."""

    def __init__(self, seed: int, mdp_specs: MDPSpec, optimization_horizon: int, alpha: float, epsilon: float) -> None:
        model, actor = Heads(seed, mdp_specs, 1, alpha), Greedy(seed, mdp_specs, epsilon)
        super().__init__(seed, mdp_specs, model, actor, optimization_horizon)

    def step_update(self, ts_t: dm_env.TimeStep, a_t: int, ts_tp1: dm_env.TimeStep, time: int) -> None:
        super().step_update(ts_t, a_t, ts_tp1, time)
        self._actor.set_q_values(self._mdp_model.Q[..., 0])

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return {"epsilon": Between(0.001, 0.1), "alpha": Between(0.001, 0.4)}

    @staticmethod
    def produce_gin_file_from_parameters(hyperparameters: dict[str, Any], index: int = 0) -> str:
        return "\n".join(f"prms_{index}/WithOwnActor.{name} = {value}" for name, value in hyperparameters.items())

    @staticmethod
    def get_agent_instance_from_parameters(
        seed: int, optimization_horizon: int, mdp_specs: MDPSpec, hyperparameters: dict[str, Any]
    ) -> BaseAgent:
        return WithOwnActor(
            mdp_specs=mdp_specs, seed=seed, optimization_horizon=optimization_horizon, **hyperparameters
        )


@gin.configurable
class Ensemble(Learner):
    """The other one's: the actor of the package."""

    def __init__(
        self, seed: int, mdp_specs: MDPSpec, optimization_horizon: int, n_ensembles: int, alpha: float, epsilon=None
    ) -> None:
        model, actor = Heads(seed, mdp_specs, n_ensembles, alpha), QValuesActor(seed, mdp_specs, epsilon, None)
        super().__init__(seed, mdp_specs, model, actor, optimization_horizon)

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return {"n_ensembles": Between(3, 20, whole=True), "alpha": Between(0.001, 0.4)}


SHORT = {"n_seeds": 1, "n_steps": 400, "max_interaction_time_s": 30, "log_performance_indicators_every": 200}


@pytest.fixture
def tutorial(own_folder):
    config.set_experiments_folder("tutorial", "agent_run")
    config.set_hyperopt_folder("tutorial", "agent_run")
    return own_folder


def tuned(classes: list[type], small: HyperOptConfig) -> dict[type, str]:
    sampled = sample_agent_configs_and_benchmarks_for_hyperopt(classes, small)
    run_experiment_instances(instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt(sampled))
    return retrieve_best_agent_config_from_hp_folder()


def test_quickstart(tutorial):
    """An agent of one's own is tuned, and compared with a packaged one on the quick test."""
    config.register_agent_class(WithOwnActor)
    small = dataclasses.replace(
        SMALL_HYPEROPT_CONF, n_timesteps=400, log_every=200, n_samples_mdps=1, mdp_classes=[RiverSwimEpisodic]
    )
    agents = tuned([WithOwnActor], small)
    assert "WithOwnActor.epsilon = 0." in agents[WithOwnActor]
    agents[QLearningEpisodic] = None
    benchmark = ColosseumDefaultBenchmark.EPISODIC_QUICK_TEST.get_benchmark()
    benchmark.experiment_config = ExperimentConfig(**SHORT)
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks([(agents, benchmark)])
    run_experiment_instances(instances)
    figure = agent_performances_per_mdp_plot(
        benchmark.get_experiments_benchmark_log_folder(), "cumulative_regret", savefig_folder=None
    )
    assert len([axes for axes in figure.axes if axes.lines]) == 7


def test_agent_implementation(tutorial):
    """One interaction beside a packaged agent's, and a benchmark with sampled hyperparameters."""
    mdp = RiverSwimEpisodic(seed=0, p_rand=0.05, size=5)
    spec = make_mdp_spec(mdp)
    own = Ensemble(seed=42, mdp_specs=spec, optimization_horizon=600, n_ensembles=5, alpha=0.2)
    packaged = QLearningEpisodic(mdp_specs=spec, seed=42, optimization_horizon=600, c_1=0.95, p=0.05)
    _, axes = plt.subplots()
    for agent, options in ((own, {"baselines": []}), (packaged, {})):
        loop = MDPLoop(mdp, agent, logger=InMemoryLogger())
        loop.run(T=600, log_every=50)
        loop.plot(ax=axes, **options)
    assert {"Ensemble", "QLearningEpisodic"} <= {line.get_label() for line in axes.lines}
    plt.close()

    config.register_agent_class(Ensemble)
    agents = {Ensemble: sample_agent_gin_configs_file(Ensemble, n=2, seed=42)}
    benchmark = ColosseumDefaultBenchmark.EPISODIC_QUICK_TEST.get_benchmark(experiment_config=ExperimentConfig(**SHORT))
    instances = instantiate_and_get_exp_instances_from_benchmark(agents, benchmark)
    run_experiment_instances(instances)
    assert len(instances) == 14 and all(Path(instance.log_path).is_file() for instance in instances)


def test_agent_performance_analysis(own_folder):
    """Two agents in one river; one agent in two."""
    config.enable_verbose_logging()
    mdp = RiverSwimEpisodic(seed=0, size=4, p_rand=0.01)
    q_learning = QLearningEpisodic(mdp_specs=make_mdp_spec(mdp), seed=42, optimization_horizon=600, c_1=0.95, p=0.05)
    psrl = PSRLEpisodic(mdp_specs=make_mdp_spec(mdp), seed=42, optimization_horizon=600)
    loops = [MDPLoop(mdp, q_learning), MDPLoop(mdp, psrl)]
    longer = RiverSwimEpisodic(seed=0, size=6, p_rand=0.01)
    other = QLearningEpisodic(mdp_specs=make_mdp_spec(longer), seed=42, optimization_horizon=200, c_1=0.95, p=0.05)
    loops.append(MDPLoop(longer, other))
    for loop in loops:
        loop.run(T=600, log_every=200)
    available = MDPLoop.get_available_indicators()
    indicators = [name for name in available if name.endswith(("reward", "cumulative_regret"))] + ["steps_per_second"]
    assert len(indicators) == 7 and set(indicators) <= set(available)
    colours = MDPLoop.get_baselines_color_dict()
    assert set(colours) == set(MDPLoop.get_baselines_style_dict()) == MDPLoop.get_baselines()
    for name in indicators:
        _, axes = plt.subplots(1, 1, figsize=(6, 2))
        loops[0].plot(name, axes, label="q-learning (1)", baselines=[])
        loops[2].plot(name, axes, label="q-learning (2)", baselines=[])
        loops[1].plot(name, axes)
        drawn = {line.get_label(): line.get_color() for line in axes.lines}
        assert {"q-learning (1)", "q-learning (2)", "PSRLEpisodic"} <= set(drawn)
        assert all(colours[label.lower()] == colour for label, colour in drawn.items() if label.lower() in colours)
        plt.close()
    config.disable_verbose_logging()


def test_hyperopt(tutorial):
    """Of two classes, for both settings."""
    assert DEFAULT_HYPEROPT_CONF.n_samples_agents > SMALL_HYPEROPT_CONF.n_samples_agents
    small = HyperOptConfig(
        seed=42,
        n_timesteps=400,
        max_interaction_time_s=40,
        n_samples_agents=1,
        n_samples_mdps=1,
        log_every=200,
        n_seeds=1,
    )
    best = tuned([QLearningContinuous, QLearningEpisodic], small)
    assert [cls.__name__ in text for cls, text in best.items()] == [True, True]


def test_colosseum_configurations(own_folder, monkeypatch):
    for name in ("model_free", "model_based"):
        config.set_experiments_folder("tabular", name)
        config.set_hyperopt_folder("tabular", name)
        assert config.get_experiments_folder().endswith(f"tabular/benchmarking/{name}/")
        assert config.get_hyperopt_folder().endswith(f"tabular/hyperopt/{name}/")
        assert Path(config.get_experiments_folder()).is_dir() and Path(config.get_hyperopt_folder()).is_dir()
    assert isinstance(config.get_hardness_measures_cache_folder(), str)
    config.set_hardness_measures_cache_folder("my_cached_hardness_measures_folder")
    assert config.get_hardness_measures_cache_folder().startswith("my_cached_hardness_measures_folder")
    config.enable_verbose_logging()
    config.disable_verbose_logging()
    config.enable_multiprocessing()
    assert config.get_available_cores() >= 1
    config.set_available_cores(5)
    assert config.get_available_cores() == 5
    config.disable_multiprocessing()
    assert config.get_available_cores() == 5 and not config.is_multiprocessing_enabled()

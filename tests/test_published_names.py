"""Scripts that were written for the published package find what they import, and its objects what they have there."""

import ast
import dataclasses
import importlib
import inspect
from pathlib import Path

import gin
import numpy as np
import pytest

import colosseum
from colosseum import registry
from colosseum.agent.agents.infinite_horizon import PSRLContinuous, QLearningContinuous, RandomAgentContinuous
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.agent.making import make_agent
from colosseum.benchmark import ColosseumBenchmark, ColosseumDefaultBenchmark
from colosseum.benchmark.make_instances import check_agents, make_instances
from colosseum.benchmark.run import (
    instantiate_and_get_exp_instances_from_agents_and_benchmarks as instantiate,
)
from colosseum.benchmark.run import (
    instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt as instantiate_for_hyperopt,
)
from colosseum.benchmark.run import instantiate_and_get_exp_instances_from_benchmark as instantiate_one
from colosseum.emission_maps import Tabular
from colosseum.errors import ConfigurationError
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.experiment.experiment_instances import get_experiment_instances_from_folder, save_instances_to_folder
from colosseum.gin_config import construct, split_scopes
from colosseum.hyperopt import HyperOptConfig
from colosseum.hyperopt.selection import retrieve_best_agent_config_from_hp_folder
from colosseum.mdp.base import BaseMDP
from colosseum.mdp.river_swim import RiverSwimContinuous
from colosseum.utils import make_mdp_spec

PACKAGE = Path(colosseum.__file__).parent
LINES = [line for line in (Path(__file__).parent / "published_names.txt").read_text().splitlines() if line[0] != "#"]
NAMES = [(module, name) for module, _, names in (line.partition(": ") for line in LINES) for name in names.split()]

PROPERTIES = (
    "n_states n_actions H T R parameters optimal_average_reward worst_average_reward random_average_reward "
    "optimal_value_functions diameter value_norm sum_reciprocals_suboptimality_gaps communication_class"
).split()
METHODS = "get_optimal_policy reset step action_spec observation_spec".split()
EPISODIC = [f"episodic_{kind}_average_reward" for kind in ("optimal", "worst", "random")]


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda value: value.removeprefix("colosseum."))
def test_name_is_found_and_documented(module, name):
    value = getattr(importlib.import_module(module), name)
    if inspect.isclass(value) or callable(value):
        assert inspect.getdoc(value), f"{module}.{name} has no docstring"


def test_environments_have_their_published_properties():
    for name in registry.mdp_class_names():
        cls = registry.resolve_mdp_class(name)
        assert issubclass(cls, BaseMDP)
        for attribute in [*PROPERTIES, *METHODS, *(EPISODIC if cls.is_episodic() else [])]:
            assert hasattr(cls, attribute) or attribute == "parameters", f"{name}.{attribute}"


SIGNATURES = [
    line for line in (Path(__file__).parent / "published_signatures.txt").read_text().splitlines() if line[0] != "#"
]


@pytest.mark.parametrize("line", SIGNATURES)
def test_published_arguments_come_first_under_their_names(line):
    path, _, published = line.removesuffix(")").partition("(")
    wanted = published.split(", ")
    names = path.split(".")
    found, rest = importlib.import_module(".".join(names[:2])), names[2:]
    for i, name in enumerate(rest):
        if not hasattr(found, name):
            importlib.import_module(".".join(names[: i + 3]))
        found = getattr(found, name)
    parameters = list(inspect.signature(found).parameters.values())
    taken = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    assert taken[: len(wanted)] == wanted


def parameters_of(function):
    return list(inspect.signature(function).parameters)


def test_published_arguments_are_taken():
    experiment = ExperimentConfig(
        n_seeds=2, n_steps=30, max_interaction_time_s=60, log_performance_indicators_every=10, emission_map=None
    )
    assert experiment == type(experiment)(n_seeds=2, n_steps=30, max_interaction_time_s=60, log_every=10)
    assert (experiment.n_steps, experiment.log_performance_indicators_every, experiment.log_every) == (30, 10, 10)
    tuning = HyperOptConfig(
        seed=1,
        n_timesteps=30,  # the published name
        max_interaction_time_s=60,
        n_samples_agents=2,
        n_samples_mdps=1,
        log_every=10,
        emission_map=None,
        mdp_classes=None,
        n_seeds=3,
    )
    assert tuning == dataclasses.replace(tuning, n_timesteps=30)
    assert dataclasses.replace(tuning, n_timesteps=40).n_steps == 40
    assert list(inspect.signature(type(tuning)).parameters)[1] == "n_steps"
    assert (tuning.n_timesteps, tuning.n_steps, tuning.log_every) == (30, 30, 10)
    assert (tuning.experiment_config.n_steps, tuning.experiment_config.n_seeds) == (30, 3)
    first = parameters_of(instantiate)
    assert first[1:3] == ["overwrite_previous_experiment", "experiment_folder"]
    assert len(parameters_of(instantiate_for_hyperopt)) >= 2
    assert parameters_of(retrieve_best_agent_config_from_hp_folder)[:2] == ["agent_classes", "indicator"]


# ------------------------------------------------------------------------------------------------- arguments of agents


@gin.configurable
class AsPublished(RandomAgentContinuous):
    """Written for the published package: its `n_steps` is a hyperparameter."""

    def __init__(self, seed, mdp_specs, optimization_horizon, n_steps=3):
        super().__init__(seed, mdp_specs, optimization_horizon=optimization_horizon)
        self.taken = optimization_horizon, n_steps


@gin.configurable
class AsHere(RandomAgentContinuous):
    """Written with the names here."""

    def __init__(self, seed, mdp_specs, n_steps, rate=0.5):
        super().__init__(seed, mdp_specs, n_steps=n_steps)
        self.taken = n_steps, rate


@gin.configurable
class AsGiven(RandomAgentContinuous):
    """Hands on what it gets."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.taken = (self._n_steps,)


ALL_TAKEN = [
    (AsPublished, "prms_0/AsPublished.n_steps = 7\n", {"n_steps": 7}, (200, 7)),
    (AsHere, "prms_0/AsHere.rate = 0.25\n", {"rate": 0.25}, (200, 0.25)),
    (AsGiven, "", {}, (200,)),
]


@pytest.mark.parametrize(
    ("cls", "text", "hyperparameters", "taken"), ALL_TAKEN, ids=lambda x: getattr(x, "__name__", "")
)
def test_an_agent_gets_its_number_of_steps_under_the_name_that_it_gave_it(cls, text, hyperparameters, taken, tmp_path):
    mdp = RiverSwimContinuous(seed=0, size=4)
    spec = make_mdp_spec(mdp)
    with registry.temporary_registrations():
        registry.register_agent_class(cls)
        settings = ExperimentConfig(n_seeds=1, n_steps=200, max_interaction_time_s=60, log_every=100)
        rivers = {RiverSwimContinuous: "prms_0/RiverSwimContinuous.size = 4\n"}
        benchmark = ColosseumBenchmark("rivers", rivers, settings)
        [instance] = make_instances(benchmark, check_agents({cls: text}, benchmark), tmp_path)
        made = [
            instance.instantiate_agent(mdp),
            cls.get_agent_instance_from_parameters(0, 200, spec, hyperparameters),
            cls.get_agent_instance_from_parameters(
                0, optimization_horizon=200, mdp_specs=spec, parameters=hyperparameters
            ),
            construct(cls, "prms_0", text, "here", seed=0, mdp_specs=spec, n_steps=200),
            *(
                [make_agent(cls.__name__, mdp, seed=0, n_steps=200, **hyperparameters)]
                if cls is not AsPublished
                else []
            ),
        ]
    for agent in made:
        assert agent.taken == taken
        assert agent._n_steps == agent._optimization_horizon == 200
    MDPLoop(mdp, made[0]).run(T=200, log_every=100)


@pytest.mark.parametrize("name", registry.agent_class_names())
def test_the_time_of_an_update_has_its_published_name_as_well(name):
    cls = registry.resolve_agent_class(name)
    mdp = registry.resolve_mdp_class(f"RiverSwim{'Episodic' if cls.is_episodic() else 'Continuous'}")(seed=0, size=4)
    policies = []
    for argument in ("time", "h"):
        mdp.dynamics_rng = np.random.default_rng(0)
        agent = make_agent(name, mdp, seed=0, n_steps=100)
        agent.before_start_interacting()
        before = mdp.reset()
        for time in range(3):
            action = agent.select_action(before, time)
            after = mdp.step(action)
            agent.step_update(before, action, after, **{argument: time})
            before = after
        policies.append(agent.current_optimal_stochastic_policy.tolist())
    assert policies[0] == policies[1]


def test_time_that_remains():
    mdp = RiverSwimContinuous(seed=0, size=4)
    loop = MDPLoop(mdp, make_agent("QLearningContinuous", mdp, seed=0, n_steps=100), None, 10, False)
    assert loop.remaining_time == np.inf
    loop.run(100, max_time=3_600)
    assert 3_000 < loop.remaining_time < 3_600
    loop.run(100, max_time=1e-9)
    assert loop.remaining_time == 0


def test_the_number_of_steps_is_no_parameter_of_the_gin_text():
    with pytest.raises(ConfigurationError, match="AsHere has no parameter 'n_steps'"):
        split_scopes(AsHere, "prms_0/AsHere.n_steps = 7\n", "here")
    with pytest.raises(ConfigurationError, match="AsPublished has no parameter 'optimization_horizon'"):
        split_scopes(AsPublished, "prms_0/AsPublished.optimization_horizon = 7\n", "here")


@pytest.mark.parametrize("name", registry.agent_class_names())
def test_a_packaged_agent_takes_either_name_and_documents_ours(name):
    cls = registry.resolve_agent_class(name)
    assert parameters_of(cls)[:3] == ["seed", "mdp_specs", "n_steps"]
    mdp = registry.resolve_mdp_class(f"RiverSwim{'Episodic' if cls.is_episodic() else 'Continuous'}")(seed=0, size=4)
    totals = []
    for argument in ("n_steps", "optimization_horizon"):
        gin.parse_config(get_default_gin_config(cls))
        try:
            with gin.config_scope("prms_0"):
                agent = cls(seed=0, mdp_specs=make_mdp_spec(mdp), **{argument: 200})
        finally:
            gin.clear_config()
        mdp.dynamics_rng = np.random.default_rng(0)
        totals.append(MDPLoop(mdp, agent).run(200)[1]["cumulative_reward"])
    assert totals[0] == totals[1] > 0


def test_signatures_are_those_of_the_constructors_to_gin_as_well():
    """Gin finds out from them what may be bound, and does not look behind wrappers."""
    assert inspect.getfullargspec(QLearningContinuous.__init__).args == parameters_of(QLearningContinuous.__init__)
    with pytest.raises(ValueError, match="optimization_horizon"):
        gin.parse_config("QLearningContinuous.optimization_horizon = 4")
    gin.clear_config()


@pytest.mark.parametrize(
    "name",
    [
        "CONTINUOUS_ERGODIC",
        "CONTINUOUS_COMMUNICATING",
        "EPISODIC_ERGODIC",
        "EPISODIC_COMMUNICATING",
        "EPISODIC_QUICK_TEST",
        "CONTINUOUS_QUICK_TEST",
    ],
)
def test_default_benchmarks_have_their_published_faces(name):
    benchmark = ColosseumDefaultBenchmark[name].get_benchmark(postfix="mine")
    assert benchmark.name == f"benchmark_{name.lower()}_mine"
    assert all(isinstance(text, str) for text in benchmark.mdps_gin_configs.values())
    assert benchmark.get_experiments_benchmark_log_folder().endswith(f"{benchmark.name}/")
    assert benchmark.get_hyperopt_benchmark_log_folder().endswith(f"{benchmark.name}/")
    assert callable(benchmark.instantiate)


# -------------------------------------------------------------------------------------------------------------- facades


def home_of(path):
    """The module of a file of the package."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def facades():
    """Modules that hold nothing but names from elsewhere, with the modules that these are from."""
    for path in sorted(PACKAGE.rglob("*.py")):
        body = ast.parse(path.read_text()).body
        sources = {node.module for node in body if isinstance(node, ast.ImportFrom)}
        others = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)]
        names_only = all(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in others)
        if path.name != "__init__.py" and sources and names_only:
            yield pytest.param(home_of(path), sources, id=home_of(path))


FACADES = list(facades())


@pytest.mark.parametrize(("module", "sources"), FACADES)
def test_a_facade_says_that_it_is_the_published_name_and_of_what(module, sources):
    said = importlib.import_module(module).__doc__
    assert said.startswith("The published name of ")
    assert [source for source in sources if f"{source.rpartition('.')[2]}`" not in said] == []


def test_facades_are_found():
    found = {parameters.values[0] for parameters in FACADES}
    assert {"colosseum.config", "colosseum.benchmark.run", "colosseum.dynamic_programming.infinite_horizon"} <= found


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda value: value.removeprefix("colosseum."))
def test_a_name_that_lives_elsewhere_is_in_a_facade_or_in_the_package_of_its_home(module, name):
    home = getattr(getattr(importlib.import_module(module), name), "__module__", module)
    is_offered = home in getattr(importlib.import_module(module), "_MODULES", {}).values()  # lazily, by its package
    if home != module and not home.startswith(f"{module}.") and not is_offered:
        assert home.rpartition(".")[2] in importlib.import_module(module).__doc__
        assert module in {parameters.values[0] for parameters in FACADES}


@pytest.mark.parametrize("module", ["colosseum.agent.utils", "colosseum.utils.miscellanea"])
def test_a_module_that_is_kept_for_its_published_name_says_so(module):
    assert "published name" in importlib.import_module(module).__doc__


def test_specs_and_instances_have_their_published_properties(tmp_path):
    spec = make_mdp_spec(RiverSwimContinuous(seed=0, size=4))
    assert (spec.n_states, spec.n_actions, spec.emission_map.is_tabular) == (4, 2, True)
    settings = ExperimentConfig(n_seeds=1, n_steps=200, max_interaction_time_s=60, log_every=100)
    benchmark = ColosseumBenchmark("rivers", {RiverSwimContinuous: "prms_0/RiverSwimContinuous.size = 4\n"}, settings)
    [instance] = instantiate_one({RandomAgentContinuous: ""}, benchmark, experiment_folder=tmp_path)
    assert instance.experiment_name == "rivers"
    assert instance.experiment_label == "prms_0-RiverSwimContinuous____prms_0-RandomAgentContinuous"
    assert all(Path(file).is_file() for file in instance.gin_config_files)
    save_instances_to_folder([instance], store_instances_folder=tmp_path / "pickles")
    assert get_experiment_instances_from_folder(tmp_path / "pickles") == [instance]
    with pytest.raises(ConfigurationError, match="nothing: no instance is saved there"):
        get_experiment_instances_from_folder("nothing")


@pytest.mark.parametrize(("name", "value"), [("emission_map", None), ("emission_map", Tabular), ("noise", None)])
def test_neutral_arguments_of_environments_are_taken(name, value):
    mdp = RiverSwimContinuous(seed=0, size=4, instantiate_mdp=True, force_sparse_transition=False, **{name: value})
    assert mdp.get_gin_config() == RiverSwimContinuous(seed=0, size=4).get_gin_config()


@pytest.mark.parametrize(("name", "value"), [("emission_map", "pixels"), ("noise", 0.1), ("instantiate_mdp", False)])
def test_other_values_of_them_are_refused(name, value):
    with pytest.raises(
        ConfigurationError, match=rf"RiverSwimContinuous\.{name}: .* is not taken: environments are only"
    ):
        RiverSwimContinuous(seed=0, size=4, **{name: value})


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("colosseum.emission_maps", "OneHotEncoding"),
        ("colosseum.hyperopt", "DEFAULT_HYPEROPT_CONF_NONTABULAR"),
        ("colosseum.agent.agents.episodic", "DQNEpisodic"),
        ("colosseum.agent.agents.infinite_horizon", "ActorCriticContinuous"),
    ],
)
def test_what_is_not_tabular_says_so(module, name):
    with pytest.raises(ConfigurationError, match=f"{name}: only tabular agents and environments exist"):
        exec(f"from {module} import {name}")
    with pytest.raises(AttributeError):
        importlib.import_module(module).NothingOfThisKind  # noqa: B018


def test_published_gin_text_of_posterior_sampling_is_read():
    first = "from colosseum.agent.mdp_models import bayesian_models\n\n"
    text = get_default_gin_config(PSRLContinuous)
    assert split_scopes(PSRLContinuous, first + text, "here") == split_scopes(PSRLContinuous, text, "here")
    with pytest.raises(ConfigurationError, match="imports and includes are not taken"):
        split_scopes(PSRLContinuous, "import os\n" + text, "here")


@pytest.mark.parametrize(
    ("name", "neutral", "other"),
    [
        ("no_optimistic_sampling", False, True),
        ("truncate_reward_with_max", False, True),
        ("min_steps_before_new_episode", 0, 5),
    ],
)
def test_arguments_of_posterior_sampling_are_taken_at_their_published_values(name, neutral, other):
    mdp = RiverSwimContinuous(seed=0, size=4)
    spec = make_mdp_spec(mdp)
    assert PSRLContinuous(seed=0, mdp_specs=spec, n_steps=20, **{name: neutral}).psi
    with pytest.raises(ConfigurationError, match=f"PSRLContinuous.{name} = {other}"):
        PSRLContinuous(seed=0, mdp_specs=spec, n_steps=20, **{name: other})

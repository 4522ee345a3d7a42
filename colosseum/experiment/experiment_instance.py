"""One interaction between an agent and an environment, with all that determines its log."""

import io
import os
import pickle
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from colosseum import layout, registry
from colosseum.errors import ColosseumError, ConfigurationError, InstanceError
from colosseum.experiment import instance_file
from colosseum.experiment.config import ExperimentConfig
from colosseum.experiment.user_code import code_digest
from colosseum.utils.files import write_atomically

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.mdp.base import BaseMDP

_T = TypeVar("_T")

_PROTOCOL = 4
_LARGEST_SEED = 2**63 - 1
_TEXTS = ("benchmark_name", "mdp_scope", "mdps_gin_config", "agent_scope", "agents_gin_config", "result_folder")


@dataclass(frozen=True)
class ExperimentInstance:
    """
    An interaction that can be pickled, copied to any machine and run there.

    Equal instances have the same pickle, byte for byte, however they were made: a log is stale exactly when the bytes
    of its instance changed.

    Attributes
    ----------
    seed : int
        Of the environment and of the agent.
    benchmark_name : str
        The benchmark that it is a part of.
    mdp_class : type
        A packaged or registered environment class.
    mdp_scope : str
        Gin scope of the environment's parameters, ``prms_<i>``.
    mdps_gin_config : str
        Gin text of that scope.
    agent_class : type
        A packaged or registered agent class, for the same setting (episodic or continuous).
    agent_scope : str
        Gin scope of the agent's hyperparameters.
    agents_gin_config : str
        Gin text of that scope.
    experiment_config : ExperimentConfig
        Steps, time and log interval. Which other seeds there are does not matter to a single instance: it is always
        said to be the only one, so a benchmark that gets more seeds leaves the instances that it had as they are.
    result_folder : str
        The benchmark's folder, below which the log is written; with forward slashes, relative or absolute.

    Raises
    ------
    InstanceError
        If an attribute is of a wrong type.
    """

    seed: int
    benchmark_name: str
    mdp_class: "type[BaseMDP]"
    mdp_scope: str
    mdps_gin_config: str
    agent_class: "type[BaseAgent]"
    agent_scope: str
    agents_gin_config: str
    experiment_config: ExperimentConfig
    result_folder: str

    def __post_init__(self):
        seed = self.seed
        if isinstance(seed, bool) or not hasattr(seed, "__index__") or seed < 0:
            raise InstanceError(f"experiment instance: seed = {seed!r}: it must be a whole number of at least 0.")
        if seed.__index__() > _LARGEST_SEED:
            raise InstanceError(f"experiment instance: seed = {seed!r}: it must be below 2**63.")
        object.__setattr__(self, "seed", seed.__index__())
        for name in _TEXTS:
            value = getattr(self, name)
            if name == "result_folder" and isinstance(value, str | os.PathLike):
                value = Path(value).as_posix()
            if not isinstance(value, str):
                raise InstanceError(f"experiment instance: {name} = {value!r}: it must be a text.")
            object.__setattr__(self, name, str.__str__(value))  # of subclasses the text alone
        for name in ("mdp_class", "agent_class"):
            if not isinstance(getattr(self, name), type):
                raise InstanceError(f"experiment instance: {name} = {getattr(self, name)!r}: it must be a class.")
        if not isinstance(self.experiment_config, ExperimentConfig):
            raise InstanceError(
                f"experiment instance: experiment_config = {self.experiment_config!r}: it must be an ExperimentConfig."
            )
        object.__setattr__(self, "experiment_config", replace(self.experiment_config, n_seeds=1, first_seed=0))

    # --------------------------------------------------------------------------------------------------------- names

    @property
    def interaction(self) -> str:
        """``<mdp_scope>-<MDP>____<agent_scope>-<Agent>``: the name that its seeds share."""
        mdp = layout.Configured(self.mdp_class.__name__, self.mdp_scope)
        return layout.interaction_name(mdp.name, layout.Configured(self.agent_class.__name__, self.agent_scope).name)

    @property
    def name(self) -> str:
        """What tells it from others in messages: benchmark, interaction and seed."""
        return f"{self.benchmark_name}/{self.interaction}/seed{self.seed}"

    @property
    def experiment_label(self) -> str:
        """The published name of `interaction`."""
        return self.interaction

    @property
    def experiment_name(self) -> str:
        """The published name of `benchmark_name`."""
        return self.benchmark_name

    @property
    def gin_config_files(self) -> list[str]:
        """Where the benchmark's folder has the texts of the environment and of the agent; they need not exist."""
        return [
            layout.mdp_config_file(self.result_folder, self.mdp_class.__name__),
            layout.agent_config_file(self.result_folder, self.agent_class.__name__),
        ]

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits over all that it says; the first 16 are in every row of its log."""
        return instance_file.digest_of(self._to_stream())

    @property
    def log_path(self) -> str:
        """``<result_folder>/logs/<interaction>/seed<k>_logs.csv``."""
        return layout.log_file(self.result_folder, self.interaction, self.seed)

    @property
    def does_log_file_exists(self) -> bool:
        """Whether there is a file where the log is written."""
        return os.path.isfile(self.log_path)

    # --------------------------------------------------------------------------------------------------- the two sides

    def instantiate_mdp(self) -> "BaseMDP":
        """
        Make the environment.

        Raises
        ------
        ConfigurationError
            As `colosseum.gin_config.construct`: if the text is refused, or a value in it; whatever else the class
            raises comes through.
        """
        return self._instantiate(self.mdp_class, self.mdp_scope, self.mdps_gin_config, seed=self.seed)

    def instantiate_agent(self, mdp: "BaseMDP") -> "BaseAgent":
        """
        Make the agent for an environment that `instantiate_mdp` made.

        Parameters
        ----------
        mdp : BaseMDP

        Raises
        ------
        ConfigurationError
            As in `instantiate_mdp`, and if one of the two is episodic and the other is not.
        """
        if self.agent_class.is_episodic() != mdp.is_episodic():
            kinds = ["an episodic" if x.is_episodic() else "a continuous" for x in (self.agent_class, mdp)]
            raise ConfigurationError(f"{self.name}: {kinds[0]} agent cannot interact with {kinds[1]} environment.")
        from colosseum.utils import make_mdp_spec  # an instance that is only written or listed needs no numba

        return self._instantiate(
            self.agent_class,
            self.agent_scope,
            self.agents_gin_config,
            seed=self.seed,
            mdp_specs=make_mdp_spec(mdp),
            n_steps=self.experiment_config.n_steps,
        )

    def _instantiate(self, cls: type[_T], scope: str, text: str, **arguments: Any) -> _T:
        from colosseum.gin_config import construct  # not at import: help and mistakes are quick

        source = f"{self.name}: gin text of {cls.__name__}"
        try:
            return construct(cls, scope, text, source, **arguments)
        except ConfigurationError as error:
            raise ConfigurationError(
                str(error) if str(error).startswith(self.name) else f"{self.name}: {error}"
            ) from None

    # -------------------------------------------------------------------------------------------------------- pickling

    def __getstate__(self) -> tuple:
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("mdp_class", "agent_class"):
            plain[name] = (plain[name].__module__, plain[name].__qualname__)
        settings = self.experiment_config
        plain["experiment_config"] = (
            settings.n_steps,
            settings.max_interaction_time_s,
            settings.log_every,
            settings.stop_when_optimal,
        )
        sizes = _sizes(self.mdp_class, self.mdp_scope, self.mdps_gin_config)
        origin = (instance_file.RESULTS_VERSION, *map(_code_of, (self.mdp_class, self.agent_class)))
        return (instance_file.FORMAT, *plain.values(), sizes, origin)

    def __setstate__(self, state: Any) -> None:
        names = [field.name for field in fields(self)]
        if not (isinstance(state, tuple) and len(state) == len(names) + 3 and state[0] == instance_file.FORMAT):
            raise InstanceError(f"it was written by another version of this program; {instance_file.MEND}.")
        values = dict(zip(names, state[1:], strict=False))  # the rest follows from them
        values["mdp_class"] = _find_class(values["mdp_class"], "MDP", registry.PACKAGED_MDPS | registry.CUSTOM_MDPS)
        values["agent_class"] = _find_class(values["agent_class"], "agent", registry.PACKAGED_AGENTS)
        settings = values["experiment_config"]
        if not isinstance(settings, tuple) or len(settings) != 4:
            raise InstanceError(f"its settings are {settings!r} and not three numbers and a choice.")
        n_steps, max_s, log_every, stop_when_optimal = settings
        values["experiment_config"] = ExperimentConfig(1, n_steps, max_s, log_every, None, stop_when_optimal)
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self.__post_init__()

    def to_bytes(self) -> bytes:
        """Return the content of its file, a pickle and its digest: the same bytes for equal instances."""
        return instance_file.with_digest(self._to_stream())

    def _to_stream(self) -> bytes:
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, protocol=_PROTOCOL)
        # without a memo: else the bytes would tell which of the equal strings are the same object
        pickler.fast = True
        pickler.dump(self)
        return buffer.getvalue()

    def save(self, path: str | os.PathLike) -> bool:
        """
        Write its file; one that holds the same instance already is left as it is.

        Returns
        -------
        bool
            Whether the file was written.

        Raises
        ------
        InstanceError
            If it is larger than an instance may be: nothing is written then.
        ColosseumError
            If it cannot be written.
        """
        content = self.to_bytes()
        if len(content) > instance_file.MOST_BYTES:
            raise InstanceError(
                f"{self.name}: its parameters take {len(content)} bytes, and at most {instance_file.MOST_BYTES} are "
                "read; let the class build what is large."
            )
        return write_atomically(path, content, keep_unchanged=True, durable=False)

    def is_saved_in(self, path: str | os.PathLike) -> bool:
        """Tell whether a file holds this very instance."""
        try:
            with open(path, "rb") as file:
                return file.read(instance_file.MOST_BYTES + 1) == self.to_bytes()
        except OSError:
            return False


@lru_cache(maxsize=1000)
def _sizes(mdp_class: "type[BaseMDP]", scope: str, text: str) -> tuple[int | None, int | None]:
    """
    A bound on the states and the horizon (1 if there is none) of an environment; None for what is not known.

    A pickle has them for `colosseum.experiment.estimate`, which reads thousands of instances and imports no class.
    """
    from colosseum.gin_config import parse_gin_text

    try:
        parameters = parse_gin_text(mdp_class, text, "instance").get(scope, {})
        states = mdp_class.n_states_bound(parameters)
        horizon = parameters.get("H") if mdp_class.is_episodic() else 1
    except Exception:  # a user-defined class may raise anything here; what is wrong with it, its run says
        return None, None
    return _known(states), _known(horizon)


def _known(size: Any) -> int | None:
    return size if type(size) is int and size > 0 else None


def load_instance(path: str | os.PathLike) -> ExperimentInstance:
    """
    Load an instance from its file, and nothing else, by `colosseum.experiment.instance_file.read_state`.

    Its classes are in the file as plain text; they are looked up among those of this package and those that were
    registered. So a file from elsewhere can run no code.

    Parameters
    ----------
    path : str or path

    Raises
    ------
    InstanceError
        If the file cannot be read, is damaged or no instance, needs a class that is not registered, or one whose code
        changed since the instance was made. One line that begins with the path.
    """
    state, digest = instance_file.read_state(path)
    instance: ExperimentInstance = ExperimentInstance.__new__(ExperimentInstance)
    try:
        instance.__setstate__(state)
        _check_code(instance, state[-1])
        vars(instance)["digest"] = digest  # of the file, whatever a user-defined class may bound its states by today
    except ColosseumError as error:
        raise InstanceError(f"{path}: {' '.join(str(error).split())}") from None
    except Exception as error:  # values of any type where others are expected
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InstanceError(f"{path}: no instance ({reason}); {instance_file.MEND}.") from None
    return instance


def _code_of(cls: type) -> str:
    return code_digest(f"{cls.__module__}:{cls.__qualname__}")


def _check_code(instance: ExperimentInstance, origin: tuple) -> None:
    """Compare the code of user-defined classes with what it was when the instance was made."""
    for cls, digest in zip((instance.mdp_class, instance.agent_class), origin[1:], strict=True):
        if digest != _code_of(cls):
            raise InstanceError(
                f"the code of {cls.__module__}:{cls.__qualname__} changed since this instance was made; "
                f"{instance_file.MEND}."
            )


def _find_class(reference: Any, kind: str, packaged: dict[str, str]) -> type:
    if not (isinstance(reference, tuple) and len(reference) == 2 and all(type(part) is str for part in reference)):
        raise InstanceError(f"its {kind} class is {reference!r} and not a module and a name.")
    module, name = reference
    external = registry.get_external_agent_classes() if kind == "agent" else registry.get_external_mdp_classes()
    for cls in external:
        if (cls.__module__, cls.__qualname__) == reference:
            return cls
    if packaged.get(name) == module:
        import importlib

        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise InstanceError(f"the {kind} class {module}:{name} cannot be imported here: {error}") from None
    raise InstanceError(
        f"the {kind} class {module}:{name} is neither packaged nor registered; run with --register {module}:{name}, or "
        f"call colosseum.config.register_{kind.lower()}_class first."
    )

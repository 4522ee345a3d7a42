"""Arguments that have another name in the published package than here: both are accepted."""

import functools
import inspect
from collections.abc import Callable, Container, Mapping
from typing import Any, TypeVar

from colosseum.errors import ConfigurationError

_C = TypeVar("_C", bound=Callable[..., Any])


def accepts(**published: str) -> Callable[[_C], _C]:
    """
    Let a function, such as a constructor, be called with the published names of its arguments as well.

    Its signature stays what it is: it names the arguments as they are called here, to gin also.

    Parameters
    ----------
    **published : str
        The name here of each published one.

    Examples
    --------
    >>> @accepts(optimization_horizon="n_steps")
    ... def steps(n_steps):
    ...     return n_steps
    >>> steps(optimization_horizon=3)
    3
    """

    def decorate(function: _C) -> _C:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            for name, own in published.items():
                if name in kwargs:
                    # of both the published one counts: `dataclasses.replace` fills in the other
                    kwargs[own] = kwargs.pop(name)
            return function(*args, **kwargs)

        call.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]  # gin does not look behind wrappers
        return call  # type: ignore[return-value]

    return decorate


def name_of_n_steps(parameters: Container[str]) -> str:
    """
    Return what the constructor of an agent calls the number of steps that it is going to take.

    Parameters
    ----------
    parameters : container of str
        The names of the constructor's parameters.

    Returns
    -------
    str
        ``n_steps``, or the published ``optimization_horizon``: where the constructor has that, its ``n_steps`` is a
        hyperparameter, and where it has neither (``**kwargs``), it was written for a base class that took that.
    """
    return "n_steps" if "n_steps" in parameters and "optimization_horizon" not in parameters else "optimization_horizon"


def for_agent(cls: type, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the arguments for an agent's constructor under the names that the class gives them.

    Parameters
    ----------
    cls : type
        An agent class, written with the names here or with the published ones.
    arguments : mapping of str to object
        With the names here: ``n_steps``.
    """
    name = name_of_n_steps(inspect.signature(cls.__init__).parameters)  # type: ignore[misc]  # of this very class
    return {name if key == "n_steps" else key: value for key, value in arguments.items()}


NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "emission_map": (None,),
    "emission_map_kwargs": (None, {}),
    "noise": (None,),
    "noise_kwargs": (None, {}),
    "force_sparse_transition": (None, False, True),
    "instantiate_mdp": (None, True),
    "exclude_horizon_from_parameters": (None, False),
}
"""Published arguments of environments that mean nothing here, with the values at which they are taken."""


def without_neutral(owner: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return an environment's arguments without the published ones that mean nothing here.

    Parameters
    ----------
    owner : str
        What messages call the environment.
    arguments : mapping of str to object

    Raises
    ------
    ConfigurationError
        If one of them has a value that would mean something: only tabular environments exist, built when they are used.
    """
    for name, values in NEUTRAL.items():
        value = arguments.get(name)
        is_tabular = name == "emission_map" and getattr(value, "__name__", type(value).__name__) == "Tabular"
        if name in arguments and not is_tabular and value not in values:
            raise ConfigurationError(
                f"{owner}.{name}: {value!r} is not taken: environments are only tabular here, and built when they are "
                f"used; leave {name} out."
            )
    return {name: value for name, value in arguments.items() if name not in NEUTRAL}


_NOT_TABULAR = {
    "colosseum.emission_maps": (
        "ImageEncoding OneHotEncoding StateInfo StateLinearOptimal StateLinearRandom TensorEncoding"
    ),
    "colosseum.hyperopt": "DEFAULT_HYPEROPT_CONF_NONTABULAR SMALL_HYPEROPT_CONF_NONTABULAR",
    "colosseum.agent.agents.episodic": "ActorCriticEpisodic ActorCriticRNNEpisodic BootDQNEpisodic DQNEpisodic",
    "colosseum.agent.agents.infinite_horizon": (
        "ActorCriticContinuous ActorCriticRNNContinuous BootDQNContinuous DQNContinuous"
    ),
}


def refuse_what_is_not_tabular(module: str) -> Callable[[str], Any]:
    """
    Return a module's ``__getattr__``, which says of the published names that are not tabular why they are not there.

    Raises
    ------
    ConfigurationError
        Where such a name is asked for, also by ``from ... import``.
    """

    def get(name: str) -> Any:
        if name in _NOT_TABULAR[module].split():
            raise ConfigurationError(f"{module}.{name}: only tabular agents and environments exist in this package.")
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return get

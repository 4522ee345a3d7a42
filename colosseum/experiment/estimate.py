"""What an instance asks of a cluster: memory and time, estimated from its pickle alone.

Nothing is imported or built for it: tens of thousands of instances are estimated while the head submits them. The
figures are upper bounds, not forecasts; a job that exceeds them is tried again with more.
"""

from __future__ import annotations

import ast
import io
import math
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from colosseum import registry
from colosseum.errors import ColosseumError

#: Copies of an array of shape (H, S, A), and of one of shape (S, A, S), that an agent may hold.
_POLICIES, _MODELS = 8, 4

#: Seconds a step of a packaged, compiled agent at most.
_COMPILED_STEP_S = 5e-5

#: Seconds for each state of an exact evaluation.
_EVALUATION_S = 1e-5

_UNKNOWN_STATES, _ACTIONS, _UNKNOWN_HORIZON = 2000, 6, 100


@dataclass(frozen=True)
class Allowance:
    """
    What every instance is allowed, whatever its size. A profile sets it, by these names, among its `default-resources`.

    Attributes
    ----------
    instance_mem_mb : int
        Memory in MiB before any table of the agent. Packaged agents in small environments reach 165 (numba and the
        kernels), 200 with Snakemake's fork.
    instance_start_s : int
        Seconds to start on a cold node and to build the environment.
    instance_steps_per_second : int
        What an agent of one's own trains at least, in steps a second; packaged ones are known to be fast.
    """

    instance_mem_mb: int = 300
    instance_start_s: int = 60
    instance_steps_per_second: int = 500

    @classmethod
    def of_profile(cls, default_resources: Mapping) -> Allowance:
        """
        Take what a profile says of it, and the defaults for the rest.

        Parameters
        ----------
        default_resources : mapping
            Of str to int, or to Snakemake's resources.

        Returns
        -------
        Allowance

        Raises
        ------
        ColosseumError
            If a value is not a positive whole number.
        """
        found = {}
        for name in (field.name for field in fields(cls)):
            if name not in default_resources:
                continue
            value = default_resources[name]
            value = getattr(value, "raw", value)
            if type(value) is not int or value < 1:
                raise ColosseumError(f"profile: default-resources: {name}: {value!r} is not a positive whole number")
            found[name] = value
        return cls(**found)


@dataclass(frozen=True)
class Demand:
    """
    What to ask for.

    Attributes
    ----------
    mem_mb : int
        Memory in MiB.
    seconds : int
        Run time.
    """

    mem_mb: int
    seconds: int

    @property
    def minutes(self) -> int:
        """The run time in whole minutes, rounded up."""
        return math.ceil(self.seconds / 60)


class _State:
    """Stands for the instance; its classes stay text."""

    def __setstate__(self, state: tuple) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        if (module, name) == ("colosseum.experiment.experiment_instance", "ExperimentInstance"):
            return _State
        raise pickle.UnpicklingError(f"{module}.{name}")


@lru_cache(maxsize=100_000)
def demand(path: str | Path, attempt: int = 1, allowance: Allowance = Allowance()) -> Demand:  # noqa: B008 (frozen)
    """
    Estimate what the run of a pickled instance needs.

    Parameters
    ----------
    path : str or path
        The pickle.
    attempt : int
        1 for the first; each further one asks for more, and the second for all the time that the agent may train.
    allowance : Allowance
        What every instance is allowed.

    Returns
    -------
    Demand

    Raises
    ------
    FileNotFoundError
        If there is no such file (yet).
    """
    data = Path(path).read_bytes()
    try:
        found = _Unpickler(io.BytesIO(data)).load()
        _, _, _, (_, mdp), _, mdp_gin, (module, agent), _, _, (*_, n_steps, max_s, every), _ = found.state
    except (pickle.UnpicklingError, AttributeError, ValueError, TypeError, EOFError):
        return Demand(allowance.instance_mem_mb * attempt, 600 * attempt)  # the run itself says what is wrong with it
    parameters = _parameters(mdp_gin)
    states = n_states(mdp, parameters)
    horizon = int(parameters.get("H") or _UNKNOWN_HORIZON) if mdp.endswith("Episodic") else 1
    cells = _POLICIES * horizon * states * _ACTIONS + _MODELS * states * _ACTIONS * states
    packaged = registry.PACKAGED_AGENTS.get(agent) == module
    step_s = _COMPILED_STEP_S if packaged else 1 / allowance.instance_steps_per_second
    training_s = max_s if attempt > 1 else min(max_s, n_steps * step_s)
    evaluation_s = n_steps / every * states * _EVALUATION_S * max(horizon, 1)
    seconds = allowance.instance_start_s + training_s + evaluation_s
    return Demand(attempt * (allowance.instance_mem_mb + (8 * cells >> 20)), attempt * math.ceil(seconds))


def n_states(mdp: str, parameters: dict) -> int:
    """
    Bound the number of states from the parameters.

    Parameters
    ----------
    mdp : str
        Name of the environment class.
    parameters : dict
        The parameters that its gin text gives.
    """
    family = mdp.removesuffix("Episodic").removesuffix("Continuous")
    size = parameters.get("size")
    try:
        if family == "RiverSwim":
            return size
        if family in ("DeepSea", "FrozenLake", "SimpleGrid"):
            return size**2
        if family == "MiniGridEmpty":
            return 4 * size**2
        if family == "MiniGridRooms":
            return 4 * (parameters["room_size"] ** 2 + 2) * parameters.get("n_rooms", 4)
        if family == "Taxi":
            places = parameters.get("n_locations", 4)
            return size**2 * (places + 1) * places
    except (TypeError, KeyError):
        pass
    return _UNKNOWN_STATES


def _parameters(gin: str) -> dict:
    """The literal values of `prms_0/Class.name = value` lines."""
    found = {}
    for line in gin.splitlines():
        key, _, value = line.partition("=")
        try:
            found[key.strip().rpartition(".")[2]] = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            continue
    return found

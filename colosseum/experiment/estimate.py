"""What an instance asks of a cluster: memory and time, estimated from its pickle alone.

Nothing is imported or built for it: tens of thousands of instances are estimated while the head submits them. The
figures are upper bounds, not forecasts; a job that exceeds them is tried again with more.
"""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from colosseum import registry
from colosseum.errors import ColosseumError
from colosseum.experiment.instance_file import read_state

#: Copies of an array of shape (H, S, A), and of one of shape (S, A, S), that an agent may hold.
_POLICIES, _MODELS = 8, 4

#: Seconds a step of a packaged, compiled agent at most.
_COMPILED_STEP_S = 5e-5

#: Seconds for each state of an exact evaluation.
_EVALUATION_S = 1e-5

#: So much longer than expected may the training of an instance take that has no time limit and was stopped once.
_SLOWER = 10

#: Larger figures are no estimates: of an instance that no machine runs, 4 TiB and a year are enough to say so.
_MOST_CELLS, _MOST_SECONDS = 1 << 39, 366 * 24 * 3600

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
        What a user-defined agent trains at least, in steps a second; packaged ones are known to be fast.
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


@lru_cache(maxsize=100_000)
def demand(path: str | Path, attempt: int = 1, allowance: Allowance = Allowance()) -> Demand:  # noqa: B008 (frozen)
    """
    Estimate what the run of a pickled instance needs.

    Parameters
    ----------
    path : str or path
        The pickle.
    attempt : int
        1 for the first; each further one asks for more, and from the second on for all the time that the agent may
        train (where that has no limit, for ten times what was thought).
    allowance : Allowance
        What every instance is allowed.

    Returns
    -------
    Demand

    Raises
    ------
    FileNotFoundError
        If there is no such file (yet). Nothing else is raised: one instance never stops the others, so what cannot be
        read has a demand, too.
    """
    try:
        return _of_state(read_state(path)[0], attempt, allowance)
    except Exception:  # of damage or values that make no sense; what is wrong with the instance, its run says
        if not os.path.lexists(path):
            # Snakemake compares the name
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path)) from None
        return Demand(allowance.instance_mem_mb * attempt, 600 * attempt)


def _of_state(state: tuple[Any, ...], attempt: int, allowance: Allowance) -> Demand:
    """Estimate from what `ExperimentInstance.__getstate__` returns."""
    (module, agent), (n_steps, max_s, every, *_) = state[6], state[9]
    n_states, horizon = state[11]
    states, horizon = n_states or _UNKNOWN_STATES, horizon or _UNKNOWN_HORIZON
    cells = _POLICIES * horizon * states * _ACTIONS + _MODELS * states * _ACTIONS * states
    packaged = registry.PACKAGED_AGENTS.get(agent) == module
    training_s = n_steps * (_COMPILED_STEP_S if packaged else 1 / allowance.instance_steps_per_second)
    if attempt == 1:
        training_s = min(max_s, training_s)
    else:
        training_s = max_s if math.isfinite(max_s) else _SLOWER * training_s
    evaluation_s = n_steps / every * states * _EVALUATION_S * horizon
    seconds = min(allowance.instance_start_s + training_s + evaluation_s, _MOST_SECONDS)
    mem_mb = allowance.instance_mem_mb + (8 * min(cells, _MOST_CELLS) >> 20)
    return Demand(attempt * mem_mb, attempt * math.ceil(seconds))

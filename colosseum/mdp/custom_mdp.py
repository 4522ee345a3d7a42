"""MDPs from user-defined arrays: transition probabilities, rewards, starting distribution."""

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from numbers import Integral, Real
from typing import Any

import gin
import numpy as np

from colosseum.errors import ConfigurationError
from colosseum.mdp.base import BaseMDP
from colosseum.mdp.build import make_model
from colosseum.mdp.checks import Parameters, plain
from colosseum.mdp.continuous import ContinuousMDP
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.graph import longest_shortest_path
from colosseum.mdp.model import MDPModel
from colosseum.mdp.rewards import Reward

_TOLERANCE = 1e-6  # of a sum of probabilities: float32 arrays are welcome

Entries = tuple[tuple[int, int, int, float], ...]


class CustomMDP(BaseMDP):
    """
    An MDP that is given as arrays; states keep their numbers, and rewards are given out as they are.

    Parameters
    ----------
    seed : int
        Of the transitions and rewards that are drawn.
    T_0 : mapping of int to float, or array of shape (S,)
        The starting distribution; another name of `starting_state_distribution`, of which one is given.
    T : array of shape (S, A, S), sparse array of shape (S * A, S), or list
        Transition probabilities. Row s * A + a of the sparse array is p(. | s, a). A list holds
        (state, action, next state, probability).
    R : array of shape (S, A), or mapping of (state, action) to reward
        A reward is a number, ``("beta", (a, b))``, ``("deterministic", (value,))`` or a frozen scipy.stats
        distribution; nested sequences of them will do in place of an array.
    H : int, optional
        Episodic only: the horizon. By default 1 + the longest of the shortest paths from any starting state.
    rewards_range : tuple (float, float), optional
        What agents are told; rewards lie within it. By default (0, 1) if they do, else the least and the greatest one.
    starting_state_distribution : mapping of int to float, or array of shape (S,)
        The starting distribution.

    Raises
    ------
    ConfigurationError
        If the arrays do not fit together or are no probabilities; the message names the state and the action.
    """

    def _setup(self, seed: int, given: dict[str, Any]) -> None:
        owner = type(self).__name__
        start = given.pop("T_0")
        if (start is None) == (given["starting_state_distribution"] is None):
            raise ConfigurationError(f"{owner}: give the starting distribution, as starting_state_distribution or T_0.")
        for name in ("T", "R"):
            if given[name] is None:
                raise ConfigurationError(f"{owner}.{name}: missing; give an array.")
        self._rewards, n_states, n_actions = _read_rewards(given["R"], f"{owner}.R")
        entries = _read_transitions(given["T"], n_states, n_actions, f"{owner}.T")
        start = given["starting_state_distribution"] if start is None else start
        self._start = _read_start(start, n_states, f"{owner}.starting_state_distribution")
        self._transitions = entries
        self._shape = n_states, n_actions

        low = min(reward.low for row in self._rewards for reward in row)
        high = max(reward.high for row in self._rewards for reward in row)
        parameters = {
            "T": entries,
            "R": tuple(tuple(_written(reward) for reward in row) for row in self._rewards),
            "starting_state_distribution": tuple(self._start.tolist()),
        } | {name: plain(given[name]) for name in ("H", "rewards_range") if name in given}
        check = Parameters(owner, parameters)
        if parameters["rewards_range"] is None:
            inside = 0 <= low and high <= 1
            # a single value is no range: one that begins with it
            parameters["rewards_range"] = (0.0, 1.0) if inside else (low, high if high > low else low + 1.0)
        rewards_range = check.interval("rewards_range")
        if low < rewards_range[0] or high > rewards_range[1]:
            check.refuse("rewards_range", f"the rewards lie between {low!r} and {high!r}")
        if parameters.get("H") is not None:
            check.integer("H", 1)
        super().__init__(seed, parameters, rewards_range)

    @classmethod
    def n_states_bound(cls, parameters: Mapping[str, Any]) -> int | None:
        R = parameters["R"]
        return 1 + max(state for state, _ in R) if isinstance(R, Mapping) else len(R)

    @cached_property
    def model(self) -> MDPModel:
        n_states, n_actions = self._shape
        entries = [entry for entry in self._transitions if entry[3] > 0]
        row = np.array([s * n_actions + a for s, a, _, _ in entries])
        kinds: dict[Reward, int] = {}
        kind = np.array([kinds.setdefault(reward, len(kinds)) for rewards in self._rewards for reward in rewards])
        start_state = np.flatnonzero(self._start)
        start_probs = self._start[start_state]
        return make_model(
            n_actions,
            np.bincount(row, minlength=n_states * n_actions),
            np.array([entry[2] for entry in entries]),
            np.array([entry[3] for entry in entries]),
            kind[row],
            list(kinds),
            start_state,
            start_probs / math.fsum(start_probs),
            tuple(range(n_states)),
        )

    @cached_property
    def _horizon(self) -> int:
        model = self.model
        return self.parameters["H"] or 1 + longest_shortest_path(
            model.indptr, model.next_state, model.n_actions, model.start_state
        )

    @property
    def H(self) -> int | None:
        """Horizon of an episode, in steps; None in the continuous setting."""
        return self._horizon if self.is_episodic() else None


_PARAMETERS = "".join((CustomMDP.__doc__ or "").partition("\n\n    Parameters")[1:])


@gin.configurable
class CustomEpisodic(CustomMDP, EpisodicMDP):
    """A user-defined MDP, given as arrays, of the episodic setting."""

    __doc__ = (__doc__ or "") + _PARAMETERS

    def __init__(
        self,
        seed: int,
        T_0: Any = None,
        T: Any = None,
        R: Any = None,
        H: int | None = None,
        rewards_range: tuple[float, float] | None = None,
        starting_state_distribution: Any = None,
    ):
        self._setup(
            seed,
            {
                "T_0": T_0,
                "T": T,
                "R": R,
                "H": H,
                "rewards_range": rewards_range,
                "starting_state_distribution": starting_state_distribution,
            },
        )


@gin.configurable
class CustomContinuous(CustomMDP, ContinuousMDP):
    """A user-defined MDP, given as arrays, of the continuous setting."""

    __doc__ = (__doc__ or "") + _PARAMETERS

    def __init__(
        self,
        seed: int,
        T_0: Any = None,
        T: Any = None,
        R: Any = None,
        rewards_range: tuple[float, float] | None = None,
        starting_state_distribution: Any = None,
    ):
        self._setup(
            seed,
            {
                "T_0": T_0,
                "T": T,
                "R": R,
                "rewards_range": rewards_range,
                "starting_state_distribution": starting_state_distribution,
            },
        )


# ------------------------------------------------------------------------------------------------------------- reading


def _read_rewards(value: Any, name: str) -> tuple[list[list[Reward]], int, int]:
    """Return the distribution of each state and action, S and A."""
    if isinstance(value, Mapping):
        value = _rows_of_mapping(value, name)
    rows = value.tolist() if isinstance(value, np.ndarray) else value
    try:
        rows = [list(row) for row in rows]
    except TypeError:
        rows = []
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise ConfigurationError(
            f"{name}: its shape is not (S, A); give a row for each state, with a reward for each action."
        )
    read = [[Reward.of(reward, f"{name}[{s}, {a}]") for a, reward in enumerate(row)] for s, row in enumerate(rows)]
    return read, len(rows), len(rows[0])


def _rows_of_mapping(value: Mapping, name: str) -> list[list[Any]]:
    try:
        n_states, n_actions = (1 + max(key[i] for key in value) for i in range(2))
        return [[value[s, a] for a in range(n_actions)] for s in range(n_states)]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        missing = f"; there is no {error}" if isinstance(error, KeyError) else ""
        raise ConfigurationError(f"{name}: give a reward for every (state, action){missing}.") from None


def _read_transitions(value: Any, n_states: int, n_actions: int, name: str) -> Entries:
    """Return the entries, sorted; every row sums to one within the tolerance."""
    if hasattr(value, "tocoo"):
        if value.shape != (n_states * n_actions, n_states):
            raise ConfigurationError(
                f"{name}: a sparse array of shape {value.shape} does not fit R of shape {(n_states, n_actions)}; "
                f"its shape is (S * A, S) = {(n_states * n_actions, n_states)}."
            )
        coo = value.tocoo(copy=True)
        coo.sum_duplicates()
        states, actions = np.divmod(coo.row, n_actions)
        given: Iterable[tuple[int, int, int, float]] = zip(
            states.tolist(), actions.tolist(), coo.col.tolist(), coo.data.tolist(), strict=True
        )
    else:
        given = _entries_of_sequence(value, n_states, n_actions, name)
    entries = tuple(sorted((s, a, t, float(p)) for s, a, t, p in given))
    _check_transitions(entries, n_states, n_actions, name)
    return entries


def _entries_of_sequence(value: Any, n_states: int, n_actions: int, name: str) -> Iterable[tuple[int, int, int, float]]:
    if _is_list_of_entries(value):
        return value
    try:
        dense = np.asarray(value, float)
    except (TypeError, ValueError):
        dense = np.empty(0)
    if dense.shape != (n_states, n_actions, n_states):
        shape = f"of shape {dense.shape}" if dense.ndim > 1 else f"{value!r:.60}"
        raise ConfigurationError(
            f"{name}: {shape} does not fit R of shape {(n_states, n_actions)}; its shape is (S, A, S) = "
            f"{(n_states, n_actions, n_states)}."
        )
    where = np.nonzero(dense)
    return zip(*(indices.tolist() for indices in where), dense[where].tolist(), strict=True)


def _is_list_of_entries(value: Any) -> bool:
    if isinstance(value, np.ndarray) or not isinstance(value, list | tuple) or not value:
        return False
    return all(
        isinstance(entry, list | tuple)
        and len(entry) == 4
        and all(isinstance(i, Integral) for i in entry[:3])
        and isinstance(entry[3], Real)
        for entry in value
    )


def _check_transitions(entries: Entries, n_states: int, n_actions: int, name: str) -> None:
    probs: dict[tuple[int, int], list[float]] = {(s, a): [] for s in range(n_states) for a in range(n_actions)}
    last = None
    for s, a, t, p in entries:
        if (s, a) not in probs or not 0 <= t < n_states:
            raise ConfigurationError(
                f"{name}: ({s}, {a}, {t}) does not exist; there are {n_states} states and {n_actions} actions (see R)."
            )
        if (s, a, t) == last:
            raise ConfigurationError(f"{name}: ({s}, {a}, {t}) is given twice.")
        if not 0 <= p <= 1 + _TOLERANCE:
            raise ConfigurationError(f"{name}[{s}, {a}, {t}]: {p!r} is no probability.")
        last = (s, a, t)
        probs[s, a].append(p)
    for (s, a), row in probs.items():
        if abs(math.fsum(row) - 1) > _TOLERANCE:
            raise ConfigurationError(
                f"{name}[{s}, {a}]: the probabilities of the next states sum to {math.fsum(row)!r} and not to 1."
            )


def _read_start(value: Any, n_states: int, name: str) -> np.ndarray:
    start = np.zeros(n_states)
    try:
        if isinstance(value, Mapping):
            for state, p in value.items():
                if not isinstance(state, Integral) or not 0 <= int(state) < n_states:
                    raise ConfigurationError(f"{name}: there is no state {state!r}; 0 to {n_states - 1} would do.")
                start[int(state)] = p
        else:
            start[:] = np.asarray(value, float).reshape(n_states)
    except (TypeError, ValueError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{name}: {value!r:.60} is not a probability for each of {n_states} states.") from None
    if not (start >= 0).all() or not abs(math.fsum(start) - 1) <= _TOLERANCE:
        raise ConfigurationError(f"{name}: {value!r:.60} is no distribution; give probabilities that sum to 1.")
    return start


def _written(reward: Reward) -> Any:
    """A reward as it is written in a gin configuration: constants as numbers."""
    kind, values = reward.spec()
    return values[0] if kind == "deterministic" else (kind, values)

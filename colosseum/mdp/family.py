"""What the seven families share: constructors, laziness, randomness, reward distributions, parameter sampling."""

import abc
import inspect
import math
from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from colosseum.errors import ConfigurationError
from colosseum.mdp.base import BaseMDP, EpisodicMDP
from colosseum.mdp.build import Moves, enumerate_mdp
from colosseum.mdp.model import MDPModel
from colosseum.mdp.rewards import Reward

_KEYWORD = inspect.Parameter.POSITIONAL_OR_KEYWORD


def _common(
    randomize_actions: bool = True,
    p_lazy: float | None = None,
    p_rand: float | None = None,
    make_reward_stochastic: bool = False,
    reward_variance_multiplier: float = 1.0,
    rewards_range: tuple[float, float] = (0.0, 1.0),
) -> None:
    """The parameters of every family; only the signature is used."""


class FamilyMDP(BaseMDP):
    """
    An MDP of one of the families.

    A family defines `_configure` (whose signature, followed by the common parameters below, becomes that of the
    constructors), `_draw_structure`, `_starting_nodes`, `_next_nodes`, `_reward_of`, `_default_rewards`,
    `_longest_path` and `_sample`.

    Parameters
    ----------
    seed : int
    (those of the family)
    H : int, optional
        Episodic only: the horizon; raised to what the family needs, which is also the default.
    randomize_actions : bool
        Permute the actions of every state, by the seed.
    p_lazy : float, optional
        Probability in [0, 1) of staying in the state whatever the action.
    p_rand : float, optional
        Else, probability in [0, 1) of a uniformly random action in place of the chosen one.
    make_reward_stochastic : bool
        Beta rewards instead of constant ones.
    reward_variance_multiplier : float
        Multiplies both parameters of the default Beta distributions: the lower, the higher their variance.
    rewards_range : tuple (float, float)
        A reward r in [0, 1] is given out as lo + r (hi - lo).

    Raises
    ------
    ConfigurationError
        If a parameter makes no sense; the message names it.
    """

    n_family_actions: ClassVar[int]
    reward_parameters: ClassVar[tuple[str, ...]]  # constructor parameters that hold the distributions
    permutes_actions: ClassVar[bool] = True
    takes_p_lazy: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.is_episodic is not BaseMDP.is_episodic and "__init__" not in vars(cls):
            cls.__init__ = _constructor(cls)

    @abc.abstractmethod
    def _configure(self, *args: Any) -> None:
        """Check and keep the family's own parameters."""

    @abc.abstractmethod
    def _draw_structure(self, rng: np.random.Generator) -> None:
        """Draw what the seed decides."""

    @abc.abstractmethod
    def _starting_nodes(self) -> list[Hashable]:
        """The starting states, each as likely as the others."""

    @abc.abstractmethod
    def _next_nodes(self, node: Any, action: int) -> Moves:
        """Where an action leads, with probabilities, before laziness and randomness."""

    @abc.abstractmethod
    def _reward_of(self, node: Any, action: int, next_node: Any) -> str:
        """Which of the distributions (a name of `reward_parameters`) rewards a transition."""

    @abc.abstractmethod
    def _default_rewards(self, stochastic: bool, m: float) -> dict[str, Reward]:
        """The distributions where none are given; `m` is the variance multiplier."""

    def _shortest_horizon(self) -> int:
        """1 + the longest shortest path from any possible starting state."""
        return 1 + max(self._eccentricity(node) for node in self._possible_starting_nodes())

    def _possible_starting_nodes(self) -> Sequence[Hashable]:
        """The starting states that some seed could draw."""
        return self._starting_nodes()

    @classmethod
    @abc.abstractmethod
    def _sample(cls, draw: "Draw") -> dict[str, Any]:
        """Sample the family's parameters for the hyperparameter optimisation."""

    def _setup(self, seed: int, parameters: dict[str, Any]) -> None:
        parameters["rewards_range"] = tuple(parameters["rewards_range"])
        BaseMDP.__init__(self, seed, parameters, _checked_range(self, parameters["rewards_range"]))
        own = {name: parameters[name] for name in inspect.signature(type(self)._configure).parameters if name != "self"}
        self._configure(**own)
        self._p_lazy = self._probability("p_lazy")
        self._p_rand = self._probability("p_rand")
        m = parameters["reward_variance_multiplier"]
        if isinstance(m, bool) or not isinstance(m, int | float) or not 0 < m < math.inf:
            self._refuse("reward_variance_multiplier", "give a positive number")
        self._rewards = self._read_rewards()
        horizon = parameters.get("H")
        if horizon is not None and (isinstance(horizon, bool) or not isinstance(horizon, int) or horizon < 1):
            self._refuse("H", "give None or an integer of at least 1")
        self._draw_structure(self._structure_rng)

    @cached_property
    def _horizon(self) -> int:
        shortest = self._shortest_horizon()
        return max(shortest, self.parameters["H"] or shortest)

    @property
    def H(self) -> int | None:
        """Horizon of an episode, in steps; None in the continuous setting."""
        return self._horizon if self.is_episodic() else None

    @cached_property
    def model(self) -> MDPModel:
        low, high = self.rewards_range
        starts = self._starting_nodes()
        permute = None
        if self.parameters["randomize_actions"] and self.permutes_actions:
            rng = self._structure_rng

            def permute() -> list[int]:
                return rng.permutation(self.n_family_actions).tolist()

        return enumerate_mdp(
            [(node, 1 / len(starts)) for node in starts],
            self.n_family_actions,
            self._next_nodes,
            self._reward_of,
            {name: reward.rescaled(low, high) for name, reward in self._rewards.items()},
            self._p_lazy,
            self._p_rand,
            permute,
        )

    @classmethod
    def sample_parameters(cls, seed: int) -> dict[str, Any]:
        """
        Sample one configuration for the hyperparameter optimisation; it depends on the seed alone.

        Returns
        -------
        dict of str to object
            Arguments of the constructor; numbers are rounded to 4 digits.
        """
        draw = Draw(np.random.default_rng(seed))
        parameters = cls._sample(draw)
        stochastic = draw.uniform() < 0.5
        m = draw.rounded(2 * draw.uniform() + 0.005)
        parameters |= {"make_reward_stochastic": stochastic, "reward_variance_multiplier": m}
        mdp = cls(0, **parameters)
        distributions = {name: reward.spec() for name, reward in mdp._default_rewards(stochastic, m).items()}
        return parameters | {
            name: (kind, tuple(draw.rounded(x) for x in values)) for name, (kind, values) in distributions.items()
        }

    # ------------------------------------------------------------------------------------------------------ helpers

    def _refuse(self, name: str, would_do: str) -> None:
        raise ConfigurationError(f"{type(self).__name__}.{name}: {self.parameters[name]!r} makes no sense; {would_do}.")

    def _integer(self, name: str, least: int, most: int | None = None) -> int:
        value = self.parameters[name]
        if (
            isinstance(value, bool)
            or not isinstance(value, int | np.integer)
            or value < least
            or (most is not None and value > most)
        ):
            self._refuse(name, f"give an integer of at least {least}" + ("" if most is None else f", at most {most}"))
        return int(value)

    def _number(self, name: str, low: float, high: float) -> float:
        value = self.parameters[name]
        if isinstance(value, bool) or not isinstance(value, int | float | np.floating) or not low < value < high:
            self._refuse(name, f"give a number between {low} and {high}")
        return float(value)

    def _probability(self, name: str) -> float:
        value = self.parameters.get(name)
        if value is None:
            return 0.0
        if isinstance(value, bool) or not isinstance(value, int | float | np.floating) or not 0 <= value < 1:
            self._refuse(name, "give None or a probability in [0, 1)")
        return float(value)

    def _read_rewards(self) -> dict[str, Reward]:
        given = {name: self.parameters[name] for name in self.reward_parameters}
        missing = [name for name, value in given.items() if value is None]
        if len(missing) == len(given):
            return self._default_rewards(
                self.parameters["make_reward_stochastic"], self.parameters["reward_variance_multiplier"]
            )
        if missing:
            raise ConfigurationError(
                f"{type(self).__name__}.{missing[0]}: give all of a family's reward distributions or none; "
                f"missing: {', '.join(missing)}."
            )
        return {name: Reward.of(value, f"{type(self).__name__}.{name}") for name, value in given.items()}

    def _eccentricity(self, start: Hashable) -> int:
        """Length of the longest of the shortest paths from a node."""
        seen = {start}
        frontier = [start]
        depth = -1
        while frontier:
            depth += 1
            reached = []
            for node in frontier:
                for a in range(self.n_family_actions):
                    for target, p in self._next_nodes(node, a):
                        if p > 0 and target not in seen:
                            seen.add(target)
                            reached.append(target)
            frontier = reached
        return depth


class Draw:
    """Draws that several families share when their parameters are sampled."""

    def __init__(self, rng: np.random.Generator):
        self._rng = rng

    def uniform(self) -> float:
        """A fresh uniform number in [0, 1)."""
        return float(self._rng.random())

    def dirichlet(self, *alpha: float) -> np.ndarray:
        """A draw of a Dirichlet distribution."""
        return self._rng.dirichlet(alpha)

    def integer(self, low: int, high: int) -> int:
        """A uniform integer from low to high, both included."""
        return int(self._rng.integers(low, high + 1))

    def choice(self, values: Sequence[int], probabilities: Sequence[float]) -> int:
        """One of the values, with these probabilities."""
        return int(self._rng.choice(values, p=probabilities))

    @staticmethod
    def rounded(value: float) -> float:
        """Round to 4 digits, but never to zero."""
        return round(float(value), 4) or float(f"{value:.1g}")

    def lazy_and_random(self, factor: float = 0.9) -> dict[str, float | None]:
        """p_rand and p_lazy: `factor` times the first two entries of a Dirichlet(0.2, 0.2, 5) draw."""
        p_rand, p_lazy, _ = factor * self.dirichlet(0.2, 0.2, 5.0)
        return {"p_rand": self.probability(p_rand), "p_lazy": self.probability(p_lazy)}

    @staticmethod
    def probability(value: float) -> float | None:
        """Round to 4 digits; None below 0.01."""
        return None if value < 0.01 else round(float(value), 4)


def _constructor(cls: type) -> Any:
    own = [p for p in inspect.signature(cls._configure).parameters.values() if p.name != "self"]
    common = list(inspect.signature(_common).parameters.values())
    if not cls.takes_p_lazy:
        common = [p for p in common if p.name != "p_lazy"]
    if issubclass(cls, EpisodicMDP):
        common.insert(0, inspect.Parameter("H", _KEYWORD, default=None, annotation=int | None))
    seed = inspect.Parameter("seed", _KEYWORD, annotation=int)
    self_ = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    required = [p for p in own if p.default is p.empty]
    optional = [p for p in own if p.default is not p.empty]
    signature = inspect.Signature([self_, seed, *required, *optional, *common])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            bound = signature.bind(self, *args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}") from None
        bound.apply_defaults()
        arguments = dict(bound.arguments)
        del arguments["self"]
        self._setup(arguments.pop("seed"), arguments)

    __init__.__signature__ = signature
    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    return __init__


def _checked_range(mdp: BaseMDP, value: Any) -> tuple[float, float]:
    try:
        low, high = (float(x) for x in value)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ConfigurationError(
            f"{type(mdp).__name__}.rewards_range: {value!r} makes no sense; give (lo, hi) with lo < hi."
        )
    return low, high

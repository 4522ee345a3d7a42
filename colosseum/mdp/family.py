"""What the seven families share: constructors, laziness, randomness, reward distributions, parameter sampling."""

import abc
import inspect
import math
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from colosseum.errors import ConfigurationError
from colosseum.mdp.base import BaseMDP
from colosseum.mdp.build import Moves, enumerate_mdp
from colosseum.mdp.checks import Parameters, plain
from colosseum.mdp.draws import Draw
from colosseum.mdp.episodic import EpisodicMDP
from colosseum.mdp.graph import longest_shortest_path
from colosseum.mdp.model import MDPModel
from colosseum.mdp.rewards import Reward
from colosseum.published_names import without_neutral

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
    constructors), `_most_states`, `_draw_structure`, `_starting_nodes`, `_next_nodes`, `_reward_of`,
    `_default_rewards` and `_sample`; it checks its parameters with `_check`.

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
    small_parameters: ClassVar[Mapping[str, Any]]  # own parameters of a small environment, for tests
    permutes_actions: ClassVar[bool] = True
    takes_p_lazy: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.is_episodic is not BaseMDP.is_episodic and "__init__" not in vars(cls):
            cls.__init__ = _constructor(cls)  # type: ignore[method-assign]

    @abc.abstractmethod
    def _configure(self, *args: Any) -> None:
        """Check and keep the family's own parameters."""

    @abc.abstractmethod
    def _draw_structure(self, rng: np.random.Generator) -> None:
        """Draw what the seed decides."""

    @abc.abstractmethod
    def _starting_nodes(self) -> Sequence[Hashable]:
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
        """1 + the longest of the shortest paths from any possible starting state."""
        number = {node: i for i, node in enumerate(self.model.nodes)}
        starts = np.array([number[node] for node in self._possible_starting_nodes()])
        return 1 + longest_shortest_path(self.model.indptr, self.model.next_state, self.n_actions, starts)

    def _possible_starting_nodes(self) -> Sequence[Hashable]:
        """The starting states that some seed could draw."""
        return self._starting_nodes()

    @classmethod
    @abc.abstractmethod
    def _sample(cls, draw: Draw) -> dict[str, Any]:
        """Sample the family's parameters for the hyperparameter optimisation."""

    @staticmethod
    def _most_states(*_: Any, **parameters: Any) -> int | None:  # each family names its own parameters
        """Bound the number of states from the family's own parameters; None where that is not known."""
        return None

    @classmethod
    def n_states_bound(cls, parameters: Mapping[str, Any]) -> int | None:
        own = inspect.signature(cls._configure).parameters.values()
        defaults = {p.name: p.default for p in own if p.default is not p.empty}
        return cls._most_states(**defaults | dict(parameters))

    def _setup(self, seed: int, parameters: dict[str, Any]) -> None:
        parameters = {name: plain(value) for name, value in parameters.items()}
        self._check = Parameters(type(self).__name__, parameters)
        super().__init__(seed, parameters, self._check.interval("rewards_range"))
        own = {name: parameters[name] for name in inspect.signature(type(self)._configure).parameters if name != "self"}
        self._configure(**own)
        self._permutes_actions = self._check.boolean("randomize_actions") and self.permutes_actions
        self._p_lazy = self._check.probability("p_lazy") if self.takes_p_lazy else 0.0
        self._p_rand = self._check.probability("p_rand")
        self._rewards = self._read_rewards()
        if self.is_episodic() and parameters["H"] is not None:
            self._check.integer("H", 1)
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
        if self._permutes_actions:
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

    def _read_rewards(self) -> dict[str, Reward]:
        stochastic = self._check.boolean("make_reward_stochastic")
        m = self._check.number_between("reward_variance_multiplier", 0, math.inf)
        missing = [name for name in self.reward_parameters if self.parameters[name] is None]
        if len(missing) == len(self.reward_parameters):
            return self._default_rewards(stochastic, m)
        if missing:
            raise ConfigurationError(
                f"{type(self).__name__}.{missing[0]}: give all of a family's reward distributions or none; "
                f"missing: {', '.join(missing)}."
            )
        rewards = {}
        for name in self.reward_parameters:
            value = self.parameters[name]
            reward = rewards[name] = Reward.of(value, f"{type(self).__name__}.{name}")
            if reward.low < 0 or reward.high > 1:
                self._check.refuse(name, "give rewards between 0 and 1, which rewards_range scales")
            self.parameters[name] = reward.spec()
        return rewards


def _constructor(cls: type["FamilyMDP"]) -> Any:
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
            bound = signature.bind(self, *args, **without_neutral(type(self).__name__, kwargs))
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}") from None
        bound.apply_defaults()
        arguments = dict(bound.arguments)
        del arguments["self"]
        self._setup(arguments.pop("seed"), arguments)

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    return __init__

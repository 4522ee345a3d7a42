"""The measures of hardness of an environment, computed when they are first asked for."""

import abc
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from colosseum import settings
from colosseum.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from colosseum.hardness.measures import MDPCommunicationClass
    from colosseum.mdp.model import MDPModel

_ALIASES = {"suboptimal_gaps": "sum_reciprocals_suboptimality_gaps"}  # the published files' name


class HardnessMeasures(abc.ABC):
    """
    The properties of an MDP that tell how hard it is to learn; a part of `BaseMDP`.

    Where multiprocessing is enabled (`colosseum.config`), the available cores share the work; where verbose logging is
    enabled, a line on standard error tells how far it is.
    """

    @staticmethod
    @abc.abstractmethod
    def is_episodic() -> bool:
        """Return whether the MDP is of the episodic setting."""

    @property
    @abc.abstractmethod
    def model(self) -> "MDPModel":
        """The arrays of the MDP."""

    @property
    @abc.abstractmethod
    def H(self) -> int | None:
        """Horizon of an episode, in steps; None in the continuous setting."""

    @property
    @abc.abstractmethod
    def starting_state_distribution(self) -> np.ndarray:
        """Probability that an episode starts in each state, float64 array of shape (S,)."""

    @property
    @abc.abstractmethod
    def optimal_value_functions(self) -> tuple[np.ndarray, np.ndarray]:
        """Q and V of the optimal policy."""

    @staticmethod
    def get_available_hardness_measures() -> list[str]:
        """Return the names that `get_measure_from_name` knows."""
        return ["diameter", "value_norm", "undiscounted_value_norm", "sum_reciprocals_suboptimality_gaps"]

    def get_measure_from_name(self, measure_name: str) -> float:
        """
        Return a measure of hardness by its name.

        Raises
        ------
        ConfigurationError
            If there is no such measure.
        """
        name = _ALIASES.get(measure_name, measure_name)
        if name not in self.get_available_hardness_measures():
            raise ConfigurationError(
                f"there is no measure of hardness {measure_name!r}; "
                f"{nearest(measure_name, self.get_available_hardness_measures())}"
            )
        return getattr(self, name)

    @property
    def measures_of_hardness(self) -> dict[str, float]:
        """The measures by name: diameter, value_norm and suboptimal_gaps."""
        return {name: self.get_measure_from_name(name) for name in ("diameter", "value_norm", "suboptimal_gaps")}

    @property
    def _episode(self) -> tuple[int, np.ndarray]:
        assert self.H is not None, "only an episode has a horizon"
        return self.H, self.starting_state_distribution

    @cached_property
    def diameter(self) -> float:
        """
        Expected steps between the two states that are farthest apart, under the policy that is best at it.

        Episodic: from the last step of an episode to the state that is hardest to visit, at whatever step of an episode
        (the diameter of the time-augmented MDP, as published). Relative error at most 1e-9; infinite where a state
        cannot be reached.
        """
        from colosseum.hardness import measures  # not at import: a job that only simulates never needs it
        from colosseum.progress import Progress

        cores = settings.get_available_cores() if settings.is_multiprocessing_enabled() else 1
        title = f"diameter of {type(self).__name__}"
        shown = settings.is_verbose_logging_enabled()
        progress = Progress(what="states", title=title, every_s=0.5, style="transient") if shown else None
        if self.is_episodic():
            return measures.get_episodic_diameter(self.model.arrays.transitions, *self._episode, cores, progress)
        return measures.get_diameter(self.model.arrays.transitions, cores, progress)

    @cached_property
    def value_norm(self) -> float:
        """
        Environmental value norm: largest standard deviation of the optimal value (discount 0.99) of the next state.

        Episodic: of the time-augmented MDP.
        """
        return self._value_norm(True)

    @property
    def discounted_value_norm(self) -> float:
        """The same as `value_norm`."""
        return self.value_norm

    @cached_property
    def undiscounted_value_norm(self) -> float:
        """Largest standard deviation of the optimal bias (relative value) of the next state; see `value_norm`."""
        return self._value_norm(False)

    def _value_norm(self, discounted: bool) -> float:
        from colosseum.hardness import measures

        if self.is_episodic():
            return measures.get_episodic_value_norm(self.model.arrays, *self._episode, discounted)
        return measures.get_value_norm(self.model.arrays, discounted)

    @cached_property
    def published_value_norm(self) -> float:
        """The formula behind the published figures of `value_norm`, which is not its definition; for comparison."""
        from colosseum.hardness import measures

        if not self.is_episodic():
            return measures.get_published_value_norm(self.model.arrays)
        return measures.get_published_value_norm(measures.augment(self.model.arrays, *self._episode).arrays)

    @cached_property
    def sum_reciprocals_suboptimality_gaps(self) -> float:
        """
        Sum of 1 / (V(s) - Q(s, a) + 0.1) over states and actions, optimal values of discount 0.99.

        Episodic: values of the rest of the episode, over what can be reached at each of its steps.
        """
        from colosseum.hardness import measures

        reachable = (
            measures.get_reachable_states(self.model.arrays.transitions, *self._episode) if self.is_episodic() else None
        )
        return measures.get_sum_reciprocals_suboptimality_gaps(*self.optimal_value_functions, reachable)

    @cached_property
    def communication_class(self) -> "MDPCommunicationClass":
        """The narrowest class of the MDP; episodic: of the time-augmented MDP, ergodic or communicating."""
        from colosseum.hardness import measures

        if self.is_episodic():
            return measures.get_episodic_communication_class(self.model.arrays.transitions, *self._episode)
        return measures.get_communication_class(self.model.arrays.transitions)

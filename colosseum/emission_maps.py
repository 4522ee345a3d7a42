"""What an agent sees of a state. Only the tabular map exists: the number of the state itself."""

import abc


class EmissionMap(abc.ABC):
    """A map from states to observations."""

    @property
    @abc.abstractmethod
    def is_tabular(self) -> bool:
        """Whether observations are the numbers of the states."""


class Tabular(EmissionMap):
    """The observation is the number of the state."""

    @property
    def is_tabular(self) -> bool:
        return True

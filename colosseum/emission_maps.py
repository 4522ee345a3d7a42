"""What an agent sees of a state. Only the tabular map exists: the number of the state itself."""

import abc

from colosseum.published_names import refuse_what_is_not_tabular


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


__getattr__ = refuse_what_is_not_tabular(__name__)

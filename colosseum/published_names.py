"""Arguments that have another name in the published package than here: both are accepted."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

_C = TypeVar("_C", bound=Callable[..., Any])


def accepts(**published: str) -> Callable[[_C], _C]:
    """
    Let a function, such as a constructor, be called with the published names of its arguments as well.

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

        return call  # type: ignore[return-value]

    return decorate

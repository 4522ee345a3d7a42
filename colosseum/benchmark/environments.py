"""The environments of the default benchmarks, each by an id."""

from typing import TYPE_CHECKING

from colosseum import layout, registry
from colosseum.benchmark import folders
from colosseum.benchmark.benchmark import ColosseumDefaultBenchmark
from colosseum.errors import ConfigurationError, nearest
from colosseum.gin_config import construct

if TYPE_CHECKING:
    from colosseum.mdp.base import BaseMDP


def benchmark_ids() -> list[str]:
    """
    Return the ids of the environments of all default benchmarks.

    Returns
    -------
    list of str
        ``"<benchmark>/<family>/<index>"``, such as ``"continuous_ergodic/RiverSwim/0"``: the index is that of the gin
        scope, and the benchmark tells whether the environment is episodic.

    Examples
    --------
    >>> import colosseum
    >>> [id for id in colosseum.benchmark_ids() if id.startswith("continuous_ergodic/FrozenLake")]
    ['continuous_ergodic/FrozenLake/0']
    """
    return list(_places())


def make_mdp(id: str, seed: int) -> "BaseMDP":
    """
    Make an environment of a default benchmark.

    Parameters
    ----------
    id : str
        One of `benchmark_ids`.
    seed : int
        Of its structure, transitions and rewards.

    Returns
    -------
    BaseMDP

    Raises
    ------
    ConfigurationError
        If there is no such environment; the message names the nearest.

    Examples
    --------
    >>> import colosseum
    >>> mdp = colosseum.make_mdp("continuous_ergodic/RiverSwim/0", seed=0)
    >>> mdp.n_states, mdp.n_actions
    (30, 2)
    """
    places = _places()
    if id not in places:
        hint = nearest(str(id), places, listed_by="colosseum.benchmark_ids()")
        raise ConfigurationError(f"environment: there is no {id!r}; {hint}")
    benchmark, class_name, scope = places[id]
    path = layout.mdp_config_file(benchmark.folder, class_name)
    return construct(registry.resolve_mdp_class(class_name), scope, folders.read_text(path), path, seed=seed)


def _places() -> dict[str, tuple[ColosseumDefaultBenchmark, str, str]]:
    """Return benchmark, class name and gin scope of each id."""
    return {
        f"{benchmark.name.lower()}/{_family(name)}/{layout.scope_index(scope)}": (benchmark, name, scope)
        for benchmark in ColosseumDefaultBenchmark
        for name, scopes in folders.list_mdp_scopes(benchmark.folder).items()
        for scope in scopes
    }


def _family(class_name: str) -> str:
    return class_name.removesuffix("Episodic").removesuffix("Continuous")

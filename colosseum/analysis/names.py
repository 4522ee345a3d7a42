"""Names of agents and environments as a reader wants them."""

from collections import Counter
from collections.abc import Iterable

from colosseum.layout import Configured, is_scope, scope_index

_SETTINGS = ("Episodic", "Continuous")


def family_of(class_name: str) -> str:
    """Return a class's name without its setting: ``RiverSwim`` for ``RiverSwimEpisodic``."""
    for setting in _SETTINGS:
        if class_name.endswith(setting) and class_name != setting:
            return class_name.removesuffix(setting)
    return class_name


def short_family(class_name: str) -> str:
    """Return `family_of` a class with MiniGrid shortened: ``MG-Rooms``."""
    family = family_of(class_name)
    return f"MG-{family.removeprefix('MiniGrid')}" if family.startswith("MiniGrid") else family


def scope_number(scope: str) -> str:
    """Return what tells scopes apart: ``3`` for ``prms_3``."""
    return str(scope_index(scope)) if is_scope(scope) else scope


def label(configured: Iterable[Configured], show_scope: bool | None = None) -> dict[Configured, str]:
    """
    Return a label for each agent, or environment, of a benchmark.

    Parameters
    ----------
    configured : iterable of Configured
        All of them: labels are as short as they can be without being ambiguous.
    show_scope : bool or None
        Whether to append the number of the gin scope, ``RiverSwim (3)``; None: where a class has several.
    """
    configured = list(configured)
    families = {one: short_family(one.class_name) for one in configured}
    classes_of_family: dict[str, set[str]] = {}
    for one, family in families.items():
        classes_of_family.setdefault(family, set()).add(one.class_name)
    scopes_of_class = Counter(one.class_name for one in configured)
    labels = {}
    for one, family in families.items():
        name = family if len(classes_of_family[family]) == 1 else one.class_name
        several = scopes_of_class[one.class_name] > 1 if show_scope is None else show_scope
        labels[one] = f"{name} ({scope_number(one.scope)})" if several else name
    return labels


def indicator_title(indicator: str) -> str:
    """Return an indicator's name as a title: ``Normalized cumulative regret``."""
    words = indicator.replace("_", " ")
    return words[:1].upper() + words[1:]


def setting_title(benchmark: str) -> str:
    """Return a benchmark's name as a title: ``Episodic ergodic`` for ``benchmark_episodic_ergodic``."""
    return indicator_title(benchmark.removeprefix("benchmark_"))

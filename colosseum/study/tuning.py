"""The stages of a hyperparameter optimisation: its rungs and the confirmation, each a benchmark of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from colosseum import layout
from colosseum.errors import ConfigurationError
from colosseum.hyperopt.config import HyperOptConfig
from colosseum.hyperopt.rungs import Pairs, Rung, check_rungs, new_pairs, order_environments
from colosseum.study.interactions import Interactions


@dataclass(frozen=True)
class Confirm:
    """
    How the winner is confirmed: `selection.confirm`.

    Attributes
    ----------
    top : int
        How many samples are.
    n_seeds : int
        With how many seeds each, the first after those of the optimisation.
    """

    top: int
    n_seeds: int


def read_rungs(hyperopt: Any) -> tuple[Rung, ...]:
    """Return the rungs of a study's key `hyperopt`; none where it has none."""
    given = hyperopt.get("rungs") if isinstance(hyperopt, Mapping) else None
    return tuple(Rung(one["keep"], one["runs"]) for one in given or ())


def read_confirm(selection: Mapping[str, Any]) -> Confirm | None:
    """Return how the winner is confirmed by a study's key `selection`; None if it is not."""
    given = selection["confirm"]
    return None if given is None else Confirm(given["top"], given["n_seeds"])


def sampled_mdps(classes: Iterable[str], hyperopt: HyperOptConfig) -> tuple[str, ...]:
    """Return the names of the sampled environments of some classes."""
    scopes = [layout.scope_name(i) for i in range(hyperopt.n_samples_mdps)]
    return tuple(layout.Configured(name, scope).name for name in classes for scope in scopes)


def tuning_stages(
    whole: Interactions, n_samples: int, rungs: Sequence[Rung], confirm: Confirm | None
) -> list[Interactions]:
    """
    Return the stages of an optimisation in one setting, in their order.

    Parameters
    ----------
    whole : Interactions
        All samples of the agents in all environments with all seeds.
    n_samples : int
        How many samples an agent has, where it has hyperparameters.
    rungs : sequence of Rung
        Where there are none, all samples have all runs.
    confirm : Confirm, optional

    Returns
    -------
    list of Interactions
        The first has the name of the whole, and the samples as its agents' configurations; those of the others are the
        slots that `colosseum.hyperopt.promotion` fills, from the logs of all stages before (`Interactions.below`).

    Raises
    ------
    ConfigurationError
        As `check_rungs`; or if more samples would be confirmed than are left.
    """
    stages = [whole]
    if rungs:
        check_rungs(rungs, n_samples, len(whole.mdps), whole.experiment.n_seeds, "hyperopt.rungs")
        environments = order_environments(_families(whole.mdps))
        stages = [
            _stage(whole, f"{layout.RUNG}{k}" if k else "", rung.keep, new_pairs(rungs, k, environments))
            for k, rung in enumerate(rungs)
        ]
    if confirm is not None:
        left = rungs[-1].keep if rungs else n_samples
        if confirm.top > left:
            raise ConfigurationError(
                f"selection.confirm.top: {confirm.top} samples cannot be confirmed, the optimisation ends with {left}; "
                f"take {left} or less."
            )
        first = whole.experiment.seeds.stop
        pairs = Pairs(whole.mdps, range(first, first + confirm.n_seeds))
        stages.append(_stage(whole, layout.CONFIRM, confirm.top, pairs))
    names = [stage.name for stage in stages]
    return [replace(stage, below=tuple(names[:k])) for k, stage in enumerate(stages)]


def _families(mdps: Sequence[str]) -> dict[str, list[str]]:
    families: dict[str, list[str]] = {}
    for mdp in mdps:
        families.setdefault(layout.Configured.parse(mdp).class_name, []).append(mdp)
    return families


def _stage(whole: Interactions, suffix: str, keep: int, pairs: Pairs) -> Interactions:
    wanted = set(pairs.environments)
    return replace(
        whole,
        name=whole.name + suffix,
        mdps=tuple(mdp for mdp in whole.mdps if mdp in wanted),
        agents={agent: tuple(map(layout.scope_name, range(min(keep, len(s))))) for agent, s in whole.agents.items()},
        experiment=replace(whole.experiment, first_seed=pairs.seeds.start, n_seeds=len(pairs.seeds)),
    )

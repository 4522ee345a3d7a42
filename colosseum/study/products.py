"""What the cheap jobs of a study make, and from what: its configurations, pickles, choices and analysis."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from colosseum import layout
from colosseum.agent.hyperparameters import packaged_file, published_file
from colosseum.experiment.instance_file import RESULTS_VERSION
from colosseum.experiment.user_code import code_digest
from colosseum.hyperopt.spaces import format_spaces
from colosseum.study.contents import Product
from colosseum.study.contestants import PACKAGED, PUBLISHED
from colosseum.study.interactions import Interactions
from colosseum.study.plan import Study
from colosseum.study.sources import find_benchmark

FROM_ALL_RUNS = frozenset({"tuning_cost", "sensitivity", "tuning_budget", "rungs", "hyperparameters"})
"""Kinds of tables and plots of an optimisation that are made of all its runs, those of the later rungs, too."""

_DRAWS = "by class and number"
"""How the streams of samples follow from the seed: a release that draws others changes this, and samples anew."""


def products(study: Study) -> Iterator[Product]:
    """Yield what the jobs before the analysis make, but for the logs."""
    for interactions in study.hyperopt_benchmarks.values():
        yield from _sampled(study, interactions)
        yield from _promotions(study, interactions)
        yield from _instances(study, interactions)
        if not interactions.below:
            yield from _selections(study, interactions)
    for interactions in study.benchmarks.values():
        yield from _given(study, interactions)
        yield from _instances(study, interactions)


def decided_by(made: Iterable[Product]) -> dict[str, set[str]]:
    """
    Return, for each file that products are made from, the first outputs of those.

    A job that reads a log depends on its pickle, too: whether the log stays is known only once that is final.
    """
    read_by: dict[str, set[str]] = defaultdict(set)
    for product in made:
        for path in product.inputs:
            read_by[path].add(product.outputs[0])
            if layout.parse_log_name(os.path.basename(path)) is not None:
                read_by[layout.pickle_of_log(path)].add(product.outputs[0])
    return dict(read_by)


def analysis_products(
    study: Study, interactions: Interactions, kinds: Mapping[str, Iterable[str]], logs: Iterable[str], asked: str
) -> Iterator[Product]:
    """
    Yield what the analysis of a benchmark makes.

    Parameters
    ----------
    study : Study
    interactions : Interactions
    kinds : mapping of str to iterable of str
        The kinds of ``"tables"`` and of ``"plots"``.
    logs : iterable of str
        The logs that are summarised.
    asked : str
        How they are.
    """
    folder = layout.benchmark_folder(study.root(layout.ANALYSIS), interactions.name)
    summary, curves = f"{folder}/summary.csv", f"{folder}/curves.csv"
    settings = layout.experiment_config_file(interactions.folder)
    yield Product((summary, curves), (settings, *logs, *_agents(interactions), *_mdps(interactions)), asked)
    hardness = f"{folder}/hardness.csv"
    seeds = str(interactions.experiment.seeds)
    yield Product((hardness,), _mdps(interactions), f"{seeds} {_asked(study, *interactions.mdp_classes)}")
    tuning = f"{folder}/tuning.csv"
    if interactions.name in study.hyperopt_benchmarks:
        stages = _stages(study, interactions)
        runs = [file for agent in interactions.agents for file in _of_rungs(stages, agent)]
        there = [path for path in runs if not asked or os.path.exists(path)]
        yield Product((tuning,), tuple(there), f"{asked} {_judged_by(study)}")
    for kind in kinds["tables"]:
        files = tuple(f"{folder}/tables/{kind}.{end}" for end in ("html", "tex", "csv"))
        yield Product(files, (summary, *([tuning] if kind in FROM_ALL_RUNS else [])), kind)
    for kind in kinds["plots"]:
        files = tuple(f"{folder}/plots/{kind}.{end}" for end in ("svg", "png", "pdf"))
        besides = [hardness] if kind == "hardness_space" else [tuning] if kind in FROM_ALL_RUNS else []
        shown = f"{kind} {_judged_by(study)}" if kind == "hyperparameters" else kind
        yield Product(files, (summary, curves, *besides), shown)


def overview(study: Study, benchmarks: Iterable[str]) -> Product:
    """Return what the analysis makes of these benchmarks together."""
    root = study.root(layout.ANALYSIS)
    summaries = (f"{layout.benchmark_folder(root, name)}/summary.csv" for name in benchmarks)
    return Product((f"{root}/overview.html",), tuple(summaries), "overview")


def page(study: Study, benchmarks: Iterable[str], optimisations: Iterable[str], asked: str) -> Product:
    """
    Return the results page.

    Parameters
    ----------
    study : Study
    benchmarks, optimisations : iterable of str
        Names of what it shows.
    asked : str
        What it says of the study.
    """
    root = study.root(layout.ANALYSIS)
    of_benchmark, of_optimisation = ("summary.csv", "curves.csv", "hardness.csv"), ("summary.csv", "tuning.csv")
    shown = [(name, of_benchmark) for name in benchmarks] + [(name, of_optimisation) for name in optimisations]
    files = (f"{layout.benchmark_folder(root, name)}/{file}" for name, parts in shown for file in parts)
    return Product((f"{root}/index.html",), tuple(files), asked)


def _sampled(study: Study, interactions: Interactions) -> Iterator[Product]:
    hyperopt = study.hyperopt
    assert hyperopt is not None
    for agent in interactions.agents if not interactions.below else ():
        path = layout.agent_config_file(interactions.folder, agent)
        spaces = format_spaces(study.search_spaces.get(agent, {}))
        yield Product((path,), (), f"{_asked(study, agent)} {study.n_samples(agent)} {hyperopt.seed} {_DRAWS}{spaces}")
    for mdp in interactions.mdp_classes:
        path = layout.mdp_config_file(interactions.folder, mdp)
        scopes = " ".join(interactions.mdp_scopes(mdp))
        yield Product((path,), (), f"{_asked(study, mdp)} {scopes} {hyperopt.seed} {_DRAWS}")
    settings = layout.experiment_config_file(interactions.folder)
    yield Product((settings,), _mdps(interactions), repr(interactions.experiment))


def _given(study: Study, interactions: Interactions) -> Iterator[Product]:
    assert interactions.given is not None
    source, _ = find_benchmark(interactions.given)
    files = tuple(layout.mdp_config_file(source, mdp) for mdp in interactions.mdp_classes)
    outputs = (*_mdps(interactions), layout.experiment_config_file(interactions.folder))
    yield Product(outputs, files, repr(interactions.experiment))
    for agent, path in zip(interactions.agents, _agents(interactions), strict=True):
        configs = study.configs(agent)
        sources = {PACKAGED: str(packaged_file(agent)), PUBLISHED: str(published_file(agent))}
        files = tuple(sources.get(config, config) for config in configs)
        several = f" {configs}" if len(configs) > 1 or PUBLISHED in configs else ""
        yield Product((path,), files, _asked(study, agent) + several)


def _instances(study: Study, interactions: Interactions) -> Iterator[Product]:
    settings = layout.experiment_config_file(interactions.folder)
    seeds = interactions.experiment.seeds
    mdps = _mdps(interactions)
    for agent, scopes in interactions.agents.items():
        config = layout.agent_config_file(interactions.folder, agent)
        asked = _asked(study, agent, *interactions.mdp_classes)
        for scope in scopes:
            configured = layout.Configured(agent, scope).name
            for part in interactions.parts():
                names = [layout.interaction_name(mdp, configured) for mdp in part]
                files = tuple(layout.pickle_file(interactions.pickles_folder, name, k) for name in names for k in seeds)
                yield Product(files, (*mdps, config, settings), asked)


def _promotions(study: Study, interactions: Interactions) -> Iterator[Product]:
    below = [study.hyperopt_benchmarks[name] for name in interactions.below]
    for agent, slots in interactions.agents.items() if below else ():
        outputs = (
            layout.agent_config_file(interactions.folder, agent),
            layout.promotion_table(interactions.folder, agent),
        )
        yield Product(outputs, _of_rungs(below, agent), f"{len(slots)} {_judged_by(study)}")


def _selections(study: Study, interactions: Interactions) -> Iterator[Product]:
    stages = _stages(study, interactions)
    confirmed = [i.folder for i in stages if i.name.endswith(layout.CONFIRM)]
    folder = interactions.folder
    for agent in interactions.agents:
        tables = [layout.selection_table(one, agent) for one in (folder, *confirmed)]
        outputs = (layout.selection_file(folder, agent), *tables, layout.selection_ranges(folder, agent))
        spaces = format_spaces(study.search_spaces.get(agent, {}))
        yield Product(outputs, _of_rungs(stages, agent), f"{len(stages)} {_judged_by(study)} {spaces}")


def _stages(study: Study, interactions: Interactions) -> list[Interactions]:
    return [stage for stage in study.hyperopt_benchmarks.values() if stage.episodic == interactions.episodic]


def _of_rungs(rungs: Iterable[Interactions], agent: str) -> tuple[str, ...]:
    """What the logs of an agent in some rungs are, and are read with."""
    files: list[str] = []
    for rung in rungs:
        config, settings = layout.agent_config_file(rung.folder, agent), layout.experiment_config_file(rung.folder)
        promotions = [layout.promotion_table(rung.folder, agent)] if rung.below else []
        files += [*rung.logs(agent), config, settings, *promotions]
    return tuple(files)


def _judged_by(study: Study) -> str:
    """How scores are made of logs."""
    return repr(sorted((key, value) for key, value in study.configuration["selection"].items() if key != "confirm"))


def _mdps(interactions: Interactions) -> tuple[str, ...]:
    return tuple(layout.mdp_config_file(interactions.folder, mdp) for mdp in interactions.mdp_classes)


def _agents(interactions: Interactions) -> tuple[str, ...]:
    return tuple(layout.agent_config_file(interactions.folder, agent) for agent in interactions.agents)


def _asked(study: Study, *names: str) -> str:
    """The classes of these names and their code, and the version of what the package makes of them."""
    paths = list(map(study.class_path, names))
    return " ".join([RESULTS_VERSION, *paths, *(code_digest(path) for path in paths if ":" in path)])

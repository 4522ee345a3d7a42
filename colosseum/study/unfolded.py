"""What a study does, in words: presets, defaults and the settings of its benchmarks replaced by what they are."""

from collections.abc import Iterator, Mapping

from colosseum.agent.spaces import Space
from colosseum.layout import CONFIRM, parse_stage
from colosseum.study.contestants import PACKAGED, PUBLISHED
from colosseum.study.interactions import Interactions
from colosseum.study.plan import Study


def unfold(study: Study) -> Iterator[tuple[str, str, str]]:
    """
    Yield the settings of a study: what each belongs to, its name and its value.

    Parameters
    ----------
    study : Study
    """
    yield "Study", "name", study.configuration["study"]
    yield "Study", "agents", ", ".join(one.label or one.path for one in study.contestants)
    yield "Study", "instances", f"{study.n_instances():,}"
    hyperopt = study.hyperopt
    if hyperopt is not None:
        selection = study.configuration["selection"]
        yield "Tuning", "samples of an agent", str(hyperopt.n_samples_agents)
        yield "Tuning", "seed of the samples", str(hyperopt.seed)
        yield "Tuning", "chosen by", f"{selection['indicator']}, {selection['reduce_seeds']} over the seeds"
        for agent, spaces in study.search_spaces.items():
            yield "Tuning", f"ranges of {agent}", _ranges(spaces)
        for interactions in study.hyperopt_benchmarks.values():
            yield from _of(f"Tuning: {_stage_title(study, interactions.name)}", interactions)
    for interactions in study.benchmarks.values():
        title = interactions.name.removeprefix("benchmark_").replace("_", " ").capitalize()
        yield from _of(title, interactions)


def how_tuned(study: Study, agent: str) -> str:
    """Return in a few words what chose the hyperparameters of an agent: what it is tuned on, or where it takes them."""
    configs = study.configs(agent)
    stages = [one for one in study.hyperopt_benchmarks.values() if agent in one.agents]
    if not stages or agent not in study.tuned:
        words = {PACKAGED: "packaged hyperparameters", PUBLISHED: "published hyperparameters"}
        return ", ".join(dict.fromkeys(words.get(config, f"hyperparameters of {config}") for config in configs))
    rungs = [one for one in stages if not one.name.endswith(CONFIRM)]
    n_samples = len(rungs[0].agents[agent])
    if n_samples == 1:
        return "nothing to tune"
    by_rungs = f" by {len(rungs)} rungs" if len(rungs) > 1 else ""
    confirmed = " and confirmed on fresh seeds" if len(rungs) < len(stages) else ""
    return f"tuned with {n_samples} samples{by_rungs}{confirmed}"


def _stage_title(study: Study, name: str) -> str:
    """How a stage of the tuning is called: rungs are counted from 1, as on the page's plots."""
    base, stage = parse_stage(name)
    title = base.removeprefix("hyperopt_").replace("_", " ").capitalize()
    if stage == CONFIRM.removeprefix("_"):
        return f"{title}, confirmation"
    several = sum(parse_stage(other.name)[0] == base for other in study.hyperopt_benchmarks.values()) > 1
    return f"{title}, rung {int(stage) + 1}" if several else title


def _ranges(spaces: Mapping[str, Space]) -> str:
    return "; ".join(f"{name} {space.kind} {space.given}" for name, space in spaces.items())


def _of(part: str, interactions: Interactions) -> Iterator[tuple[str, str, str]]:
    experiment = interactions.experiment
    if interactions.given:
        yield part, "benchmark", interactions.given
    agents = (
        f"{agent}{f' ({len(scopes)})' if len(scopes) > 1 else ''}" for agent, scopes in interactions.agents.items()
    )
    yield part, "agents, and configurations of each", ", ".join(agents)
    yield part, "environments", f"{len(interactions.mdps)}: {', '.join(interactions.mdp_classes)}"
    seeds = experiment.seeds
    yield part, "seeds", f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else str(seeds[0])
    yield part, "steps", f"{experiment.n_steps:,}"
    yield part, "a log point every", f"{experiment.log_every:,} steps"
    yield part, "time limit", f"{experiment.max_interaction_time_s:g} s of training"
    yield part, "stops when optimal", "yes" if experiment.stop_when_optimal else "no"
    yield part, "instances", f"{interactions.n_instances():,}"

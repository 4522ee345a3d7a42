"""The two regrets and what they are compared with: the random policy, whose value every log holds exactly."""

import numpy as np

from colosseum.analysis.folder import Configured
from colosseum.analysis.names import indicator_title
from colosseum.analysis.results import LEARNING_REGRET, POLICY_REGRET, Results
from colosseum.analysis.statistics import FEWEST_SEEDS, better_than_reference, seeds_change_layout, shared_share
from colosseum.logs.columns import BASELINE_INDICATORS, BASELINES, column

TITLES = {LEARNING_REGRET: "Learning regret", POLICY_REGRET: "Policy regret"}
"""The regrets, the first one first wherever both are shown."""

MEANINGS = {
    LEARNING_REGRET: "Learning regret: what the agent's own actions lose, per step (0 optimal, 1 worst policy).",
    POLICY_REGRET: "Policy regret: what the policy would lose that the agent recommends at each log point, per step "
    "(0 optimal, 1 worst policy); it ignores what exploration costs.",
}

RANDOM_POLICY = "Random policy"
NOT_BETTER = "†"
CUT = "‡"
SEEDS_NOTE = "Intervals: 95 %, for other seeds on these same environments."
ONE_SEED_NOTE = "One seed: no interval."


def regrets_of(results: Results) -> list[str]:
    """Return the regrets that a benchmark's logs hold, the first one orders the agents; see `Results.regrets`."""
    return results.regrets


def missing_regret_note(results: Results) -> tuple[str, ...]:
    """Return a sentence where some or all logs hold no learning regret."""
    held = regrets_of(results)
    if held[0] == LEARNING_REGRET:
        return ()
    some = "Some" if LEARNING_REGRET in held else "The"
    return (f"{some} logs hold no learning regret: agents are ordered and compared by policy regret.",)


def is_full(scores: np.ndarray) -> bool:
    """Tell whether scores have no gap: an agent without an indicator is a dash, never a part of it."""
    return bool(np.isfinite(scores).all())


def baseline_column(baseline: str, indicator: str) -> str | None:
    """Return the log column of a baseline that belongs to an indicator, None where there is none."""
    name = f"{baseline}_{indicator.replace('cumulative_reward', 'cumulative_expected_reward')}"
    return name if name in BASELINE_INDICATORS else None


def random_values(results: Results, indicator: str, per_step: bool = True) -> np.ndarray | None:
    """
    Return the exact final values of the random policy.

    Returns
    -------
    ndarray of shape (n_seeds, n_mdps), or None
        nan where no agent's log has it; None where the indicator has no baselines, or no log has it.
    """
    name = baseline_column("random", indicator)
    if name is None:
        return None
    values = _of_any_agent(results, name, per_step)
    return None if np.isnan(values).all() else values


def random_scores(results: Results, indicator: str) -> np.ndarray | None:
    """Return the random policy's scores on what `Results.scores` compares; None where the logs do not hold them all."""
    values = random_values(results, indicator)
    if values is None:
        return None
    _, seeds, mdps = results.compared
    values = values[np.ix_(seeds, mdps)]
    return 1.0 - values if is_full(values) else None


def layouts(results: Results) -> np.ndarray:
    """
    Tell for each of `Results.mdps` whether its seeds are different layouts: exact values of the baselines differ.

    The baselines' learning regret is a constant of the environment. In logs without it their policy regret has to do,
    which also differs where the starting states do.
    """
    return seeds_change_layout(*(_of_any_agent(results, name, per_step=True) for name in _constants(results)))


def _constants(results: Results) -> list[str]:
    """The columns that tell layouts apart, see `layouts`."""
    if _constants_are_held(results):
        indicators: tuple[str, ...] = ("cumulative_learning_regret", "normalized_cumulative_learning_regret")
        baselines: tuple[str, ...] = ("random", "worst")
    else:
        indicators, baselines = ("cumulative_regret", "cumulative_expected_reward"), BASELINES
    return [f"{baseline}_{indicator}" for baseline in baselines for indicator in indicators]


def _constants_are_held(results: Results) -> bool:
    name = "random_cumulative_learning_regret"
    return name in BASELINE_INDICATORS and bool(np.isfinite(results.final_values(name)).any())


def _any_constant_is_held(results: Results) -> bool:
    return any(np.isfinite(results.final_values(name)).any() for name in _constants(results))


def better_than_random(results: Results, indicator: str, agent: Configured, per_step: bool = True) -> np.ndarray | None:
    """
    Tell for each of `Results.mdps` whether an agent is significantly better than the random policy.

    Returns
    -------
    ndarray of bool, shape (n_mdps,), or None
        None where nothing is known of the random policy.
    """
    name = baseline_column("random", indicator)
    if name is None:
        return None
    # its own logs' values: policy regret is that of the starting states which they met
    place = results.agents.index(agent)
    random = results.final_values(name, per_step)[place]
    if np.isnan(random).all():
        return None
    values = results.final_values(indicator, per_step)[place]
    return better_than_reference(values, random, high_is_best=bool(column(indicator).higher_is_better))


def better_note(n_seeds: int) -> str:
    """Say what is called better than random."""
    how = "by its value alone: one seed" if n_seeds == 1 else "one-sided t test, 5 % in each environment"
    return f"{NOT_BETTER}: not better than the random policy ({how})."


def bold_note(family: str, n_seeds: int) -> str:
    """Say what bold means for a family of comparisons, such as ``a row``, or why nothing is bold."""
    if n_seeds < FEWEST_SEEDS:
        have = f"this benchmark has {n_seeds}" if n_seeds > 1 else "this benchmark has one"
        return f"Nothing is bold: a comparison with the best takes at least {FEWEST_SEEDS} seeds, {have}."
    return (
        f"Bold: no other agent is significantly better (comparison with the best, at 5 % for all agents of {family} "
        "together)."
    )


def spread_note(results: Results) -> tuple[str, ...]:
    """Say where the spread over seeds is one of layouts and where of luck alone; nothing where that is not known."""
    if len(results.seeds) < 2:
        return ()
    changed = layouts(results)
    if not _any_constant_is_held(results):
        return ()
    if not changed.any():
        return ("Seeds differ by luck alone: the environments' constants are the same for all of them.",)
    names, words = [], " of the variance is shared by the agents"
    for i in np.flatnonzero(changed):
        name, share = results.mdp_labels[results.mdps[i]], _shared(results, int(i))
        if not np.isnan(share):
            name, words = f"{name} ({share:.0%}{words})", ""  # the words once: there may be dozens
        names.append(name)
    rest = "; luck adds to it." if changed.all() else "; elsewhere they differ by luck alone."
    what = "layouts" if _constants_are_held(results) else "layouts or starting states"
    return (f"Seeds are different {what}, and agents compared seed by seed, in {', '.join(names)}{rest}",)


def _shared(results: Results, mdp: int) -> float:
    """Return the share of the variance over an environment's seeds that agents share; NaN where it is not known."""
    values = results.final_values(regrets_of(results)[0])[:, :, mdp]
    return shared_share(values[np.isfinite(values).all(axis=1)])


def cut_note(results: Results, marked: bool = False) -> tuple[str, ...]:
    """Say how many runs were cut by their time limit, of each agent; nothing where none was."""
    counts = [(agent, int(results.count(agent, ("time_exceeded",)).sum())) for agent in results.agents]
    named = ", ".join(f"{results.agent_labels[agent]} {n}" for agent, n in counts if n)
    return (
        (f"{f'{CUT}: with runs' if marked else 'Runs'} that were cut by their time limit ({named}).",) if named else ()
    )


def per_step(indicator: str) -> str:
    """Return what is added to the title of an indicator that is shown a step: nothing where it is no sum over steps."""
    return ", per step" if column(indicator).is_sum else ""


def regret_title(indicator: str) -> str:
    """Return an indicator's name as a title; a regret is named for what it is."""
    kind = {"cumulative_learning_regret": "Learning regret", "cumulative_regret": "Policy regret"}
    plain = indicator.removeprefix("normalized_")
    if plain not in kind:
        return indicator_title(indicator)
    return f"{kind[plain]}, normalized" if plain != indicator else kind[plain]


def _of_any_agent(results: Results, name: str, per_step: bool) -> np.ndarray:
    """Values that depend on the environment and the seed alone: those of the first agent that has them."""
    values = results.final_values(name, per_step)
    found = np.full(values.shape[1:], np.nan)
    for one in values:
        found = np.where(np.isnan(found), one, found)
    return found

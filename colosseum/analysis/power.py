"""How many seeds each pair of a benchmark's agents needs for a difference, from the spread that its logs show."""

import math
from itertools import combinations

from colosseum.analysis.names import setting_title
from colosseum.analysis.regrets import TITLES, is_full, layouts, missing_regret_note, regrets_of, spread_note
from colosseum.analysis.results import Results
from colosseum.analysis.statistics import FEWEST_SEEDS, least_difference, p_value_of_pair, power_of_pair, seeds_needed
from colosseum.analysis.statistics.comparison import LEVEL, level_of_a_pair
from colosseum.analysis.statistics.power import MOST_SEEDS, POWER
from colosseum.analysis.table_model import DASH, Number, Row, Table
from colosseum.errors import ConfigurationError, LogError, nearest


def build(results: Results, difference: float = 0.02, power: float = POWER, indicator: str | None = None) -> Table:
    """
    Build the table.

    Parameters
    ----------
    results : Results
        The benchmark, with at least two agents and two seeds.
    difference : float
        Difference of two agents' mean regrets per step over the environments.
    power : float
        Probability of finding it, in (0, 1).
    indicator : str, optional
        One of `regrets.TITLES`; default: the first that the logs hold.

    Raises
    ------
    ConfigurationError, LogError
        If an argument is none of these, or the benchmark has too few agents or seeds.
    """
    if not difference > 0 or not math.isfinite(difference):
        raise ConfigurationError(f"difference is {difference}; a number above 0 is expected, such as 0.02.")
    if not 0 < power < 1:
        raise ConfigurationError(f"power is {power}; a number between 0 and 1 is expected, such as 0.8.")
    regrets = regrets_of(results)
    regret = indicator or regrets[0]
    if regret not in regrets:
        raise ConfigurationError(f"indicator is {regret!r}; {nearest(regret, regrets)}")
    scores, mdps = results.scores(regret)
    agents = [agent for agent in scores if is_full(scores[agent])]
    n_seeds = len(scores[agents[0]])
    if len(agents) < 2 or n_seeds < 2:
        raise LogError(
            f"{results.name}: {len(agents)} agents and {n_seeds} seeds can be compared; the spread of a difference "
            "takes two of each."
        )
    changed = layouts(results)[[results.mdps.index(mdp) for mdp in mdps]]
    level = level_of_a_pair(len(agents))
    rows, most = [], 0
    for one, other in combinations(agents, 2):
        pair = scores[one], scores[other]
        found, p_value = p_value_of_pair(*pair, changed)
        needed = seeds_needed(*pair, difference, level, changed, power)
        most = max(most, needed or MOST_SEEDS + 1)
        cells = (
            Number(abs(found), 4),
            "yes" if n_seeds >= FEWEST_SEEDS and p_value <= level else "no",
            str(needed) if needed else f"> {MOST_SEEDS:,}",
            Number(power_of_pair(*pair, difference, n_seeds, level, changed), 2) if n_seeds >= FEWEST_SEEDS else DASH,
            Number(least_difference(*pair, n_seeds, level, changed, power), 4) if n_seeds >= FEWEST_SEEDS else DASH,
        )
        rows.append(Row((results.agent_labels[one], results.agent_labels[other]), cells))
    in_all = f"{most}" if most <= MOST_SEEDS else f"more than {MOST_SEEDS:,}"
    titles = ("Difference now", "Shown", "Seeds needed", f"Power with {n_seeds}", f"Least difference with {n_seeds}")
    notes = (
        f"Seeds needed in all: {in_all}, so that every pair that differs by {difference:g} is found to differ with "
        f"probability {power:g} each.",
        f"{TITLES[regret]} per step, mean over {len(mdps)} environments; comparison with the best of {len(agents)} "
        f"agents at {LEVEL:.0%} for all of them together, with at least {FEWEST_SEEDS} seeds.",
        f"The spread is estimated from {n_seeds} seeds, and the figures are as uncertain as it.",
        *missing_regret_note(results),
        *spread_note(results),
        *results.score_notes,
    )
    title = f"Power: {setting_title(results.name)}, difference {difference:g}"
    return Table(title, ("Agent", "Other agent"), titles, tuple(rows), notes)

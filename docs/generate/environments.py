"""Draw an environment of each family, and write its measures of hardness beside it (make reference)."""

from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

from colosseum.analysis.visualization import plot_MCGraph
from colosseum.mdp.base import BaseMDP
from colosseum.mdp.family import FamilyMDP
from colosseum.registry import PACKAGED_MDPS, resolve_mdp_class

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "environments.md"
PICTURES = DOCS / "pictures" / "environments"
BEGIN, END = "<!-- begin: make reference -->\n", "<!-- end -->\n"

MEASURES = ("diameter", "value_norm", "sum_reciprocals_suboptimality_gaps")


def families() -> dict[str, type[FamilyMDP]]:
    """The continuous class of each family."""
    classes = {name.removesuffix("Continuous"): resolve_mdp_class(name) for name in sorted(PACKAGED_MDPS)}
    return {name: cls for name, cls in classes.items() if issubclass(cls, FamilyMDP) and not cls.is_episodic()}


def pictured(cls: type[FamilyMDP]) -> BaseMDP:
    """The environment that is drawn: a small one, with the seed 0."""
    return cls(seed=0, **parameters(cls))


def parameters(cls: type[FamilyMDP]) -> dict[str, Any]:
    """Its parameters: where nothing is random, most measures tell nothing."""
    return {**cls.small_parameters, "p_rand": 0.1}


def draw(name: str, file: Path) -> None:
    """Draw the states of a family's environment, coloured by their optimal values."""
    mdp = pictured(families()[name])
    values = mdp.get_node_labels(mdp.optimal_value_functions[1])
    figure = plot_MCGraph(mdp, labels=values, cm_state_labels="viridis", figsize=(3.2, 2.6), save_file=file)
    plt.close(figure)


def shown(value: float) -> str:
    """A measure with three digits, or more where it is greater."""
    return f"{value:.3g}" if value < 1_000 else f"{value:,.0f}"


def row(name: str) -> str:
    """A line of the page's table."""
    mdp = pictured(families()[name])
    given = ", ".join(f"{key}={value!r}" for key, value in families()[name].small_parameters.items())
    figures = " | ".join(shown(mdp.get_measure_from_name(measure)) for measure in MEASURES)
    picture = f"![The states of {name}](pictures/environments/{name}.png)"
    return f"| {picture} | [{name}](#{name.lower()}), `{given}` | {mdp.n_states} | {mdp.n_actions} | {figures} |\n"


def table() -> str:
    """The table of the page."""
    head = (
        "| | environment | states | actions | diameter | value norm | sum of 1 / gap |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(map(row, families()))


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for family in families():
        draw(family, PICTURES / f"{family}.png")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2])

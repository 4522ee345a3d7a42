"""`python -m colosseum hardness`: how hard environments are to learn."""

import argparse
import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colosseum import registry, settings
from colosseum.errors import ConfigurationError

if TYPE_CHECKING:
    from colosseum.analysis.table_model import Table
    from colosseum.mdp.base import BaseMDP

HELP = "print how hard environments are to learn: diameter, value norm, sub-optimality gaps"

COLUMNS = (
    "mdp_class",
    "mdp_scope",
    "seed",
    "n_states",
    "n_actions",
    "H",
    "communication_class",
    "diameter",
    "value_norm",
    "undiscounted_value_norm",
    "sum_reciprocals_suboptimality_gaps",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Compute the measures of hardness of environments, exactly, and print them as a table. A seed that changes "
        "nothing of an environment is not computed again."
    )
    parser.epilog = (
        "Examples: 'RiverSwimContinuous(size=25, p_lazy=0.1)'; mdp_configs/TaxiEpisodic.gin; continuous_ergodic (the "
        "default benchmark). Diameters are exact to 1e-9; value norms and gaps are those of the optimal values, with "
        "discount 0.99 in the continuous setting."
    )
    parser.add_argument(
        "what",
        nargs="+",
        metavar="CLASS_OR_GIN",
        help="an environment class with its parameters in parentheses, a file <Class>.gin, a folder of such files or "
        "with mdp_configs, or the name of a default benchmark",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], metavar="S", help="seeds (default: 0)")
    parser.add_argument("--cores", type=int, metavar="N", help="cores that share the work (default: all)")
    parser.add_argument("-o", "--output", metavar="FILE.csv", help="write the figures as a CSV file, too")


def prepare(args: argparse.Namespace) -> None:
    """Find the kernels that runs of instances have compiled."""
    from colosseum.warm import numba_cache

    numba_cache.attach(fill=False)


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    import sys

    from colosseum.analysis.table_writers import to_text
    from colosseum.utils.files import write_atomically

    if args.output and not args.output.endswith(".csv"):
        raise ConfigurationError(f"{args.output}: unknown suffix; a .csv file would do.")
    if min(args.seeds) < 0:
        raise ConfigurationError(f"--seeds: {min(args.seeds)} is negative.")
    if args.cores is not None:
        settings.set_available_cores(args.cores)
    settings.enable_multiprocessing()
    if sys.stderr.isatty():
        settings.enable_verbose_logging()
    configurations = [found for what in args.what for found in _find(what)]
    rows = [row for cls, scope, text in configurations for row in _measure(cls, scope, text, args.seeds)]
    print(to_text(_table(rows)), end="")
    if args.output:
        lines = [",".join(COLUMNS), *(",".join(_csv(row[column]) for column in COLUMNS) for row in rows)]
        write_atomically(args.output, "\n".join(lines) + "\n")


def _csv(value: Any) -> str:
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def _find(what: str) -> Iterator[tuple[type["BaseMDP"], str, str]]:
    """Yield class, gin scope and gin text of the configurations that an argument stands for."""
    from colosseum import layout
    from colosseum.benchmark import ColosseumDefaultBenchmark, folders
    from colosseum.gin_config import split_scopes

    name = what.partition("(")[0].strip()
    if os.path.isdir(what):
        folder = Path(what) / layout.MDP_CONFIGS
        texts = folders.read_gin_configs(folder if folder.is_dir() else Path(what), registry.resolve_mdp_class)
    elif what.endswith(".gin"):
        text = folders.read_text(what)
        texts = {registry.resolve_mdp_class(Path(what).stem): text}
    elif name in registry.mdp_class_names() or ":" in name or "(" in what or any(c.isupper() for c in name):
        cls = registry.resolve_mdp_class(name)
        texts = {cls: _to_gin(cls, what)}
    else:
        texts = ColosseumDefaultBenchmark.from_name(what).get_benchmark().mdps_gin_configs
    for cls, text in texts.items():
        for scope, scope_text in split_scopes(cls, text, what).items():
            yield cls, scope, scope_text


def _to_gin(cls: type["BaseMDP"], what: str) -> str:
    """Return the gin text of ``Class(name=value, ...)``."""
    from colosseum.gin_config import constructor_parameters, format_scope
    from colosseum.layout import FIRST_SCOPE

    call = what.partition("(")[1:]
    source = "f" + "".join(call) if call[0] else "f()"
    try:
        parsed = ast.parse(source, mode="eval").body
        if not isinstance(parsed, ast.Call) or parsed.args or any(k.arg is None for k in parsed.keywords):
            raise ValueError
        values = {str(k.arg): ast.literal_eval(k.value) for k in parsed.keywords}
    except (SyntaxError, ValueError):
        raise ConfigurationError(
            f"{what}: not readable; {cls.__name__}(name=value, ...) with numbers, strings, tuples, True, False or None "
            "would do."
        ) from None
    required = [
        name
        for name, p in constructor_parameters(cls).items()
        if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]
    if not values and required:
        example = ", ".join(f"{name}=..." for name in required)
        raise ConfigurationError(f"{what}: give its parameters; '{cls.__name__}({example})' would do.")
    return format_scope(cls, FIRST_SCOPE, values)


def _measure(cls: type["BaseMDP"], scope: str, text: str, seeds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield the row of each seed."""
    from colosseum.gin_config import construct

    known: dict[bytes, dict[str, Any]] = {}
    for seed in seeds:
        mdp = construct(cls, scope, text, f"{scope}-{cls.__name__}", seed=seed)
        arrays = (*mdp.model.arrays, mdp.starting_state_distribution)
        key = b"".join(array.tobytes() for array in arrays)
        if key not in known:
            known[key] = {
                "n_states": mdp.n_states,
                "n_actions": mdp.n_actions,
                "H": mdp.H,
                "communication_class": mdp.communication_class.name.lower(),
            } | {name: mdp.get_measure_from_name(name) for name in mdp.get_available_hardness_measures()}
        yield {"mdp_class": cls.__name__, "mdp_scope": scope, "seed": seed} | known[key]


def _table(rows: list[dict[str, Any]]) -> "Table":
    from colosseum.analysis.table_model import Number, Row, Table

    titles = {
        "n_states": "states",
        "n_actions": "actions",
        "H": "H",
        "communication_class": "class",
        "diameter": "diameter",
        "value_norm": "value norm",
        "undiscounted_value_norm": "undiscounted",
        "sum_reciprocals_suboptimality_gaps": "1 / gaps",
    }
    decimals = {"diameter": 2, "value_norm": 4, "undiscounted_value_norm": 4, "sum_reciprocals_suboptimality_gaps": 1}

    def cell(row: dict[str, Any], column: str) -> "Number | str":
        value = row[column]
        if column in decimals:
            return Number(value, decimals[column])
        return "" if value is None else str(value).replace("_", " ")

    return Table(
        "Hardness",
        ("Environment", "Scope", "Seed"),
        tuple(titles.values()),
        tuple(
            Row((row["mdp_class"], row["mdp_scope"], str(row["seed"])), tuple(cell(row, column) for column in titles))
            for row in rows
        ),
    )

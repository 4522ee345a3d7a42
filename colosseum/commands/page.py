"""`python -m colosseum page`."""

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colosseum.analysis.page import About
    from colosseum.study import Study

HELP = "write the results page of a study: one HTML file that needs nothing else"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Write the results page: who leads, how sure that is, and from where each number comes. It is one file that "
        "works without a network, and the same bytes for the same results."
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="FOLDER",
        help="the analysis of a study (results/analysis/<study>), or summary.csv files and benchmarks' folders",
    )
    parser.add_argument("-o", "--output", required=True, metavar="FILE.html", help="where to write the page")
    parser.add_argument(
        "--configfile",
        nargs="*",
        default=[],
        metavar="FILE",
        help="configuration of the study, which the page then tells with presets and defaults unfolded",
    )
    parser.add_argument(
        "--configuration",
        metavar="JSON",
        help="the configuration itself, in place of what the files hold: so the workflow says it",
    )
    parser.add_argument(
        "--compare",
        nargs="+",
        metavar="FOLDER",
        help="another study, or this one at another time: the page says how far each agent has moved, and what differs",
    )
    parser.add_argument("--allow-incomplete", action="store_true", help="accept missing instances; the page says so")


def main(args: argparse.Namespace) -> None:
    """Write the page."""
    from colosseum.analysis.page import compare, find_sources, render
    from colosseum.errors import ConfigurationError
    from colosseum.utils.files import write_atomically

    if not args.output.endswith(".html"):
        raise ConfigurationError(f"{args.output}: unknown suffix; a .html file would do.")
    sources = find_sources(args.sources, args.allow_incomplete)
    about = _about(sources.name, args.configfile, args.configuration)
    comparison = None
    if args.compare is not None:
        other = find_sources(args.compare, args.allow_incomplete)
        names = (sources.name, other.name) if sources.name != other.name else ("this study", "the other")
        comparison = compare(sources, other, names, ", ".join(args.compare))
    write_atomically(args.output, render(sources, about, comparison))
    print(f"{args.output}: the results page of {about.study}.")


def _about(name: str, files: list[str], configuration: str | None) -> "About":
    """What is known of the study: its configuration, where one is given, and what is installed here."""
    import json
    import os
    import platform
    from pathlib import Path

    from colosseum import about
    from colosseum.analysis.page import About
    from colosseum.errors import ConfigurationError
    from colosseum.study import Study
    from colosseum.study.text import read_study_files

    here: dict[str, Any] = {
        "versions": about.versions(),
        "commit": about.commit(),
        "machine": f"{platform.system()} {platform.machine()} with {os.cpu_count()} cores",
    }
    if configuration is not None:
        try:
            given = json.loads(configuration)
        except ValueError as error:
            raise ConfigurationError(f"--configuration is no JSON: {error}.") from None
    elif files:
        given = read_study_files([Path(file) for file in files])
    else:
        return About(name, **here)
    return _about_study(Study(given, source=", ".join(files) or "--configuration"), files, here)


def _about_study(study: "Study", files: list[str], here: dict[str, Any]) -> "About":
    import shlex

    import yaml

    from colosseum.analysis.page import About, Setting
    from colosseum.study.unfolded import how_tuned, unfold

    options = "" if files in ([], ["config.yaml"]) else f" --configfile {shlex.join(files)}"
    return About(
        study.configuration["study"],
        settings=tuple(Setting(*one) for one in unfold(study)),
        configuration=yaml.safe_dump(dict(study.configuration), sort_keys=False),
        run_command=f"snakemake --cores all{options}",
        register=study.registrations(*study.agents, *study.user_mdps),
        tuned={agent: how_tuned(study, agent) for agent in study.agents},
        **here,
    )

"""The page as one text: template, style, script, data and the embedded libraries."""

import base64
import importlib.util
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from colosseum.analysis.names import family_of
from colosseum.analysis.page.about import About
from colosseum.analysis.page.charts import charts_of_benchmark
from colosseum.analysis.page.compared import Comparison
from colosseum.analysis.page.content import core_hours, counts, instances, read_benchmark, troubles
from colosseum.analysis.page.curves import curves
from colosseum.analysis.page.looks import looks
from colosseum.analysis.page.sources import Sources
from colosseum.analysis.page.tuned import read_agents
from colosseum.analysis.page.tuning_charts import charts_of_optimisation
from colosseum.analysis.page.vega import Chart
from colosseum.analysis.regrets import MEANINGS, TITLES
from colosseum.errors import ConfigurationError

ASSETS = Path(__file__).with_name("assets")
EXTRA = "pip install 'colosseum-benchmark[page]'"


def render(sources: Sources, about: About, comparison: Comparison | None = None) -> str:
    """
    Return the page.

    Parameters
    ----------
    sources : Sources
        What was found, see `find_sources`.
    about : About
        What is known of the study.
    comparison : Comparison, optional
        What has moved since, or against, another study.

    Returns
    -------
    str
        HTML that needs nothing else; the same for the same input.

    Raises
    ------
    ConfigurationError
        If a library that the page needs is not installed.
    """
    jinja2 = _library("jinja2", lambda: importlib.import_module("jinja2"))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ASSETS),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    agents = read_agents(sources, about.tuned)
    how = _how_of(about)
    benchmarks = [read_benchmark(source, i, how(source)) for i, source in enumerate(sources.benchmarks)]
    charts = {source.name: list(charts_of_benchmark(source)) for source in sources.benchmarks}
    charts |= {source.name: list(charts_of_optimisation(source)) for source in sources.optimisations}
    tuned = (family_of(agent.class_name) for source in sources.optimisations for agent in source.results.agents)
    compared = (label for source in sources.benchmarks for label in source.results.agent_labels.values())
    every_agent = dict.fromkeys([*compared, *tuned])
    every_mdp = dict.fromkeys(label for source in sources.benchmarks for label in source.results.mdp_labels.values())
    tables = [table for one in benchmarks for table in (one.first, one.board, *one.tables, one.environments) if table]
    tables += [table for agent in agents for table in (agent.samples, agent.confirmed) if table]
    tables += [table for one in (comparison.benchmarks if comparison else ()) for table in one.tables]
    data = {
        "instances": [instances(source) for source in sources.benchmarks],
        "curves": {source.anchor: curves(source) for source in sources.benchmarks},
        "charts": {chart.id: _packed(chart) for of_source in charts.values() for chart in of_source},
        "looks": looks(every_agent),
        "csv": {table.id: table.csv for table in tables},
        "run": f"python -m colosseum run {{pickle}} --log again.csv{f' {about.register}' if about.register else ''}",
    }
    n_complete, n_instances = counts(sources)
    return str(
        environment.get_template("page.html").render(
            about=about,
            settings=_by_part(about),
            sources=sources,
            benchmarks=benchmarks,
            comparison=comparison,
            agents=agents,
            charts=charts,
            troubles=list(troubles(sources, about.run_command)),
            n_instances=n_instances,
            n_complete=n_complete,
            core_hours=core_hours(sources),
            every_agent=list(every_agent),
            every_mdp=list(every_mdp),
            looks=data["looks"],
            glossary=_glossary(),
            regrets=list(TITLES.values()),
            data=_json(data),
            css=_data_tables()[1] + _asset("page.css"),
            scripts=[_asset("page.js")],
            vega=_vega(),
            data_tables=_data_tables()[0],
        )
    )


def _how_of(about: About) -> Callable[[Any], str]:
    def how(source: Any) -> str:
        said = dict.fromkeys(about.tuned.get(agent.class_name, "") for agent in source.results.agents)
        texts = [text for text in said if text]
        return texts[0] if len(said) == 1 and texts else "hyperparameters: see Agents" if texts else ""

    return how


def _by_part(about: About) -> dict[str, list[tuple[str, str]]]:
    parts: dict[str, list[tuple[str, str]]] = {}
    for part, name, value in about.settings:
        parts.setdefault(part, []).append((name, value))
    return parts


def _packed(chart: Chart) -> dict[str, Any]:
    fields = asdict(chart)
    return {name: fields[name] for name in ("title", "text", "spec", "rows", "options")}


def _json(data: Any) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script that leaves `vegaEmbed` behind."""
    module = _library("vl-convert-python", lambda: importlib.import_module("vl_convert"))
    return str(module.javascript_bundle("window.vegaEmbed=vegaEmbed;window.vega=vega;"))


@cache
def _data_tables() -> tuple[str, str]:
    """DataTables: its module in base64, and its style."""

    def find() -> Path:
        found = importlib.util.find_spec("itables")  # not imported: it would look for notebooks
        if found is None or found.origin is None:
            raise ModuleNotFoundError("itables")
        return Path(found.origin).parent / "html"

    folder = _library("itables", find)
    script = (folder / "dt_bundle.js").read_bytes()
    return base64.b64encode(script).decode(), (folder / "dt_bundle.css").read_text(encoding="utf-8")


def _library(name: str, find: Callable[[], Any]) -> Any:
    try:
        return find()
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"the results page needs {name}, which is not installed; {EXTRA} installs it."
        ) from None


def _glossary() -> dict[str, str]:
    return {
        **{TITLES[regret]: text.partition(": ")[2] for regret, text in MEANINGS.items()},
        "Normalized": "Divided by what the worst policy loses: 0 is the optimal policy, 1 the worst one.",
        "Random policy": "Takes each action with the same probability. Its row is its exact expectation.",
        "Interval": "95 %, for other seeds on these same environments: environments are fixed, seeds are the sample.",
        "Bold": "No other agent is significantly better (comparison with the best, Hsu 1984, at 5 %).",
        "IQM": "Interquartile mean: the mean of the middle half of all instances.",
        "Environment ids": "The family and the number of its gin scope: RiverSwim (1) is scope prms_1 of the family "
        "RiverSwim. The table of environments has the parameters.",
        "Score": "1 − normalized regret a step.",
        "Sample": "A configuration of hyperparameters, drawn from the ranges; its number is that of its gin scope.",
        "Rung": "A stage of the tuning: the best samples of the one before go on to more runs.",
        "Confirmed": "Run again on fresh seeds, as the best of many looks better than it is.",
        "Cut": "Training stopped at the time limit; the last policy stands for the steps that were left.",
    }

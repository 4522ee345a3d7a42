"""The workflow as Snakemake sees it: before the first run, in a cluster job, at the end."""

import re

import pytest
from user_project import ROOT, TINY, jobs

pytestmark = pytest.mark.slow

FIRST_LOG = "results/benchmarking/tiny/my_rivers/logs/{}/seed0_logs.csv"
FIRST = "prms_0-RiverSwimContinuous____prms_0-QLearningContinuous"


def test_the_whole_graph_is_known_before_the_first_run(project):
    assert jobs(project.run("-n")) == {
        "prepare_my_rivers": 1,
        "sample_agents": 1,
        "sample_mdps": 1,
        "prepare_hyperopt_continuous": 1,
        "instances_hyperopt_continuous": 2,
        "run_hyperopt": 2,
        "select": 1,
        "agent_config": 1,
        "instances_my_rivers": 1,
        "run_benchmark": 2,
        "summarise": 2,
        "page": 1,
        "table_overview": 1,
        "table_average": 1,
        "table_indicators": 1,
        "table_tail": 1,
        "table_two_regrets": 1,
        "hardness": 1,
        "plot_hardness_space": 1,
        "plot_improvement_matrix": 1,
        "plot_timing": 1,
        "plot_regret_curves": 1,
        "plot_policy_regret_curves": 1,
        "plot_performance_profile": 1,
        "plot_aggregate_intervals": 1,
        "plot_completeness": 1,
        "plot_hyperparameters": 1,
        "tuning": 1,
        "plot_tuning_budget": 1,
        "all": 1,
    }
    for option in ("--dag", "--rulegraph", "--filegraph"):
        graph = project.run(option, "--quiet", "all")
        assert "digraph snakemake_dag {" in graph
        for rule in ("sample_agents", "run_hyperopt", "select", "run_benchmark", "summarise", "plot_regret_curves"):
            assert rule in graph, (option, rule)
    assert not (project.folder / "results").exists()


def drawn(text):
    """The arrows of the Mermaid blocks of a text, by label: Snakemake numbers the boxes as it likes."""
    blocks = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    labels = [dict(re.findall(r'(id\d+)\["?(.*?)"?\]', block)) for block in blocks]
    return [
        sorted((of[a], of[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", block))
        for block, of in zip(blocks, labels, strict=True)
    ]


def test_the_graphs_in_the_documentation_are_those_of_the_rules(load_script):
    generate = load_script(ROOT / "docs/generate/rulegraph.py")
    for page in generate.PICTURED:
        in_page, now = drawn(page.read_text()), drawn(generate.pictured_text(page))
        assert ("select", "agent_config") in in_page[0]
        assert in_page == now, "make dag"
    on_page, now = drawn(generate.PAGE.read_text()), drawn(generate.page_text())
    assert [len(arrows) > 20 for arrows in on_page] == [True, True]
    assert on_page == now, "make dag"


def test_without_hyperparameter_optimisation_the_packaged_ones_are_used(project):
    project.write({**TINY, "hyperopt": None})
    planned = jobs(project.run("-n", "logs"))
    assert planned == {
        "prepare_my_rivers": 1,
        "agent_config": 1,
        "instances_my_rivers": 1,
        "run_benchmark": 2,
        "logs": 1,
    }


def test_the_landscape_of_hyperparameters_is_of_what_the_selection_compared(project):
    project.write({**TINY, "selection": {"indicator": "cumulative_reward", "reduce_seeds": "median"}})
    commands = [line for line in project.run("-n", "-p").splitlines() if "python -m colosseum plot" in line]
    of_landscape = [line for line in commands if "--kind hyperparameters" in line]
    assert len(of_landscape) == 1 and "--indicator cumulative_reward --reduce-seeds median" in of_landscape[0]
    assert len(commands) > 5 and all("--indicator" not in line for line in commands if line not in of_landscape)


def test_a_mistake_is_told_in_one_line_before_any_job(project):
    project.write({**TINY, "agents": ["QLearningContinous"]})
    said = project.run(status=1)
    last = said.rstrip().splitlines()[-1]
    assert last.startswith("colosseum: error: config.yaml: agents: ")
    assert "did you mean 'QLearningContinuous'?" in last
    assert "Traceback" not in said
    assert not (project.folder / "results").exists()


def test_results_of_another_study_are_left_alone(complete):
    before = complete.logs()
    complete.write({**TINY, "experiment": {**TINY["experiment"], "n_steps": 500}})
    said = complete.run(status=1)
    assert "this is the folder of another study: its my_rivers: n_steps is 400" in said
    assert complete.logs() == before


def test_a_study_file_stands_for_itself(project):
    (project.folder / "other.yaml").write_text((project.folder / "config.yaml").read_text())
    project.write({**TINY, "hyperopt": None, "agents": ["RandomAgentContinuous"]})
    assert jobs(project.run("-n", "--configfile", "other.yaml"))["run_hyperopt"] == 2


def test_a_cluster_job_lists_no_instances(complete):
    log = complete.folder / FIRST_LOG.format(FIRST)
    before = log.read_text()
    log.unlink()
    (complete.folder / "sitecustomize.py").write_text(
        "from colosseum.study import Interactions, Study\n"
        "def refuse(*_):\n    raise RuntimeError('a cluster job lists instances')\n"
        "Interactions.names = Interactions.parts = Interactions.logs = Interactions.pickles = Study.check = refuse\n"
    )
    complete.environment["PYTHONPATH"] += f":{complete.folder}"
    complete.run(status=1)  # the main process does list them
    target = f"run_benchmark:benchmark=my_rivers,interaction={FIRST},seed=0"
    complete.run("--mode", "remote", "--nolock", "--target-jobs", target, "--allowed-rules", "run_benchmark")

    def untimed(text):
        return [line.split(",")[:-3] for line in text.splitlines()]

    assert untimed(log.read_text()) == untimed(before)


def test_what_the_study_no_longer_has_is_no_part_of_its_results(complete):
    gin = complete.folder / "my_rivers/mdp_configs/RiverSwimContinuous.gin"
    gin.write_text("".join(gin.read_text().splitlines(keepends=True)[:1]))
    stale = complete.folder / "results/hyperopt/tiny/hyperopt_continuous/mdp_configs/TaxiContinuous.gin"
    stale.write_text("prms_0/TaxiContinuous.size = 5\n")
    complete.run()
    assert not stale.exists()
    summary = (complete.folder / "results/analysis/tiny/my_rivers/summary.csv").read_text()
    assert len(summary.splitlines()) == 1 + 1


def test_a_run_says_how_far_it_is(project):
    project.write({**TINY, "hyperopt": None})
    said = project.run("logs")
    assert "6 of 6 jobs done (100 %)" in said
    assert "Finished jobid" not in said
    assert "Finished jobid" in next((project.folder / ".snakemake/log").glob("*.log")).read_text()


def test_the_report_is_made_offline(complete):
    said = complete.run("--report", "results/analysis/tiny/report.html")
    assert "Report created" in said
    report = (complete.folder / "results/analysis/tiny/report.html").read_text()
    for text in (
        "All benchmarks",
        "My rivers",
        "Hyperparameters continuous",
        "Learning regret over time in each environment",
    ):
        assert text in report

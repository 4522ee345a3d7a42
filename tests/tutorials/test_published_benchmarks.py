"""What the published tutorials on benchmarks do: benchmark-introduction, benchmark-running, benchmark-analysis."""

from pathlib import Path

import pytest
from matplotlib import pyplot as plt

from colosseum import config
from colosseum.agent.agents.episodic import PSRLEpisodic, QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous, UCRL2Continuous
from colosseum.agent.utils import sample_agent_gin_configs_file
from colosseum.analysis.plots import (
    agent_performances_per_mdp_plot,
    plot_indicator_in_hardness_space,
    plot_labels_on_benchmarks_hardness_space,
)
from colosseum.analysis.tables import get_latex_table_of_average_indicator, get_latex_table_of_indicators
from colosseum.benchmark import ColosseumDefaultBenchmark
from colosseum.benchmark.benchmark import ColosseumDefaultBenchmark as SameEnumeration
from colosseum.benchmark.run import instantiate_and_get_exp_instances_from_agents_and_benchmarks
from colosseum.benchmark.utils import instantiate_benchmark_folder, retrieve_benchmark
from colosseum.errors import ConfigurationError
from colosseum.experiment import ExperimentConfig
from colosseum.experiment.experiment_instances import run_experiment_instances
from colosseum.mdp.river_swim import RiverSwimContinuous

pytestmark = pytest.mark.slow


def test_benchmark_introduction(own_folder):
    """The four default benchmarks as folders."""
    for folder, name in (
        ("benchmark_er", "EPISODIC_ERGODIC"),
        ("benchmark_ec", "EPISODIC_COMMUNICATING"),
        ("benchmark_ce", "CONTINUOUS_ERGODIC"),
        ("benchmark_cc", "CONTINUOUS_COMMUNICATING"),
    ):
        benchmark = ColosseumDefaultBenchmark[name].get_benchmark()
        instantiate_benchmark_folder(benchmark, folder)
        files = {path.stem for path in Path(folder, "mdp_configs").glob("*.gin")}
        assert files == {cls.__name__ for cls in benchmark.mdps_gin_configs}
        settings = Path(folder, "experiment_config.yml").read_text()
        assert {line.partition(":")[0] for line in settings.splitlines()} >= {
            "n_seeds",
            "n_steps",
            "max_interaction_time_s",
            "log_performance_indicators_every",
        }
        assert retrieve_benchmark(folder).mdps_gin_configs == benchmark.mdps_gin_configs


@pytest.fixture
def benchmark_run(own_folder):
    """benchmark-running: two sampled agents of each setting on the quick tests; the folder of the continuous one."""
    config.set_experiments_folder("tutorial", "bench_run")
    config.set_hyperopt_folder("tutorial", "bench_run")
    assert SameEnumeration is ColosseumDefaultBenchmark
    short = ExperimentConfig(n_seeds=1, n_steps=300, max_interaction_time_s=30, log_performance_indicators_every=100)
    pairs = []
    for name, classes in (
        ("EPISODIC_QUICK_TEST", (PSRLEpisodic, QLearningEpisodic)),
        ("CONTINUOUS_QUICK_TEST", (QLearningContinuous, UCRL2Continuous)),
    ):
        benchmark = ColosseumDefaultBenchmark[name].get_benchmark()
        benchmark.experiment_config = short  # a frozen dataclass there, where the tutorial fails
        pairs.append(({cls: sample_agent_gin_configs_file(cls, n=1, seed=42) for cls in classes}, benchmark))
    instances = instantiate_and_get_exp_instances_from_agents_and_benchmarks(pairs)
    run_experiment_instances(instances)
    assert len(instances) == 2 * 2 * 7 and all(Path(instance.log_path).is_file() for instance in instances)
    return pairs[1][1].get_experiments_benchmark_log_folder()


def test_benchmark_running_and_analysis(benchmark_run, capsys):
    """Both tables, both plots, of what was just run; and texts at the places of the environments."""
    latex, frame = get_latex_table_of_average_indicator(
        benchmark_run, "normalized_cumulative_regret", print_table=True, return_table=True
    )
    assert "\\toprule" in latex and frame.shape[1] == 2
    many = get_latex_table_of_indicators(
        benchmark_run, ["normalized_cumulative_regret", "steps_per_second"], show_prm_mdp=True, print_table=True
    )
    assert "\\toprule" in many and capsys.readouterr().out
    figure = plot_indicator_in_hardness_space(benchmark_run, fontsize=24, savefig_folder=None)
    assert len([axes for axes in figure.axes if axes.get_title()]) == 2
    figure = agent_performances_per_mdp_plot(
        benchmark_run, "normalized_cumulative_regret", figsize_scale=5, standard_error=True, n_rows=7,
        savefig_folder=None,
    )  # fmt: skip
    assert len([axes for axes in figure.axes if axes.lines]) == 7


def test_labels_in_hardness_space(own_folder):
    """Named by agent-implementation and nowhere called; the measures are those of the environments."""
    Path("rivers/mdp_configs").mkdir(parents=True)
    Path("rivers/mdp_configs/RiverSwimContinuous.gin").write_text(
        "prms_0/RiverSwimContinuous.size = 3\nprms_1/RiverSwimContinuous.size = 6\n"
    )
    Path("rivers/experiment_config.yml").write_text(
        "n_seeds: 2\nn_steps: 10\nmax_interaction_time_s: 1\nlog_performance_indicators_every: 5\n"
    )
    axes = plot_labels_on_benchmarks_hardness_space(
        "rivers",
        text_f=lambda environment: environment[1].removeprefix("prms_"),
        color_f=lambda environment: "red" if environment[1] == "prms_1" else None,
        label_f=lambda environment: environment[0],
        multiplicative_factor_xlim=1.2,
        underneath_x_label="(a)",
        yaxis_measure=("States", lambda mdp: mdp.n_states),
    )
    places = {text.get_text(): text.get_position() for text in axes.texts}
    rivers = [RiverSwimContinuous(seed=0, size=size) for size in (3, 6)]
    assert places["0"] == pytest.approx((rivers[0].diameter, 3)) and places["1"] == pytest.approx(
        (rivers[1].diameter, 6)
    )
    assert [text.get_color() for text in axes.texts[:2]] == ["black", "red"] and "(a)" in places
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Diameter", "States")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["RiverSwimContinuous"]
    assert width(axes.get_xlim()) > width((places["0"][0], places["1"][0]))
    _, given = plt.subplots()
    assert (
        plot_labels_on_benchmarks_hardness_space("rivers", str, ax=given, set_legend=False, set_ylabel=False) is given
    )
    assert given.get_ylabel() == ""
    plt.close()
    with pytest.raises(ConfigurationError, match="no measure of hardness 'diametre'"):
        plot_labels_on_benchmarks_hardness_space("rivers", str, xaxis_measure="diametre")


def width(limits: tuple[float, float]) -> float:
    return abs(limits[1] - limits[0])

"""A made-up study with everything that a results page shows: two benchmarks, an optimisation by rungs, a choice."""

from pathlib import Path

import synthetic

from colosseum.analysis.page import About, Setting, find_sources, render
from colosseum.analysis.summary import summarise
from colosseum.analysis.tuning import gather_runs

AGENTS = ("QLearningEpisodic", "PSRLEpisodic", "SarsaEpisodic", "RandomAgentEpisodic")
OTHERS = ("QLearningContinuous", "PSRLContinuous", "UCRL2Continuous")
SCOPES = (1, 0, 2, 0, 1, 1)
CHOSEN = """prms_0/QLearningEpisodic.UCB_type = 'bernstein'
prms_0/QLearningEpisodic.c_1 = 0.02
prms_0/QLearningEpisodic.min_at = 0.1
"""
SAMPLES = """scope,indicator,score,standard_error,n_logs,n_cut,n_failed,tied,rung,selected,UCB_type,c_1,min_at
prms_0,normalized_cumulative_learning_regret,0.31,0.02,4,0,0,0,0,0,bernstein,0.5,0.01
prms_1,normalized_cumulative_learning_regret,0.12,0.01,8,0,0,0,1,1,bernstein,0.02,0.1
prms_2,normalized_cumulative_learning_regret,0.15,0.01,8,0,0,0,1,0,hoeffding,0.03,0.09
prms_3,normalized_cumulative_learning_regret,0.22,0.02,4,0,0,0,0,0,bernstein,0.01,0.15
prms_4,normalized_cumulative_learning_regret,0.41,0.03,4,0,0,0,0,0,hoeffding,9.0,0.001
prms_5,normalized_cumulative_learning_regret,0.25,0.02,4,0,0,0,0,0,hoeffding,0.2,0.05
"""
RANGES = """hyperparameter,range,best,place,at_edge,inert,importance,p_value,advice
UCB_type,"choice: [bernstein, hoeffding]",bernstein,,,noise,0.010,0.700,
c_1,"log_uniform: [0.001, 10]",0.02,0.325,,,0.620,0.000,
min_at,"uniform: [0.001, 0.2]",0.1,0.497,low,,0.210,0.004,"widen it, e.g. log_uniform: [1e-05, 0.2]"
"""
CONFIRMED = """sample,indicator,score_when_chosen,score_when_confirmed,shrinkage,standard_error,difference_to_winner,\
paired_standard_error,n_logs,n_cut,selected,UCB_type,c_1,min_at
prms_1,normalized_cumulative_learning_regret,0.12,0.13,0.01,0.004,0.0,,12,0,1,bernstein,0.02,0.1
prms_2,normalized_cumulative_learning_regret,0.15,0.16,0.01,0.005,0.03,0.006,12,0,0,hoeffding,0.03,0.09
"""
ABOUT = About(
    "demo",
    settings=(Setting("Study", "agents", "QLearning, PSRL"), Setting("Tuning", "samples of an agent", "6")),
    configuration="study: demo\n",
    run_command="snakemake --cores all --configfile demo.yaml",
    tuned={"QLearningEpisodic": "tuned with 6 samples by 2 rungs", "PSRLEpisodic": "packaged hyperparameters"},
    versions={"Python": "3.11"},
    commit="0123abc",
)


def make_study(
    root: Path, n_seeds: int = 5, scopes: tuple[int, ...] = SCOPES, agents: tuple[str, ...] = AGENTS
) -> Path:
    """Write the logs of a study, and the tables that the workflow makes of them; return the folder of its analysis."""
    study = root / "results" / "analysis" / "demo"
    for name, of_benchmark in (("benchmark_episodic_ergodic", agents), ("benchmark_continuous_ergodic", OTHERS)):
        folder = root / "results" / "benchmarking" / "demo" / name
        synthetic.write_benchmark(folder, of_benchmark, scopes, n_seeds=n_seeds)
        if name == "benchmark_episodic_ergodic":
            (folder / "agents_configs" / "QLearningEpisodic.gin").write_text(CHOSEN)
        write_tables(folder, study / name)
        synthetic.write_hardness(study / name, scopes, folder.name.split("_")[1].capitalize())
    hyperopt = root / "results" / "hyperopt" / "demo" / "hyperopt_episodic"
    synthetic.write_benchmark(hyperopt, ("QLearningEpisodic",), (1, 0, 0, 0, 1), n_seeds=2, agent_scopes=6)
    choice = hyperopt / "selection"
    choice.mkdir()
    (choice / "QLearningEpisodic.gin").write_text(CHOSEN)
    (choice / "QLearningEpisodic.csv").write_text(SAMPLES)
    (choice / "QLearningEpisodic_ranges.csv").write_text(RANGES)
    confirmed = hyperopt.with_name("hyperopt_episodic_confirm") / "selection"
    confirmed.mkdir(parents=True)
    (confirmed / "QLearningEpisodic.csv").write_text(CONFIRMED)
    write_tables(hyperopt, study / hyperopt.name)
    runs = gather_runs([hyperopt], "normalized_cumulative_learning_regret")
    (study / hyperopt.name / "tuning.csv").write_text(runs)
    return study


def write_tables(folder: Path, analysis: Path, allow_incomplete: bool = False) -> None:
    """Write what `summarise` makes of a benchmark's logs."""
    made = summarise(folder, allow_incomplete=allow_incomplete)
    analysis.mkdir(parents=True, exist_ok=True)
    (analysis / "summary.csv").write_text(made.instances)
    (analysis / "curves.csv").write_text(made.curves)


def write_page(study: Path, about: About = ABOUT) -> str:
    """Return the page of a study."""
    return render(find_sources([study]), about)

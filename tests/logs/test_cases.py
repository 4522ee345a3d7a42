"""Damaged logs, each of its kind: every command gives the same answer, with the file, the line and the reason."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from colosseum.analysis.registry import available_kinds
from colosseum.cli import main
from colosseum.experiment.instance_file import instance_digest
from colosseum.logs.columns import COLUMNS
from colosseum.logs.read import read_log
from colosseum.logs.write import write_log

CASES = Path(__file__).with_name("cases")
WHOLE = ("whole", "with_byte_order_mark")
DAMAGED = {
    "column_renamed": "line 1: not a log of this program: column 12 is 'worst_cum_regret' where "
    "'worst_cumulative_regret' is expected.",
    "empty_number": "line 41: cumulative_regret is '' and no number.",
    "ends_one_step_early": "line 41: it ends at step 4999 and not at 5000.",
    "half_a_line": "line 41: truncated in the middle of a row.",
    "last_regret_nan": "line 41: normalized_cumulative_regret is nan and no finite number.",
    "last_reward_inf": "line 41: cumulative_reward is inf and no finite number.",
    "nan_in_the_middle": "line 22: normalized_cumulative_regret is nan and no finite number.",
    "rows_out_of_order": "line 6: steps is 750, not above 875 of the line before.",
    "steps_not_whole": "line 41: steps is '5000.7' and no whole number.",
    "text_in_the_middle": "line 22: cumulative_reward is 'abc' and no number.",
    "truncated": "line 14: it ends at step 1625 and not at 5000.",
    "unknown_training_state": "line 41: training_state is 'sleeping' and none of running, optimal, time_exceeded, "
    "failed.",
}
LOGS = "logs/prms_0-RiverSwimContinuous____prms_0-QLearningContinuous"


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    """The folder of a benchmark whose log of seed 0 is whole."""
    folder = tmp_path / "hyperopt_continuous"
    for name, text in {
        "experiment_config.yml": "emission_map: null\nlog_performance_indicators_every: 125\n"
        "max_interaction_time_s: 60\nn_seeds: 2\nn_steps: 5000\n",
        "mdp_configs/RiverSwimContinuous.gin": "prms_0/RiverSwimContinuous.size = 5\n",
        "agents_configs/QLearningContinuous.gin": "prms_0/QLearningContinuous.h_weight = 0.5\n"
        "prms_0/QLearningContinuous.span_approx_weight = 0.5\nprms_0/QLearningContinuous.min_at = 0.1\n",
        f"{LOGS}/seed0_logs.csv": (CASES / "whole.csv").read_text(),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_every_case_is_here() -> None:
    assert {path.stem for path in CASES.iterdir()} == {*WHOLE, *DAMAGED}


def commands(benchmark: Path) -> dict[str, list[str]]:
    """Every command that judges logs."""
    made = {
        "summarise": ["summarise", str(benchmark), "-o", "summary.csv"],
        "select": ["select", "--benchmark", str(benchmark), "--agent", "QLearningContinuous", "-o", "chosen.gin"],
    }
    for kind in available_kinds("table"):
        suffix = "html" if kind == "overview" else "csv"
        made[f"table {kind}"] = ["table", str(benchmark), "--kind", kind, "-o", f"table.{suffix}"]
    for kind in available_kinds("plot"):
        made[f"plot {kind}"] = ["plot", str(benchmark), "--kind", kind, "-o", "plot.svg"]
    return made


@pytest.mark.slow
@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_log_is_refused_by_every_command_with_file_line_and_reason(
    case: str, benchmark: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = benchmark / LOGS / "seed1_logs.csv"
    shutil.copy(CASES / f"{case}.csv", log)
    answer = f"{log}: {DAMAGED[case]}"
    for command, arguments in commands(benchmark).items():
        assert main(arguments) == 2, command
        assert answer.rstrip(".") in capsys.readouterr().err, command
    assert main(["status", str(benchmark), "-o", "status.csv"]) == 0
    assert f"Failed: {answer}" in capsys.readouterr().out
    assert pd.read_csv("status.csv").iloc[-1][["Done", "Running", "Failed", "Missing"]].tolist() == [1, 0, 1, 0]
    assert sorted(path.name for path in Path().iterdir()) == ["hyperopt_continuous", "status.csv"]

    # what is shown of an incomplete benchmark names it
    assert main(["summarise", str(benchmark), "-o", "summary.csv", "--allow-incomplete"]) == 0
    table = pd.read_csv("summary.csv")
    assert table["status"].tolist() == ["complete", "failed"] and table["problem"].tolist()[1] == DAMAGED[case]
    for kind in set(available_kinds("table")) - {"overview"}:
        assert main(["table", "summary.csv", "--kind", kind, "-o", "table.md"]) == 0
        assert f"Failed: {LOGS}/seed1_logs.csv: {DAMAGED[case]}" in Path("table.md").read_text().replace("\\", ""), kind


def test_a_whole_log_is_whole_everywhere_with_a_byte_order_mark_or_without(
    benchmark: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = []
    for case in WHOLE:
        shutil.copy(CASES / f"{case}.csv", benchmark / LOGS / "seed1_logs.csv")
        made = commands(benchmark)
        for command in ("summarise", "select", "table average", "table indicators", "plot regret_curves"):
            assert main(made[command]) == 0, command
        assert "2 of 2 instances complete" in capsys.readouterr().out
        assert main(["status", str(benchmark), "-o", "status.csv"]) == 0
        names = ("summary.csv", "chosen.csv", "table.csv", "plot.svg", "status.csv")
        outputs.append([Path(name).read_bytes() for name in names])
        assert pd.read_csv("status.csv").iloc[-1]["Done"] == 2
    assert outputs[0] == outputs[1]


def test_a_log_that_was_copied_over_that_of_another_instance_is_refused_by_every_command(
    benchmark: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of as many steps, with the same columns: the pickles of the study lie beside the folder and tell."""
    pickles = benchmark.parent / "experiment_instances"
    arguments = ["--benchmark", str(benchmark), "--agent", "QLearningContinuous", "-o", str(pickles)]
    assert main(["instances", *arguments]) == 0
    digests = [instance_digest(path) for path in sorted(pickles.rglob("seed*.pkl"))]
    first, second = (digest[:16] for digest in digests)
    assert first != second
    whole = read_log(CASES / "whole.csv")
    columns = {name: whole[name].tolist() if name in whole else [0.0] * len(whole.steps) for name in COLUMNS}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    logs = [benchmark / LOGS / f"seed{k}_logs.csv" for k in range(2)]
    for log, digest in zip(logs, digests, strict=True):
        write_log(log, rows, digest)
    made = commands(benchmark)
    judging = [made[name] for name in ("summarise", "select", "table average", "plot regret_curves")]
    assert main(judging[0]) == 0
    Path("summary.csv").unlink()

    shutil.copy(logs[0], logs[1])
    answer = f"{logs[1]}: of another instance: {first} made it and not {second}; it is stale, or a copy"
    for command in judging:
        assert main(command) == 2, command
        assert answer in capsys.readouterr().err, command
    assert not Path("summary.csv").exists()
    assert main(["status", str(benchmark), "-o", "status.csv"]) == 0
    assert f"Failed: {answer}." in capsys.readouterr().out
    assert pd.read_csv("status.csv").iloc[-1][["Done", "Running", "Failed", "Missing"]].tolist() == [1, 0, 1, 0]

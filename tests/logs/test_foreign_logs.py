"""A benchmark folder of the published package: read by every command, and what its logs lack is a dash."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from colosseum.analysis.registry import available_kinds
from colosseum.analysis.results import Results
from colosseum.cli import main

CASES = Path(__file__).with_name("cases")
GIN = {
    "mdp_configs/RiverSwimContinuous.gin": "prms_0/RiverSwimContinuous.size = 5\n",
    "agents_configs/QLearningContinuous.gin": "".join(
        f"prms_{i}/QLearningContinuous.h_weight = 0.{i + 1}\nprms_{i}/QLearningContinuous.span_approx_weight = 0.5\n"
        f"prms_{i}/QLearningContinuous.min_at = 0.1\n"
        for i in range(2)
    ),
    "experiment_config.yml": "emission_map: null\nlog_performance_indicators_every: 125\n"
    "max_interaction_time_s: 60\nn_seeds: 2\nn_steps: 5000\n",
}


def is_lacking(name: str) -> bool:
    return name.startswith("worst_") or "expected_reward" in name


def write(path: Path, rows: list[dict[str, str]], names: list[str], factor: float, shift: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            regret = f"{factor * float(row['normalized_cumulative_regret']):.12g}"
            changed = {"steps": str(int(row["steps"]) + shift), "normalized_cumulative_regret": regret}
            writer.writerow({**row, **changed})


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """The same figures as this program's logs, and as the published package's."""
    rows = list(csv.DictReader((CASES / "whole.csv").open(newline="")))
    names = list(rows[0])
    # in another order, without training state and some of the baselines, the steps from zero
    theirs = ["cumulative_regret", "steps", *(n for n in names if n not in ("steps", "cumulative_regret"))]
    theirs = [name for name in theirs if name != "training_state" and not is_lacking(name)]
    both = []
    for folder, columns, shift in ((tmp_path / "ours", names, 0), (tmp_path / "theirs", theirs, -1)):
        for name, text in GIN.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        for i in range(2):
            interaction = folder / "logs" / f"prms_0-RiverSwimContinuous____prms_{i}-QLearningContinuous"
            for seed in range(2):
                write(interaction / f"seed{seed}_logs.csv", rows, columns, 1 - 0.2 * i - 0.01 * seed, shift)
        both.append(folder)
    note = "last training step at (1000) for .../seed1_logs.csv\n"
    (tmp_path / "theirs/logs/prms_0-RiverSwimContinuous____prms_1-QLearningContinuous/time_exceeded.txt").write_text(
        note
    )
    return both[0], both[1]


def test_selection_and_status_take_them_as_ones_of_this_program(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in folders:
        arguments = ["select", "--benchmark", str(folder), "--agent", "QLearningContinuous", "-o", f"{folder}.gin"]
        assert main(arguments) == 0
        assert main(["status", str(folder), "-o", f"{folder}_status.csv"]) == 0
        assert pd.read_csv(f"{folder}_status.csv").iloc[-1]["Done"] == 4
    ours, theirs = (Path(f"{folder}.csv").read_text() for folder in folders)
    assert ours == theirs and Path(f"{folders[0]}.gin").read_text() == Path(f"{folders[1]}.gin").read_text()
    capsys.readouterr()
    indicator = ["--indicator", "cumulative_expected_reward"]
    assert main([*arguments, *indicator]) == 2
    assert "line 1: it has no column 'cumulative_expected_reward'" in capsys.readouterr().err


def test_summary_and_values_are_the_same_and_what_is_lacking_is_empty(folders: tuple[Path, Path]) -> None:
    ours, theirs = (Results.load(folder) for folder in folders)
    for name in ours.summary.columns.difference(["benchmark", "training_state", "stop_step", "seconds"]):
        if is_lacking(name):
            assert theirs.summary[name].isna().all() and theirs.curves[name].isna().all()
        else:
            pd.testing.assert_series_equal(theirs.summary[name], ours.summary[name])
    assert theirs.summary["seconds"].to_numpy() == pytest.approx(ours.summary["seconds"].to_numpy(), rel=1e-3)
    # trained to the end, or stopped because the policy was optimal: their logs do not tell
    assert theirs.summary["training_state"].tolist() == ["", "", "", "time_exceeded"]
    assert theirs.summary["stop_step"].tolist()[3] == 1000
    for agent in ours.agents:
        values = [one.values("normalized_cumulative_regret", agent) for one in (ours, theirs)]
        assert (values[0] == values[1]).all()


@pytest.mark.parametrize("kind", available_kinds("table"))
def test_every_table_is_made_of_them(kind: str, folders: tuple[Path, Path]) -> None:
    suffix = "html" if kind == "overview" else "md"
    assert main(["table", str(folders[1]), "--kind", kind, "-o", f"table.{suffix}"]) == 0
    text = Path(f"table.{suffix}").read_text()
    assert "nan" not in text.lower()


@pytest.mark.parametrize("kind", available_kinds("plot"))
def test_every_plot_is_made_of_them(kind: str, folders: tuple[Path, Path]) -> None:
    shutil.rmtree(folders[0])
    assert main(["plot", str(folders[1]), "--kind", kind, "-o", "plot.svg"]) == 0
    assert Path("plot.svg").stat().st_size > 5_000

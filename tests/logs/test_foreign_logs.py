"""A benchmark folder of the published package: read by every command, and what its logs lack is a dash."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from colosseum.analysis.registry import available_kinds, load_kind
from colosseum.analysis.results import Results
from colosseum.analysis.table_model import Number
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


def test_how_training_ended_is_a_dash_where_the_log_does_not_tell(folders: tuple[Path, Path]) -> None:
    """Their notes say where it was cut by the time limit, and nothing whether it stopped with an optimal policy."""
    ours, theirs = (Results.load(folder) for folder in folders)
    cells = {}
    for kind in ("completeness", "leaderboard"):
        for name, results in (("ours", ours), ("theirs", theirs)):
            table = load_kind("table", kind).build(results)
            place = [i for i, title in enumerate(table.columns) if title in ("Optimal", "Out of time")]
            cells[kind, name] = [tuple(row.cells[i] for i in place) for row in table.rows if row.cells[-1] != ""]
            told = any("3 logs do not tell whether training stopped" in note for note in table.notes)
            assert told == (name == "theirs")
    assert cells["completeness", "ours"] == [("0", "0"), ("0", "0")]
    assert sorted(cells["completeness", "theirs"]) == [("–", "0"), ("–", "1")]
    assert sorted(cells["leaderboard", "theirs"]) == [("–", "0"), ("–", "1")]
    draw = load_kind("plot", "completeness").draw
    names = [[text.get_text() for text in draw(one).legends[0].get_texts()] for one in (ours, theirs)]
    assert set(names[1]) - set(names[0]) == {"trained to the end or optimal"}


@pytest.mark.parametrize("kind", available_kinds("table"))
def test_logs_of_a_regret_alone_have_dashes_for_all_else(kind: str, folders: tuple[Path, Path]) -> None:
    rows = list(csv.DictReader((CASES / "whole.csv").open(newline="")))
    for i in range(2):
        for seed in range(2):
            path = folders[1] / f"logs/prms_0-RiverSwimContinuous____prms_{i}-QLearningContinuous/seed{seed}_logs.csv"
            write(path, rows, ["steps", "normalized_cumulative_regret"], 1 - 0.2 * i - 0.01 * seed, 0)
    suffix = "html" if kind == "overview" else "md"
    assert main(["table", str(folders[1]), "--kind", kind, "-o", f"table.{suffix}"]) == 0
    text = Path(f"table.{suffix}").read_text()
    assert "nan" not in text.lower()
    # nothing is known of layouts, of the random policy, of speed
    assert "Seeds differ" not in text and "Random policy |" not in text and "†" not in text
    board = load_kind("table", "leaderboard" if kind == "overview" else kind).build(Results.load(folders[1]))
    for title in ("Learning regret: mean", "Steps per second", "Better than random", "Optimal"):
        if title in board.columns:
            shown = {to_csv_cell(row.cells[board.columns.index(title)]) for row in board.rows}
            assert shown == {"–"}, title


def to_csv_cell(cell: Number | str) -> str:
    return cell if isinstance(cell, str) else cell.parts[0]


@pytest.mark.parametrize("kind", ["regret_curves", "hardness_space", "hyperparameters"])
def test_a_plot_of_what_no_log_holds_is_refused(
    kind: str, folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    indicator = "cumulative_expected_reward"
    arguments = ["plot", str(folders[1]), "--kind", kind, "--indicator", indicator, "-o", "plot.svg"]
    assert main(arguments) == 2
    assert f"theirs: the logs do not hold the indicator '{indicator}'." in capsys.readouterr().err


@pytest.mark.parametrize("kind", available_kinds("table"))
def test_every_table_is_made_of_them(kind: str, folders: tuple[Path, Path]) -> None:
    suffix = "html" if kind == "overview" else "md"
    assert main(["table", str(folders[1]), "--kind", kind, "-o", f"table.{suffix}"]) == 0
    text = Path(f"table.{suffix}").read_text()
    assert "nan" not in text.lower()


@pytest.mark.slow
@pytest.mark.parametrize("kind", available_kinds("plot"))
def test_every_plot_is_made_of_them(kind: str, folders: tuple[Path, Path]) -> None:
    shutil.rmtree(folders[0])
    assert main(["plot", str(folders[1]), "--kind", kind, "-o", "plot.svg"]) == 0
    assert Path("plot.svg").stat().st_size > 5_000

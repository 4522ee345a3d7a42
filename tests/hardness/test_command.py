import csv
import shutil

import pytest

from colosseum.benchmark import ColosseumDefaultBenchmark
from colosseum.cli import main
from colosseum.mdp.frozen_lake import FrozenLakeContinuous
from colosseum.mdp.river_swim import RiverSwimContinuous


def run(capsys, *arguments):
    status = main(["hardness", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_table_for_a_person(capsys):
    status, out, err = run(capsys, "RiverSwimContinuous(size=25, p_lazy=0.1)", "--cores", "1")
    assert (status, err) == (0, "")
    assert "26.67" in out and "communicating" in out and "value norm" in out


def test_file_for_a_program(capsys, tmp_path):
    path = tmp_path / "h.csv"
    status, _, _ = run(
        capsys, "RiverSwimContinuous(size=5)", "FrozenLakeContinuous(size=4,p_frozen=.7)", "--seeds", 0, 3, "-o", path
    )
    assert status == 0
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [(row["mdp_class"], row["seed"]) for row in rows] == [
        ("RiverSwimContinuous", "0"),
        ("RiverSwimContinuous", "3"),
        ("FrozenLakeContinuous", "0"),
        ("FrozenLakeContinuous", "3"),
    ]
    assert {row["mdp_scope"] for row in rows} == {"prms_0"}
    for row in rows[2:]:
        mdp = FrozenLakeContinuous(int(row["seed"]), size=4, p_frozen=0.7)
        for name in mdp.get_available_hardness_measures():
            assert float(row[name]) == pytest.approx(mdp.get_measure_from_name(name), rel=1e-11)
        assert row["communication_class"] == mdp.communication_class.name.lower()
    assert rows[2]["diameter"] != rows[3]["diameter"]


def test_a_seed_that_changes_nothing_is_not_computed_again(capsys, monkeypatch):
    computed = []
    original = RiverSwimContinuous.get_measure_from_name
    monkeypatch.setattr(
        RiverSwimContinuous, "get_measure_from_name", lambda mdp, name: computed.append(name) or original(mdp, name)
    )
    status, out, _ = run(capsys, "RiverSwimContinuous(size=5, randomize_actions=False)", "--seeds", *range(5))
    assert status == 0
    assert len(computed) == len(set(computed)) == 4
    assert len(out.strip().splitlines()) == 7


@pytest.mark.slow
def test_gin_files_folders_and_benchmarks_are_the_same(capsys, tmp_path):
    folder = ColosseumDefaultBenchmark.EPISODIC_QUICK_TEST.folder
    shutil.copytree(folder, tmp_path / "copy")
    by_name = run(capsys, "episodic_quick_test")
    assert by_name[0] == 0 and by_name[1].count("prms_0") == 7
    assert run(capsys, tmp_path / "copy") == by_name
    assert run(capsys, tmp_path / "copy" / "mdp_configs") == by_name
    assert run(capsys, *sorted((tmp_path / "copy" / "mdp_configs").glob("*.gin"))) == by_name


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["RiverSwimContinuous"], "give its parameters; 'RiverSwimContinuous(size=...)' would do."),
        (["RiverSwimContinuos(size=3)"], "did you mean 'RiverSwimContinuous'?"),
        (["RiverSwimContinuous(sise=3)"], "did you mean 'size'?"),
        (["RiverSwimContinuous(size=)"], "not readable"),
        (["RiverSwimContinuous(3)"], "not readable"),
        (["RiverSwimContinuous(size=1)"], "give an integer of at least 2."),
        (["continuous_ergodyc"], "did you mean 'continuous_ergodic'?"),
        (["no.gin"], "no.gin: No such file"),
        (["RiverSwimContinuous(size=3)", "-o", "h.txt"], "a .csv file would do."),
        (["RiverSwimContinuous(size=3)", "--seeds", "-1"], "-1 is negative"),
        (["RiverSwimContinuous(size=3)", "--cores", "0"], "give an integer of at least 1."),
    ],
)
def test_mistakes_are_told_in_one_line(capsys, arguments, message):
    status, out, err = run(capsys, *arguments)
    assert status == 2 and out == ""
    assert message in err and err.count("\n") == 1 and err.startswith("colosseum hardness: error: ")

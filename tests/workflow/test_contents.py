"""Content decides what is stale, not the times of files."""

import os
import re
import shutil
from pathlib import Path

import pytest
from test_increments import BENCHMARK
from user_project import RIVER_SWIM, ROOT, TINY, jobs

from colosseum.experiment.instance_file import instance_digest
from colosseum.layout import pickle_of_log
from colosseum.logs.read import read_log

pytestmark = pytest.mark.slow

STAGE = Path("results/benchmarking/tiny")
HYPEROPT_FOLDER = Path("results/hyperopt/tiny/hyperopt_continuous")


def files_of(folder: Path) -> dict[str, bytes]:
    """The configurations, choices and pickles that are there."""
    kinds = ("gin", "yml", "pkl")
    found = (path for kind in kinds for path in folder.glob(f"results/**/*.{kind}"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_benchmark_that_is_replaced_by_an_older_one_is_run_again(complete):
    gin = complete.folder / "my_rivers/mdp_configs/RiverSwimContinuous.gin"
    gin.write_text(RIVER_SWIM.replace("size = 4", "size = 5"))
    os.utime(gin, (10**9, 10**9))
    assert complete.executed() == [BENCHMARK.format(0, 0)]
    assert "size = 5" in (complete.folder / STAGE / "my_rivers/mdp_configs/RiverSwimContinuous.gin").read_text()
    assert complete.executed() == []


def test_configurations_that_were_deleted_are_made_again_and_nothing_is_run(complete):
    before = files_of(complete.folder)
    for folder in (complete.folder / STAGE / "my_rivers", complete.folder / HYPEROPT_FOLDER):
        shutil.rmtree(folder / "mdp_configs")
        shutil.rmtree(folder / "agents_configs")
        (folder / "experiment_config.yml").unlink()
    assert complete.executed() == []
    assert files_of(complete.folder) == before
    complete.run()
    assert "Nothing to be done" in complete.run()


def test_what_was_edited_by_hand_is_written_again_and_nothing_is_run(complete):
    before = files_of(complete.folder)
    edits = {
        STAGE / "my_rivers/experiment_config.yml": ("n_steps: 400", "n_steps: 500"),
        STAGE / "my_rivers/mdp_configs/RiverSwimContinuous.gin": ("size = 4", "size = 7"),
        STAGE / "my_rivers/agents_configs/QLearningContinuous.gin": ("0.", "0.1"),
        HYPEROPT_FOLDER / "experiment_config.yml": ("n_steps: 400", "n_steps: 300"),
        HYPEROPT_FOLDER / "agents_configs/QLearningContinuous.gin": ("0.", "0.1"),
    }
    for i, (name, edit) in enumerate(edits.items()):
        path = complete.folder / name
        text = path.read_text().replace(*edit)
        assert text.encode() != before[str(name)]
        times = path.stat().st_mtime
        path.write_text(text)
        os.utime(path, (times, times) if i % 2 else (10**9, 10**9))
    assert complete.executed() == []
    assert files_of(complete.folder) == before
    complete.run()
    assert "Nothing to be done" in complete.run()


@pytest.mark.parametrize("damage", ["truncated", "flipped", "emptied", "older", "not a file", "of another"])
def test_a_damaged_pickle_is_made_again_and_nothing_is_run(complete, damage):
    before = files_of(complete.folder)
    paths = sorted(complete.folder.rglob("results/**/*.pkl"))
    for path, other in zip(paths, [*paths[1:], paths[0]], strict=True):
        data = path.read_bytes()
        match damage:
            case "truncated":
                path.write_bytes(data[: len(data) // 2])
            case "flipped":
                path.write_bytes(data.replace(b"size = ", b"size =\t", 1))
            case "emptied":
                path.write_bytes(b"")
            case "older":
                path.write_bytes(b"\x80\x04N.")
                os.utime(path, (10**9, 10**9))
            case "not a file":
                path.unlink()
                path.write_bytes(b"\x80\x04r" + (2**27).to_bytes(4, "little") + b".")
            case "of another":
                path.write_bytes(before[str(other.relative_to(complete.folder))])
    assert files_of(complete.folder) != before
    assert complete.executed() == []
    assert files_of(complete.folder) == before


def test_the_log_of_another_instance_is_made_again_and_one_that_does_not_say_whose_it_is_is_taken(complete):
    logs = complete.folder / STAGE / "my_rivers/logs"
    ours, other = (logs / BENCHMARK.format(i, 0).partition("/")[2] for i in (0, 1))
    assert read_log(ours).instance != read_log(other).instance
    other.write_bytes(ours.read_bytes())  # of as many steps, with the same columns
    for log in complete.folder.glob(f"{HYPEROPT_FOLDER}/logs/*/*.csv"):
        lines = [line.split(",") for line in log.read_text().splitlines()]
        log.write_text("".join(",".join([*line[:-2], line[-1]]) + "\n" for line in lines))
        assert read_log(log).instance == ""
    assert complete.executed() == [BENCHMARK.format(1, 0)]
    assert read_log(other).instance == instance_digest(pickle_of_log(other))[:16] != read_log(ours).instance
    assert complete.executed() == []


def test_a_damaged_analysis_is_made_again(complete):
    analysis = complete.folder / "results/analysis/tiny/my_rivers"
    of_study = [analysis.parent / name for name in ("overview.html", "index.html")]
    paths = analysis / "summary.csv", analysis / "tables/average.html", *of_study
    texts = [path.read_text() for path in paths]
    paths[0].write_text(texts[0].replace("0.", "0.1"))
    paths[1].write_text("")
    paths[2].write_text(texts[2].replace("<td>", "<td>1"))
    for path in paths:
        os.utime(path, (10**9, 10**9))
    complete.run()
    assert [path.read_text() for path in paths] == texts
    assert "Nothing to be done" in complete.run()
    paths[2].write_text("")
    complete.run()
    assert paths[2].read_text() == texts[2]
    assert "Nothing to be done" in complete.run()


def test_a_copy_without_file_times_nor_snakemakes_notes_runs_nothing(complete):
    before = complete.logs()
    shutil.rmtree(complete.folder / ".snakemake")
    for i, path in enumerate(sorted(complete.folder.rglob("results/**/*"))):
        os.utime(path, (10**9 - 10 * i, 10**9 - 10 * i))  # the input of a job is newer than its output
    complete.run()
    assert complete.logs() == before
    assert "Nothing to be done" in complete.run()


def test_a_release_that_spells_the_command_of_a_run_otherwise_runs_nothing(complete):
    checkout = complete.folder / "checkout"
    for name in ("workflow", "profiles"):
        shutil.copytree(ROOT / name, checkout / name)
    shutil.copy(ROOT / "Snakefile", checkout)
    rules = checkout / "workflow/rules/instances.smk"
    text = rules.read_text()
    rules.write_text(text.replace('"python -m colosseum run ', '"nice python -m colosseum run '))
    assert rules.read_text() != text
    release = ("-s", str(checkout / "Snakefile"))
    by_code = jobs(complete.run("-n", "logs", "--rerun-triggers", "mtime", "code", *release))
    assert by_code["run_hyperopt"] == 2
    assert complete.executed(*release) == []


def test_a_dry_run_changes_nothing(complete):
    pickle = next((complete.folder / STAGE).rglob("*.pkl"))
    pickle.write_bytes(b"damaged")
    (complete.folder / STAGE / "my_rivers/experiment_config.yml").unlink()
    before = {path: path.read_bytes() for path in complete.folder.rglob("results/**/*") if path.is_file()}
    complete.run("-n")
    assert {path: path.read_bytes() for path in complete.folder.rglob("results/**/*") if path.is_file()} == before


LATE = """
import os
import gin
from my_lab.agents import UniformContinuous

@gin.configurable
class Late(UniformContinuous):
    def step_update(self, *args):
        super().step_update(*args)
        if self.n_updates > 200 and os.path.exists("broken"):
            raise RuntimeError("the agent broke late")
"""


def test_changed_code_is_run_again_and_the_log_before_is_kept_until_the_new_one_is_whole(project):
    (project.folder / "my_lab/late.py").write_text(LATE)
    project.write({**TINY, "agents": ["my_lab.late:Late"], "hyperopt": None})
    name = "benchmarking/prms_{}-RiverSwimContinuous____prms_0-Late/seed0_logs.csv"
    both = [name.format(0), name.format(1)]
    assert project.executed() == both
    logs = sorted(project.folder.glob("results/**/seed0_logs.csv"))
    before = [log.read_bytes() for log in logs]

    (project.folder / "my_lab/late.py").write_text(f"{LATE}# changed\n")
    (project.folder / "broken").touch()
    said = project.run("logs", "--retries", "0", "--keep-going", status=1)
    kept = [log.with_name(f"{log.name}.previous") for log in logs]
    assert [path.read_bytes() for path in kept] == before
    assert not any(log.exists() for log in logs)
    for log, path in zip(logs, kept, strict=True):
        names = [str(p.relative_to(project.folder)) for p in (log, path)]
        assert f"{names[0]}: its run did not end; the log that it was to replace is {names[1]}" in said

    (project.folder / "broken").unlink()
    assert project.executed() == both
    assert not any(path.exists() for path in kept)
    assert project.executed() == []


DAMAGING = """
import atexit, os, sys
from pathlib import Path
import gin
from my_lab.agents import UniformContinuous

@gin.configurable
class Damaging(UniformContinuous):
    pass

def damage():
    for path in Path("results").rglob("prms_1-*/seed*.pkl"):
        data = path.read_bytes()
        damages = [b"", data[:len(data) // 2], data.replace(b"size = ", b"size =\\t"), b"\\x80\\x04r\\0\\0\\0\\x08."]
        path.write_bytes(damages[int(path.stem[-1])])

if sys.argv[1:2] == ["instances"] and os.path.exists("damage"):
    atexit.register(damage)
"""


def test_instances_that_are_written_damaged_stop_no_other_and_are_made_again(project):
    (project.folder / "my_lab/damaging.py").write_text(DAMAGING)
    experiment = {**TINY["experiment"], "n_seeds": 4, "max_interaction_time_s": float("inf")}
    project.write({**TINY, "agents": ["my_lab.damaging:Damaging"], "hyperopt": None, "experiment": experiment})
    (project.folder / "damage").touch()
    said = project.run("logs", "--retries", "1", "--keep-going", status=1)
    name = "benchmarking/prms_{}-RiverSwimContinuous____prms_0-Damaging/seed{}_logs.csv"
    assert list(project.logs()) == [name.format(0, k) for k in range(4)]
    last = said[said.index("4 jobs failed:") :]
    for k, reason in enumerate(("empty", "damaged or no instance", "damaged: what it says", "damaged or no instance")):
        assert re.search(rf"Damaging/seed{k}\.pkl: {reason}", last), last
    assert "Trying to restart" not in said and "Traceback" not in said and "InputFunction" not in said
    (project.folder / "damage").unlink()
    assert project.executed() == [name.format(1, k) for k in range(4)]

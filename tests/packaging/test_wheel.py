"""From the wheel alone, outside the repository: a folder is made, its study run, looked at, reported."""

import re
from pathlib import Path

import pytest
import yaml
from programs import told

import colosseum

pytestmark = pytest.mark.slow


def shorten(folder: Path) -> None:
    """Leave of the study what shows that it works: two agents, one environment of each kind, one seed."""
    study = yaml.safe_load((folder / "config.yaml").read_text())
    study["agents"] = study["agents"][:2]
    study["hyperopt"] |= {"mdp_classes": ["RiverSwimEpisodic"], "n_samples_agents": 1, "n_steps": 300, "log_every": 100}
    study["experiment"] |= {"n_seeds": 1, "n_steps": 300, "log_every": 100, "max_interaction_time_s": 60}
    (folder / "rivers/mdp_configs").mkdir(parents=True)
    (folder / "rivers/mdp_configs/RiverSwimEpisodic.gin").write_text("prms_0/RiverSwimEpisodic.size = 4\n")
    study["benchmarks"] = ["rivers"]
    (folder / "config.yaml").write_text(yaml.safe_dump(study))


@pytest.fixture
def study(tmp_path, outside) -> Path:
    """A folder made by `init`."""
    said = told(tmp_path, outside, "python", "-m", "colosseum", "init", "my_study")
    assert "cd my_study && snakemake --cores all" in said
    return tmp_path / "my_study"


def test_nothing_comes_from_the_repository(outside, tmp_path):
    root = str(Path(colosseum.__file__).parents[1])
    code = "import colosseum, sys; print(colosseum.__file__, colosseum.__version__, *sys.path)"
    said = told(tmp_path, outside, "python", "-c", code)
    assert root not in said and colosseum.__version__ in said
    code = "from colosseum import about; print(about.commit(), about.shipped())"
    said = told(tmp_path, outside, "python", "-c", code)
    assert root not in said and said.split()[1].endswith("colosseum/shipped")
    assert re.fullmatch(r"[0-9a-f]{12}(-dirty)?|unknown", said.split()[0])


def test_from_init_to_a_report(study, outside):
    """In somebody's git repository, whose commit is not the package's."""
    assert "right, 77 instances" in told(study, outside, "python", "-m", "colosseum", "check", "config.yaml")
    shorten(study)
    told(study, outside, "git", "init", "-q")
    assert "right, 4 instances" in told(study, outside, "python", "-m", "colosseum", "check", "config.yaml")
    told(study, outside, "snakemake", "--cores", "2")
    said = told(study, outside, "python", "-m", "colosseum", "status")
    [total] = [line.split() for line in said.splitlines() if line.startswith("Sum")]
    assert total[1:6] == ["4", "0", "0", "0", "4"] and "Sarsa" in said and "my_study" not in said.split("Sum")[1]
    assert (study / "results/analysis/my_study/rivers/plots/regret_curves.svg").stat().st_size > 1000
    told(study, outside, "snakemake", "--report", "report.html")
    page = (study / "report.html").read_text()
    code = "from colosseum import about; print(about.commit())"
    assert told(study, outside, "python", "-c", code).strip() in page and f"colosseum {colosseum.__version__}" in page
    assert "nothing" in told(study, outside, "snakemake", "--cores", "1").lower()
    told(study, outside, "python", "-m", "colosseum", "recover")


def test_profiles_lie_in_the_folder(study, outside):
    assert sorted(path.name for path in (study / "profiles").iterdir()) == [
        "cluster-generic",
        "default",
        "slurm",
        "slurm-staged",
    ]
    said = told(study, outside, "snakemake", "--profile", "profiles/slurm", "--executor", "local", "--cores", "1", "-n")
    assert "run_benchmark" in said


def test_a_folder_that_has_something_is_left_alone(study, outside, tmp_path):
    before = (study / "config.yaml").read_text()
    said = told(tmp_path, outside, "python", "-m", "colosseum", "init", "my_study", status=2)
    assert said.splitlines() == [
        "colosseum init: error: my_study: there is something already; give a folder that does not exist."
    ]
    assert (study / "config.yaml").read_text() == before
    told(tmp_path, outside, "python", "-m", "colosseum", "init", "2022-05-01")
    assert "study: my_study #" in (tmp_path / "2022-05-01/config.yaml").read_text()  # YAML would read a date

"""From the wheel alone, outside the repository: a folder is made, its study run, looked at, reported."""

import re
from pathlib import Path

import pytest
from pages import blocks_of
from programs import told
from wheel_environment import shorten

import colosseum

pytestmark = pytest.mark.slow


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


FIRST_STUDY = blocks_of("docs/first_study.md")
"""The page that leads from `pip install` to a figure."""


def test_the_page_says_what_is_installed_here(wheels):
    install = FIRST_STUDY[0].text
    assert install == "pip install --find-links dist 'colosseum-benchmark[workflow]'\n"
    assert any(wheel.name.startswith("colosseum_benchmark-") for wheel in wheels)


def test_from_init_to_a_report(tmp_path, outside):
    """The commands of that page, in somebody's git repository, whose commit is not the package's."""
    told(tmp_path, outside, "git", "init", "-q")
    study, said = tmp_path, ""
    for block in FIRST_STUDY[1:]:
        assert block.language == "sh"
        for command in block.text.splitlines():
            if command == "cd my_study":
                study = tmp_path / "my_study"
                assert "right, 77 instances" in told(
                    study, outside, "python", "-m", "colosseum", "check", "config.yaml"
                )
                shorten(study)
                continue
            command = command.replace("--cores all", "--cores 2").replace("benchmark_episodic_quick_test", "rivers")
            said += told(study, outside, "bash", "-c", command)
    assert "cd my_study && snakemake --cores all" in said and "right, 4 instances" in said
    said = told(study, outside, "python", "-m", "colosseum", "status")
    [total] = [line.split() for line in said.splitlines() if line.startswith("Sum")]
    assert total[1:6] == ["4", "0", "0", "0", "4"] and "Sarsa" in said and "my_study" not in said.split("Sum")[1]
    assert (study / "results/analysis/my_study/rivers/plots/regret_curves.svg").stat().st_size > 1000
    assert (study / "profile.pdf").stat().st_size > 1000
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

"""The workflow as a module: from a path, from a web server, from a git host; as it is looked for and deployed."""

import contextlib
import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from programs import said_by
from user_project import ROOT, TINY, jobs

pytestmark = pytest.mark.slow

USER_SNAKEFILE = """
configfile: "config.yaml"

onstart:
    print("my own handler")

module colosseum:
    snakefile: {where}
    config: config["comparison"]

use rule * from colosseum

rule after:
    input: rules.all.input
    output: "after.txt"
    shell: "touch {{output}}"
"""
HOST = "https://github.com/lab/colosseum"
JOBS = {"run_hyperopt": 2, "run_benchmark": 2, "select": 1, "plot_timing": 1}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of what a host would have."""
    shutil.copytree(ROOT / "workflow", tmp_path / "source" / "workflow")
    shutil.copy(ROOT / "Snakefile", tmp_path / "source")
    return tmp_path / "source"


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *args: None  # type: ignore[attr-defined]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def in_project(project, where: str, *options: str) -> str:
    """Have the workflow in the project's folder use ours; return what Snakemake says."""
    (project.folder / "Snakefile").write_text(USER_SNAKEFILE.format(where=where))
    (project.folder / "config.yaml").write_text(yaml.safe_dump({"mine": 3, "comparison": TINY}))
    return said_by("snakemake", "--cores", "2", *options, folder=project.folder, environment=project.environment)


def planned(text: str) -> None:
    assert JOBS.items() <= jobs(text).items(), text


def test_from_a_path_with_a_part_of_the_configuration(project):
    planned(in_project(project, repr(str(ROOT / "Snakefile")), "-n"))


def test_handlers_of_a_module_work_as_well_as_those_of_its_user(project):
    """Ours are there until the user's follow."""
    snakefile = USER_SNAKEFILE.replace("onstart:\n    print", "before = 1\n\nif False:\n    print")
    (project.folder / "Snakefile").write_text(snakefile.format(where=repr(str(ROOT / "workflow/Snakefile"))))
    (project.folder / "config.yaml").write_text(yaml.safe_dump({"comparison": TINY}))
    agents = "results/hyperopt/tiny/hyperopt_continuous/agents_configs/QLearningContinuous.gin"
    said_by("snakemake", "--cores", "2", agents, folder=project.folder, environment=project.environment)
    # noted by the handler at the start
    noted = (project.folder / "results/benchmarking/tiny/contents.jsonl").read_text()
    assert agents in noted


def test_the_limit_of_submissions_is_off_unless_one_is_asked_for(project):
    """Snakemake's own limit makes it look at all jobs again once a second for each that has ended."""
    agents, said = "results/hyperopt/tiny/hyperopt_continuous/agents_configs/QLearningContinuous.gin", []
    project.environment["PYTHONUNBUFFERED"] = "1"
    (project.folder / "config.yaml").write_text(yaml.safe_dump(TINY))
    tells = (
        'onsuccess:\n    limit = workflow.scheduler.job_rate_limiter\n    print("limit:", limit and limit.max_jobs)\n'
    )
    (project.folder / "Snakefile").write_text(f'include: "{ROOT}/Snakefile"\n\n{tells}')
    for options in ([], ["--max-jobs-per-timespan", "50/1s", "--forcerun", "sample_agents", "--"]):
        said += [
            said_by(
                "snakemake", "--cores", "2", *options, agents, folder=project.folder, environment=project.environment
            )
        ]
    assert [re.findall("^limit: (.*)$", text, re.M) for text in said] == [["None"], ["50"]]


def test_from_a_web_server(project, source):
    with served(source) as address:
        planned(in_project(project, repr(f"{address}/Snakefile"), "-n"))


def host(source: Path) -> dict[str, str]:
    """Make a repository of it; return variables that have git answer from there what is asked of the host."""
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "First"]):
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=source, check=True)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{source}.insteadOf",
        "GIT_CONFIG_VALUE_0": HOST,
    }


def test_from_a_git_host(project, source):
    project.environment |= host(source)
    where = 'github("lab/colosseum", path="workflow/Snakefile", branch="main")'
    planned(in_project(project, where, "-n"))


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="snakedeploy asks for an older Python")
def test_deployed(project, source):
    """`snakedeploy` makes a folder from what a host has; the study in it is planned with the profile that it brings."""
    for name in ("config", "profiles"):
        shutil.copytree(ROOT / name, source / name, symlinks=True)
    shutil.copy(ROOT / "LICENSE", source)
    (source / "config.yaml").write_text(yaml.safe_dump(TINY))  # in place of the default study
    environment = project.environment | host(source)
    [command] = re.findall(r"`snakedeploy (.+)`", (ROOT / "config/README.md").read_text())
    words = command.replace("URL", HOST).split()
    said_by("snakedeploy.client", *words, folder=project.folder, environment=environment)
    deployed = project.folder / "my_study"
    assert sorted(path.name for path in deployed.iterdir()) == ["LICENSE", "config", "profiles", "workflow"]
    assert (deployed / "config/config.yaml").read_text() == (source / "config.yaml").read_text()
    (project.folder / "my_rivers").rename(deployed / "my_rivers")
    said = said_by("snakemake", "--cores", "2", "-n", folder=deployed, environment=environment)
    planned(said)
    assert jobs(said)["study"] == 1 and "profile profiles/default" in said
    said = said_by("colosseum", "status", folder=deployed, environment=environment)
    assert re.search(r"^Sum +0 +0 +0 +4 +4 ", said, re.MULTILINE), said


def test_where_the_catalogue_looks(project):
    """A default rule of its own, the configuration in config/, what the catalogue asks for."""
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-s", str(ROOT / "workflow/Snakefile"), "--cores", "1", "-n"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert jobs(done.stdout + done.stderr)["study"] == 1
    planned(done.stdout + done.stderr)
    assert (ROOT / "config/config.yaml").read_text() == (ROOT / "config.yaml").read_text()
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["report"] is True and "colosseum-benchmark" in usage["mandatory-flags"]["desc"]
    assert "docs/study.md" in (ROOT / "config/README.md").read_text()

"""Each extra alone: an environment with what it asks for, and nothing else, runs the commands that it is for."""

import os
import shutil

import pytest
from programs import told
from wheel_environment import ROOT, entries_of, make_environment, needed_by, shorten, variables_of

pytestmark = pytest.mark.slow

GYMNASIUM = """
import colosseum
from colosseum.mdp.gymnasium_env import GymnasiumEnv
env = GymnasiumEnv(colosseum.make_mdp("episodic_quick_test/RiverSwim/0", seed=0))
env.reset(seed=0)
print(env.step(env.action_space.sample()))
"""

DRAW = "python -m colosseum draw episodic_quick_test/RiverSwim/0 -o river.svg"
TABLE = "results/analysis/my_study/rivers/tables/average.html"

AGENT = "bench/agents_configs/RandomAgentEpisodic.gin"
RUN = "prms_0-RiverSwimEpisodic____prms_0-RandomAgentEpisodic/seed0"

COMMANDS = {
    "": [
        "python -m colosseum --help",
        "python -m colosseum check config.yaml",
        "python -m colosseum sample-agents QLearningEpisodic --n 1 -o agents.gin",
        "python -m colosseum hardness rivers -o hardness.csv",
        f"! {DRAW} 2>said && grep -q 'colosseum-benchmark.graphs.' said",
        "! python -c 'import snakemake' 2>said && grep -q ModuleNotFoundError said",
    ],
    "gymnasium": [f"python -c '{GYMNASIUM}'"],
    "graphs": [DRAW, f"{DRAW} --actions"],
    "page": [
        "python -m colosseum benchmark rivers -o bench --n-seeds 1 --n-steps 300 --log-every 100 --max-time 60",
        f"python -m colosseum sample-agents RandomAgentEpisodic --packaged -o {AGENT}",
        f"python -m colosseum instances --benchmark bench --agent RandomAgentEpisodic --agent-config {AGENT}"
        " --agent-scope prms_0 -o instances",
        f"python -m colosseum run instances/bench/{RUN}.pkl --log bench/logs/{RUN}_logs.csv",
        "python -m colosseum page bench -o index.html",
    ],
    "report": [
        f"snakemake --cores 2 --workflow-profile none {TABLE}",
        f"snakemake --workflow-profile none {TABLE} --report report.html",
        "test -s report.html",
    ],
    "workflow": ["snakemake --profile profiles/slurm -n --quiet all"],
    "slurm": [
        "snakemake --profile profiles/slurm-staged --slurm-packed-storage-prefix storage -n --quiet all",
        "snakemake --profile profiles/cluster-generic -n --quiet all",
        "snakemake --executor slurm --jobs 1 -n --quiet all",
    ],
    "docs": [
        f"python -m sphinx -q -W -b html {ROOT}/docs site",
        "grep -q '<math' site/agents.html && grep -q '<svg class=.flowchart' site/architecture.html",
        # it reads without a network: nothing that a browser fetches by itself lies elsewhere
        """! grep -rqE '<(script|link|img|iframe|source)[^>]*(src|href)="(https?:)?//' site --include=*.html""",
        "! grep -rqE '(url\\(|@import) *.?(https?:)?//' site --include=*.css",
    ],
    "dev": [
        f"cd {ROOT} && python -m pytest -q -n 0 -p no:cacheprovider tests/test_layout.py",
        "python -m mypy --version && python -m hatchling build --help && python -m snakefmt --version",
        "python -c 'import editables, pandas, ruff, uv, xdist'",
        "NUMBA_DISABLE_JIT=0 python -c 'import quantecon'",  # compiles while it is imported
    ],
}
"""What is typed in a folder made by `init`, extra by extra."""


def test_every_extra_is_tried(wheels):
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(COMMANDS) == {"", *project["optional-dependencies"]}


@pytest.mark.parametrize("extra", COMMANDS, ids=lambda extra: extra or "none")
def test_an_extra_is_whole(extra, wheels, tmp_path):
    needed = needed_by(wheels, extra)
    mine = [wheel for wheel in wheels if wheel.name.partition("-")[0].replace("_", "-") in needed]
    programs = make_environment(tmp_path / "venv", mine, entries_of(needed))
    outside = variables_of(programs, os.environ, tmp_path / "cache")
    outside["NUMBA_DISABLE_JIT"] = "1"  # what is installed is tried, not the compiler: it would work for minutes
    told(tmp_path, outside, "python", "-m", "colosseum", "init", "my_study")
    shorten(tmp_path / "my_study")
    for command in COMMANDS[extra]:
        told(tmp_path / "my_study", outside, "bash", "-c", command)
    shutil.rmtree(tmp_path / "venv")

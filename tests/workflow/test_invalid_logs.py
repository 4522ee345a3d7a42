"""Damaged logs are made again by the workflow, and told with file, line and reason; whole ones stay as they are."""

import re
import shutil
from pathlib import Path

import pytest
from user_project import TINY

from colosseum.errors import LogError
from colosseum.logs.read import read_log

CASES = Path(__file__).parents[1] / "logs" / "cases"
pytestmark = pytest.mark.slow

WHOLE = {"whole", "with_byte_order_mark"}


def test_the_workflow_makes_every_damaged_log_again_and_no_other(project) -> None:
    cases = sorted(CASES.glob("*.csv"))
    (project.folder / "my_rivers/mdp_configs/RiverSwimContinuous.gin").write_text(
        "prms_0/RiverSwimContinuous.size = 5\n"
    )
    experiment = {"n_seeds": len(cases), "n_steps": 5000, "log_every": 125, "max_interaction_time_s": 60}
    project.write({**TINY, "hyperopt": None, "agents": ["RandomAgentContinuous"], "experiment": experiment})
    interaction = "prms_0-RiverSwimContinuous____prms_0-RandomAgentContinuous"
    root = Path("results/benchmarking/tiny")
    pickles = [f"{root}/experiment_instances/my_rivers/{interaction}/seed{k}.pkl" for k in range(len(cases))]
    project.run(*pickles)
    logs = {case.stem: root / "my_rivers/logs" / interaction / f"seed{k}_logs.csv" for k, case in enumerate(cases)}
    for case in cases:
        log = project.folder / logs[case.stem]
        log.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(case, log)
    reasons = {}
    for name, log in logs.items():
        try:
            read_log(project.folder / log, 5000)
        except LogError as error:
            reasons[name] = str(error).removeprefix(f"{project.folder}/")
    assert reasons.keys() == logs.keys() - WHOLE
    said = project.run("logs")
    assert sorted(re.findall(r"invalid log, it will be made again: (.*)", said)) == sorted(reasons.values())
    assert all(reason.startswith(f"{logs[name]}: line ") for name, reason in reasons.items())
    assert f"{len(reasons) + 1} of {len(reasons) + 1} jobs done" in said

    for name, log in logs.items():
        assert read_log(project.folder / log, 5000).n_steps == 5000
        is_kept = (project.folder / log).read_bytes() == (CASES / f"{name}.csv").read_bytes()
        assert is_kept == (name in WHOLE)
    assert "Nothing to be done" in project.run("logs")

"""A Q-learning agent that counts its executions and, where a plan says so, misbehaves in one of many ways.

The plan is a folder named by COLOSSEUM_TEST_PLAN: `executions` gets a line for every execution, and `plan.json` says
what happens to which instance ("<environment>____<agent>/seed0" -> {"fault": ..., "times": n, ...}; "*" -> every other
one).
Without a plan the agent is Q-learning and nothing else, so an undisturbed run gives the logs to compare with.
"""

import json
import os
import sys
import time
from pathlib import Path

import gin

from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.experiment.experiment_instance import ExperimentInstance


def _instance() -> str:
    """The instance that is being run: the nearest one among the callers' variables."""
    frame = sys._getframe()
    while frame is not None:
        found = frame.f_locals.get("instance")
        if isinstance(found, ExperimentInstance):
            return f"{found.interaction}/seed{found.seed}"
        frame = frame.f_back
    return "no instance"


@gin.configurable
class FaultyContinuous(QLearningContinuous):
    """See the module."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        folder = os.environ.get("COLOSSEUM_TEST_PLAN")
        name = _instance()
        if not folder or name.startswith("no "):
            return
        folder = Path(folder)
        with open(folder / "executions", "a") as file:  # short appends are atomic
            file.write(f"{name} {os.environ.get('SLURM_JOB_ID', 'local')} {os.environ.get('SLURMD_NODENAME', '')}\n")
        plan = json.loads((folder / "plan.json").read_text())
        step = plan.get(name, plan.get("*"))
        if step:
            before = sum(line.startswith(f"{name} ") for line in (folder / "executions").read_text().splitlines())
            if before <= step.get("times", 1 << 30):
                self._misbehave(step)

    @staticmethod
    def _misbehave(step: dict) -> None:
        if "seconds" in step:
            time.sleep(step["seconds"])
        if step.get("fault") == "raise":
            raise RuntimeError("the plan says so")
        if step.get("fault") == "memory":
            block = bytearray(step["mb"] << 20)  # zeroed by the system, so it must be touched
            block[:: 1 << 12] = b"x" * len(block[:: 1 << 12])
            time.sleep(30)
        if step.get("fault") == "crash":
            os.abort()

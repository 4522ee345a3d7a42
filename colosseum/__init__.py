"""
Colosseum: benchmark reinforcement-learning agents in tabular Markov decision processes, at cluster scale.

What most scripts need is offered here; each name is imported from its module when it is first used, so that importing
the package costs nothing.

Examples
--------
>>> import colosseum
>>> mdp = colosseum.make_mdp("continuous_ergodic/RiverSwim/0", seed=0)
>>> agent = colosseum.make_agent("QLearningContinuous", mdp, seed=0, n_steps=1_000)
>>> stopped_at, last_row = colosseum.MDPLoop(mdp, agent).run(1_000)
>>> last_row["steps"]
1000
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.agent.agents.compiled import CompiledAgent
    from colosseum.agent.making import make_agent
    from colosseum.analysis.load import load_results
    from colosseum.benchmark.environments import benchmark_ids, make_mdp
    from colosseum.errors import ColosseumError
    from colosseum.experiment.agent_mdp_interaction import MDPLoop
    from colosseum.registry import register_agent_class, register_mdp_class
    from colosseum.study import Study

__version__ = "0.2.0"

__all__ = [
    "BaseAgent",
    "ColosseumError",
    "CompiledAgent",
    "MDPLoop",
    "Study",
    "benchmark_ids",
    "load_results",
    "make_agent",
    "make_mdp",
    "register_agent_class",
    "register_mdp_class",
]

_MODULES = {
    "BaseAgent": "colosseum.agent.agents.base",
    "ColosseumError": "colosseum.errors",
    "CompiledAgent": "colosseum.agent.agents.compiled",
    "MDPLoop": "colosseum.experiment.agent_mdp_interaction",
    "Study": "colosseum.study",
    "benchmark_ids": "colosseum.benchmark.environments",
    "load_results": "colosseum.analysis.load",
    "make_agent": "colosseum.agent.making",
    "make_mdp": "colosseum.benchmark.environments",
    "register_agent_class": "colosseum.registry",
    "register_mdp_class": "colosseum.registry",
}


def _tell_who_else_is_here() -> None:
    """Say in one line that another distribution was installed into this folder: its files and ours are mixed then."""
    package = os.path.dirname(__file__)
    names = os.listdir(os.path.dirname(package))
    others = sorted(name.partition("-")[0] for name in names if name.startswith(_OTHERS) and name.endswith(_METADATA))
    if not others and os.path.exists(os.path.join(package, "_metadata.py")):  # a file of the published package alone
        others = ["rl_colosseum"]
    if others:
        import warnings

        other = others[0].replace("_", "-")
        warnings.warn_explicit(
            f"{package}: the distribution {other} has put files into this folder too; type "
            f"`pip uninstall {other} colosseum-benchmark`, then install colosseum-benchmark again.",
            UserWarning,
            "colosseum",
            1,
        )


# the published package; a library for CSS, and what this one was called before
_OTHERS = ("rl_colosseum-", "colosseum-")
_METADATA = (".dist-info", ".egg-info")
_tell_who_else_is_here()


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(importlib.import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})

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

from colosseum import neighbours

TYPE_CHECKING = False  # type checkers take it for true; importing `typing` takes as long as starting Python
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

neighbours.tell()


def __getattr__(name: str) -> object:
    import importlib

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(importlib.import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})

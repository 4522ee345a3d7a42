"""
Conformance suites: what every agent and every environment must do, as tests that a user's own class can be put through.

They need pytest. A test file of three lines is enough:

>>> import colosseum.testing  # doctest: +SKIP
>>> from my_lab import MyAgent  # doctest: +SKIP
>>> class TestMyAgent(colosseum.testing.AgentConformance):  # doctest: +SKIP
...     agent_class = MyAgent
"""

import pytest

pytest.register_assert_rewrite(*(f"colosseum.testing.{name}" for name in ("agents", "families", "mdps")))

from colosseum.testing.agents import AgentConformance, CompiledAgentConformance  # noqa: E402
from colosseum.testing.families import FamilyConformance  # noqa: E402
from colosseum.testing.mdps import MDPConformance, small_samples  # noqa: E402
from colosseum.testing.worlds import random_mdp  # noqa: E402

__all__ = [
    "AgentConformance",
    "CompiledAgentConformance",
    "FamilyConformance",
    "MDPConformance",
    "random_mdp",
    "small_samples",
]

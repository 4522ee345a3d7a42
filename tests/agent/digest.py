"""
Run every packaged agent briefly and print what it did, as a digest.

A test runs this with the compiler on and off. Usage: ``python digest.py [N_STEPS]``.
"""

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from small_mdps import compiled, random_mdp, specs  # noqa: E402

from colosseum.agent.agents import episodic, infinite_horizon  # noqa: E402
from colosseum.agent.utils import sample_agent_hyperparameters  # noqa: E402

AGENTS = [getattr(package, name) for package in (episodic, infinite_horizon) for name in package.__all__]
HORIZON = 4


def make(cls, model, n, seed=3, hyperparameters_seed=1):
    """An agent with sampled hyperparameters."""
    mdp_specs = specs(model, HORIZON) if cls.is_episodic() else specs(model)
    return cls.get_agent_instance_from_parameters(
        seed, n, mdp_specs, sample_agent_hyperparameters(cls, hyperparameters_seed)
    )


def digest(cls, n):
    """The total reward, the rewards of every chunk, the last state and the last policy of an agent, in one hash."""
    model = random_mdp(11)
    agent = make(cls, model, n)
    total, sums, position = compiled(agent, model, n, seed=2, chunk=50)
    seen = hashlib.sha256(sums.tobytes() + position.tobytes())
    seen.update(agent.current_optimal_stochastic_policy.tobytes())
    return f"{cls.__name__} {float(total)!r} {seen.hexdigest()}"


if __name__ == "__main__":
    n_steps = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print("\n".join(digest(cls, n_steps) for cls in AGENTS))

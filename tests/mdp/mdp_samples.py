"""The environments that these tests run over: small ones of every class, and those of the published benchmark."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from colosseum import registry
from colosseum.mdp.custom_mdp import CustomContinuous, CustomEpisodic
from colosseum.testing import small_samples
from colosseum.utils.miscellanea import get_colosseum_mdp_classes

FAMILIES = {
    name.removesuffix("Continuous"): registry.resolve_mdp_class(name).small_parameters
    for name in registry.mdp_class_names()
    if name.endswith("Continuous")
}
"""The parameters that each family needs, for a small environment."""

T = np.array(
    [
        [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]],
        [[0.0, 0.25, 0.75], [0.1, 0.2, 0.7]],
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
    ]
)
R = ((0.5, ("beta", (2.0, 3.0))), (("deterministic", (1.0,)), ("beta", (2.0, 3.0))), (0.0, 0.25))
START = (0.25, 0.0, 0.75)
ARRAYS = {"T": T, "R": R, "starting_state_distribution": START}


def family(cls):
    """The name of a class without its setting."""
    return re.sub("(Episodic|Continuous)$", "", cls.__name__)


def samples():
    """Small environments: (name, class, parameters)."""
    for cls in get_colosseum_mdp_classes():
        for name, parameters in small_samples(cls).items():
            yield f"{cls.__name__}-{name}", cls, parameters
    yield "CustomContinuous", CustomContinuous, ARRAYS
    yield "CustomEpisodic", CustomEpisodic, ARRAYS | {"H": 4}


SAMPLES = {name: (cls, parameters) for name, cls, parameters in samples()}


@cache
def benchmark_parameters():
    """The 94 environments of the published benchmark: (benchmark, class name, scope) -> parameters."""
    benchmarks = yaml.safe_load((Path(__file__).parent / "benchmark_mdps.yaml").read_text())
    return {
        (benchmark, name, f"prms_{i}"): {key: _distribution(value) for key, value in parameters.items()}
        for benchmark, classes in benchmarks.items()
        for name, configurations in classes.items()
        for i, parameters in enumerate(configurations)
    }


def benchmark_mdp(key, seed=0):
    """One of the environments of the published benchmark."""
    return registry.resolve_mdp_class(key[1])(seed, **benchmark_parameters()[key])


def _distribution(value):
    beta = re.fullmatch(r"beta\((.+), (.+)\)", value) if isinstance(value, str) else None
    return ("beta", (float(beta[1]), float(beta[2]))) if beta else value


def make(cls, seed=0, **parameters):
    return cls(seed, **FAMILIES[family(cls)] | {"randomize_actions": False} | parameters)


def rewards_of(mdp):
    """Expected reward by (node, action, next node)."""
    model = mdp.model
    mean = model.reward_loc + np.where(
        model.reward_kind == 1,
        model.reward_scale * model.reward_a / np.maximum(model.reward_a + model.reward_b, 1e-9),
        0,
    )
    rows = np.repeat(np.arange(model.n_states * model.n_actions), np.diff(model.indptr))
    return {
        (model.nodes[row // model.n_actions], row % model.n_actions, model.nodes[t]): mean[d]
        for row, t, d in zip(rows.tolist(), model.next_state.tolist(), model.reward.tolist(), strict=True)
    }


def betas(mdp):
    """The parameters of the Beta distributions, by expected reward, greatest first."""
    model = mdp.model
    assert (model.reward_kind == 1).all()
    pairs = zip(model.reward_a.tolist(), model.reward_b.tolist(), strict=True)
    return sorted(pairs, key=lambda ab: -ab[0] / sum(ab))


def assert_betas(mdp, *expected):
    np.testing.assert_allclose(betas(mdp), expected, rtol=1e-12)


def reached_by(mdp):
    """p(next state | state, action) as {(node, action): {next node: p}}."""
    model = mdp.model
    return {
        (model.nodes[s], a): {
            model.nodes[model.next_state[k]]: model.probs[k]
            for k in range(model.indptr[s * mdp.n_actions + a], model.indptr[s * mdp.n_actions + a + 1])
        }
        for s in range(mdp.n_states)
        for a in range(mdp.n_actions)
    }

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import hashlib
import numpy as np
from small_models import arrays_of, random_mdp
from colosseum import dynamic_programming as dp

rng = np.random.default_rng(11)
digest = hashlib.sha256()
for kind in ("sparse", "dense", "cycle", "clusters"):
    T, R = random_mdp(rng, 8, 2, kind)
    arrays = arrays_of(T, R)
    policy = rng.dirichlet(np.ones(2), 8)
    average = dp.AveragePolicyEvaluator(arrays)
    episodic = dp.EpisodicPolicyEvaluator(arrays, 5)
    digest.update(average.gains(policy).tobytes())
    digest.update(average.gains(np.eye(2)[rng.integers(0, 2, 8)]).tobytes())
    digest.update(np.float64(average.gain(policy, 3)).tobytes())
    digest.update(np.float64(episodic.value(np.stack([policy] * 5), 3)).tobytes())
    digest.update(dp.episodic_value_iteration(arrays, 5)[1].tobytes())
    digest.update(dp.episodic_policy_evaluation(arrays, 5, np.stack([policy] * 5))[1].tobytes())
    digest.update(dp.multichain_policy_iteration(arrays)[0].tobytes())
    digest.update(dp.discounted_policy_iteration(arrays, 0.9)[1].tobytes())
    if kind != "sparse":
        digest.update(np.float64(dp.average_reward_optimal(arrays)[0]).tobytes())
print(digest.hexdigest())
"""


def run(**environment):
    here = Path(__file__).resolve().parent
    path = os.pathsep.join([str(here), str(here.parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_results_are_the_same_to_the_last_digit():
    assert run(NUMBA_DISABLE_JIT="1") == run(NUMBA_DISABLE_JIT="0") != ""

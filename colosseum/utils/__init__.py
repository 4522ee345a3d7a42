"""Small helpers of the package."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colosseum.mdp.base import BaseMDP
    from colosseum.utils.acme.specs import MDPSpec


def make_mdp_spec(mdp: "BaseMDP") -> "MDPSpec":
    """
    Return what an agent is told of an MDP.

    Parameters
    ----------
    mdp : BaseMDP

    Returns
    -------
    MDPSpec
    """
    from colosseum.utils.acme.specs import MDPSpec  # not at import: who only writes files needs no dm_env

    return MDPSpec(
        observations=mdp.observation_spec(),
        actions=mdp.action_spec(),
        rewards=mdp.reward_spec(),
        discounts=mdp.discount_spec(),
        rewards_range=mdp.rewards_range,
        time_horizon=math.inf if mdp.H is None else mdp.H,
    )

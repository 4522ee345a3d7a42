"""Small helpers of the package."""

import importlib
import math
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colosseum.mdp.base import BaseMDP
    from colosseum.utils.acme.specs import MDPSpec


def ensure_folder(folder: str | os.PathLike) -> str:
    """Return the name of a folder with a separator at its end; nothing is made."""
    return os.path.join(os.fspath(folder), "")


def __getattr__(name: str) -> Any:
    if name != "get_colosseum_mdp_classes":  # the published package has it here, too
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("colosseum.utils.miscellanea"), name)


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

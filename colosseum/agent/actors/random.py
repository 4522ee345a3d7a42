"""The actor that pays no heed."""

from typing import TYPE_CHECKING

from colosseum.agent.actors.base import BaseActor

if TYPE_CHECKING:
    import dm_env

    from colosseum.utils.acme.specs import MDPSpec


class RandomActor(BaseActor):
    """Chooses uniformly among the actions."""

    def __init__(self, seed: int, mdp_specs: "MDPSpec"):
        super().__init__(seed, mdp_specs)
        self._n_actions = mdp_specs.actions.num_values

    def select_action(self, ts: "dm_env.TimeStep", time: int) -> int:
        return self._rng_fast.randrange(self._n_actions)

"""What every family of environments must do besides."""

from typing import ClassVar

import numpy as np

from colosseum.mdp.base import BaseMDP
from colosseum.mdp.family import FamilyMDP
from colosseum.testing.mdps import MDPConformance
from colosseum.utils.miscellanea import sample_mdp_parameters


class FamilyConformance(MDPConformance):
    """What a `FamilyMDP` must do besides: number its states in one order, and sample its parameters."""

    mdp_class: ClassVar[type[FamilyMDP]]

    def test_family_says_what_a_small_environment_is(self) -> None:
        mdp = self.make(self.mdp_class.small_parameters)
        assert 1 < mdp.n_states < 200
        assert self.mdp_class.small_parameters.keys() <= mdp.parameters.keys()

    def test_states_are_numbered_breadth_first(self, mdp: BaseMDP) -> None:
        model = mdp.model
        order = list(model.start_state)
        for state in order:
            first, last = model.indptr[state * model.n_actions], model.indptr[(state + 1) * model.n_actions]
            # within one state the order is that of the family's actions, which may be permuted: numbers are consecutive
            new = sorted(set(model.next_state[first:last].tolist()) - set(order))
            assert new == list(range(len(order), len(order) + len(new)))
            order += new
        assert order == list(range(model.n_states))

    def test_rewards_that_are_alike_share_an_entry_of_the_table(self, mdp: BaseMDP) -> None:
        model = mdp.model
        columns = (model.reward_kind, model.reward_a, model.reward_b, model.reward_loc, model.reward_scale)
        table = list(zip(*columns, strict=True))
        assert len(set(table)) == len(table) <= len(self.mdp_class.reward_parameters) + 2
        assert set(model.reward) <= set(range(len(table)))

    def test_sampled_parameters_depend_on_the_seed_alone_and_make_an_environment(self) -> None:
        sampled = sample_mdp_parameters(self.mdp_class, 4, 10)
        np.random.seed(1)
        assert sampled == sample_mdp_parameters(self.mdp_class, 4, 10)
        assert sampled[:3] == sample_mdp_parameters(self.mdp_class, 3, 10), "a sample depends on how many are drawn"
        for parameters in sampled:
            again = self.make(parameters).parameters
            assert {name: again[name] for name in parameters} == parameters

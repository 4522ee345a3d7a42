"""Solvers and measures take dense arrays as well, and give the same."""

import doctest
import inspect

import numpy as np
import pytest

from colosseum import dynamic_programming as dp
from colosseum.dynamic_programming import dense
from colosseum.errors import ConfigurationError
from colosseum.hardness import measures
from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimEpisodic

RIVER = RiverSwimContinuous(seed=0, size=5)


def test_the_sparse_form_is_that_of_the_model():
    for made, own in zip(dense.arrays_of(RIVER.T, RIVER.R), RIVER.model.arrays, strict=True):
        np.testing.assert_array_equal(made, own)


@pytest.mark.parametrize(
    ("function", "rest"),
    [
        (dp.discounted_value_iteration, (0.9,)),
        (dp.average_reward_optimal, ()),
        (dp.discounted_policy_evaluation, (0.9, np.full((5, 2), 0.5))),
        (dp.episodic_value_iteration, (4,)),
        (measures.get_value_norm, ()),
        (measures.get_published_value_norm, ()),
    ],
)
def test_functions_of_an_mdp(function, rest):
    names = list(inspect.signature(function).parameters)[1:]
    own = as_tuple(function(RIVER.model.arrays, *rest))
    by_place = as_tuple(function(RIVER.T, RIVER.R, *rest))
    by_name = as_tuple(function(T=RIVER.T, R=RIVER.R, **dict(zip(names, rest, strict=False))))
    for a, b, c in zip(own, by_place, by_name, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def as_tuple(found):
    return found if isinstance(found, tuple) else (found,)


def test_the_horizon_may_come_first_as_published():
    mdp = RiverSwimEpisodic(seed=0, size=4)
    Q, V = dp.episodic_value_iteration(mdp.H, mdp.T, mdp.R)
    np.testing.assert_array_equal(Q, mdp.optimal_value_functions[0])
    np.testing.assert_array_equal(V, mdp.optimal_value_functions[1])


def test_functions_of_transitions():
    assert measures.get_diameter(RIVER.T) == RIVER.diameter
    assert measures.get_communication_class(RIVER.T) == RIVER.communication_class


def test_another_shape_is_refused():
    with pytest.raises(ConfigurationError, match=r"T: the shape is \(5, 2, 4\); \(n_states, n_actions, n_states\)"):
        measures.get_diameter(RIVER.T[:, :, :4])


def test_example_runs():
    failed, tried = doctest.testmod(dense)
    assert tried and not failed

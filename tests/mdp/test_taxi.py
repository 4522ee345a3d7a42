"""The Taxi family, against its description in Conserva and Rauber (2022), written down here a second time."""

import math
from itertools import combinations

import pytest
from mdp_samples import assert_betas, make, reached_by, rewards_of

from colosseum.mdp.taxi import TaxiContinuous, TaxiEpisodic, _free_tiles


def picture(size, length, width, space):
    free = set(_free_tiles(size, length, width, space))
    return ["".join(".#"[(x, y) not in free] for x in range(size)) for y in range(size)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((4, 1, 1, 1), [".#.#", "....", "#.#.", "...."]),
        ((5, 2, 1, 1), [".#.#.", ".#.#.", ".....", "#.#.#", "#.#.#"]),
        ((7, 1, 2, 1), [".##.##.", ".......", "##.##.#", ".......", ".##.##.", ".......", "##.##.#"]),
        ((6, 2, 1, 2), [".#..#.", ".#..#.", "......", "#..#..", "#..#..", "......"]),
    ],
)
def test_walls_of_taxi(arguments, expected):
    assert picture(*arguments) == expected


@pytest.mark.parametrize("cls", [TaxiEpisodic, TaxiContinuous])
@pytest.mark.parametrize("parameters", [{}, {"size": 6, "length": 2, "n_locations": 4, "width": 1, "space": 2}])
def test_taxi(cls, parameters):
    mdp = make(cls, 1, **parameters)
    size = mdp.parameters["size"]
    free = set(_free_tiles(*(mdp.parameters[name] for name in ("size", "length", "width", "space"))))
    places, n = mdp._locations, mdp.parameters["n_locations"]
    assert len(places) == n and set(places) <= free
    least = max(size / math.ceil(math.sqrt(n)) / 2, 2)
    assert all(math.dist(a, b) > least for a, b in combinations(places, 2))
    waiting = {(p, d) for p in range(n) for d in range(n) if p != d}
    starts = {mdp.model.nodes[s] for s in mdp.model.start_state}
    assert starts == {(x, y, p, d) for x, y in free for p, d in waiting}
    rewards = rewards_of(mdp)
    on_board = -1
    steps = [(0, -1), (0, 1), (1, 0), (-1, 0)]
    for (node, action), reached in reached_by(mdp).items():
        x, y, passenger, destination = node
        expected, reward = {node: 1.0}, 0.1
        if action < 4:
            tile = (x + steps[action][0], y + steps[action][1])
            expected = {(*tile, passenger, destination) if tile in free else node: 1.0}
        elif action == 4 and passenger != on_board and places[passenger] == (x, y):
            expected = {(x, y, on_board, destination): 1.0}
        elif action == 5 and passenger == on_board and places[destination] == (x, y):
            following = [(x, y, p, d) for p, d in waiting if places[p] != (x, y)]
            expected, reward = dict.fromkeys(following, 1 / len(following)), 1.0
        else:
            reward = 0.0
        assert reached == pytest.approx(expected)
        assert {rewards[node, action, target] for target in reached} == {reward}
    assert cls is TaxiContinuous or mdp.H == math.floor(1.5 * size**2)
    stochastic = make(cls, 1, **parameters, make_reward_stochastic=True)
    assert_betas(stochastic, (1, 1 / 0.9 - 1), (1, 1 / 0.2 - 1), (1, 10 / 0.2 - 1))


def test_locations_of_taxi_lie_in_different_quadrants():
    for seed in range(20):
        places = TaxiContinuous(seed, size=7, length=1, n_locations=4)._locations
        assert len({(x >= 4, y >= 4) for x, y in places}) == 4

"""Each family but Taxi, against its description in Conserva and Rauber (2022), written down here a second time."""

import math

import numpy as np
import pytest
from mdp_samples import assert_betas, make, reached_by, rewards_of

from colosseum.mdp.deep_sea import DeepSeaContinuous, DeepSeaEpisodic
from colosseum.mdp.frozen_lake import FrozenLakeContinuous, FrozenLakeEpisodic
from colosseum.mdp.minigrid_empty import MiniGridEmptyContinuous, MiniGridEmptyEpisodic
from colosseum.mdp.minigrid_rooms import MiniGridRoomsContinuous, MiniGridRoomsEpisodic
from colosseum.mdp.river_swim import RiverSwimContinuous, RiverSwimEpisodic
from colosseum.mdp.simple_grid import SimpleGridContinuous, SimpleGridEpisodic, SimpleGridReward


@pytest.mark.parametrize("cls", [RiverSwimEpisodic, RiverSwimContinuous])
def test_river_swim(cls):
    mdp = make(cls, size=6)
    assert mdp.model.nodes == tuple((x,) for x in range(6))
    assert [mdp.model.nodes[s] for s in mdp.model.start_state] == [(0,)]
    for (node, action), reached in reached_by(mdp).items():
        assert reached == {(max(node.X - 1, 0) if action == 0 else min(node.X + 1, 5),): 1.0}
    expected = np.zeros((6, 2))
    expected[0, 0], expected[5, 1] = 0.005, 1
    np.testing.assert_array_equal(mdp.R, expected)
    s = 0.2 / 6 if cls is RiverSwimEpisodic else 0.2
    stochastic = make(cls, size=6, make_reward_stochastic=True)
    assert_betas(stochastic, (1, 1 / 0.9 - 1), (1, 1 / s - 1), (1, 10 / s - 1))
    assert stochastic.R[5, 1] == pytest.approx(0.9) and stochastic.R[0, 0] == pytest.approx(s)
    assert cls is RiverSwimContinuous or mdp.H == 6


@pytest.mark.parametrize("cls", [DeepSeaEpisodic, DeepSeaContinuous])
def test_deep_sea(cls):
    n = 7
    mdp = make(cls, size=n)
    assert mdp.n_states == n * (n + 1) / 2
    assert [mdp.model.nodes[s] for s in mdp.model.start_state] == [(0, n - 1)]
    for (node, action), reached in reached_by(mdp).items():
        x, y = node
        target = (0, n - 1) if y == 0 else (max(x - 1, 0) if action == 0 else min(x + 1, n - 1), y - 1)
        assert reached == {target: 1.0}
    for (node, action, _), reward in rewards_of(mdp).items():
        assert reward == (1 / n**2 if action == 0 else float(node == (n - 1, 0)))
    assert_betas(make(cls, size=n, make_reward_stochastic=True), (n - 1, 1), (1, 2 * n - 1), (1, 10 * (2 * n - 1)))
    assert cls is DeepSeaContinuous or mdp.H == n


@pytest.mark.parametrize("slippery", [False, True])
@pytest.mark.parametrize("cls", [FrozenLakeEpisodic, FrozenLakeContinuous])
def test_frozen_lake(cls, slippery):
    n = 5
    for seed in range(10):
        mdp = make(cls, seed, size=n, p_frozen=0.7, is_slippery=slippery)
        frozen = set(mdp.model.nodes)  # those that can be reached
        assert {(0, 0), (n - 1, n - 1)} <= frozen
        steps = [(-1, 0), (0, 1), (1, 0), (0, -1)]

        def slide(node, direction, frozen=frozen, steps=steps):
            x, y = (min(max(c + d, 0), n - 1) for c, d in zip(node, steps[direction], strict=True))
            return (x, y) if (x, y) in frozen else (0, 0)

        for (node, action), reached in reached_by(mdp).items():
            expected = {}
            for turn, p in ((0, 0.5), (1, 0.25), (-1, 0.25)) if slippery else ((0, 1.0),):
                target = (0, 0) if node == (n - 1, n - 1) else slide(node, (action + turn) % 4)
                expected[target] = expected.get(target, 0) + p
            assert reached == expected
        for (_, _, target), reward in rewards_of(mdp).items():
            assert reward == float(target == (n - 1, n - 1))
    assert_betas(make(cls, size=n, make_reward_stochastic=True), (24, 1), (1, 249))


def test_lakes_are_frozen_with_the_given_probability_where_they_can_be():
    n, p = 8, 0.9
    tiles = [FrozenLakeContinuous(seed, size=n, p_frozen=p)._frozen for seed in range(400)]
    frozen = np.mean(tiles, axis=0)
    assert frozen[0, 0] == frozen[-1, -1] == 1
    inner = frozen[2:-2, 2:-2]  # far from the corners, being joined hardly matters
    assert abs(inner.mean() - p) < 5 * math.sqrt(p * (1 - p) / (400 * inner.size)) + 0.003


@pytest.mark.parametrize(
    ("reward_type", "optimal"),
    [
        (SimpleGridReward.AND, {(1, 1)}),
        (SimpleGridReward.NAND, {(0, 0), (0, 1), (1, 0)}),
        (SimpleGridReward.OR, {(0, 1), (1, 0), (1, 1)}),
        (SimpleGridReward.XOR, {(0, 1), (1, 0)}),
    ],
)
@pytest.mark.parametrize("cls", [SimpleGridEpisodic, SimpleGridContinuous])
def test_simple_grid(cls, reward_type, optimal):
    n = 5
    mdp = make(cls, size=n, reward_type=int(reward_type), n_starting_states=1)
    assert mdp.n_states == n * n and mdp.n_actions == 5
    assert [mdp.model.nodes[s] for s in mdp.model.start_state] == [(2, 2)]
    steps = [(0, 1), (1, 0), (0, -1), (-1, 0), (0, 0)]  # UP, RIGHT, DOWN, LEFT, NO_OP
    for (node, action), reached in reached_by(mdp).items():
        target = tuple(min(max(c + d, 0), n - 1) for c, d in zip(node, steps[action], strict=True))
        assert reached == {target: 1.0}
    corners = {(x * (n - 1), y * (n - 1)): float((x, y) in optimal) for x in (0, 1) for y in (0, 1)}
    for (node, _, target), reward in rewards_of(mdp).items():
        assert reward == (corners[node] if node in corners and node == target else 0.5)
    assert_betas(make(cls, size=n, make_reward_stochastic=True), (1, 1 / 0.9 - 1), (1, 1 / 0.2 - 1), (1, 10 / 0.2 - 1))


def test_simple_grids_start_close_to_the_centre():
    def starts(seed, size, n):
        model = SimpleGridEpisodic(seed, size=size, n_starting_states=n).model
        return {tuple(model.nodes[s]) for s in model.start_state}

    assert starts(0, 5, 5) == {(2, 2), (1, 2), (3, 2), (2, 1), (2, 3)}
    ties = [starts(seed, 4, 1) for seed in range(100)]
    assert set.union(*ties) == {(1, 1), (1, 2), (2, 1), (2, 2)}  # drawn among those that are equally close
    assert len(starts(3, 6, 7)) == 7
    model = SimpleGridEpisodic(0, size=5, n_starting_states=5).model
    np.testing.assert_allclose(model.start_probs, 0.2)


STEPS = [(0, 1), (1, 0), (0, -1), (-1, 0)]  # clockwise from above


def assert_walks(mdp, tiles):
    """The states are all tiles with all directions; forward is blocked by what is no tile."""
    assert set(mdp.model.nodes) == {(x, y, d) for x, y in tiles for d in range(4)}
    for ((x, y, d), action), reached in reached_by(mdp).items():
        ahead = (x + STEPS[d][0], y + STEPS[d][1])
        forward = (*ahead, d) if ahead in tiles else (x, y, d)
        assert reached == {(forward, (x, y, (d + 1) % 4), (x, y, (d - 1) % 4))[action]: 1.0}


def goal_of(mdp):
    """The tile that is rewarded; nothing else is."""
    rewards = rewards_of(mdp)
    goals = {target[:2] for (_, _, target), reward in rewards.items() if reward == 1}
    assert len(goals) == 1
    (goal,) = goals
    assert all(reward == float(target[:2] == goal) for (_, _, target), reward in rewards.items())
    return goal


@pytest.mark.parametrize("cls", [MiniGridEmptyEpisodic, MiniGridEmptyContinuous])
def test_minigrid_empty(cls):
    n, start_sides, goals = 5, set(), set()
    sides = [lambda x, y: y == 0, lambda x, y: x == 0, lambda x, y: y == n - 1, lambda x, y: x == n - 1]
    for seed in range(60):
        mdp = make(cls, seed, size=n, n_starting_states=3)
        starts = [mdp.model.nodes[s] for s in mdp.model.start_state]
        assert len({start[:2] for start in starts}) == 3
        side = {i for i, on in enumerate(sides) if all(on(x, y) for x, y, _ in starts)}
        goal = goal_of(mdp)
        assert any(sides[(i + 2) % 4](*goal) for i in side)
        start_sides |= side
        goals.add(goal)
        np.testing.assert_allclose(mdp.model.start_probs, 1 / 3)
        if seed < 3:
            assert_walks(mdp, {(x, y) for x in range(n) for y in range(n)})
    assert start_sides == {0, 1, 2, 3} and len(goals) > 12  # of the 16 tiles along the wall
    assert_betas(make(cls, size=n, make_reward_stochastic=True), (24, 1), (1, 24))


@pytest.mark.parametrize("cls", [MiniGridRoomsEpisodic, MiniGridRoomsContinuous])
@pytest.mark.parametrize(("room_size", "side"), [(3, 2), (4, 2), (3, 3)])
def test_minigrid_rooms(cls, room_size, side):
    def draw(pattern):
        """A row of tiles for each character: r a room, # a wall."""
        return [i for i, c in enumerate(pattern) if c == "r"]

    line = "#".join("r" * room_size for _ in range(side))
    walls = [i for i, c in enumerate(line) if c == "#"]
    doors = [i * (room_size + 1) + room_size // 2 for i in range(side)]
    tiles = {(x, y) for x in draw(line) for y in draw(line)}
    tiles |= {(wall, door) for wall in walls for door in doors} | {(door, wall) for wall in walls for door in doors}

    def room(x, y):
        return x // (room_size + 1), y // (room_size + 1)

    corners = {(0, 0), (0, side - 1), (side - 1, 0), (side - 1, side - 1)}
    pairs = set()
    for seed in range(80):
        mdp = make(cls, seed, room_size=room_size, n_rooms=side**2, n_starting_states=4)
        starts = [mdp.model.nodes[s] for s in mdp.model.start_state]
        assert len(set(starts)) == 4
        (start_room,) = {room(x, y) for x, y, _ in starts}
        goal_room = room(*goal_of(mdp))
        pairs.add((start_room, goal_room))
        if seed < 2:
            assert_walks(mdp, tiles)
    assert pairs == {(a, b) for a in corners for b in corners if a != b}
    n = room_size * side
    stochastic = make(cls, room_size=room_size, n_rooms=side**2, make_reward_stochastic=True)
    assert_betas(stochastic, (n * n - 1, 1), (1, n * n - 1))


def test_horizons_of_minigrids_are_one_more_than_the_longest_way_from_any_possible_start():
    # From a corner, looking at the wall, to the opposite corner, looking back: 2 (n - 1) steps and the turns.
    assert MiniGridEmptyEpisodic(0, size=6).H == 15
    assert MiniGridEmptyEpisodic(0, size=10).H == 23
    assert [MiniGridRoomsEpisodic(seed, room_size=3, n_rooms=9).H for seed in range(3)] == [27] * 3

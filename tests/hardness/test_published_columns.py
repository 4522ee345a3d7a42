"""
The published time-augmented matrix of episodic MDPs puts new starts into wrong columns: a twin gives its figures back.

A new start is written to the column that the starting state has in the plain MDP. The augmented states are numbered
otherwise, by a depth-first search through pairs of step and state.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
from mdp_samples import benchmark_mdp

from colosseum.dynamic_programming import ModelArrays
from colosseum.hardness.measures import get_published_value_norm

KEY = ("episodic_communicating", "MiniGridEmptyEpisodic", "prms_1")
OUR_SEED = 6979
"""Draws what seed 0 drew there, mirrored: what turned right turns left."""
MIRRORED = (0, 2, 1)
STARTS = (4, 0, 1, 2, 3)
"""The order in which the starting states were drawn."""


def published():
    with (Path(__file__).parent / "published.csv").open() as file:
        rows = {(row["benchmark"], row["class"], row["scope"]): row for row in csv.DictReader(file)}
    return {name: float(rows[KEY][name]) for name in ("diameter", "value_norm", "suboptimal_gaps")}


def depth_first(mdp, starts, actions):
    """(numbers of the plain states, numbers of the augmented states) in the order in which searches meet them."""
    following = {}  # of each state, in the order of the actions: the chosen move, staying, the other moves
    for node in mdp.model.nodes:
        moves = []
        for a in actions:
            for b in (a, None, *(b for b in actions if b != a)):
                if b is None:
                    moves += [node] if mdp.parameters["p_lazy"] else []
                elif b == a or mdp.parameters["p_rand"]:
                    moves += [target for target, _ in mdp._next_nodes(node, b)]
        following[node] = moves
    per_action = {node: len(moves) // len(actions) for node, moves in following.items()}

    plain, entered = {}, set()
    stack = [iter([start]) for start in reversed(starts)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        elif node not in entered:
            entered.add(node)
            plain.setdefault(node, len(plain))
            stack.append(_by_action(node, following[node], per_action[node], plain))

    augmented, left = {}, set()
    stack = [iter([(0, start)]) for start in reversed(starts)]
    while stack:
        pair = next(stack[-1], None)
        if pair is None:
            stack.pop()
        elif pair not in left and pair[0] < mdp.H:
            left.add(pair)
            stack.append(_edges(pair, list(dict.fromkeys(following[pair[1]])), starts, mdp.H, augmented, left))
    return plain, augmented


def _by_action(node, moves, n, numbers):
    """Number what an action leads to, then go there; then the next action."""
    for first in range(0, len(moves), n):
        for target in moves[first : first + n]:
            numbers.setdefault(target, len(numbers))
        yield from moves[first : first + n]


def _edges(pair, moves, starts, H, numbers, left):
    """Number both ends of each transition, and go on from those that were not left yet."""
    h, node = pair
    for target in moves if h < H - 1 else starts:
        following = ((h + 1) % H, target)
        numbers.setdefault(pair, len(numbers))
        numbers.setdefault(following, len(numbers))
        if h < H - 1 and following not in left:
            yield following


def augmented_arrays(mdp, starts, new_start):
    """The augmented MDP, a new start being written to the columns ``new_start(plain, augmented, state)``."""
    plain, augmented = depth_first(mdp, starts, MIRRORED)
    model, A = mdp.model, mdp.n_actions
    number = {node: s for s, node in enumerate(model.nodes)}
    indptr, column, probs, rewards = [0], [], [], []
    for h, node in augmented:
        s = number[node]
        rewards.append(model.R[s])
        for row in range(s * A, (s + 1) * A):
            if h == mdp.H - 1:
                column += [new_start(plain, augmented, start) for start in starts]
                probs += [1 / len(starts)] * len(starts)
            else:
                for k in range(model.indptr[row], model.indptr[row + 1]):
                    column.append(augmented[h + 1, model.nodes[model.next_state[k]]])
                    probs.append(model.probs[k])
            indptr.append(len(column))
    return ModelArrays(np.array(indptr), np.array(column), np.array(probs), np.array(rewards))


def test_new_starts_in_the_wrong_columns_give_the_published_value_norm():
    """The seed has the published diameter and gaps, so its starting states; the value norm is the columns' fault."""
    mdp, figures = benchmark_mdp(KEY, OUR_SEED), published()
    starts = [mdp.model.nodes[mdp.model.start_state[i]] for i in STARTS]
    assert mdp.diameter == pytest.approx(figures["diameter"], rel=1e-4)
    assert mdp.sum_reciprocals_suboptimality_gaps == pytest.approx(figures["suboptimal_gaps"], rel=1e-6)

    right = augmented_arrays(mdp, starts, lambda plain, augmented, state: augmented[0, state])
    assert get_published_value_norm(right) == pytest.approx(mdp.published_value_norm, rel=1e-7)
    assert mdp.published_value_norm != pytest.approx(figures["value_norm"], rel=1e-2)

    wrong = augmented_arrays(mdp, starts, lambda plain, augmented, state: plain[state])
    assert get_published_value_norm(wrong) == pytest.approx(figures["value_norm"], rel=1e-6)


def test_the_formula_depends_on_the_labels_of_actions():
    """Two states that both actions move on from or keep; the labels of the second are exchanged."""
    T = np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.3, 0.7], [0.8, 0.2]]])
    R = np.array([[0.0, 0.1], [1.0, 0.5]])

    def norm(order):
        rows = np.stack([T[0], T[1][order]]).reshape(4, 2)
        arrays = ModelArrays(2 * np.arange(5), np.tile([0, 1], 4), rows.ravel(), np.stack([R[0], R[1][order]]))
        return get_published_value_norm(arrays)

    assert norm([0, 1]) != pytest.approx(norm([1, 0]), rel=0.05)

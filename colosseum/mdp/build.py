"""From the description of a family (nodes, moves, rewards) to arrays: breadth first, iterative, sparse."""

from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np

from colosseum.mdp.model import MDPModel
from colosseum.mdp.rewards import Reward

Moves = Sequence[tuple[Hashable, float]]


def enumerate_mdp(
    starts: Sequence[tuple[Hashable, float]],
    n_actions: int,
    next_nodes: Callable[[Hashable, int], Moves],
    reward_of: Callable[[Hashable, int, Hashable], str],
    rewards: dict[str, Reward],
    p_lazy: float,
    p_rand: float,
    permute: Callable[[], Iterable[int]] | None,
) -> MDPModel:
    """
    Number the states breadth first from the starting ones and build the arrays.

    Parameters
    ----------
    starts : sequence of (node, float)
        The starting nodes with their probabilities.
    n_actions : int
    next_nodes : callable (node, action) -> sequence of (node, probability)
        The moves of the family, before laziness and randomness.
    reward_of : callable (node, action, next node) -> str
        The name of the reward distribution; `action` is the chosen one.
    rewards : dict of str to Reward
    p_lazy : float
        Probability of staying, whatever the action.
    p_rand : float
        Else, probability that a uniformly random action takes the place of the chosen one.
    permute : callable () -> permutation of range(n_actions), optional
        Called once for each state, in the order of the states: action a of the state is action ``permutation[a]`` of
        the family.

    Returns
    -------
    MDPModel
    """
    index = {node: i for i, (node, _) in enumerate(starts)}
    nodes = list(index)
    table: dict[Reward, int] = {}
    reward_index = {name: table.setdefault(reward, len(table)) for name, reward in rewards.items()}
    counts, columns, probs, distribution = [], [], [], []
    stay, chosen, uniform = p_lazy, (1 - p_lazy) * (1 - p_rand), (1 - p_lazy) * p_rand / n_actions
    i = 0
    while i < len(nodes):
        node = nodes[i]
        moves = [next_nodes(node, a) for a in range(n_actions)]
        for move in moves:
            for target, _ in move:
                if target not in index:
                    index[target] = len(nodes)
                    nodes.append(target)
        common: dict[Hashable, float] = {}
        if uniform:
            for move in moves:
                for target, p in move:
                    common[target] = common.get(target, 0.0) + uniform * p
        if stay:
            common[node] = common.get(node, 0.0) + stay
        for a in permute() if permute else range(n_actions):
            row = dict(common)
            for target, p in moves[a]:
                row[target] = row.get(target, 0.0) + chosen * p
            entries = sorted((index[target], p, target) for target, p in row.items() if p > 0)
            counts.append(len(entries))
            for column, p, target in entries:
                columns.append(column)
                probs.append(p)
                distribution.append(reward_index[reward_of(node, a, target)])
        i += 1

    return make_model(
        n_actions,
        np.array(counts, np.int64),
        np.array(columns, np.int64),
        np.array(probs),
        np.array(distribution, np.int64),
        list(table),
        np.arange(len(starts), dtype=np.int64),
        np.array([p for _, p in starts], float),
        tuple(nodes),
    )


def make_model(
    n_actions: int,
    counts: np.ndarray,
    next_state: np.ndarray,
    probs: np.ndarray,
    reward: np.ndarray,
    rewards: Sequence[Reward],
    start_state: np.ndarray,
    start_probs: np.ndarray,
    nodes: tuple[Hashable, ...],
) -> MDPModel:
    """
    Put the arrays of a model together; rows are made to sum to one to the last digit or two.

    Parameters
    ----------
    n_actions : int
    counts : int64 array of shape (S * A,)
        Entries in each row.
    next_state, reward : int64 array of shape (nnz,)
    probs : float64 array of shape (nnz,)
        Row by row, next states sorted and unique within a row; `reward` is an index into `rewards`.
    rewards : sequence of Reward
    start_state : int64 array of shape (n_start,)
    start_probs : float64 array of shape (n_start,)
    nodes : tuple of length S
    """
    row = np.repeat(np.arange(len(counts)), counts)
    table = np.array([r[1:] for r in rewards], float).T.copy()
    return MDPModel(
        n_states=len(nodes),
        n_actions=n_actions,
        indptr=np.concatenate(([0], np.cumsum(counts))),
        next_state=next_state,
        probs=probs / np.bincount(row, probs)[row],  # bincount adds one by one: the same sums on every machine
        reward=reward,
        reward_kind=np.array([r.kind for r in rewards], np.int64),
        reward_a=table[0],
        reward_b=table[1],
        reward_loc=table[2],
        reward_scale=table[3],
        start_state=start_state,
        start_probs=start_probs,
        nodes=nodes,
    )

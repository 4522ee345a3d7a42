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
        Called once for each state, in the order of the states: action a of the state is action ``permutation[a]`` of the
        family.

    Returns
    -------
    MDPModel
    """
    index = {node: i for i, (node, _) in enumerate(starts)}
    nodes = list(index)
    names = list(rewards)
    reward_index = {name: i for i, name in enumerate(names)}
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

    counts = np.array(counts, np.int64)
    indptr = np.concatenate(([0], np.cumsum(counts)))
    probs = np.array(probs)
    probs /= np.repeat(np.add.reduceat(probs, indptr[:-1]), counts)  # rows sum to one to the last digit or two
    table = np.array([rewards[name][1:] for name in names], float).reshape(len(names), 4)
    return MDPModel(
        n_states=len(nodes),
        n_actions=n_actions,
        indptr=indptr,
        next_state=np.array(columns, np.int64),
        probs=probs,
        reward=np.array(distribution, np.int64),
        reward_kind=np.array([rewards[name].kind for name in names], np.int64),
        reward_a=table[:, 0].copy(),
        reward_b=table[:, 1].copy(),
        reward_loc=table[:, 2].copy(),
        reward_scale=table[:, 3].copy(),
        start_state=np.arange(len(starts), dtype=np.int64),
        start_probs=np.array([p for _, p in starts], float),
        nodes=tuple(nodes),
    )

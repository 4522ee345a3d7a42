"""Random MDPs and the plainest possible solutions of them: the oracles of these tests."""

import itertools
from fractions import Fraction

import numpy as np

from colosseum.dynamic_programming import ModelArrays, Transitions


def csr(T):
    """Return (indptr, next_state, probs) of a dense array of shape (S * A, S)."""
    rows = [np.flatnonzero(row) for row in T]
    indptr = np.concatenate(([0], np.cumsum([row.size for row in rows])))
    return indptr, np.concatenate(rows), np.concatenate([T[i, row] for i, row in enumerate(rows)])


def arrays_of(T, R):
    """Return the ModelArrays of dense T of shape (S * A, S) and R of shape (S, A)."""
    return ModelArrays(*csr(T), R)


def transitions_of(T):
    """Return the Transitions of a dense array of shape (S * A, S)."""
    return Transitions(*csr(T), T.shape[0] // T.shape[1])


def random_mdp(rng, n_states, n_actions, kind):
    """
    Return (T of shape (S * A, S), R) of an MDP.

    Kinds: "dense"; "sparse" (up to three successors, any structure of classes); "deterministic"; "cycle" (periodic,
    with a shortcut here and there); "clusters" (all policies linger in two parts for up to 1e30 steps).
    """
    n = n_states * n_actions
    R = rng.normal(size=(n_states, n_actions)) if rng.random() < 0.5 else rng.integers(0, 3, (n_states, n_actions)) / 2
    T = np.zeros((n, n_states))
    if kind == "dense":
        T = rng.dirichlet(np.ones(n_states), n)
    elif kind == "clusters":
        T = rng.dirichlet(np.ones(n_states), n)
        cluster = rng.integers(0, 2, n_states)
        rare = 10.0 ** rng.uniform(-30, -4, T.shape)
        T = np.where((cluster[:, None] != cluster[None, :]).repeat(n_actions, 0), T * rare, T)
        T /= T.sum(1, keepdims=True)
    elif kind == "cycle":
        for i in range(n):
            T[i, (i // n_actions + (1 if rng.random() < 0.7 else 3)) % n_states] = 1.0
    else:
        for i in range(n):
            k = 1 if kind == "deterministic" else rng.integers(1, min(n_states, 3) + 1)
            T[i, rng.choice(n_states, k, replace=False)] = rng.dirichlet(np.ones(k))
    return T, R


def all_policies(n_states, n_actions):
    """Yield the deterministic policies as tuples of actions."""
    return itertools.product(range(n_actions), repeat=n_states)


def chain_of(T, R, actions):
    """Return (P, r) of a deterministic policy."""
    n_states, n_actions = R.shape
    return T[np.arange(n_states) * n_actions + np.array(actions)], R[np.arange(n_states), list(actions)]


def gains_by_squaring(P, r):
    """Gain of every state: the lazy chain, squared until it stands still, is the matrix of limits in the mean."""
    L = (P + np.eye(len(P))) / 2
    for _ in range(80):
        L = L @ L
        L /= L.sum(1, keepdims=True)
    return L @ r


def exact_gain(P, r):
    """Gain of an irreducible chain in rational arithmetic, float."""
    n = len(r)
    P = [[Fraction(float(x)) for x in row] for row in P]
    for k in range(n - 1, 0, -1):
        out = sum(P[k][:k])
        for i in range(k):
            P[i][k] /= out
            for j in range(k):
                P[i][j] += P[i][k] * P[k][j]
    mass = [Fraction(1)]
    for k in range(1, n):
        mass.append(sum(mass[i] * P[i][k] for i in range(k)))
    return float(sum(m * Fraction(float(x)) for m, x in zip(mass, r, strict=True)) / sum(mass))

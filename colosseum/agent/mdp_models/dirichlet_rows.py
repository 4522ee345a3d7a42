"""
Posterior samples of transition probabilities from sparse counts.

A row's parameters are its counts plus alpha for every state. Gamma variables add up: so a sample is proportional to
Gamma(count) for each state that was met, plus a lump of Gamma(S alpha) that is split among all states by a symmetric
Dirichlet distribution of parameter alpha. The split is exact in both ways in which it is made here:

- *few*: where S alpha is small, most states get next to nothing. The symmetric Dirichlet distribution is a Dirichlet
  process over the S states, whose weights are drawn one after the other by stick breaking (Sethuraman, 1994), each for
  a uniformly random state, until what is left of the row is below 1e-12. That takes about 28 S alpha draws, not S.
- *all*: else, one Gamma variable for every state.

A stick costs as much as eight Gamma variables or more, so that the second way is the cheaper one as soon as alpha
allows for it: at the smallest shape of the tables a row takes 0.55 S sticks, or S Gamma variables. It does not where
all variables of a row could be too small for float32.
"""

import math

import numpy as np

from colosseum.agent.mdp_models.gamma_table import SMALLEST, SMALLEST_SHAPE, fill_gammas, gamma_table
from colosseum.utils.compiled import njit

NEGLIGIBLE = 1e-12


@njit(cache=True)
def sample_few(indptr, next_states, counts, alpha, n_states, rng):
    """
    Sample every row by stick breaking.

    Parameters
    ----------
    indptr : int64 array of shape (n_rows + 1,)
    next_states : int64 array of shape (n,)
    counts : float64 array of shape (n,)
    alpha : float64 array of shape (n_rows,)
    n_states : int
    rng : numpy.random.Generator

    Returns
    -------
    indptr : int64 array of shape (n_rows + 1,)
    next_states : int64 array of shape (m,)
        Not sorted; a state may occur more than once.
    probs : float64 array of shape (m,)
    """
    n_rows = alpha.shape[0]
    new_indptr = np.zeros(n_rows + 1, np.int64)
    states = np.empty(counts.shape[0] + 32 * n_rows, np.int64)
    probs = np.empty(states.shape[0])
    n = 0
    for row in range(n_rows):
        start = n
        met = 0.0
        concentration = n_states * alpha[row]
        # the longest that sticks get, but for one time in a million million
        room = indptr[row + 1] - indptr[row] + 60 + int(60.0 * concentration)
        if n + room > states.shape[0]:
            more = states.shape[0] + room
            states = np.concatenate((states, np.empty(more, np.int64)))
            probs = np.concatenate((probs, np.empty(more)))
        for k in range(indptr[row], indptr[row + 1]):
            states[n] = next_states[k]
            probs[n] = rng.standard_gamma(counts[k])
            met += probs[n]
            n += 1
        lump = rng.standard_gamma(concentration)
        left = 1.0
        if met > 0.0:
            left = lump / (lump + met)
            for i in range(start, n):
                probs[i] *= (1.0 - left) / met
        while left > NEGLIGIBLE and n < start + room - 1:
            kept = math.exp(math.log(1.0 - rng.random()) / concentration)
            states[n] = int(rng.random() * n_states)
            probs[n] = left * (1.0 - kept)
            left *= kept
            n += 1
        states[n] = int(rng.random() * n_states)
        probs[n] = left
        n += 1
        new_indptr[row + 1] = n
    return new_indptr, states[:n], probs[:n]


class DenseRows:
    """
    Samples of rows with one Gamma variable for every state, in memory that is used again and again.

    Parameters
    ----------
    alpha : float
        At least `SMALLEST_SHAPE`.
    n_states : int

    Attributes
    ----------
    weights : float32 array of shape (n_rows, S)
        The last sample, not normalized.
    scale : float64 array of shape (n_rows,)
        What the rows are to be multiplied by.
    """

    def __init__(self, alpha: float, n_states: int):
        self._table = gamma_table(alpha)
        self._n_states = n_states
        self._memory = np.empty(0, np.float32)

    def sample(self, indptr: np.ndarray, next_states: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> None:
        """Sample every row; the arguments are those of `sample_few`."""
        S, n_rows = self._n_states, len(indptr) - 1
        if len(self._memory) < S * n_rows:
            self._memory = np.empty(S * n_rows, np.float32)
        self.weights = self._memory[: S * n_rows].reshape(n_rows, S)
        self.scale = np.empty(n_rows)
        fill_gammas(self._table, self.weights, rng.integers(2**64, dtype=np.uint64))
        _sums_of_rows(self.weights, self.scale)
        _add_counts(indptr, next_states, counts, self.weights, self.scale, rng)


def is_dense(alpha: float, n_states: int) -> bool:
    """
    Whether `DenseRows` is to be preferred to `sample_few`: where Gamma variables are not too small.

    All of a row are below `SMALLEST` with a probability of at most `SMALLEST` to the power S alpha: it is to be 1e-12.
    """
    return alpha >= SMALLEST_SHAPE and n_states * alpha * math.log10(SMALLEST) <= -12


@njit(cache=True, fastmath={"reassoc"})
def _sums_of_rows(weights, total):
    """In as many sums side by side as the machine has room for; see `expected_next_value`."""
    for row in range(weights.shape[0]):
        sum_of_row = 0.0
        for s in range(weights.shape[1]):
            sum_of_row += np.float64(weights[row, s])
        total[row] = sum_of_row


@njit(cache=True)
def _add_counts(indptr, next_states, counts, weights, total, rng):
    for row in range(indptr.shape[0] - 1):
        for k in range(indptr[row], indptr[row + 1]):
            more = np.float32(rng.standard_gamma(counts[k]))
            weights[row, next_states[k]] += more
            total[row] += np.float64(more)
        total[row] = 1.0 / total[row]


@njit(cache=True, fastmath={"reassoc", "contract"})
def expected_next_value(weights, row, v):
    """
    Return the sum of a row of weights times values.

    In as many sums side by side as the machine has room for, three times as fast as one: the last digits may depend on
    the machine. They decide nothing, for samples are not tied.
    """
    total = 0.0
    for s in range(v.shape[0]):
        total += np.float64(weights[row, s]) * v[s]
    return total


@njit(cache=True)
def repeated_rows(indptr, next_states, counts, rows, n):
    """Return the sparse rows that are listed in `rows`, each `n` times in a row."""
    size = 0
    for row in rows:
        size += n * (indptr[row + 1] - indptr[row])
    new_indptr = np.zeros(rows.shape[0] * n + 1, np.int64)
    states = np.empty(size, np.int64)
    numbers = np.empty(size)
    i = 0
    k = 0
    for row in rows:
        for _ in range(n):
            for j in range(indptr[row], indptr[row + 1]):
                states[k] = next_states[j]
                numbers[k] = counts[j]
                k += 1
            i += 1
            new_indptr[i] = k
    return new_indptr, states, numbers


def mean_rows(
    indptr: np.ndarray,
    next_states: np.ndarray,
    counts: np.ndarray,
    visits: np.ndarray,
    alpha: np.ndarray,
    n_states: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """
    Return the posterior's mean transition probabilities, in the form of `agents.estimated_model.row_values`.

    Parameters
    ----------
    indptr, next_states, counts
        The sparse counts.
    visits : int64 array of shape (n_rows,)
        Their sums.
    alpha : float64 array of shape (n_rows,)
        The prior of every next state.
    n_states : int

    Returns
    -------
    indptr, next_states : int64 arrays
    probs : float64 array of shape (n,)
    uniform : float64 array of shape (n_rows,)
        The probability of a uniformly random state.
    """
    total = visits + n_states * alpha
    return indptr, next_states, counts / np.repeat(total, np.diff(indptr)), n_states * alpha / total

"""
Many Gamma variables of one shape, fast and exact, from 16,384 equally probable steps below the density.

A step is a rectangle of one 16,384th of the density's area, from the axis up to the least value that the density
takes on it. The steps stand side by side as long as there is room for one. So a uniformly random step and a uniform
place on it, half a random word (14 bits and 18), are a variable at once; nothing is compared, and no function
evaluated. What the steps leave of the density (between their tops and the density, below the first, and beyond the
last, as much as some 20 steps have) is what the numbers that are left stand for: it is drawn by rejection. (Marsaglia
and Tsang's ziggurat, 2000, has boxes of one area, too, but they reach above the density, and lie on their sides, for
which a density that is infinite at 0 is no place.)

The words (`colosseum.utils.split_mix`) are functions of their number. So `fill_gammas` is loops over some hundred
variables: one makes words, many at a time; one looks the steps up without a branch, so that it does not wait for one
before it begins with the next; one draws the few that are left. As one loop they take twice as long.
"""

import math
from typing import NamedTuple

import numpy as np

from colosseum.utils.compiled import njit
from colosseum.utils.split_mix import STEP, uniform, word_of

N_STEPS = 16384
SMALLEST_SHAPE = 0.02
"""Below it the first edges come near the smallest floating-point numbers."""
SMALLEST = 1e-37
"""What is smaller is 0, as float32 has no more digits for it; arithmetic with the digits it has left is slow."""
_CHUNK = 256
_GUIDES = 1024
_STEP_AT, _PLACES = np.uint32(18), np.uint32(0x3FFFF)
_PLACE = np.float32(2.0**-18)


class GammaTable(NamedTuple):
    """
    The steps below the density x^(shape - 1) e^-x, and what they leave of it.

    Attributes
    ----------
    shape : float
    steps : float32 array of shape (N_STEPS, 2)
        Left end and width of each; 0 where it ends below `SMALLEST`, and from step n on.
    edges : float64 array of shape (n + 1,)
        Of the n steps; there is room for less than `N_STEPS`.
    log_top : float64 array of shape (n,)
        Of the density's greatest value on each.
    least : float64 array of shape (n,)
        The least value on it, relative to the greatest.
    slope : float64 array of shape (n,)
        How far the density's tangent at the right end rises to the left end, where the rise of the density is 1; 0 if
        the density is not convex.
    above : float64 array of shape (n + 2,)
        Added up, in units of their sum: what lies between the top of each step and the density's chord (or its greatest
        value, if it is not convex), the area before the first step, and that beyond the last. What the steps leave is
        drawn from these.
    guide : int64 array
        Where to begin to look for a number in `above`.
    """

    shape: float
    steps: np.ndarray
    edges: np.ndarray
    log_top: np.ndarray
    least: np.ndarray
    slope: np.ndarray
    above: np.ndarray
    guide: np.ndarray


def gamma_table(shape: float) -> GammaTable:
    """
    Place the steps for one shape.

    Parameters
    ----------
    shape : float
        At least SMALLEST_SHAPE; meant for shapes up to some tens.

    Returns
    -------
    GammaTable
    """
    log_area = math.lgamma(shape) - math.log(N_STEPS)
    edges = np.empty(N_STEPS)
    edges[0] = _first_edge(shape, log_area)
    n = _place_edges(shape, log_area, edges)
    edges = edges[: n + 1]
    log_top, least = np.empty(n), np.empty(n)
    _judge_steps(shape, edges, log_top, least)
    width = np.diff(edges)
    slope = np.zeros(n)
    if shape <= 1:
        slope = width * least / (1 - least) * ((1 - shape) / edges[1:] + 1)
    first, last = edges[0], edges[-1]
    below = shape * math.log(first) - math.log(shape)
    if shape >= 1:
        below = math.log(first) + _log_greatest(shape, 0.0, first)
    beyond = _log_density(shape, last) - math.log(_tail_rate(shape, last))
    parts = np.exp(np.append(log_top + np.log(width), [below, beyond]) - log_area)
    parts[:n] *= (1 - least) / (2 if shape <= 1 else 1)
    above = np.cumsum(parts)
    above /= above[-1]
    steps = np.zeros((N_STEPS, 2), np.float32)
    guide = np.searchsorted(above, np.arange(_GUIDES) / _GUIDES, side="right")
    seen = edges[1:] >= SMALLEST
    steps[:n][seen] = np.column_stack([edges[:-1], width])[seen]
    return GammaTable(shape, steps, edges, log_top, least, slope, above, guide)


@njit(cache=True)
def _first_edge(shape, log_area):
    """Return an edge that leaves little below it, and from which on no step is more than twice as high on one side."""
    if shape < 1.0:
        return math.exp((log_area + math.log(2.0)) / shape)
    # a box as high as the density has the area of a step: Newton's method comes from the left
    edge = math.exp(log_area / shape)
    for _ in range(100):
        change = (log_area - shape * math.log(edge) + edge) / (shape / edge - 1.0)
        edge += change
        if change <= 1e-15 * edge:
            break
    return edge


@njit(cache=True)
def _place_edges(shape, log_area, edges):
    """Place steps from the first edge on, and return how many there is room for."""
    n = 0
    while n + 1 < edges.shape[0]:
        a = edges[n]
        log_height = _log_density(shape, a)
        b = a + math.exp(log_area - log_height)
        if not (a < shape - 1.0 and _log_density(shape, b) >= log_height):
            # the right end is the lower one. The logarithm of (b - a) density(b) is concave and has its greatest value
            # at `peak`: Newton's method comes from the left
            peak = (a + shape + math.sqrt((a + shape) ** 2 - 4.0 * a * (shape - 1.0))) / 2.0
            if math.log(peak - a) + _log_density(shape, peak) < log_area + 0.1:
                break
            if b >= peak:
                b = (a + peak) / 2.0
            for _ in range(100):
                change = log_area - math.log(b - a) - _log_density(shape, b)
                change /= 1.0 / (b - a) + (shape - 1.0) / b - 1.0
                b = min(b + change, (b + peak) / 2.0)
                if abs(change) <= 1e-15 * b:
                    break
        n += 1
        edges[n] = b
    return n


@njit(cache=True)
def _judge_steps(shape, edges, log_top, least):
    """Set the greatest value of the density on each step, and the least relative to it."""
    for i in range(edges.shape[0] - 1):
        log_top[i] = _log_greatest(shape, edges[i], edges[i + 1])
        least[i] = math.exp(min(_log_density(shape, edges[i]), _log_density(shape, edges[i + 1])) - log_top[i])


@njit(cache=True)
def _log_density(shape, x):
    if x <= 0.0:
        return 0.0 if shape == 1.0 else (math.inf if shape < 1.0 else -math.inf)
    return (shape - 1.0) * math.log(x) - x


@njit(cache=True)
def _log_greatest(shape, a, b):
    """Logarithm of the greatest value of the density between a and b."""
    mode = shape - 1.0
    return _log_density(shape, max(a, min(mode, b)))


@njit(cache=True)
def _tail_rate(shape, edge):
    """Rate of the exponential tail that touches the density at the last edge and lies above it from there on."""
    return 1.0 - max(0.0, shape - 1.0) / edge


@njit(cache=True)
def _draw_above(shape, edges, log_top, least, slope, above, guide, number):
    """Draw from what the steps leave; return the variable, and the number of the last word."""
    n = edges.shape[0] - 1
    while True:
        u = uniform(word_of(number + STEP))
        place = uniform(word_of(number + np.uint64(2) * STEP))
        height = uniform(word_of(number + np.uint64(3) * STEP))
        number += np.uint64(3) * STEP
        part = guide[np.int64(u * guide.shape[0])]
        while above[part] <= u:
            part += 1
        if part < n:
            if shape <= 1.0:
                # below the chord: the smaller one of two places, and a height up to the chord there
                number += STEP
                place = min(place, uniform(word_of(number)))
                if height < slope[part]:  # below the tangent
                    return edges[part] + place * (edges[part + 1] - edges[part]), number
                height *= 1.0 - place
            x = edges[part] + place * (edges[part + 1] - edges[part])
            height = least[part] + height * (1.0 - least[part])
            density = math.exp(_log_density(shape, x) - log_top[part])
        elif part > n:
            # beyond the last edge: an exponential tail that lies above the density
            last = edges[n]
            rate = _tail_rate(shape, last)
            x = last - math.log(1.0 - place) / rate
            density = math.exp((shape - 1.0) * math.log(x / last) - (1.0 - rate) * (x - last))
        elif shape < 1.0:
            x = edges[0] * math.exp(math.log(1.0 - place) / shape)
            density = math.exp(-x)
        else:
            x = edges[0] * place
            density = math.exp(_log_density(shape, x) - _log_greatest(shape, 0.0, edges[0]))
        if height < density:
            return x, number


@njit(cache=True)
def fill_gammas(table, out, number):
    """
    Fill an array with Gamma variables.

    Parameters
    ----------
    table : GammaTable
    out : float32 array of shape (n, m)
        What would be below `SMALLEST` may be set to 0.
    number : uint64
        A random number: what the variables are made from. Variables 2 i and 2 i + 1 take the halves, lower and upper,
        of the word after i others; those that are drawn from what the steps leave take more, which come after those of
        all variables.
    """
    shape, steps, edges, log_top, least, slope, above, guide = table
    flat = out.reshape(-1)
    words = np.empty(_CHUNK // 2, np.uint64)
    halves = words.view(np.uint32)
    both_ends = steps.reshape(-1).view(np.uint64)  # of a step as one number, half as many reads
    looked_up = np.empty(_CHUNK, np.uint64)
    found = looked_up.view(np.float32)
    is_left = np.zeros(_CHUNK, np.uint8)
    are_left = is_left.view(np.uint64)
    first_left = np.uint32(edges.shape[0] - 1) << _STEP_AT
    further = number + np.uint64((flat.shape[0] + 1) // 2) * STEP
    for start in range(0, flat.shape[0], _CHUNK):
        chunk = flat[start : start + _CHUNK]
        n = chunk.shape[0]
        for j in range(_CHUNK // 2):
            words[j] = word_of(number + np.uint64(j + 1) * STEP)
        number += np.uint64(_CHUNK // 2) * STEP
        for j in range(n):
            is_left[j] = halves[j] >= first_left
        for j in range(n):
            looked_up[j] = both_ends[halves[j] >> _STEP_AT]
        for j in range(n):
            place = np.float32(np.int32(halves[j] & _PLACES)) * _PLACE
            chunk[j] = found[2 * j] + place * found[2 * j + 1]
        is_left[n:] = 0
        for eighth in range(_CHUNK // 8):
            if are_left[eighth]:
                for j in range(8 * eighth, 8 * eighth + 8):
                    if is_left[j]:
                        x, further = _draw_above(shape, edges, log_top, least, slope, above, guide, further)
                        chunk[j] = x if x >= SMALLEST else 0.0

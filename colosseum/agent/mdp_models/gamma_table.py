"""
Many Gamma variables of one shape, fast and exact: rejection from a staircase of 8,192 steps of equal area.

A uniformly random step, a uniform place on it and a uniform height take one random 64-bit word: nearly always the
height is below the density at both ends of the step, and the place is accepted without any function being evaluated.
(That is the idea of Marsaglia and Tsang's ziggurat, 2000, with vertical steps, which a density that is infinite at 0
needs.) Places have 24 random bits, as many as the float32 that they are kept in. Where the density is convex, a tangent
and a chord decide about most of the others.

The words (`colosseum.utils.split_mix`) are functions of their number. So `fill_gammas` is three loops over some hundred
variables: one makes words, many at a time; one looks the steps up without a branch, so that it does not wait for one
before it begins with the next; one mends the few that were not accepted. As one loop they take twice as long, and fewer
steps do not pay: with 2,048 the first cache holds what is looked up, but the third loop has four times as much to mend.
"""

import math
from typing import NamedTuple

import numpy as np

from colosseum.utils.compiled import njit
from colosseum.utils.split_mix import STEP, uniform, word_of

N_STEPS = 8192
SMALLEST_SHAPE = 0.02
"""Below it the first edges come near the smallest floating-point numbers."""
_PLACE, _HEIGHT = 2.0**-24, 2.0**-27
_PLACE32, _HEIGHT32 = np.float32(_PLACE), np.float32(_HEIGHT)
SMALLEST = 1e-37
"""What is smaller is 0, as float32 has no more digits for it; arithmetic with the digits it has left is slow."""
_CHUNK = 256
_24, _51 = np.uint64(24), np.uint64(51)
_24_BITS, _27_BITS = np.uint64(0xFFFFFF), np.uint64(0x7FFFFFF)


class GammaTable(NamedTuple):
    """
    The staircase over the density x^(shape - 1) e^-x.

    Step 0 is the tail beyond the last edge. If the shape is below 1, step 1 is what lies below the first edge.

    Attributes
    ----------
    shape : float
    left, width : float64 array of shape (N_STEPS,)
        Where each step is.
    log_height : float64 array of shape (N_STEPS,)
        Of the density's greatest value on it.
    sure : float64 array of shape (N_STEPS,)
        The least value on it, relative to the greatest; -1 for the two special steps.
    slope : float64 array of shape (N_STEPS,)
        By how much the density's tangent at the right end rises to the left end, in the same unit; 0 if the density is
        not convex.
    steps : float32 array of shape (N_STEPS, 4)
        `left`, `width` and `sure`, rounded down, side by side, so that one look at the memory finds all; `left` and
        `width` are 0 for steps below the smallest variable.
    """

    shape: float
    left: np.ndarray
    width: np.ndarray
    log_height: np.ndarray
    sure: np.ndarray
    slope: np.ndarray
    steps: np.ndarray


def gamma_table(shape: float) -> GammaTable:
    """
    Build the staircase for one shape.

    Parameters
    ----------
    shape : float
        At least SMALLEST_SHAPE; meant for shapes up to some tens.

    Returns
    -------
    GammaTable
    """
    # With the right area of a step, what lies above the density in the tail, beyond the last step, has that area, too.
    # All steps together have more than the density has.
    low, high = math.gamma(shape) / N_STEPS, 2 * math.gamma(shape) / N_STEPS
    edges = np.empty(N_STEPS)
    for _ in range(50):
        area = (low + high) / 2
        if _place_edges(shape, area, edges):
            low = area
        else:
            high = area
    _place_edges(shape, low, edges)
    first = 2 if shape < 1 else 1
    edges = edges[: N_STEPS - first + 1]
    left, width, log_height, sure = np.empty(N_STEPS), np.zeros(N_STEPS), np.zeros(N_STEPS), np.full(N_STEPS, -1.0)
    left[0] = edges[-1]
    left[1], width[1] = 0.0, edges[0]
    left[first:], width[first:] = edges[:-1], np.diff(edges)
    _judge_steps(shape, edges, log_height[first:], sure[first:])
    slope, right = np.zeros(N_STEPS), left + width
    if shape <= 1:
        slope[first:] = (width * sure * ((1 - shape) / np.maximum(right, 1e-300) + 1))[first:]
    steps = np.zeros((N_STEPS, 4), np.float32)
    steps[right >= SMALLEST, :2] = np.stack([left, width], 1)[right >= SMALLEST]
    steps[:, 2] = sure
    too_high = steps[:, 2] > sure
    steps[too_high, 2] = np.nextafter(steps[too_high, 2], np.float32(-1))
    return GammaTable(shape, left, width, log_height, sure, slope, steps)


@njit(cache=True)
def _judge_steps(shape, edges, log_height, sure):
    """Set the greatest value of the density on each step, and the least relative to it."""
    for i in range(edges.shape[0] - 1):
        log_height[i] = _log_greatest(shape, edges[i], edges[i + 1])
        least = min(_log_density(shape, edges[i]), _log_density(shape, edges[i + 1]))
        sure[i] = math.exp(least - log_height[i])


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
def _place_edges(shape, area, edges):
    """Place the edges of steps of this area; return whether they leave more than one area for the tail."""
    if shape < 1.0:
        # below the first edge lies x^(shape - 1), which is above the density
        edges[0] = math.exp(math.log(area * shape) / shape)
        if edges[0] < 1e-300:
            return True
        n = edges.shape[0] - 2
    else:
        edges[0] = 0.0
        n = edges.shape[0] - 1
    mode = shape - 1.0
    for i in range(n):
        a = edges[i]
        b = a + area / math.exp(_log_greatest(shape, a, math.inf))
        if a < mode and b < mode and (mode - a) * math.exp(_log_density(shape, mode)) > area:
            # left of the mode the right end is the highest: Newton's method on log((b - a) density(b)), which is
            # concave, comes from the left
            for _ in range(100):
                change = math.log(area) - math.log(b - a) - _log_density(shape, b)
                change /= 1.0 / (b - a) + mode / b - 1.0
                b += change
                if change <= 1e-15 * b:
                    break
        if b > 500.0:
            return False
        edges[i + 1] = b
    last = edges[n]
    if last <= shape:
        return True
    return math.exp(_log_density(shape, last)) / _tail_rate(shape, last) > area


@njit(cache=True)
def _rare_gamma(shape, step, left, width, log_height, place, height, number):
    """Judge a place by the density itself; return it, whether it is accepted, and the number of the last word."""
    if step == 0 or (step == 1 and shape < 1.0):
        # functions of the place: it gets more digits
        number += STEP
        place = uniform(word_of(number))
    if step == 0:
        # beyond the last edge: an exponential tail that lies above the density
        rate = _tail_rate(shape, left)
        x = left - math.log(1.0 - place) / rate
        density = math.exp((shape - 1.0) * math.log(x / left) - (1.0 - rate) * (x - left))
    elif step == 1 and shape < 1.0:
        x = width * math.exp(math.log(1.0 - place) / shape)
        density = math.exp(-x)
    else:
        x = left + place * width
        density = 0.0
        if x > 0.0:
            density = math.exp((shape - 1.0) * math.log(x) - x - log_height)
    return x, height < density, number


@njit(cache=True, fastmath={"reassoc"})
def _sums_of_rows(out, total):
    """In as many sums side by side as the machine has room for; see `dirichlet_rows.expected_next_value`."""
    for i in range(out.shape[0]):
        sum_of_row = 0.0
        for j in range(out.shape[1]):
            sum_of_row += np.float64(out[i, j])
        total[i] = sum_of_row


@njit(cache=True)
def fill_gammas(table, out, total, number):
    """
    Fill an array with Gamma variables.

    Parameters
    ----------
    table : GammaTable
    out : float32 array of shape (n, m)
        What would be below `SMALLEST` may be set to 0.
    total : float64 array of shape (n,)
        Set to the sums of the rows.
    number : uint64
        A random number: what the variables are made from. Variable i takes the word after i others, those that were not
        accepted at once take more, which come after those of all variables.
    """
    shape, left, width, log_height, sure, slope, steps = table
    flat = out.reshape(-1)
    words = np.empty(_CHUNK, np.uint64)
    is_open = np.zeros(_CHUNK, np.uint8)
    are_open = is_open.view(np.uint64)
    further = number + np.uint64(flat.shape[0]) * STEP
    for start in range(0, flat.shape[0], _CHUNK):
        chunk = flat[start : start + _CHUNK]
        n = chunk.shape[0]
        for j in range(n):
            words[j] = word_of(number + np.uint64(j + 1) * STEP)
        number += np.uint64(n) * STEP
        for j in range(n):
            word = words[j]
            step = word >> _51
            chunk[j] = steps[step, 0] + np.float32(np.int32(word & _24_BITS)) * _PLACE32 * steps[step, 1]
            # rounded to float32 like what it is compared with, it is not on the other side of it
            is_open[j] = np.float32(np.int32((word >> _24) & _27_BITS)) * _HEIGHT32 >= steps[step, 2]
        is_open[n:] = 0
        for eighth in range(_CHUNK // 8):
            if not are_open[eighth]:
                continue
            for j in range(8 * eighth, 8 * eighth + 8):
                word = words[j]
                while is_open[j]:
                    step = word >> _51
                    place = np.float64(np.int64(word & _24_BITS)) * _PLACE
                    height = np.float64(np.int64((word >> _24) & _27_BITS)) * _HEIGHT
                    x = left[step] + place * width[step]
                    is_below = height < sure[step] + slope[step] * (1.0 - place)  # the tangent
                    is_above = shape <= 1.0 and sure[step] >= 0.0 and height >= 1.0 - (1.0 - sure[step]) * place
                    if not (is_below or is_above):
                        x, is_below, further = _rare_gamma(
                            shape, np.int64(step), left[step], width[step], log_height[step], place, height, further
                        )
                    if is_below:
                        chunk[j] = x
                        break
                    further += STEP
                    word = word_of(further)
    _sums_of_rows(out, total)

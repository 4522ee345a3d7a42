"""Gamma variables from a staircase, one after the other, every density evaluated."""

import math

import numpy as np

from twins.split_mix import ONE, split_mix


def gammas(table, n, number):
    """Return n float32 variables; the words after the n-th are those of further attempts."""
    out, further = np.empty(n, np.float32), number + n * ONE
    for i in range(n):
        word = split_mix(number + (i + 1) * ONE)
        while True:
            x, density, further = attempt(table, word, further)
            if (word >> 24) % 2**27 / 2**27 < density:
                break
            further += ONE
            word = split_mix(further)
        out[i] = x
    return out


def attempt(table, word, further):
    """Return a place, the density there relative to the greatest of the step, and the last word that was taken."""
    shape, left, width, log_height = table[:4]
    step, place = word >> 51, word % 2**24 / 2**24
    if step == 0 or (step == 1 and shape < 1):
        further += ONE
        place = (split_mix(further) >> 11) / 2**53
    if step == 0:
        rate = 1 - max(0, shape - 1) / left[0]
        x = left[0] - math.log(1 - place) / rate
        return x, math.exp((shape - 1) * math.log(x / left[0]) - (1 - rate) * (x - left[0])), further
    if step == 1 and shape < 1:
        x = width[1] * math.exp(math.log(1 - place) / shape)
        return x, math.exp(-x), further
    x = left[step] + place * width[step]
    return x, math.exp((shape - 1) * math.log(x) - x - log_height[step]) if x > 0 else 0.0, further

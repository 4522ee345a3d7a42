"""Gamma variables from steps below the density, one after the other, every density evaluated."""

import bisect
import math

import numpy as np

from twins.split_mix import ONE, split_mix


def gammas(table, n, number):
    """Return n float32 variables; the words after those of all variables are those of what the steps leave."""
    n_steps = len(table.edges) - 1
    out, further = np.empty(n, np.float32), number + (n + 1) // 2 * ONE
    for i in range(n):
        half = split_mix(number + (i // 2 + 1) * ONE) >> 32 * (i % 2) & 0xFFFFFFFF
        step, place = half >> 18, half % 2**18 / 2**18
        if step < n_steps:
            out[i] = table.edges[step] + place * (table.edges[step + 1] - table.edges[step])
        else:
            out[i], further = draw_above(table, n_steps, further)
    return out


def draw_above(table, n_steps, further):
    """Return a place at which a random height above the steps is below the density, and the last word."""
    shape, edges = table.shape, table.edges
    while True:
        u, place, height = (uniform(further + k * ONE) for k in (1, 2, 3))
        further += 3 * ONE
        part = bisect.bisect_right(table.above, u)
        if part < n_steps:
            left, right = edges[part], edges[part + 1]
            rise = height
            if shape <= 1:
                further += ONE
                place = min(place, uniform(further))
                rise *= 1 - place
            x = left + place * (right - left)
            low, high = sorted([log_density(shape, left), log_density(shape, right)])
            if left < shape - 1 < right:
                high = log_density(shape, shape - 1)
            bound = math.exp(low - high) + rise * (1 - math.exp(low - high))
            density = math.exp(log_density(shape, x) - high)
        elif part == n_steps:
            bound = height
            if shape < 1:
                x = edges[0] * (1 - place) ** (1 / shape)
                density = math.exp(-x)
            else:
                x = edges[0] * place
                density = math.exp(log_density(shape, x) - log_density(shape, max(0, min(shape - 1, edges[0]))))
        else:
            bound, rate = height, 1 - max(0, shape - 1) / edges[-1]
            x = edges[-1] - math.log(1 - place) / rate
            density = math.exp(log_density(shape, x) - log_density(shape, edges[-1]) + rate * (x - edges[-1]))
        if bound < density:
            return x, further


def uniform(number):
    return (split_mix(number) >> 11) / 2**53


def log_density(shape, x):
    return (shape - 1) * math.log(x) - x if x > 0 else 0.0 if shape == 1 else -math.inf

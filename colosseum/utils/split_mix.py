"""
Random words inside compiled loops: SplitMix64, without a call of the generator for each.

Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators: each word is a function of its number, and
numbers of one stream are `STEP` apart. A stream starts from a number that a generator draws.
"""

import numpy as np

from colosseum.utils.compiled import njit

STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_11, _27, _30, _31 = (np.uint64(n) for n in (11, 27, 30, 31))


@njit(cache=True, inline="always")
def word_of(number):
    """Return the random word, 64 bits, of a number."""
    number = (number ^ (number >> _30)) * _MIX_1
    number = (number ^ (number >> _27)) * _MIX_2
    return number ^ (number >> _31)


@njit(cache=True, inline="always")
def uniform(word):
    """Return a word as a number of [0, 1), with 53 digits."""
    return np.float64(np.int64(word >> _11)) * 2.0**-53

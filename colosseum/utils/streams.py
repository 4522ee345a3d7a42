"""Random streams of samples, which share nothing: each belongs to a seed, the name of a class and a number."""

import hashlib

import numpy as np


def sample_sequence(seed: int, class_name: str, index: int) -> np.random.SeedSequence:
    """
    Return the seed sequence of sample `index` of a class.

    Sequences of other seeds, other classes and other samples are independent, and sample `index` does not depend on how
    many there are.

    Parameters
    ----------
    seed, index : int
        At least 0.
    class_name : str
        Goes in as the first 16 bytes of its SHA-256, which is the same on every machine and in every run.
    """
    digest = hashlib.sha256(class_name.encode()).digest()[:16]
    words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
    return np.random.SeedSequence((seed, *words, index))


def sample_seed(seed: int, class_name: str, index: int) -> int:
    """Return a seed of 32 bits from `sample_sequence`, for code that takes a number."""
    return int(sample_sequence(seed, class_name, index).generate_state(1)[0])

"""SplitMix64, with integers of any size."""

ONE = 0x9E3779B97F4A7C15


def split_mix(number):
    """Steele, Lea and Flood (2014), figure 16, with the constants of Stafford's variant 13."""
    z = number % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31

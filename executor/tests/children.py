"""Waiting for a forked child."""

import time


def end_of(child, seconds=10.0):
    """The status of a child that ends by itself in time."""
    end = time.monotonic() + seconds
    while not child.ended():
        assert time.monotonic() < end
        time.sleep(0.01)
    return child.status

"""A study: what a configuration file asks for, the names that follow from it, and its checks."""

from colosseum.study.plan import Interactions, Study, find_benchmark

__all__ = ["Interactions", "Study", "find_benchmark"]

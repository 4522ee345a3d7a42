"""A study: what a configuration file asks for, the names that follow from it, and its checks."""

from colosseum.study.interactions import Interactions
from colosseum.study.plan import Study
from colosseum.study.sources import find_benchmark

__all__ = ["Interactions", "Study", "find_benchmark"]

"""Benchmarks: environments and experiment settings, and the instances that run agents on them."""

from colosseum.benchmark.benchmark import ColosseumBenchmark, ColosseumDefaultBenchmark

__all__ = ["ColosseumBenchmark", "ColosseumDefaultBenchmark"]

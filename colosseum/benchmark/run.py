"""The published name of what `colosseum.benchmark.make_instances` has: from agents and benchmarks to instances."""

from colosseum.benchmark.make_instances import (
    instantiate_and_get_exp_instances_from_agents_and_benchmarks,
    instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt,
    instantiate_and_get_exp_instances_from_benchmark,
)

__all__ = [
    "instantiate_and_get_exp_instances_from_agents_and_benchmarks",
    "instantiate_and_get_exp_instances_from_agents_and_benchmarks_for_hyperopt",
    "instantiate_and_get_exp_instances_from_benchmark",
]

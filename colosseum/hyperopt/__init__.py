"""Hyperparameter optimisation by random search: presets, sampling, selection."""

from colosseum.hyperopt.config import DEFAULT_HYPEROPT_CONF, SMALL_HYPEROPT_CONF, HyperOptConfig, get_preset

__all__ = ["DEFAULT_HYPEROPT_CONF", "SMALL_HYPEROPT_CONF", "HyperOptConfig", "get_preset"]

"""Hyperparameter optimisation by random search: presets, sampling, selection."""

from colosseum.hyperopt.config import DEFAULT_HYPEROPT_CONF, SMALL_HYPEROPT_CONF, HyperOptConfig, get_preset
from colosseum.published_names import refuse_what_is_not_tabular

__all__ = ["DEFAULT_HYPEROPT_CONF", "SMALL_HYPEROPT_CONF", "HyperOptConfig", "get_preset"]

__getattr__ = refuse_what_is_not_tabular(__name__)

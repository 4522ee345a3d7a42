"""Running one agent in one environment: settings, instances, the interaction loop, logs."""

from colosseum.experiment.config import ExperimentConfig

__all__ = ["ExperimentConfig"]

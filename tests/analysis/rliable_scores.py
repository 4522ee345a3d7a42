"""Scores that rliable and this package are compared on: the same numbers whatever the version of numpy."""

import numpy as np

X = np.abs(np.sin(1.7 * np.arange(48))).reshape(8, 6).round(3)
Y = np.abs(np.cos(2.3 * np.arange(48))).reshape(8, 6).round(3) ** 2
THRESHOLDS = np.linspace(0, 1, 11)

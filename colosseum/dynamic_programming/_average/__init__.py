"""Average reward: the parts of the public `average_reward` module."""

"""A user's agents and environments."""

"""The interface of an agent and the agents of the package."""

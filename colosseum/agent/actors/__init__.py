"""Actors: the components of agents that choose actions."""

from colosseum.agent.actors.base import BaseActor
from colosseum.agent.actors.q_values_actor import QValuesActor
from colosseum.agent.actors.random import RandomActor

__all__ = ["BaseActor", "QValuesActor", "RandomActor"]

"""The states of an environment as nodes: names, graph, text, and how often each was visited."""

import abc
import hashlib
import sys
from collections.abc import Hashable, Mapping
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import dm_env
import numpy as np

from colosseum.errors import ConfigurationError
from colosseum.mdp.policies import PolicyQuestions

if TYPE_CHECKING:
    from networkx import DiGraph

_LOOKS = "^>v<"  # up, right, down, left: where a walker with a direction looks


class NodeInfo(NamedTuple):
    """
    What there is to know of a node.

    Attributes
    ----------
    state : int
        The number of the state.
    transition_distributions : dict of int to dict of node to float
        For each action, the probability of each next node.
    state_visitation_count : int
    actions_visitation_count : dict of int to int
        See `BaseMDP.get_visitation_counts`.
    """

    state: int
    transition_distributions: dict[int, dict[Hashable, float]]
    state_visitation_count: int
    actions_visitation_count: dict[int, int]


class Nodes(PolicyQuestions):
    """The part of `BaseMDP` that names states and counts visits."""

    seed: int
    parameters: dict[str, Any]
    current_state: int
    _state_visits: dict[int, int]
    _action_visits: dict[tuple[int, int], int]
    _action_rng: np.random.Generator | None

    @abc.abstractmethod
    def step(self, action: int, auto_reset: bool = False) -> dm_env.TimeStep:
        """Take an action."""

    @abc.abstractmethod
    def get_gin_config(self, index: int = 0) -> str:
        """Return the gin text that makes this environment again (with the same seed)."""

    # --------------------------------------------------------------------------------------------------------- names

    @cached_property
    def node_to_index(self) -> dict[Hashable, int]:
        """The number of the state of each node."""
        return {node: i for i, node in enumerate(self.model.nodes)}

    @property
    def index_to_node(self) -> dict[int, Hashable]:
        """The node of each state."""
        return dict(enumerate(self.model.nodes))

    @property
    def cur_node(self) -> Hashable | None:
        """The node of the current state; None before the first reset."""
        return None if self.current_state < 0 else self.model.nodes[self.current_state]

    @property
    def starting_nodes(self) -> list[Hashable]:
        """The nodes in which an episode, or the interaction, may start."""
        return [self.model.nodes[state] for state in self.model.start_state]

    def get_node_class(self) -> type:
        """Return the class of the nodes: a named tuple of a family, int where the environment was made of arrays."""
        return type(self.model.nodes[0])

    @classmethod
    def get_action_class(cls) -> type[IntEnum]:
        """
        Return the enumeration of a family's actions. Where actions are permuted, the seed says which number is which.

        Raises
        ------
        ConfigurationError
            If the actions have no names.
        """
        for base in cls.__mro__:
            for value in vars(sys.modules[base.__module__]).values():
                if isinstance(value, type) and issubclass(value, IntEnum) and value.__name__.endswith("Action"):
                    return value
        raise ConfigurationError(f"{cls.__name__}: the actions have no names, only numbers.")

    def get_node_labels(self, values: np.ndarray) -> dict[Hashable, float]:
        """Return a value for each node from an array of shape (S,), such as the optimal values, for drawing."""
        return dict(zip(self.model.nodes, self._checked(values, (self.n_states,)).tolist(), strict=True))

    def get_node_action_labels(self, values: np.ndarray) -> dict[tuple[Hashable, int], float]:
        """Return a value for each pair (node, action) from an array of shape (S, A), for drawing."""
        table = self._checked(values, (self.n_states, self.n_actions)).tolist()
        nodes = self.model.nodes
        return {(nodes[s], a): table[s][a] for s in range(self.n_states) for a in range(self.n_actions)}

    def get_info_class(self, n: Hashable) -> NodeInfo:
        """
        Return what there is to know of a node.

        Raises
        ------
        ConfigurationError
            If there is no such node.
        """
        state = self._state_of(n)
        moves = {}
        for a in range(self.n_actions):
            entries = slice(*self.model.indptr[state * self.n_actions + a :][:2])
            nodes = [self.model.nodes[s] for s in self.model.next_state[entries]]
            moves[a] = dict(zip(nodes, self.model.probs[entries].tolist(), strict=True))
        taken = {a: self._action_visits.get((state, a), 0) for a in range(self.n_actions)}
        return NodeInfo(state, moves, self._state_visits.get(state, 0), taken)

    @property
    def hash(self) -> str:
        """A name for files: the class, and a digest of parameters and seed."""
        text = f"{self.seed}\n{self.get_gin_config()}"
        return f"mdp_{type(self).__name__}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    # --------------------------------------------------------------------------------------------------------- graph

    @cached_property
    def G(self) -> "DiGraph":
        """
        The graph of the nodes: an edge where some action may lead from one to the other.

        Raises
        ------
        ConfigurationError
            If networkx is not installed.
        """
        try:
            from networkx import DiGraph
        except ModuleNotFoundError:
            raise ConfigurationError(
                "networkx is not installed, which graphs need; `pip install 'colosseum-benchmark[graphs]'` installs it."
            ) from None
        graph: DiGraph = DiGraph()
        graph.add_nodes_from(self.model.nodes)
        nodes = self.model.nodes
        graph.add_edges_from((nodes[s], nodes[t]) for s, t in sorted(self._edges()))
        return graph

    @cached_property
    def graph_layout(self) -> dict[Hashable, tuple[float, float]]:
        """Where each node is drawn: where it lies, if it has coordinates, else by a spring model with a fixed seed."""
        if hasattr(self.model.nodes[0], "X"):
            return {node: _place(node) for node in self.model.nodes}
        from networkx import spring_layout

        places = spring_layout(self.G, seed=0)
        return {node: (float(x), float(y)) for node, (x, y) in places.items()}

    @property
    def graph_metrics(self) -> dict[str, int]:
        """Numbers of nodes and edges; when episodic of the graph of (step, state) that an episode can reach."""
        if self.H is None:
            return {"# nodes": self.n_states, "# edges": len(self._edges())}
        chain = self.get_markov_chain(self.random_policy)
        return {"# nodes": len(chain.states), "# edges": int((chain.p > 0).sum())}

    @property
    def summary(self) -> dict[str, Mapping[str, Any]]:
        """Parameters, measures of hardness and metrics of the graph."""
        return {
            "Parameters": self.parameters,
            "Measure of hardness": self.measures_of_hardness,
            "Graph metrics": self.graph_metrics,
        }

    @property
    def hardness_report(self) -> dict[str, Any]:
        """What the published package keeps in a file: class, seed, parameters, measures, metrics; computed here."""
        return {
            "MDP class": type(self).__name__,
            "MDP seed": self.seed,
            "MDP parameters": self.parameters,
            "MDP measure of hardness": self.measures_of_hardness,
            "MDP graph metrics": self.graph_metrics,
        }

    def _edges(self) -> set[tuple[int, int]]:
        row = np.repeat(np.arange(self.n_states * self.n_actions), np.diff(self.model.indptr)) // self.n_actions
        kept = self.model.probs > 0
        return set(zip(row[kept].tolist(), self.model.next_state[kept].tolist(), strict=True))

    # ---------------------------------------------------------------------------------------------------------- text

    def get_grid_representation(self, node: Hashable, h: int | None = None) -> str:
        """
        Draw a node as text: ``A``, or ``^>v<`` where it looks somewhere; ``.`` where it could be, ``#`` where not.

        Parameters
        ----------
        node : node
        h : int, optional
            The step of the episode, written below.

        Raises
        ------
        ConfigurationError
            If there is no such node, or the nodes have no coordinates.
        """
        self._state_of(node)
        if not hasattr(node, "X"):
            raise ConfigurationError(f"{type(self).__name__}: the nodes have no coordinates, so there is no grid.")
        tiles = {(n.X, getattr(n, "Y", 0)) for n in self.model.nodes}  # type: ignore[attr-defined]
        width, height = 1 + max(x for x, _ in tiles), 1 + max(y for _, y in tiles)
        rows = [["." if (x, y) in tiles else "#" for x in range(width)] for y in range(height)]
        rows[getattr(node, "Y", 0)][node.X] = _LOOKS[node.Dir] if hasattr(node, "Dir") else "A"
        text = "\n".join("".join(row) for row in reversed(rows))
        return text if h is None else f"{text}\nstep {h}"

    # ------------------------------------------------------------------------------------------------ steps and visits

    def random_step(self, auto_reset: bool = False) -> tuple[dm_env.TimeStep, int]:
        """
        Take a uniformly random action, drawn from the seed.

        Returns
        -------
        dm_env.TimeStep
        int
            The action.
        """
        if self._action_rng is None:
            self._action_rng = np.random.default_rng(np.random.SeedSequence(self.seed).spawn(4)[3])
        action = int(self._action_rng.integers(self.n_actions))
        return self.step(action, auto_reset), action

    def random_steps(self, n: int, auto_reset: bool = False) -> list[tuple[dm_env.TimeStep, int]]:
        """Take `n` random actions; see `random_step`."""
        return [self.random_step(auto_reset) for _ in range(n)]

    def get_visitation_counts(self, state_only: bool = True) -> dict[Any, int]:
        """
        Count what `reset` and `step` met since the environment was made, or since `reset_visitation_counts`.

        Compiled loops step on the arrays, not through `step`, and are not counted.

        Parameters
        ----------
        state_only : bool
            Whether to count arrivals in nodes; else how often each action was taken in each.

        Returns
        -------
        dict of node to int, or of (node, action) to int
        """
        nodes = self.model.nodes
        if state_only:
            return {node: self._state_visits.get(s, 0) for s, node in enumerate(nodes)}
        pairs = ((s, a) for s in range(self.n_states) for a in range(self.n_actions))
        return {(nodes[s], a): self._action_visits.get((s, a), 0) for s, a in pairs}

    def reset_visitation_counts(self) -> None:
        """Begin to count anew."""
        self._state_visits, self._action_visits = {}, {}

    def _state_of(self, node: Hashable) -> int:
        state = self.node_to_index.get(node)
        if state is None:
            raise ConfigurationError(
                f"{type(self).__name__}: there is no node {node!r}; {self.model.nodes[0]!r} is one."
            )
        return state

    @staticmethod
    def _checked(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        array = np.asarray(values)
        if array.shape != shape:
            raise ConfigurationError(f"values: the shape is {array.shape}; {shape} would do.")
        return array


def _place(node: Any) -> tuple[float, float]:
    x, y = float(node.X), float(getattr(node, "Y", 0))
    if hasattr(node, "Dir"):  # four to a tile
        dx, dy = ((0.0, 0.25), (0.25, 0.0), (0.0, -0.25), (-0.25, 0.0))[node.Dir]
        return x + dx, y + dy
    others = [value for name, value in node._asdict().items() if name not in ("X", "Y")]
    for i, value in enumerate(others):  # beside each other within the tile
        x, y = x + 0.12 * value * (i == 0), y + 0.12 * value * (i == 1)
    return x, y

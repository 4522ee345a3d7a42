"""What agents that plan have in common: act and count until an episode of theirs ends, then plan."""

import abc
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from colosseum.agent.agents.choosing import Exploration, choose_action, greedy_policy, tied_action
from colosseum.agent.agents.compiled import ActingRule, CompiledAgent
from colosseum.agent.checks import check_integer
from colosseum.agent.mdp_models.bayesian_model import BayesianMDPModel
from colosseum.agent.mdp_models.bayesian_models.conjugate_rewards import add_reward
from colosseum.agent.mdp_models.transition_counts import TransitionCounts, add_transition, compressed_rows
from colosseum.mdp.sampling import draw_start, take_step, uncounted, unsigned
from colosseum.published_names import accepts
from colosseum.utils.compiled import njit

if TYPE_CHECKING:
    import dm_env

    from colosseum.mdp.sampling import SamplingTables
    from colosseum.utils.acme.specs import MDPSpec


class ModelBasedAgent(CompiledAgent):
    """
    An agent that keeps counts and reward statistics, and plans at the end of each of its episodes.

    An episode is the environment's when episodic. When continuous it ends when the visits of a pair of state and action
    in it reach max(1, N(s, a)), N being the visits before it.

    Subclasses define `plan`, which sets ``self._values``, and `estimated_values`, which is called where a log point
    asks for a policy. Both see the experience as of the start of the running episode: ``self._rows``, the counts,
    ``self._visits`` and ``self._episode_mean``, the mean rewards.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
    epsilon_greedy, boltzmann_temperature : float or callable, optional
        See `colosseum.agent.agents.choosing.Exploration`.

    Attributes
    ----------
    planning_seconds : float
        Time spent planning so far.
    n_plans : int
        How often.
    """

    _mdp_model: BayesianMDPModel | None
    _rows: tuple[np.ndarray, np.ndarray, np.ndarray]

    @accepts(optimization_horizon="n_steps")
    def __init__(
        self,
        seed: int,
        mdp_specs: "MDPSpec",
        n_steps: int,
        epsilon_greedy: float | Callable[[int], float] | None = None,
        boltzmann_temperature: float | Callable[[int], float] | None = None,
    ):
        super().__init__(seed, mdp_specs, n_steps)
        T = check_integer(self, "n_steps", n_steps, 1)
        S, A = self._n_states, self._n_actions
        self._exploration = Exploration.of(self, epsilon_greedy, boltzmann_temperature, T)
        self._counts = TransitionCounts.empty(S, A)
        self._reward_mean, self._reward_squares = np.zeros(S * A), np.zeros(S * A)
        n_nodes = max(self._H, 1) * S
        self._values = np.zeros(n_nodes * A)
        self._greedy = np.full(n_nodes, -A if A > 1 else 0, np.int32)
        # An environment's episode has no limit of visits: the empty array tells the loop so.
        self._limit = np.empty(0, np.int64) if self._H else np.ones(S * A, np.int64)
        self._time = 0
        self._policy: np.ndarray | None = None
        self.planning_seconds, self.n_plans = 0.0, 0

    @abc.abstractmethod
    def plan(self) -> None:
        """Set ``self._values`` and ``self._greedy`` from what is known at the start of an episode."""

    @abc.abstractmethod
    def estimated_values(self) -> tuple[np.ndarray, np.ndarray]:
        """
        Return values that are optimal in the estimated model, as of the start of the running episode.

        Returns
        -------
        values : float64 array of shape (S * A,), or (H * S * A,) when episodic
        greedy : int32 array of shape (S,), or (H * S,) when episodic
            For each row, what `best_of_row` says of it.
        """

    def estimated_rewards(self) -> np.ndarray:
        """Return the posterior's means as of the start of the running episode, float64 array of shape (S * A,)."""
        assert self._mdp_model is not None
        return self._mdp_model.rewards_model.posterior_means(self._visits, self._episode_mean)

    def use_posteriors(self, model: BayesianMDPModel) -> None:
        """Let `model` be the agent's, with the agent's own counts and statistics, which the loop keeps up to date."""
        rewards = model.rewards_model
        rewards.n, rewards.mean, rewards.squares = self._counts.visits, self._reward_mean, self._reward_squares
        self._mdp_model = model

    @property
    def current_optimal_stochastic_policy(self) -> np.ndarray:
        """
        The policy that is optimal in the model as estimated at the start of the running episode, read-only.

        It is the same array as long as nothing was learnt: until the end of the episode.
        """
        if self._policy is None:
            policy = greedy_policy(*self.estimated_values(), self._n_actions)
            shape = (self._n_states, self._n_actions)
            self._policy = policy.reshape(self._H, *shape) if self._H else policy
            self._policy.flags.writeable = False
        return self._policy

    def before_start_interacting(self) -> None:
        self.episode_end_update()

    def episode_end_update(self) -> None:
        """Plan."""
        begin = time.perf_counter()
        counts = self._counts
        if self._mdp_model is not None:
            self._mdp_model.transitions_model.counts = counts
        self._rows = compressed_rows(*counts[1:])
        self._visits, self._episode_mean = counts.visits.copy(), self._reward_mean.copy()
        if len(self._limit):
            self._limit = self._visits + np.maximum(self._visits, 1)
        self._policy = None
        self.plan()
        self.n_plans += 1
        self.planning_seconds += time.perf_counter() - begin

    def is_episode_end(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> bool:
        if self._H:
            return ts_tp1.last()
        row = int(ts_t.observation) * self._n_actions + a_t
        return bool(self._counts.visits[row] >= self._limit[row])

    def acting_rule(self) -> ActingRule:
        return ActingRule(self._values, self._greedy, self._exploration, self._time, self._H)

    def select_action(self, ts: "dm_env.TimeStep", time: int) -> int:
        node = (time * self._n_states if self._H else 0) + int(ts.observation)
        values, greedy = self._values, self._greedy
        return int(
            choose_action(values, greedy, node, self._n_actions, self._rng_agent, *self._exploration, self._time)
        )

    @accepts(h="time")
    def step_update(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> None:
        self._counts = self._counts.with_room_for(1)
        row = int(ts_t.observation) * self._n_actions + a_t
        add_transition(*self._counts, row, int(ts_tp1.observation))
        add_reward(self._counts.visits, self._reward_mean, self._reward_squares, row, float(ts_tp1.reward))
        self._time += 1

    def advance(
        self, tables: "SamplingTables", rng: np.random.Generator, position: np.ndarray, n: int, totals: np.ndarray
    ) -> None:
        # as many entries as steps, but in bites: the first of a long chunk would have to allocate for all of them
        while n:
            bite = min(n, 10_000)
            self._counts = self._counts.with_room_for(bite)
            taken, ended = _act(
                tables,
                rng,
                position,
                bite,
                totals,
                self._rng_agent,
                (self._n_states, self._n_actions, self._H),
                self._values,
                self._greedy,
                self._exploration,
                self._time,
                self._counts,
                self._reward_mean,
                self._reward_squares,
                self._limit,
            )
            n -= taken
            self._time += taken
            if ended:
                self.episode_end_update()


@njit(cache=True)
def _act(
    tables, rng, position, n, totals, rng_agent, sizes, values, greedy, exploration, time, counts, mean, squares, limit
):
    """Take up to `n` steps, but none beyond the end of an episode; return how many, and whether one ended."""
    tables = uncounted(tables)
    visits, head, link, met, count, used = uncounted(counts)
    values, greedy, mean, squares, limit = uncounted((values, greedy, mean, squares, limit))
    epsilon, temperature = uncounted(exploration)
    n_states, n_actions, horizon = sizes
    explores = epsilon.shape[0] + temperature.shape[0] > 0
    s, h, start = position
    reward_sum, gap_sum = totals
    taken = 0
    ended = False
    while taken < n and not ended:
        node = h * n_states + s
        if explores:
            a = choose_action(values, greedy, node, n_actions, rng_agent, epsilon, temperature, time + taken)
        else:
            a = np.int64(greedy[unsigned(node)])
            if a < 0:
                a = tied_action(values, node * n_actions, n_actions, -a, rng_agent.random())
        row = s * n_actions + a
        s, reward, gap = take_step(tables, rng, s, h, a)
        add_transition(visits, head, link, met, count, used, row, s)
        add_reward(visits, mean, squares, row, reward)
        reward_sum += reward
        gap_sum += gap
        taken += 1
        if horizon > 0:
            h += 1
            if h == horizon:
                h = 0
                s = start = draw_start(tables, rng)
                ended = True
        else:
            ended = visits[row] >= limit[row]
    position[0] = s
    position[1] = h
    position[2] = start
    totals[0] = reward_sum
    totals[1] = gap_sum
    return taken, ended

"""Optimistic Q-learning for average reward (Wei et al., 2020)."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import gin
import numpy as np

from colosseum.agent.agents.choosing import Exploration, best_of_row, choose_action, greedy_policy, tied_action
from colosseum.agent.agents.compiled import ActingRule, CompiledAgent
from colosseum.agent.checks import check_integer, check_number
from colosseum.agent.published_spaces import published_spaces
from colosseum.mdp.sampling import take_step, uncounted, unsigned
from colosseum.published_names import accepts
from colosseum.utils.compiled import njit

if TYPE_CHECKING:
    import dm_env

    from colosseum.mdp.sampling import SamplingTables
    from colosseum.utils.acme.specs import MDPSpec


def get_H(n_states: int, n_actions: int, T: int, span_approx: float, confidence: float) -> float:
    """
    Return the effective horizon that the regret bound asks for.

    Parameters
    ----------
    n_states, n_actions : int
    T : int
        The optimization horizon, in steps.
    span_approx : float
        Estimate of the span of the optimal bias function.
    confidence : float
        One minus the probability of failure.

    Returns
    -------
    float
        min(sqrt(sp T / (S A)), (T / (S A ln(4 T / delta)))^(1/3)) (Wei et al., 2020, Theorem 2).
    """
    steps_per_pair = T / (n_states * n_actions)
    return min(
        math.sqrt(span_approx * steps_per_pair),
        (steps_per_pair / math.log(4 * T / (1 - confidence))) ** (1 / 3),
    )


@gin.configurable
class QLearningContinuous(CompiledAgent):
    """
    Optimistic Q-learning: a discounted problem of a long horizon stands in for the average-reward one.

    Wei, Jafarnia-Jahromi, Luo, Sharma and Jain (2020), Model-free reinforcement learning in infinite-horizon
    average-reward Markov decision processes, ICML, Algorithm 1. After the t-th visit of (s, a), which gave r and s'::

        Q(s, a)    <- (1 - alpha_t) Q(s, a) + alpha_t (r + gamma Vhat(s') + b_t)
        Qhat(s, a) <- min(Qhat(s, a), Q(s, a))
        Vhat(s)    <- max_a Qhat(s, a)

    with alpha_t = max(min_at, (H + 1) / (H + t)), b_t = 4 sp sqrt(H / t ln(2 T / delta)), gamma = 1 - 1 / H, and
    Q = Qhat = Vhat = H at the start. Rewards are scaled from `mdp_specs.rewards_range` to [0, 1], which the bonus
    assumes.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
        T, in steps.
    min_at : float
        Lower bound of the learning rate, in [0, 1); the paper has none (0).
    confidence : float
        1 - delta, in (0, 1).
    span_approx_weight : float
        sp, times `get_span_approx(S, A)` if that is given.
    get_span_approx : callable (n_states, n_actions) -> float, optional
    h_weight : float
        Multiplies the effective horizon; H is at least 2.
    get_H : callable (n_states, n_actions, T, span_approx, confidence) -> float
        The effective horizon.
    epsilon_greedy : float or callable, optional
        Probability of a uniformly random action; a callable gets the number of the step. The paper's agent is greedy.
    boltzmann_temperature : float or callable, optional
        Actions are drawn with a probability proportional to exp(temperature * Qhat).

    Raises
    ------
    ConfigurationError
        If a hyperparameter lies outside its range.
    """

    @accepts(optimization_horizon="n_steps")
    def __init__(
        self,
        seed: int,
        mdp_specs: "MDPSpec",
        n_steps: int,
        min_at: float = 0.0,
        confidence: float = 0.95,
        span_approx_weight: float = 1.0,
        get_span_approx: Callable[[int, int], float] | None = None,
        h_weight: float = 1.0,
        get_H: Callable[[int, int, int, float, float], float] = get_H,
        epsilon_greedy: float | Callable[[int], float] | None = None,
        boltzmann_temperature: float | Callable[[int], float] | None = None,
    ):
        super().__init__(seed, mdp_specs, n_steps)
        min_at = check_number(self, "min_at", min_at, 0, 1, closed="low")
        confidence = check_number(self, "confidence", confidence, 0, 1)
        span = check_number(self, "span_approx_weight", span_approx_weight, 0)
        h_weight = check_number(self, "h_weight", h_weight, 0)
        T = check_integer(self, "n_steps", n_steps, 1)
        S, A = self._n_states, self._n_actions
        if get_span_approx is not None:
            span = check_number(self, "get_span_approx(S, A)", get_span_approx(S, A) * span, 0)
        low, high = mdp_specs.rewards_range

        horizon = max(2.0, h_weight * get_H(S, A, T, span, confidence))
        constants = _Constants(
            gamma=1.0 - 1.0 / horizon,
            horizon=horizon,
            min_at=min_at,
            span=span,
            log_term=math.log(2 * T / (1 - confidence)),
            reward_low=float(low),
            reward_scale=1.0 / (high - low),
        )
        self._learner = _Learner(
            Q=np.full(S * A, horizon),
            Q_hat=np.full(S * A, horizon),
            V_hat=np.full(S, horizon),
            N=np.zeros(S * A, np.int32),
            greedy=np.full(S, -A if A > 1 else 0, np.int32),
            schedule=np.empty((0, 2)),
            constants=constants,
        )
        self._exploration = Exploration.of(self, epsilon_greedy, boltzmann_temperature, T)
        self._time = 0

    @staticmethod
    def is_episodic() -> bool:
        return False

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return published_spaces("QLearningContinuous")

    @property
    def current_optimal_stochastic_policy(self) -> np.ndarray:
        return greedy_policy(self._learner.Q_hat, self._learner.greedy, self._n_actions)

    def get_q_value_estimate(self) -> np.ndarray:
        """Return Qhat, float64 array of shape (S, A): optimistic discounted values of rewards in [0, 1]."""
        return self._learner.Q_hat.reshape(self._n_states, self._n_actions).copy()

    def acting_rule(self) -> ActingRule:
        return ActingRule(self._learner.Q_hat, self._learner.greedy, self._exploration, self._time, 0)

    def select_action(self, ts: "dm_env.TimeStep", time: int) -> int:
        values, greedy = self._learner.Q_hat, self._learner.greedy
        s = int(ts.observation)
        return int(choose_action(values, greedy, s, self._n_actions, self._rng_agent, *self._exploration, self._time))

    @accepts(h="time")
    def step_update(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> None:
        self._prepare(1)
        _update(*self._learner, self._n_actions, int(ts_t.observation), a_t, ts_tp1.reward, int(ts_tp1.observation))
        self._time += 1

    def advance(
        self, tables: "SamplingTables", rng: np.random.Generator, position: np.ndarray, n: int, totals: np.ndarray
    ) -> None:
        self._prepare(n)
        learner, exploration = self._learner, self._exploration.or_none()
        _advance(tables, rng, position, n, totals, self._rng_agent, self._n_actions, learner, exploration, self._time)
        self._time += n

    # The episodic agent has the same frame around other tables, another schedule and another update: only the frame is
    # the same, and each of the two algorithms is read in one file.
    def _prepare(self, n: int) -> None:
        """Make the schedule long enough for `n` more steps: no pair has more visits than there were steps."""
        n_visits = self._time + n
        if n_visits >= len(self._learner.schedule):
            n_visits = max(n_visits, min(2 * n_visits, self._n_steps))
            self._learner = self._learner._replace(schedule=_schedule(n_visits, self._learner.constants))


class _Constants(NamedTuple):
    gamma: float
    horizon: float
    min_at: float
    span: float
    log_term: float
    reward_low: float
    reward_scale: float


class _Learner(NamedTuple):
    """
    Rows of pairs are s * A + a.

    `greedy` holds what `best_of_row` says of Q_hat; row t of `schedule` the learning rate and bonus of a pair's t-th
    visit: two divisions and a square root, which would take longer than all the rest of a step.
    """

    Q: np.ndarray
    Q_hat: np.ndarray
    V_hat: np.ndarray
    N: np.ndarray
    greedy: np.ndarray
    schedule: np.ndarray
    constants: _Constants


@njit(cache=True, error_model="numpy")  # divisions without a check for zero: five times as fast
def _schedule(n_visits, c):
    """Algorithm 1: alpha_t and b_t for t = 1, ..., n_visits."""
    table = np.empty((n_visits + 1, 2))
    table[0] = 0.0
    for t in range(1, n_visits + 1):
        table[t, 0] = max(c.min_at, (c.horizon + 1.0) / (c.horizon + t))
        table[t, 1] = 4.0 * c.span * math.sqrt(c.horizon / t * c.log_term)
    return table


@njit(cache=True, inline="always")
def _update(Q, Q_hat, V_hat, N, greedy, schedule, c, n_actions, s, a, reward, next_state):
    row = unsigned(s * n_actions + a)
    t = unsigned(N[row] + 1)
    N[row] = t
    rate = schedule[t, 0]
    bonus = schedule[t, 1]
    target = (reward - c.reward_low) * c.reward_scale + c.gamma * V_hat[unsigned(next_state)] + bonus
    q = (1.0 - rate) * Q[row] + rate * target
    Q[row] = q
    # also where nothing changes: a branch on it could not be predicted, and costs more
    Q_hat[row] = min(Q_hat[row], q)
    V_hat[unsigned(s)], greedy[unsigned(s)] = best_of_row(Q_hat, s * n_actions, n_actions)


@njit(cache=True)
def _advance(tables, rng, position, n, totals, rng_agent, n_actions, learner, exploration, time):
    tables = uncounted(tables)
    Q, Q_hat, V_hat, N, greedy, schedule, c = uncounted(learner)
    if exploration is not None:  # or compiled without: see the loops of QLearningEpisodic
        epsilon, temperature = uncounted(exploration)
    s = position[0]
    reward_sum, gap_sum = totals
    for i in range(n):
        if exploration is not None:
            a = choose_action(Q_hat, greedy, s, n_actions, rng_agent, epsilon, temperature, time + i)
        else:
            a = np.int64(greedy[unsigned(s)])
            if a < 0:
                a = tied_action(Q_hat, s * n_actions, n_actions, -a, rng_agent.random())
        next_state, reward, gap = take_step(tables, rng, s, 0, a)
        _update(Q, Q_hat, V_hat, N, greedy, schedule, c, n_actions, s, a, reward, next_state)
        reward_sum += reward
        gap_sum += gap
        s = next_state
    position[0] = s
    totals[0] = reward_sum
    totals[1] = gap_sum

"""Q-learning with upper confidence bounds for finite horizons (Jin et al., 2018)."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import gin
import numpy as np

from colosseum.agent.agents.choosing import Exploration, best_of_row, choose_action, greedy_policy, tied_action
from colosseum.agent.agents.compiled import ActingRule, CompiledAgent
from colosseum.agent.checks import check_choice, check_integer, check_number
from colosseum.agent.published_spaces import published_spaces
from colosseum.errors import ConfigurationError
from colosseum.mdp.sampling import draw_start, take_step, uncounted, unsigned
from colosseum.published_names import accepts
from colosseum.utils.compiled import njit

if TYPE_CHECKING:
    import dm_env

    from colosseum.mdp.sampling import SamplingTables
    from colosseum.utils.acme.specs import MDPSpec


@gin.configurable
class QLearningEpisodic(CompiledAgent):
    """
    Q-learning with a bonus for what is seldom visited.

    Jin, Allen-Zhu, Bubeck and Jordan (2018), Is Q-learning provably efficient?, NeurIPS, Algorithm 1 (Hoeffding bonus)
    and Algorithm 2 (Bernstein bonus). After the t-th visit of (s, a) at time h, which gave r and s'::

        Q_h(s, a) <- (1 - alpha_t) Q_h(s, a) + alpha_t (r + V_{h+1}(s') + b_t)
        V_h(s)    <- min(H, max_a Q_h(s, a))

    with alpha_t = max(min_at, (H + 1) / (H + t)), Q_h = V_h = H at the start and V_H = 0 (times count from 0). With
    iota = ln(S A T / p), the bonus is b_t = c_1 sqrt(H^3 iota / t) (Hoeffding), or (Bernstein)
    b_t = (beta_t - (1 - alpha_t) beta_{t-1}) / (2 alpha_t) with beta_0 = 0 and::

        beta_t = min(c_1 (sqrt(H / t (W_t + H) iota) + sqrt(H^7 S A) iota / t), c_2 sqrt(H^3 iota / t)),

    W_t being the variance of the t values V_{h+1}(s') that were met. Rewards are scaled from `mdp_specs.rewards_range`
    to [0, 1], which the bonus assumes.

    Parameters
    ----------
    seed : int
    mdp_specs : MDPSpec
    n_steps : int
        T, in steps.
    p : float
        Probability of failure, in (0, 1).
    c_1 : float
        Weight of the bonus.
    c_2 : float, optional
        Weight of the second bound of the Bernstein bonus, which needs it.
    min_at : float
        Lower bound of the learning rate, in [0, 1); the paper has none (0).
    UCB_type : {"hoeffding", "bernstein"}
    epsilon_greedy : float or callable, optional
        Probability of a uniformly random action; a callable gets the number of the step. The paper's agent is greedy.
    boltzmann_temperature : float or callable, optional
        Actions are drawn with a probability proportional to exp(temperature * Q_h).

    Raises
    ------
    ConfigurationError
        If a hyperparameter lies outside its range, or c_2 is missing.
    """

    fixed_hyperparameters: ClassVar[dict[str, Any]] = {"p": 0.05, "UCB_type": "bernstein"}

    @accepts(optimization_horizon="n_steps")
    def __init__(
        self,
        seed: int,
        mdp_specs: "MDPSpec",
        n_steps: int,
        p: float,
        c_1: float,
        c_2: float | None = None,
        min_at: float = 0.0,
        UCB_type: str = "hoeffding",
        epsilon_greedy: float | Callable[[int], float] | None = None,
        boltzmann_temperature: float | Callable[[int], float] | None = None,
    ):
        super().__init__(seed, mdp_specs, n_steps)
        p = check_number(self, "p", p, 0, 1)
        c_1 = check_number(self, "c_1", c_1, 0)
        min_at = check_number(self, "min_at", min_at, 0, 1, closed="low")
        bernstein = check_choice(self, "UCB_type", UCB_type, ("hoeffding", "bernstein")) == "bernstein"
        if c_2 is not None:
            c_2 = check_number(self, "c_2", c_2, 0)
        elif bernstein:
            raise ConfigurationError("QLearningEpisodic.c_2 is missing: UCB_type 'bernstein' needs it")
        T = check_integer(self, "n_steps", n_steps, 1)
        S, A, H = self._n_states, self._n_actions, self._H
        low, high = mdp_specs.rewards_range

        iota = math.log(S * A * T / p)
        constants = _Constants(
            horizon=H,
            min_at=min_at,
            bernstein=bernstein,
            c_1=c_1,
            horizon_iota=H * iota,
            root_term=math.sqrt(H**7 * S * A) * iota,
            # c_2 bounds the Bernstein bonus in just the way that c_1 weighs the Hoeffding bonus
            hoeffding_weight=c_1 if c_2 is None or not bernstein else c_2,
            hoeffding_term=H**3 * iota,
            reward_low=float(low),
            reward_scale=1.0 / (high - low),
        )
        V = np.full((H + 1) * S, float(H))
        V[H * S :] = 0.0
        n_moments = H * S * A if bernstein else 0
        self._learner = _Learner(
            Q=np.full(H * S * A, float(H)),
            V=V,
            N=np.zeros(H * S * A, np.int32),
            moments=np.zeros((n_moments, 3)),
            greedy=np.full(H * S, -A if A > 1 else 0, np.int32),
            schedule=np.empty((0, 4)),
            constants=constants,
        )
        self._exploration = Exploration.of(self, epsilon_greedy, boltzmann_temperature, T)
        self._time = 0

    @staticmethod
    def is_episodic() -> bool:
        return True

    @staticmethod
    def get_hyperparameters_search_spaces() -> dict[str, Any]:
        return published_spaces("QLearningEpisodic")

    @property
    def current_optimal_stochastic_policy(self) -> np.ndarray:
        policy = greedy_policy(self._learner.Q, self._learner.greedy, self._n_actions)
        return policy.reshape(self._H, self._n_states, self._n_actions)

    def get_q_value_estimate(self) -> np.ndarray:
        """Return Q, float64 array of shape (H, S, A): optimistic values of rewards in [0, 1]."""
        return self._learner.Q.reshape(self._H, self._n_states, self._n_actions).copy()

    def acting_rule(self) -> ActingRule:
        return ActingRule(self._learner.Q, self._learner.greedy, self._exploration, self._time, self._H)

    def select_action(self, ts: "dm_env.TimeStep", time: int) -> int:
        values, greedy = self._learner.Q, self._learner.greedy
        now = time * self._n_states + int(ts.observation)
        return int(choose_action(values, greedy, now, self._n_actions, self._rng_agent, *self._exploration, self._time))

    @accepts(h="time")
    def step_update(self, ts_t: "dm_env.TimeStep", a_t: int, ts_tp1: "dm_env.TimeStep", time: int) -> None:
        self._prepare(1)
        now = time * self._n_states + int(ts_t.observation)
        then = (time + 1) * self._n_states + int(ts_tp1.observation)
        update = _update_bernstein if self._learner.constants.bernstein else _update_hoeffding
        update(*self._learner, self._n_actions, now, a_t, ts_tp1.reward, then)
        self._time += 1

    def advance(
        self, tables: "SamplingTables", rng: np.random.Generator, position: np.ndarray, n: int, totals: np.ndarray
    ) -> None:
        self._prepare(n)
        sizes = (self._n_states, self._n_actions)
        learner, exploration = self._learner, self._exploration.or_none()
        advance = _advance_bernstein if learner.constants.bernstein else _advance_hoeffding
        advance(tables, rng, position, n, totals, self._rng_agent, *sizes, learner, exploration, self._time)
        self._time += n

    def _prepare(self, n: int) -> None:
        """Make the schedule long enough for `n` more steps: no pair has more visits than there were episodes."""
        n_visits = (self._time + n) // self._H + 1
        if n_visits >= len(self._learner.schedule):
            n_visits = max(n_visits, min(2 * n_visits, self._n_steps // self._H + 1))
            self._learner = self._learner._replace(schedule=_schedule(n_visits, self._learner.constants))


class _Constants(NamedTuple):
    horizon: int
    min_at: float
    bernstein: bool
    c_1: float
    horizon_iota: float
    root_term: float
    hoeffding_weight: float
    hoeffding_term: float
    reward_low: float
    reward_scale: float


class _Learner(NamedTuple):
    """
    Time and state make a node h * S + s; the row of a pair is node * A + a.

    `moments` holds mu, sigma and beta of Algorithm 2 (no rows with Hoeffding bonuses), `greedy` what `best_of_row` says
    of Q; row t of `schedule` what does not depend on values in a pair's t-th visit.
    """

    Q: np.ndarray
    V: np.ndarray
    N: np.ndarray
    moments: np.ndarray
    greedy: np.ndarray
    schedule: np.ndarray
    constants: _Constants


@njit(cache=True, error_model="numpy")  # divisions without a check for zero: five times as fast
def _schedule(n_visits, c):
    """For t = 1, ..., n_visits: alpha_t, the Hoeffding bonus, 1 / t and 1 / (2 alpha_t)."""
    table = np.empty((n_visits + 1, 4))
    table[0] = 0.0
    for t in range(1, n_visits + 1):
        rate = max(c.min_at, (c.horizon + 1.0) / (c.horizon + t))
        table[t, 0] = rate
        table[t, 1] = c.hoeffding_weight * math.sqrt(c.hoeffding_term / t)
        table[t, 2] = 1.0 / t
        table[t, 3] = 0.5 / rate
    return table


@njit(cache=True, inline="always")
def _update_hoeffding(Q, V, N, moments, greedy, schedule, c, n_actions, now, a, reward, then):
    """Algorithm 1, lines 6 to 8; `moments` is not used."""
    row = unsigned(now * n_actions + a)
    t = unsigned(N[row] + 1)
    N[row] = t
    rate = schedule[t, 0]
    target = (reward - c.reward_low) * c.reward_scale + V[unsigned(then)] + schedule[t, 1]
    Q[row] = (1.0 - rate) * Q[row] + rate * target
    best, greedy[unsigned(now)] = best_of_row(Q, now * n_actions, n_actions)
    V[unsigned(now)] = min(float(c.horizon), best)


@njit(cache=True, inline="always")
def _update_bernstein(Q, V, N, moments, greedy, schedule, c, n_actions, now, a, reward, then):
    """Algorithm 2, lines 6 to 12."""
    row = unsigned(now * n_actions + a)
    t = unsigned(N[row] + 1)
    N[row] = t
    rate = schedule[t, 0]
    next_value = V[unsigned(then)]
    mu = moments[row, 0] + next_value
    sigma = moments[row, 1] + next_value * next_value
    per_visit = schedule[t, 2]
    variance = (sigma - mu * mu * per_visit) * per_visit
    bound = math.sqrt(c.horizon_iota * per_visit * (variance + c.horizon)) + c.root_term * per_visit
    beta = min(c.c_1 * bound, schedule[t, 1])
    bonus = (beta - (1.0 - rate) * moments[row, 2]) * schedule[t, 3]
    moments[row, 0] = mu
    moments[row, 1] = sigma
    moments[row, 2] = beta
    target = (reward - c.reward_low) * c.reward_scale + next_value + bonus
    Q[row] = (1.0 - rate) * Q[row] + rate * target
    best, greedy[unsigned(now)] = best_of_row(Q, now * n_actions, n_actions)
    V[unsigned(now)] = min(float(c.horizon), best)


# The two loops below differ in one line: were it a branch in one loop, the other bonus would halve its speed. For the
# same reason numba compiles each twice, with exploration and without (None): what is not there costs no registers.


@njit(cache=True)
def _advance_hoeffding(tables, rng, position, n, totals, rng_agent, n_states, n_actions, learner, exploration, time):
    tables = uncounted(tables)
    Q, V, N, moments, greedy, schedule, c = uncounted(learner)
    if exploration is not None:
        epsilon, temperature = uncounted(exploration)
    s, h, start = position
    reward_sum, gap_sum = totals
    now = h * n_states + s
    for i in range(n):
        if exploration is not None:
            a = choose_action(Q, greedy, now, n_actions, rng_agent, epsilon, temperature, time + i)
        else:
            a = np.int64(greedy[unsigned(now)])
            if a < 0:
                a = tied_action(Q, now * n_actions, n_actions, -a, rng_agent.random())
        s, reward, gap = take_step(tables, rng, s, h, a)
        h += 1
        then = h * n_states + s
        _update_hoeffding(Q, V, N, moments, greedy, schedule, c, n_actions, now, a, reward, then)
        reward_sum += reward
        gap_sum += gap
        now = then
        if h == c.horizon:
            h = 0
            now = s = start = draw_start(tables, rng)
    position[0] = s
    position[1] = h
    position[2] = start
    totals[0] = reward_sum
    totals[1] = gap_sum


@njit(cache=True, error_model="numpy")
def _advance_bernstein(tables, rng, position, n, totals, rng_agent, n_states, n_actions, learner, exploration, time):
    tables = uncounted(tables)
    Q, V, N, moments, greedy, schedule, c = uncounted(learner)
    if exploration is not None:
        epsilon, temperature = uncounted(exploration)
    s, h, start = position
    reward_sum, gap_sum = totals
    now = h * n_states + s
    for i in range(n):
        if exploration is not None:
            a = choose_action(Q, greedy, now, n_actions, rng_agent, epsilon, temperature, time + i)
        else:
            a = np.int64(greedy[unsigned(now)])
            if a < 0:
                a = tied_action(Q, now * n_actions, n_actions, -a, rng_agent.random())
        s, reward, gap = take_step(tables, rng, s, h, a)
        h += 1
        then = h * n_states + s
        _update_bernstein(Q, V, N, moments, greedy, schedule, c, n_actions, now, a, reward, then)
        reward_sum += reward
        gap_sum += gap
        now = then
        if h == c.horizon:
            h = 0
            now = s = start = draw_start(tables, rng)
    position[0] = s
    position[1] = h
    position[2] = start
    totals[0] = reward_sum
    totals[1] = gap_sum

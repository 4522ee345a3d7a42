"""The interaction between an agent and an environment."""

import math
import time
from collections.abc import Iterable
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from colosseum.agent.agents.compiled import CompiledAgent
from colosseum.emission_maps import Tabular
from colosseum.errors import ConfigurationError
from colosseum.experiment.acting import CompiledActing, StepwiseActing
from colosseum.experiment.evaluation import Evaluator, FixedPolicy, Indicators
from colosseum.experiment.plotting import BASELINE_STYLES, plot_rows
from colosseum.logs.columns import (
    BASELINE_INDICATORS,
    BASELINES,
    OPTIMAL_STEPS_TO_STOP,
    OPTIMALITY_TOLERANCE,
    PERFORMANCE_INDICATORS,
    TIME_INDICATORS,
)
from colosseum.published_names import accepts
from colosseum.utils.acme.in_memory_logger import InMemoryLogger

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from colosseum.agent.agents.base import BaseAgent
    from colosseum.mdp.base import BaseMDP

_SECONDS_BETWEEN_LOOKS_AT_THE_CLOCK = 0.05


class MDPLoop:
    """
    Lets an agent learn in an environment and evaluates it exactly at every log point.

    Training stops when the time is used up: from there on the agent acts as it did, but learns no more, and the policy
    that it recommended then is what policy regret is about. The rows that go to the logger are described in
    `colosseum.logs.columns`; but for ``steps_per_second`` (and, with a time limit that is reached, the step at which
    that happens) they are determined by the seeds. Log points only measure: how often there is one changes nothing of
    what the agent does, unless `stop_when_optimal` asks for it.

    Parameters
    ----------
    mdp : BaseMDP
    agent : BaseAgent
        For the same setting: episodic or continuous.
    logger : object, optional
        With ``write(dict)``, ``reset()`` and ``close()``; by default an `InMemoryLogger`.
    n_log_intervals_to_check_for_agent_optimality, enforce_time_constraint : int, bool
        Published, without effect: see `stop_when_optimal`, whose measure is steps; and `run` keeps to its `max_time`
        whatever is asked here, but interrupts no step.
    stop_when_optimal : bool
        Whether training also stops, as in the published package, at a log point after a fifth of the steps, when the
        policy that the agent recommends was optimal at all log points of the last `OPTIMAL_STEPS_TO_STOP` steps. That
        asks an oracle, and makes what the agent does depend on the log points.
    compiled : bool, optional
        Whether to let the agent take many steps in one call, which a `CompiledAgent` can do (the default for it), or to
        show it every `dm_env.TimeStep`. The results are the same.

    Attributes
    ----------
    logger : object
    steps : int
        Steps taken so far.
    training_state : {"running", "optimal", "time_exceeded"}
    seconds : dict of str to float
        How long the last run took, by what was done: acting (and learning), policy (reading the agent's), evaluation
        and logging.

    Raises
    ------
    ConfigurationError
        If the agent and the environment are not of the same setting, or the agent cannot do what is asked.
    NotWeaklyCommunicatingError
        If a continuous environment has no gain that is the same in all states.

    Examples
    --------
    >>> import colosseum
    >>> mdp = colosseum.make_mdp("episodic_quick_test/RiverSwim/0", seed=0)
    >>> loop = colosseum.MDPLoop(mdp, colosseum.make_agent("QLearningEpisodic", mdp, seed=0, n_steps=300))
    >>> stopped_at, last_row = loop.run(300, log_every=100)
    >>> [row["steps"] for row in loop.logger.data]
    [100, 200, 300]
    """

    def __init__(
        self,
        mdp: "BaseMDP",
        agent: "BaseAgent",
        logger: Any = None,
        n_log_intervals_to_check_for_agent_optimality: int = 10,
        enforce_time_constraint: bool = True,
        *,
        stop_when_optimal: bool = False,
        compiled: bool | None = None,
    ):
        names = f"{type(agent).__name__} in {type(mdp).__name__}"
        if mdp.is_episodic() != agent.is_episodic():
            kinds = ["an episodic" if x.is_episodic() else "a continuous" for x in (agent, mdp)]
            raise ConfigurationError(f"{names}: {kinds[0]} agent cannot interact with {kinds[1]} environment.")
        if not agent.is_emission_map_accepted(Tabular()):
            raise ConfigurationError(f"{names}: the agent does not accept tabular observations.")
        if compiled and not isinstance(agent, CompiledAgent):
            raise ConfigurationError(f"{names}: the agent is no CompiledAgent; leave out compiled=True.")
        self.logger = InMemoryLogger() if logger is None else logger
        self.is_compiled = isinstance(agent, CompiledAgent) if compiled is None else compiled
        self._mdp, self._agent = mdp, agent
        self.stop_when_optimal = stop_when_optimal
        self._deadline = math.inf
        self._place = 2 if mdp.is_episodic() else 0
        self._evaluator = Evaluator(mdp)
        self._acting: CompiledActing | StepwiseActing | None = None
        self._fixed: FixedPolicy | None = None
        self.training_state = "running"
        self.seconds: dict[str, float] = {}

    @property
    def steps(self) -> int:
        """Steps taken so far."""
        return self._acting.steps if self._acting else 0

    @property
    def remaining_time(self) -> float:
        """Seconds that the agent may still train for in this run, or could have in the last one; infinite before it."""
        return max(0.0, self._deadline - time.perf_counter())

    @accepts(T="n_steps")
    def run(self, n_steps: int, log_every: int = -1, max_time: float = math.inf) -> tuple[int, dict[str, Any]]:
        """
        Run the interaction from the start.

        Parameters
        ----------
        n_steps : int
            Number of steps. The published name, ``T``, is accepted as well.
        log_every : int
            Steps between two log points. The last step is always one, and the only one if this is not positive.
        max_time : float
            Seconds that the agent may train for, evaluations included. It is kept to within a fraction of a second,
            unless a single step takes longer than that.

        Returns
        -------
        int
            The step at which training stopped because the time was used up; -1 if it was not.
        dict of str to object
            The last row of the log.

        Raises
        ------
        ConfigurationError
            If a number makes no sense.
        """
        log_every = self._check_numbers(n_steps, log_every, max_time)
        self.training_state = "running"
        self.seconds = dict.fromkeys(("acting", "policy", "evaluation", "logging"), 0.0)
        self._fixed = None
        self._stop_step, self._chunk, self._steps_optimal = -1, 1, 0
        self.logger.reset()
        self._indicators = Indicators(self._evaluator.constants)
        self._start = time.perf_counter()
        self._deadline = self._start + max_time
        agent = self._agent
        acting: CompiledActing | StepwiseActing
        if self.is_compiled and isinstance(agent, CompiledAgent):
            acting = CompiledActing(self._mdp, agent)
        else:
            acting = StepwiseActing(self._mdp, agent)
        self._acting = acting
        self._agent.before_start_interacting()

        row: dict[str, Any] = {}
        while self.steps < n_steps:
            n = min(log_every - self.steps % log_every, n_steps - self.steps)
            self._take_steps(acting, n)
            row = self._log_point(acting, n, n_steps)
        # who goes on with the environment by hand finds it where the interaction left it
        self._mdp.current_state, self._mdp.h = (int(x) for x in acting.position[:2])
        self.logger.close()
        return self._stop_step if self.training_state == "time_exceeded" else -1, row

    # ---------------------------------------------------------------------------------------------------------- acting

    def _take_steps(self, acting: CompiledActing | StepwiseActing, n: int) -> None:
        start = now = time.perf_counter()
        while n and acting.learns:
            if now >= self._deadline:
                self._stop_training(acting, "time_exceeded")
                break
            chunk = min(n, self._chunk)
            acting.advance(chunk)
            n -= chunk
            before, now = now, time.perf_counter()
            # So many steps that the clock is looked at often enough; more of them at once than before only by and by,
            # for a step may take a microsecond now and, when the agent plans, seconds.
            affordable = chunk * _SECONDS_BETWEEN_LOOKS_AT_THE_CLOCK / max(now - before, 1e-9)
            self._chunk = max(1, int(min(affordable, 4 * self._chunk)))
        if now >= self._deadline and acting.learns:
            self._stop_training(acting, "time_exceeded")
        if n:
            acting.advance(n)
        self.seconds["acting"] += time.perf_counter() - start

    def _stop_training(
        self, acting: CompiledActing | StepwiseActing, state: str, policy: np.ndarray | None = None
    ) -> None:
        policy = self._read_policy() if policy is None else policy
        self.training_state = state
        self._stop_step = self.steps
        # kept as it is now, whatever the agent does with its array
        self._fixed = FixedPolicy(self._evaluator, policy.copy())
        acting.stop_learning()

    def _read_policy(self) -> np.ndarray:
        policy = np.ascontiguousarray(self._agent.current_optimal_stochastic_policy, dtype=np.float64)
        needed = self._evaluator.policy_shape
        if len(needed) == 3 and policy.shape == (needed[0] + 1, *needed[1:]):
            policy = policy[:-1]  # the published package has a layer for the step after the last
        if policy.shape != needed:
            raise ValueError(
                f"{type(self._agent).__name__}.current_optimal_stochastic_policy has the shape {policy.shape} where "
                f"{needed} is needed"
            )
        if not self.is_compiled:
            if not (policy.min() >= 0.0 and np.abs(policy.sum(-1) - 1.0).max() < 1e-6):
                raise ValueError(
                    f"{type(self._agent).__name__}.current_optimal_stochastic_policy: not every row is a distribution "
                    "over the actions"
                )
        return policy

    # -------------------------------------------------------------------------------------------------------- logging

    def _log_point(self, acting: CompiledActing | StepwiseActing, n: int, n_steps: int) -> dict[str, Any]:
        seconds, clock = self.seconds, time.perf_counter
        place = int(acting.position[self._place])
        t_0 = t_1 = clock()
        policy = None
        if self._fixed is not None:
            average_reward = self._fixed.average_reward(place)
        else:
            policy = self._read_policy()
            t_1 = clock()
            average_reward = self._evaluator.average_reward(policy, place)
        t_2 = clock()
        regret = self._indicators.add(n, acting.totals, average_reward, self._evaluator.baselines(place))
        steps = acting.steps
        if self.stop_when_optimal and policy is not None:
            self._steps_optimal = self._steps_optimal + n if regret < OPTIMALITY_TOLERANCE else 0
            if 5 * steps > n_steps and self._steps_optimal >= OPTIMAL_STEPS_TO_STOP:
                self._stop_training(acting, "optimal", policy)
        row: dict[str, Any] = {"steps": steps, **self._indicators.row()}
        row["steps_per_second"] = steps / max(clock() - self._start, 1e-9)
        row["training_state"] = self.training_state
        self.logger.write(row)
        self._agent.agent_logs()
        seconds["policy"] += t_1 - t_0
        seconds["evaluation"] += t_2 - t_1
        seconds["logging"] += clock() - t_2
        return row

    @staticmethod
    def _check_numbers(n_steps: int, log_every: int, max_time: float) -> int:
        for name, value in (("n_steps", n_steps), ("log_every", log_every)):
            if isinstance(value, bool) or not isinstance(value, Integral):
                raise ConfigurationError(f"MDPLoop.run: {name} = {value!r}: it must be a whole number.")
        if n_steps < 1:
            raise ConfigurationError(f"MDPLoop.run: n_steps = {n_steps}: there must be at least 1 step.")
        if not max_time > 0:
            raise ConfigurationError(f"MDPLoop.run: max_time = {max_time!r}: it must be a positive number of seconds.")
        return int(log_every) if log_every > 0 else int(n_steps)

    # ---------------------------------------------------------------------------------------------------------- results

    @staticmethod
    def get_indicators() -> list[str]:
        """Return the names of the indicators of the agent."""
        return sorted((*PERFORMANCE_INDICATORS, *TIME_INDICATORS))

    get_available_indicators = get_indicators

    @staticmethod
    def get_baseline_indicators() -> list[str]:
        """Return the names of the indicators of the baselines."""
        return list(BASELINE_INDICATORS)

    @staticmethod
    def get_baselines() -> set[str]:
        """Return the names of the baselines."""
        return set(BASELINES)

    @staticmethod
    def get_baselines_color_dict() -> dict[str, str]:
        """Return the colour in which `plot` draws each baseline."""
        return {name: colour for name, (colour, _) in BASELINE_STYLES.items()}

    @staticmethod
    def get_baselines_style_dict() -> dict[str, str]:
        """Return the style of the line by which `plot` draws each baseline."""
        return {name: style for name, (_, style) in BASELINE_STYLES.items()}

    def plot(
        self,
        indicator: str = "cumulative_regret",
        ax: "Axes | None" = None,
        baselines: Iterable[str] = BASELINES,
        label: str | None = None,
    ) -> None:
        """
        Plot an indicator of the last run, and of the baselines where they have it.

        Parameters
        ----------
        indicator : str
            One of `get_indicators`.
        ax : matplotlib Axes, optional
            Where to plot; by default a new figure, which is shown.
        baselines : iterable of str
            Some of `get_baselines`.
        label : str, optional
            Name of the agent in the legend; by default that of its class.

        Raises
        ------
        ConfigurationError
            If there is no such indicator or baseline, or nothing has been run.
        """
        plot_rows(getattr(self.logger, "data", None), indicator, ax, baselines, label or type(self._agent).__name__)

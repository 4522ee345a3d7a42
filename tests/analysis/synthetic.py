"""Benchmark folders with made-up logs in the exact format, for tests of what reads them."""

import zlib
from pathlib import Path

import numpy as np

HEADER = (
    "steps,cumulative_reward,cumulative_expected_reward,cumulative_regret,normalized_cumulative_reward,"
    "normalized_cumulative_expected_reward,normalized_cumulative_regret,"
    "cumulative_learning_regret,normalized_cumulative_learning_regret,"
    "random_cumulative_regret,random_cumulative_expected_reward,random_normalized_cumulative_regret,"
    "random_normalized_cumulative_expected_reward,"
    "random_cumulative_learning_regret,random_normalized_cumulative_learning_regret,"
    "worst_cumulative_regret,worst_cumulative_expected_reward,worst_normalized_cumulative_regret,"
    "worst_normalized_cumulative_expected_reward,"
    "worst_cumulative_learning_regret,worst_normalized_cumulative_learning_regret,"
    "optimal_cumulative_regret,optimal_cumulative_expected_reward,optimal_normalized_cumulative_regret,"
    "optimal_normalized_cumulative_expected_reward,"
    "optimal_cumulative_learning_regret,optimal_normalized_cumulative_learning_regret,"
    "steps_per_second,training_state"
)

HEADER_OF_BEFORE = ",".join(name for name in HEADER.split(",") if "learning" not in name)
"""The columns of logs from before learning regret was logged."""

FAMILIES = ("DeepSea", "FrozenLake", "MiniGridEmpty", "MiniGridRooms", "RiverSwim", "SimpleGrid", "Taxi")
SCOPES_OF_20 = (3, 2, 5, 3, 2, 4, 1)
"""How the 20 environments of a published benchmark are spread over the families."""

AGENT_SPEED = {"QLearning": 6.0, "PSRL": 14.0, "UCRL2": 9.0, "RandomAgent": 0.0}


def make_log(
    mdp: str,
    agent: str,
    seed: int,
    n_steps: int,
    log_every: int,
    state: str = "running",
    stop_at: float = 0.6,
    learning: bool = True,
) -> str:
    """
    Return the text of a log whose agent learns at a pace that depends on all the arguments.

    `state` is the training state at the end; training stops at the share `stop_at` of the steps. Without `learning` it
    is a log from before learning regret was logged.
    """
    rng = np.random.default_rng(zlib.crc32(f"{mdp} {agent} {seed}".encode()))
    of_mdp = np.random.default_rng(zlib.crc32(mdp.encode()))
    hardness, optimal, worst = of_mdp.uniform(0.4, 3.0), of_mdp.uniform(0.3, 0.9), of_mdp.uniform(0.0, 0.1)
    random_regret = of_mdp.uniform(0.4, 0.95)
    pace = next((v for name, v in AGENT_SPEED.items() if agent.startswith(name)), 5.0)
    pace = pace / hardness * rng.uniform(0.7, 1.3)
    steps = np.unique(np.append(np.arange(log_every, n_steps + 1, log_every), n_steps)).astype(float)
    share = steps / n_steps
    at_stop = np.minimum(share, stop_at) if state != "running" else share
    per_step = random_regret * np.exp(-pace * at_stop) * np.clip(1 + rng.normal(0, 0.05, steps.size), 0, None)
    if state == "optimal":
        per_step[share >= stop_at] = 0.0
    gap = optimal - worst
    lengths = np.diff(steps, prepend=0)
    regret = np.cumsum(per_step * lengths)
    noise = np.cumsum(rng.normal(0, 0.2, steps.size) * np.sqrt(lengths))
    expected = optimal * steps - gap * regret
    columns = [
        steps,
        expected + noise,
        expected,
        gap * regret,
        (expected + noise - worst * steps) / gap,
        steps - regret,
    ]
    columns += [regret, 1.25 * gap * regret, 1.25 * regret][: 3 if learning else 1]
    for of_baseline in (random_regret, 1.0, 0.0):
        columns += [gap * of_baseline * steps, (optimal - gap * of_baseline) * steps]
        columns += [of_baseline * steps, (1 - of_baseline) * steps]
        columns += [gap * of_baseline * steps, of_baseline * steps] if learning else []
    columns.append(rng.uniform(1e5, 2e6) * (1 + 0.1 * share))
    lines = [HEADER if learning else HEADER_OF_BEFORE]
    for i, row in enumerate(np.transpose(columns)):
        now = state if state != "running" and share[i] >= stop_at else "running"
        numbers = [str(int(row[0])), *(format(x, ".12g") for x in row[1:-1]), format(row[-1], ".6g"), now]
        lines.append(",".join(numbers))
    return "\n".join(lines) + "\n"


def write_benchmark(
    folder: Path,
    agents: tuple[str, ...] = ("QLearningEpisodic", "PSRLEpisodic", "RandomAgentEpisodic"),
    scopes: tuple[int, ...] = SCOPES_OF_20,
    n_seeds: int = 3,
    n_steps: int = 20_000,
    log_every: int = 500,
    agent_scopes: int = 1,
    learning: bool = True,
) -> Path:
    """
    Write a whole benchmark folder: every third agent runs out of time on DeepSea, QLearning is optimal on RiverSwim.

    `scopes` is the number of environments of each of `FAMILIES`.
    """
    folder = Path(folder)
    setting = "Episodic" if agents[0].endswith("Episodic") else "Continuous"
    mdps = {f"{family}{setting}": n for family, n in zip(FAMILIES, scopes, strict=False) if n}
    for sub in ("mdp_configs", "agents_configs", "logs"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    (folder / "experiment_config.yml").write_text(
        f"emission_map: null\nlog_performance_indicators_every: {log_every}\nmax_interaction_time_s: 600\n"
        f"n_seeds: {n_seeds}\nn_steps: {n_steps}\n"
    )
    for name, n in mdps.items():
        lines = [f"prms_{i}/{name}.size = {5 + i}\nprms_{i}/{name}.p_rand = None\n" for i in range(n)]
        (folder / "mdp_configs" / f"{name}.gin").write_text("".join(lines))
    for name in agents:
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        lines = [
            f"prms_{i}/{name}.c_1 = {rng.uniform(0, 1):.4f}\nprms_{i}/{name}.min_at = {rng.uniform(0, 0.2):.4f}\n"
            f"prms_{i}/{name}.UCB_type = 'bernstein'\n"
            for i in range(agent_scopes)
        ]
        (folder / "agents_configs" / f"{name}.gin").write_text("".join(lines))
    for mdp, n in mdps.items():
        for i in range(n):
            for agent in agents:
                for j in range(agent_scopes):
                    interaction = folder / "logs" / f"prms_{i}-{mdp}____prms_{j}-{agent}"
                    interaction.mkdir(exist_ok=True)
                    for seed in range(n_seeds):
                        state = "running"
                        if mdp.startswith("RiverSwim") and agent.startswith("QLearning"):
                            state = "optimal"
                        if mdp.startswith("DeepSea") and agent.startswith("PSRL"):
                            state = "time_exceeded"
                        log = make_log(
                            f"{mdp}{i}", f"{agent}{j or ''}", seed, n_steps, log_every, state, learning=learning
                        )
                        (interaction / f"seed{seed}_logs.csv").write_text(log)
    return folder


def write_hardness(folder: Path, scopes: tuple[int, ...] = SCOPES_OF_20, setting: str = "Episodic") -> Path:
    """Write a ``hardness.csv`` in a benchmark's folder: some environments share a measure, some a value norm of 0."""
    rng = np.random.default_rng(7)
    lines = ["mdp_class,mdp_scope,diameter,value_norm"]
    for family, n in zip(FAMILIES, scopes, strict=False):
        for i in range(n):
            diameter = 78.0 if family == "DeepSea" else 10 ** rng.uniform(1.2, 3.3)
            norm = 0.0 if i == 1 else rng.uniform(0.2, 1.8)
            lines.append(f"{family}{setting},prms_{i},{diameter:.6g},{norm:.6g}")
    path = Path(folder) / "hardness.csv"
    path.write_text("\n".join(lines) + "\n")
    return path

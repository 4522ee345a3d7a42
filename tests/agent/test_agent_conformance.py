"""Every packaged agent passes the suite that users put theirs through; and what is asked of packaged ones alone."""

import csv
from collections import Counter
from pathlib import Path

import gin
import numpy as np
import pytest

import colosseum.testing
from colosseum import registry
from colosseum.agent.agents.compiled import CompiledAgent
from colosseum.agent.agents.episodic import PSRLEpisodic, QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import PSRLContinuous, QLearningContinuous, UCRL2Continuous
from colosseum.agent.hyperparameters import get_default_gin_config
from colosseum.agent.utils import sample_agent_hyperparameters
from colosseum.experiment.agent_mdp_interaction import MDPLoop
from colosseum.testing import random_mdp
from colosseum.utils import make_mdp_spec

AGENTS = [registry.resolve_agent_class(name) for name in registry.agent_class_names()]
each_agent = pytest.mark.parametrize("cls", AGENTS, ids=lambda cls: cls.__name__)

for cls in AGENTS:
    suite = "CompiledAgentConformance" if issubclass(cls, CompiledAgent) else "AgentConformance"
    name = f"Test{cls.__name__}"
    globals()[name] = type(name, (getattr(colosseum.testing, suite),), {"agent_class": cls})


@pytest.fixture(autouse=True)
def forget_gin():
    yield
    gin.clear_config()


@each_agent
def test_another_seed_is_another_run(cls):
    totals = []
    for seed in (1, 2):
        mdp = random_mdp(cls.is_episodic())
        parameters = sample_agent_hyperparameters(cls, 1)
        agent = cls.get_agent_instance_from_parameters(seed, 500, make_mdp_spec(mdp), parameters)
        totals.append(MDPLoop(mdp, agent).run(500)[1]["cumulative_reward"])
    assert totals[0] != totals[1]


@each_agent
def test_samples_lie_in_their_search_spaces(cls):
    spaces = cls.get_hyperparameters_search_spaces()
    samples = [sample_agent_hyperparameters(cls, 42, i) for i in range(50)]
    for name, space in spaces.items():
        values = [sample[name] for sample in samples]
        assert all(value in space for value in values)
        assert len(set(values)) == len(values)
        middle = (space.low + space.high) / 2
        assert 0.2 < np.mean([value < middle for value in values]) < 0.8
    if len(spaces) > 1:  # independent of each other: not all from the same place of their intervals
        places = np.array(
            [[(sample[name] - s.low) / (s.high - s.low) for name, s in spaces.items()] for sample in samples]
        )
        assert np.ptp(places, axis=1).mean() > 0.2


@each_agent
def test_packaged_hyperparameters_make_an_agent(cls):
    text = get_default_gin_config(cls)
    assert all(line.startswith(f"prms_0/{cls.__name__}.") for line in text.splitlines())
    assert bool(text) == bool(cls.get_hyperparameters_search_spaces())
    gin.parse_config(text)
    mdp = random_mdp(cls.is_episodic())
    with gin.config_scope("prms_0"):
        agent = cls(0, make_mdp_spec(mdp), 300)
    assert MDPLoop(mdp, agent).run(300)[1]["cumulative_reward"] > 0


FULL = {"14": 33, "35": 11, "105": 6}  # of 50 samples, by how many runs each had: 1,477 runs of 5,250
SMALLER = {"7": 20, "14": 6, "42": 4}  # of 30 samples: 392 runs of 1,260


@pytest.mark.parametrize(
    ("cls", "n_samples", "n_confirmed"),
    [
        *((cls, FULL, 5) for cls in (QLearningContinuous, QLearningEpisodic, UCRL2Continuous)),
        *((cls, SMALLER, 3) for cls in (PSRLContinuous, PSRLEpisodic)),
    ],
)
def test_packaged_hyperparameters_are_those_that_the_tuning_study_confirmed(cls, n_samples, n_confirmed):
    """Each rung has the best of the one below; of the last, the best on fresh seeds is packaged."""
    samples, confirmed = (read_tuning_table(f"{cls.__name__}{kind}") for kind in ("", "_confirm"))
    assert Counter(row["n_logs"] for row in samples) == n_samples
    most = max(n_samples, key=int)
    finalists = sorted((row for row in samples if row["n_logs"] == most), key=lambda row: float(row["score"]))
    assert [row["sample"] for row in sorted(confirmed, key=lambda row: float(row["score_when_chosen"]))] == [
        row["scope"] for row in finalists[:n_confirmed]
    ]
    assert all(
        float(row["score_when_chosen"]) == float(score["score"])
        for row in confirmed
        for score in finalists
        if score["scope"] == row["sample"]
    )
    best = min(confirmed, key=lambda row: float(row["score_when_confirmed"]))
    assert [row["sample"] for row in confirmed if row["selected"] == "1"] == [best["sample"]]
    assert [row["scope"] for row in samples if row["selected"] == "1"] == [best["sample"]]
    lines = get_default_gin_config(cls).splitlines()
    packaged = dict(line.removeprefix(f"prms_0/{cls.__name__}.").split(" = ") for line in lines)
    assert {name: value.strip("'") for name, value in packaged.items()} == {name: best[name] for name in packaged}
    ranges = read_tuning_table(f"{cls.__name__}_ranges")
    assert set(cls.constructor_arguments({row["hyperparameter"]: float(row["best"]) for row in ranges})) <= set(
        packaged
    )
    assert {row["hyperparameter"] for row in ranges} == set(cls.get_hyperparameters_search_spaces())
    assert not [row for row in ranges if row["at_edge"]]


def read_tuning_table(name):
    with open(Path(__file__).parents[2] / "studies/tuning" / f"{name}.csv", newline="") as file:
        return list(csv.DictReader(file))

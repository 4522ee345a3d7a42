"""The tutorial on scaling runs as it is printed, on another machine that is a second folder."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from colosseum.logs.read import check_log

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "scaling.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TUTORIAL.read_text(), re.MULTILINE | re.DOTALL)

SMALL = {
    "benchmark_continuous_communicating": "prms_0-FrozenLakeContinuous",
    "benchmark_continuous_ergodic": "prms_0-FrozenLakeContinuous",
    "benchmark_episodic_communicating": "prms_0-DeepSeaEpisodic",
    "benchmark_episodic_ergodic": "prms_0-RiverSwimEpisodic",
}
"""The environment of each benchmark, of which one seed is run here; the others are the same but for their size."""


class Machine:
    """A folder that others are copied to, in which a command line runs instances."""

    def __init__(self, folder, colosseum_command):
        self.folder, self.colosseum_command = folder, colosseum_command
        self.ran = []

    def send(self, folder):
        shutil.copytree(folder, self.folder / folder, dirs_exist_ok=True)

    def fetch(self, folder):
        shutil.copytree(self.folder / folder, folder, dirs_exist_ok=True)

    def work(self, pickles):
        pickles = [path for path in map(Path, pickles) if self.is_wanted(path)]
        halves = [["run", *part] for part in (pickles[::2], pickles[1::2]) if part]
        with ThreadPoolExecutor(2) as pool:
            for done in pool.map(lambda half: self.colosseum_command(half, self.folder), halves):
                assert done.returncode == 0, done.stderr
        self.ran += pickles

    @staticmethod
    def is_wanted(pickle):
        benchmark = pickle.parents[1].name
        if benchmark.startswith("hyperopt_"):
            return True
        return pickle.stem == "seed7" and pickle.parent.name.startswith(SMALL[benchmark] + "____")

    @staticmethod
    def log_of(pickle):
        benchmark = pickle.parents[2].parent / pickle.parents[1].name  # beside experiment_instances
        return benchmark / "logs" / pickle.parent.name / f"{pickle.stem}_logs.csv"


@pytest.mark.slow
def test_the_tutorial_runs_as_it_is_printed(tmp_path, own_folder, colosseum_command):
    machine = Machine(tmp_path / "elsewhere", colosseum_command)
    reader = {"send": machine.send, "fetch": machine.fetch, "work": machine.work}
    assert len(BLOCKS) == 6
    for number, code in enumerate(BLOCKS):
        exec(compile(code, f"{TUTORIAL.name}, block {number}", "exec"), reader)

    tuning = Path("lab", "hyperopt", "first_study")
    for setting, agent in (("episodic", "QLearningEpisodic"), ("continuous", "QLearningContinuous")):
        logs = sorted((tuning / f"hyperopt_{setting}" / "logs").rglob("*.csv"))
        assert len(logs) == 2 * 7 * 2  # agent configurations x environment classes x environments
        for log in logs:
            check_log(log, 30_000)
        assert f"/{agent}." in {cls.__name__: text for cls, text in reader["best"].items()}[agent]
    assert len(reader["instances"]) == len(reader["tuning_paths"]) == 56

    # 4 settings x 20 environments x 20 seeds, all of which were sent
    assert len(reader["benchmark_paths"]) == 1_600
    assert len(list((machine.folder / reader["benchmark_pickles"]).rglob("*.pkl"))) == 1_600
    ran = [path for path in machine.ran if not path.parents[1].name.startswith("hyperopt_")]
    assert len(ran) == 4
    for path in ran:
        log = machine.log_of(path)
        check_log(log, 500_000)
        assert log.read_bytes() == (machine.folder / log).read_bytes()

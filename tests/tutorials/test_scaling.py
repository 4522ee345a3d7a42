"""The tutorial "Scale Benchmarking to a Cluster" runs as it stands, on a cluster that is a second folder."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from colosseum.logs.read import check_log

TUTORIAL = Path(__file__).parent / "scaling.md"
BLOCK = re.compile(r"^```\{code-(?:block|cell)\}[^\n]*\n((?::[^\n]*\n)*)(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "me@cluster:"


class Cluster:
    """A folder that instances are uploaded to, run in and downloaded from."""

    def __init__(self, folder, colosseum_command):
        self.folder = folder
        self.colosseum_command = colosseum_command

    def upload(self, folder):
        shutil.copytree(folder, self.folder / folder, dirs_exist_ok=True)

    def run_and_download(self, address):
        self.run([path for path in self.pickles() if not self.log_of(path).exists()])
        self.download(address)

    def download(self, address):
        assert address.startswith(ADDRESS)
        folder = address.removeprefix(ADDRESS)
        shutil.copytree(self.folder / folder, folder, dirs_exist_ok=True)

    def pickles(self):
        return sorted(self.folder.rglob("*.pkl"))

    def log_of(self, pickle):
        benchmark = pickle.parents[2].parent / pickle.parents[1].name  # beside experiment_instances
        return benchmark / "logs" / pickle.parent.name / f"{pickle.stem}_logs.csv"

    def run(self, pickles):
        halves = [["run", *part] for part in (pickles[::2], pickles[1::2]) if part]
        with ThreadPoolExecutor(2) as pool:
            for done in pool.map(lambda half: self.colosseum_command(half, self.folder), halves):
                assert done.returncode == 0, done.stderr


def test_the_tutorial_runs_as_it_stands(tmp_path, own_folder, colosseum_command):
    cluster = Cluster(tmp_path / "cluster", colosseum_command)
    reader = {
        "upload_folder": cluster.upload,
        "download_folder": cluster.run_and_download,
        "cluster_ssh_path": ADDRESS,
    }
    blocks = [match[2] for match in BLOCK.finditer(TUTORIAL.read_text())]
    assert len(blocks) == 7
    for number, code in enumerate(blocks):
        exec(compile(code, f"{TUTORIAL.name}, block {number}", "exec"), reader)

    hyperopt = Path("experiments", "tabular", "hyperopt", "tutorial")
    for setting, agent in (("episodic", "QLearningEpisodic"), ("continuous", "QLearningContinuous")):
        logs = sorted((hyperopt / f"hyperopt_{setting}" / "logs").rglob("*.csv"))
        assert len(logs) == 2 * 7 * 2  # agent configurations x environment classes x environments
        for log in logs:
            check_log(log, 30_000)
        assert f"/{agent}." in {cls.__name__: text for cls, text in reader["agents_configs"].items()}[agent]
    assert len(reader["hp_exp_instances"]) == len(reader["exp_instance_paths"]) == 56

    # the benchmarks: 4 settings x 20 environments x 20 seeds, of which one small one each is run
    assert len(reader["experiment_instances_paths"]) == 1_600
    uploaded = [path for path in cluster.pickles() if path.parents[1].name.startswith("benchmark_")]
    assert len(uploaded) == 1_600
    small = {
        "benchmark_continuous_communicating": "prms_0-FrozenLakeContinuous",
        "benchmark_continuous_ergodic": "prms_0-FrozenLakeContinuous",
        "benchmark_episodic_communicating": "prms_0-DeepSeaEpisodic",
        "benchmark_episodic_ergodic": "prms_0-RiverSwimEpisodic",
    }
    sample = [
        path
        for path in uploaded
        if path.stem == "seed7" and path.parent.name.startswith(small[path.parents[1].name] + "____")
    ]
    assert len(sample) == 4
    cluster.run(sample)
    for _, benchmark in reader["agents_and_benchmarks"]:
        cluster.download(ADDRESS + benchmark.get_experiments_benchmark_log_folder())
    for path in sample:
        local = cluster.log_of(path).relative_to(cluster.folder)
        assert local.parts[0] == "experiments"
        check_log(local, 500_000)
        assert local.read_bytes() == cluster.log_of(path).read_bytes()

"""Instances: names, canonical pickles, and an unpickler that takes nothing else."""

import ast
import builtins
import hashlib
import io
import os
import pickle
import subprocess
import sys
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import user_agents
from making import make_instance

from colosseum import config
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.errors import ConfigurationError, InstanceError
from colosseum.experiment import ExperimentConfig, instance_file
from colosseum.experiment.experiment_instance import ExperimentInstance, load_instance
from colosseum.experiment.experiment_instances import interact, save_instances_to_folder
from colosseum.experiment.instance_file import MOST_BYTES, instance_digest, with_digest
from colosseum.hyperopt import SMALL_HYPEROPT_CONF
from colosseum.mdp.custom_mdp import CustomContinuous


def test_names():
    instance = make_instance(seed=3)
    interaction = "prms_0-RiverSwimContinuous____prms_0-QLearningContinuous"
    assert instance.interaction == interaction
    assert instance.log_path == f"results/swimming/logs/{interaction}/seed3_logs.csv"
    assert instance.name == f"swimming/{interaction}/seed3"


# ------------------------------------------------------------------------------------------------------------- pickles


def spelt_out(text):
    """Return an equal text that is another object."""
    return "".join(list(text))


class Reference(str):
    """As the gin reader's: prints differently."""

    __repr__ = str.__str__


def test_the_same_instance_made_in_different_ways_has_the_same_bytes(tmp_path):
    first = make_instance(seed=2)
    interned = replace(first, mdp_scope=sys.intern("prms_0"), agent_scope=sys.intern("prms_0"))
    apart = replace(first, mdp_scope=spelt_out("prms_0"), agent_scope=spelt_out("prms_0"))
    assert interned.mdp_scope is interned.agent_scope
    assert apart.mdp_scope is not apart.agent_scope
    first.save("first.pkl")
    others = [
        interned,
        apart,
        replace(first, seed=np.int64(2), mdps_gin_config=Reference(first.mdps_gin_config)),
        replace(first, experiment_config=ExperimentConfig(np.int32(1), 1_000, 60, np.int64(100))),
        replace(first, experiment_config=ExperimentConfig(20, 1_000, 60, 100)),
        replace(first, result_folder=Path("results") / "swimming"),
        replace(first, result_folder="results//swimming/"),
        load_instance("first.pkl"),
        pickle.loads(pickle.dumps(first)),
    ]
    for other in others:
        assert other == first
        assert other.to_bytes() == first.to_bytes()


def test_in_another_process_too():
    """Hash seeds, import order and what else was pickled before make no difference."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import colosseum.mdp.taxi, making\n"
        "print(making.make_instance(seed=5).to_bytes())"
    )
    folder = str(Path(__file__).parent)
    printed = [
        subprocess.run(
            [sys.executable, "-c", code, folder],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert {ast.literal_eval(text) for text in printed} == {make_instance(seed=5).to_bytes()}


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"benchmark_name": "other"},
        {"mdp_scope": "prms_1"},
        {"mdps_gin_config": "prms_0/RiverSwimContinuous.size = 6\n"},
        {"agent_scope": "prms_1"},
        {"agents_gin_config": "prms_0/QLearningContinuous.min_at = 0.1\n"},
        {"result_folder": "elsewhere"},
        {"experiment_config": ExperimentConfig(1, 1_001, 60, 100)},
        {"experiment_config": ExperimentConfig(1, 1_000, 61, 100)},
        {"experiment_config": ExperimentConfig(1, 1_000, 60, 50)},
    ],
)
def test_whatever_changes_changes_the_bytes(change):
    assert replace(make_instance(), **change).to_bytes() != make_instance().to_bytes()


def test_saving_a_folder_of_instances(tmp_path):
    instances = [make_instance(cls, seed) for cls in (QLearningContinuous, QLearningEpisodic) for seed in (0, 1)]
    paths = save_instances_to_folder(instances, "pickles")
    assert paths[1] == "pickles/swimming/prms_0-RiverSwimContinuous____prms_0-QLearningContinuous/seed1.pkl"
    assert [load_instance(path) for path in paths] == instances
    for path in paths:
        os.utime(path, (1_000, 1_000))
    assert save_instances_to_folder(instances, Path("pickles")) == paths
    assert {os.stat(path).st_mtime for path in paths} == {1_000}, "unchanged instances are left alone"
    changed = [replace(i, agents_gin_config="") for i in instances]
    with pytest.raises(ConfigurationError, match=r"seed0.pkl: this file holds another instance; pass overwrite=True"):
        save_instances_to_folder(changed, "pickles")
    assert load_instance(paths[0]) == instances[0]
    save_instances_to_folder(changed, "pickles", overwrite=True)
    assert load_instance(paths[0]) == changed[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed = -1"),
        ({"seed": 0.5}, "seed = 0.5"),
        ({"seed": True}, "seed = True"),
        ({"mdp_scope": 0}, "mdp_scope = 0: it must be a text"),
        ({"agent_class": "QLearningContinuous"}, "agent_class = 'QLearningContinuous': it must be a class"),
        ({"experiment_config": (1, 2, 3)}, "experiment_config = .*: it must be an ExperimentConfig"),
    ],
)
def test_instances_that_make_no_sense(change, message):
    with pytest.raises(InstanceError, match=message):
        replace(make_instance(), **change)


# ------------------------------------------------------------------------------------------------------------- classes


def test_a_user_defined_class_is_loaded_only_when_it_is_registered():
    instance = make_instance(user_agents.UniformContinuous)
    instance.save("own.pkl")
    with pytest.raises(InstanceError) as caught:
        load_instance("own.pkl")
    assert str(caught.value) == (
        "own.pkl: the agent class user_agents:UniformContinuous is neither packaged nor registered; run with "
        "--register user_agents:UniformContinuous, or call colosseum.config.register_agent_class first."
    )
    config.register_agent_class(user_agents.UniformContinuous)
    assert load_instance("own.pkl") == instance


def test_the_environments_made_of_arrays_belong_to_the_package():
    instance = replace(make_instance(), mdp_class=CustomContinuous)
    instance.save("custom.pkl")
    assert load_instance("custom.pkl").mdp_class is CustomContinuous


def test_an_agent_cannot_be_given_as_an_environment():
    instance = replace(make_instance(), mdp_class=QLearningContinuous)
    instance.save("odd.pkl")
    with pytest.raises(InstanceError, match="the MDP class colosseum.agent.*QLearningContinuous is neither packaged"):
        load_instance("odd.pkl")


# ---------------------------------------------------------------------------------------------------- foreign pickles


class Runs:
    """Pickles as a call."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def by_name(module, name):
    """Return a pickle of protocol 4 that asks for a name in a module, dotted or not, and calls it."""
    return (
        b"\x80\x04\x8c" + bytes([len(module)]) + module + b"\x8c" + bytes([len(name)]) + name + b"\x93\x8c\x02id\x85R."
    )


def with_state(state):
    """Return a pickle of an instance that has some other state."""
    module, name = ExperimentInstance.__module__.encode(), b"ExperimentInstance"
    head = b"\x80\x04\x8c" + bytes([len(module)]) + module + b"\x8c" + bytes([len(name)]) + name + b"\x93)\x81"
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=3)  # without frames, that it may be put between others
    pickler.fast = True
    pickler.dump(state)
    return head + buffer.getvalue()[2:-1] + b"b."


STATE = make_instance().__getstate__()
FOREIGN = {
    "os.system": (pickle.dumps(Runs(os.system, "touch owned")), "asks for posix.system"),
    "eval": (pickle.dumps(Runs(builtins.eval, "open('owned', 'w')")), "asks for builtins.eval"),
    "eval, protocol 0": (pickle.dumps(Runs(builtins.eval, "1"), protocol=0), "asks for (__builtin__|builtins).eval"),
    "getattr": (pickle.dumps(Runs(getattr, "x", "upper")), "asks for builtins.getattr"),
    "import": (pickle.dumps(Runs(__import__, "antigravity")), "asks for builtins.__import__"),
    "dotted": (by_name(b"colosseum.config", b"os.system"), "asks for colosseum.config.os.system"),
    "dotted instance": (
        by_name(b"colosseum.experiment.experiment_instance", b"ExperimentInstance.save"),
        r"asks for colosseum.experiment.experiment_instance.ExperimentInstance.save",
    ),
    "module of the instance": (
        by_name(b"colosseum.experiment.experiment_instance", b"pickle.loads"),
        "asks for colosseum.experiment.experiment_instance.pickle.loads",
    ),
    "numpy": (pickle.dumps(np.arange(3)), "asks for numpy"),
    "another class of the package": (pickle.dumps(SMALL_HYPEROPT_CONF), "asks for colosseum.hyperopt.config.HyperOpt"),
    "settings": (pickle.dumps(ExperimentConfig(1, 2, 3, 1)), "asks for colosseum.experiment.config.ExperimentConfig"),
    "an agent class": (pickle.dumps(QLearningContinuous), "asks for colosseum.agent.agents"),
    "plain data": (pickle.dumps({"seed": 1}), "its operation EMPTY_DICT is no part of an instance"),
    "no data": (pickle.dumps(None), "it holds no instance"),
    "the class itself": (pickle.dumps(ExperimentInstance), "it holds no instance"),
    "a container": (pickle.dumps(OrderedDict(a=1)), "asks for collections.OrderedDict"),
    "persistent": (b"\x80\x04\x8c\x01xQ.", "its operation BINPERSID is no part"),
    "no constructor": (make_instance().to_bytes()[:85] + b".", "no pickled instance"),
    "an empty instance": (with_state(STATE)[: with_state(STATE).index(b")\x81") + 2] + b".", "it holds no instance"),
    "another version": (with_state(("colosseum instance 2", *STATE[1:])), "made by another version"),
    "a state of a wrong length": (with_state((*STATE[:3], STATE[-1])), "written by another version"),
    "a version with other results": (with_state((*STATE[:-1], ("0", "", ""))), "a version .* that gives other results"),
    "no version of the results": (with_state(STATE[:-1]), "a version of this program that gives other results"),
    "a version that is no text": (with_state((7, *STATE[1:])), "made by another version"),
    "a state that is no tuple": (with_state("seed"), "it holds no instance"),
    "a state with attributes": (with_state((None, ("save", "x"))), "made by another version"),
    "a class that is no name": (with_state((*STATE[:3], "os", *STATE[4:])), "its MDP class is 'os'"),
    "a class of another module": (
        with_state((*STATE[:3], ("os", "system"), *STATE[4:])),
        "the MDP class os:system is neither packaged nor registered",
    ),
    "settings that are none": (with_state((*STATE[:9], (1,), *STATE[10:])), r"its settings are \(1,\)"),
    "settings that make no sense": (with_state((*STATE[:9], (0, 1.0, 1, False), *STATE[10:])), "n_steps = 0"),
    "a negative seed": (with_state((STATE[0], -1, *STATE[2:])), "seed = -1"),
    "text": (b"prms_0/RiverSwimContinuous.size = 5\n", "no pickled instance|is no part of an instance"),
    "zeros": (bytes(200), "no pickled instance"),
    "nothing": (b"", "no pickled instance"),
    "more behind it": (with_state(STATE) + b".", "there is more behind"),
    "a memo of 2 GiB": (b"\x80\x04r" + (2**27).to_bytes(4, "little") + b".", "LONG_BINPUT is no part"),
    "a text of 2 GiB": (b"\x80\x04X" + (2**31 - 1).to_bytes(4, "little") + b"x.", "no pickled instance"),
    "nested tuples": (b"\x80\x04(" + b"\x85" * 1_000_000 + b".", "more operations than an instance"),
    "nested marks": (b"\x80\x04" + b"(" * 1_000_000 + b"t" * 1_000_000 + b".", "more operations than an instance"),
    "a number of 255 bytes": (with_state((STATE[0], 2**2000, *STATE[2:])), "a number of 2001 bits"),
    "a seed that numpy does not take": (with_state((STATE[0], 2**63, *STATE[2:])), "a number of 64 bits"),
}
UNSIGNED = {
    "text": (b"prms_0/RiverSwimContinuous.size = 5\n", "damaged or no instance: it does not end with its digest"),
    "a log": (b"steps,cumulative_reward\n1,2\n" * 10, "damaged or no instance: it does not end with its digest"),
    "zeros": (bytes(200), "damaged or no instance: it does not end with its digest"),
    "nothing": (b"", "empty"),
    "more than an instance can be": (bytes(MOST_BYTES + 1), "larger than an instance can be"),
    "a memo of 2 GiB": (FOREIGN["a memo of 2 GiB"][0], "damaged or no instance"),
    "a whole pickle without its digest": (with_state(STATE), "damaged or no instance"),
    "an instance of an older version": (with_state(("colosseum instance 2", *STATE[1:-1])), "by an older version"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_whatever_is_no_instance_is_refused_in_one_line_though_its_digest_is_right(name):
    content, message = FOREIGN[name]
    Path("file.pkl").write_bytes(with_digest(content))
    with pytest.raises(InstanceError, match=message) as caught:
        load_instance("file.pkl")
    assert str(caught.value).startswith("file.pkl: ")
    assert "\n" not in str(caught.value)
    assert os.listdir() == ["file.pkl"], "nothing of it was executed"


@pytest.mark.parametrize("name", UNSIGNED)
def test_whatever_has_no_digest_is_refused_in_one_line(name):
    content, message = UNSIGNED[name]
    Path("file.pkl").write_bytes(content)
    for read in (load_instance, instance_digest):
        with pytest.raises(InstanceError, match=rf"^file\.pkl: .*{message}.*; make the instance again \(.*\)\.$"):
            read("file.pkl")


def test_the_signed_file_is_read_by_pickle_itself():
    """As programs that were written for the published package do."""
    instance = make_instance()
    instance.save("file.pkl")
    with open("file.pkl", "rb") as file:
        assert pickle.load(file) == instance
        assert file.read().startswith(b"\ncolosseum-instance sha256:")
    assert instance_digest("file.pkl") == hashlib.sha256(Path("file.pkl").read_bytes()[:-92]).hexdigest()


def test_a_pickle_of_the_version_before_is_made_again():
    """It has no digest."""
    Path("old.pkl").write_bytes(UNSIGNED["an instance of an older version"][0])
    assert not make_instance().is_saved_in("old.pkl")
    assert make_instance().save("old.pkl")
    assert load_instance("old.pkl") == make_instance()


def test_another_version_of_the_results_is_another_instance(monkeypatch):
    make_instance().save("file.pkl")
    monkeypatch.setattr(instance_file, "RESULTS_VERSION", "next")
    with pytest.raises(
        InstanceError, match=r"^file\.pkl: made by a version of this program that gives other results; "
    ):
        load_instance("file.pkl")
    assert make_instance().save("file.pkl")
    assert load_instance("file.pkl") == make_instance()


def test_gin_text_in_an_instance_is_read_as_any_other():
    """No imports and no includes, which would run and read files; told by the run, as an environment is made of it."""
    Path("evil.py").write_text("open('owned', 'w')")
    for text in ("import evil", "include 'evil.py'"):
        for name in ("mdps_gin_config", "agents_gin_config"):
            instance = make_instance()
            instance = replace(instance, **{name: f"{text}\n{getattr(instance, name)}"})
            instance.save("file.pkl")
            with pytest.raises(ConfigurationError, match="imports and includes are not taken"):
                interact(load_instance("file.pkl"))
    assert not os.path.exists("owned")


def test_an_instance_that_no_reader_would_take_is_not_written():
    with pytest.raises(InstanceError, match="its parameters take .* bytes, and at most 4194304 are read"):
        make_instance(mdps_gin_config="#" * MOST_BYTES).save("file.pkl")
    assert not os.path.exists("file.pkl")
    with pytest.raises(InstanceError, match=r"seed = 9223372036854775808: it must be below 2\*\*63"):
        make_instance(seed=2**63)


def test_a_pipe_is_not_waited_for():
    os.mkfifo("pipe.pkl")
    with pytest.raises(InstanceError, match=r"^pipe\.pkl: no file\.$"):
        load_instance("pipe.pkl")


def test_a_truncated_instance_wherever_it_ends():
    whole = make_instance().to_bytes()
    for n in range(1, len(whole)):
        Path("file.pkl").write_bytes(whole[:n])
        with pytest.raises(InstanceError, match=r"^file\.pkl: "):
            load_instance("file.pkl")


@pytest.mark.slow
def test_every_flipped_bit_is_damage():
    whole = make_instance().to_bytes()
    for i in range(len(whole)):
        for bit in range(8):
            Path("file.pkl").write_bytes(whole[:i] + bytes([whole[i] ^ 1 << bit]) + whole[i + 1 :])
            with pytest.raises(InstanceError, match=r"^file\.pkl: (damaged|made by an older)"):
                instance_digest("file.pkl")


def test_a_missing_file_and_a_folder():
    with pytest.raises(InstanceError, match=r"^nowhere\.pkl: No such file or directory\.$"):
        load_instance("nowhere.pkl")
    with pytest.raises(InstanceError, match=r"^\.: Is a directory\.$"):
        load_instance(".")

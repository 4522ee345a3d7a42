"""Running one instance and many: what is skipped, what fails, several processes, progress."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import user_agents
from making import make_instance, without_times

from colosseum import cli, config
from colosseum.agent.agents.episodic import QLearningEpisodic
from colosseum.agent.agents.infinite_horizon import QLearningContinuous
from colosseum.errors import KILLED, ColosseumError, ConfigurationError, InstanceError
from colosseum.experiment.experiment_instances import (
    InstanceFailedError,
    run_experiment_instance,
    run_experiment_instances,
    save_instances_to_folder,
)
from colosseum.experiment.stand_in import worst_rows
from colosseum.logs.read import check_log, read_log
from colosseum.logs.write import write_log


def all_files():
    return sorted(p.as_posix() for p in Path().rglob("*") if p.is_file())


# --------------------------------------------------------------------------------------------------------- one instance


def test_an_object_and_its_pickle_give_the_same_log():
    instance = make_instance()
    [path] = save_instances_to_folder([instance], "pickles")
    assert run_experiment_instance(instance) == instance.log_path
    assert run_experiment_instance(path, "elsewhere/log.csv") == "elsewhere/log.csv"
    assert run_experiment_instance(Path(path), Path("again.csv")) == "again.csv"
    assert without_times(instance.log_path) == without_times("elsewhere/log.csv") == without_times("again.csv")
    assert check_log(instance.log_path, 1_000)["training_state"] in ("running", "optimal")


def test_other_seeds_give_other_logs():
    logs = set()
    for seed in range(3):
        text = "prms_0/RiverSwimContinuous.size = 4\nprms_0/RiverSwimContinuous.p_rand = 0.2\n"
        instance = make_instance(seed=seed, mdps_gin_config=text)
        logs.add(tuple(without_times(run_experiment_instance(instance))))
    assert len(logs) == 3


def test_a_complete_log_is_kept_unless_it_is_to_be_overwritten():
    instance = make_instance()
    path = run_experiment_instance(instance)
    before = Path(path).read_bytes()
    os.utime(path, (1_000, 1_000))
    run_experiment_instance(instance)
    assert os.stat(path).st_mtime == 1_000
    run_experiment_instance(instance, overwrite=True)
    assert os.stat(path).st_mtime > 1_000
    assert without_times(path) == without_times(before.decode())


@pytest.mark.parametrize("content", ["", "steps,x\n1,2\n", None])
def test_an_incomplete_log_is_made_again(content):
    instance = make_instance()
    path = run_experiment_instance(instance)
    whole = Path(path).read_text()
    Path(path).write_text(whole[: len(whole) // 2] if content is None else content)
    run_experiment_instance(instance)
    assert without_times(path) == without_times(whole)


def test_the_gin_configuration_of_others_is_not_in_the_way():
    import gin

    gin.parse_config("prms_0/RiverSwimContinuous.size = 33\nRiverSwimContinuous.p_lazy = 0.5\n")
    try:
        mdp = make_instance().instantiate_mdp()
        assert gin.query_parameter("RiverSwimContinuous.p_lazy") == 0.5, "theirs is as it was"
    finally:
        gin.clear_config()
    assert mdp.parameters["size"] == 5
    assert mdp.parameters["p_lazy"] is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mdps_gin_config": "prms_0/RiverSwimContinuous.size = \n"}, "gin text of RiverSwimContinuous, line 1: "),
        (
            {"mdps_gin_config": "prms_0/RiverSwimContinuos.size = 5\n"},
            "gin text of RiverSwimContinuous, line 1: .*'RiverSwimContinuos'",
        ),
        (
            {"mdps_gin_config": "prms_0/RiverSwimContinuous.sise = 5\n"},
            "gin text of RiverSwimContinuous, line 1: .*sise",
        ),
        (
            {"mdps_gin_config": "import antigravity\n"},
            "line 1: 'import antigravity': imports and includes are not taken",
        ),
        ({"mdps_gin_config": "include '/etc/passwd'\n"}, "line 1: .* imports and includes are not taken"),
        (
            {"agents_gin_config": "from os import path\n"},
            "gin text of QLearningContinuous, line 1: 'from os import path",
        ),
        ({"mdps_gin_config": "prms_1/RiverSwimContinuous.size = 5\n"}, "there is no scope 'prms_0'"),
        ({"mdps_gin_config": "prms_0/RiverSwimContinuous.size = %no.such\n"}, "no.such"),
        ({"mdps_gin_config": "prms_0/RiverSwimContinuous.size = -5\n"}, "RiverSwimContinuous.size"),
        ({"agents_gin_config": "prms_0/QLearningContinuous.min_at = 2.0\n"}, "QLearningContinuous.min_at"),
        ({"agent_class": QLearningEpisodic, "agents_gin_config": ""}, "QLearningEpisodic"),
        ({"agent_class": user_agents.UniformEpisodic, "agents_gin_config": ""}, "an episodic agent cannot interact"),
    ],
)
def test_configurations_that_make_no_sense_are_told_in_one_line(changes, message):
    instance = replace(make_instance(), **changes)
    with pytest.raises(ColosseumError, match=message) as caught:
        run_experiment_instance(instance, "log.csv")
    assert str(caught.value).startswith(f"{instance.name}: ")
    assert "\n" not in str(caught.value)
    assert all_files() == []


def failing(fails_at=37, **changes):
    text = f"prms_0/FailingAgent.fails_at = {fails_at}\n"
    return make_instance(user_agents.FailingAgent, agents_gin_config=text, **changes)


def test_an_exception_of_the_agent_is_told_with_instance_class_and_step():
    instance = failing(fails_at=37)
    with pytest.raises(InstanceFailedError) as caught:
        run_experiment_instance(instance)
    assert str(caught.value) == (
        f"{instance.name}: user_agents:FailingAgent in colosseum.mdp.river_swim:RiverSwimContinuous failed at step 37: "
        "RuntimeError: the model exploded"
    )
    assert caught.value.traceback.startswith("Traceback (most recent call last)")
    assert 'user_agents.py"' in caught.value.traceback
    assert all_files() == []


def test_an_action_that_does_not_exist(monkeypatch):
    monkeypatch.setattr(user_agents.UniformContinuous, "select_action", lambda self, ts, time: 2, raising=False)
    with pytest.raises(InstanceFailedError, match="failed at step 1: ConfigurationError: .*there is no action 2"):
        run_experiment_instance(make_instance(user_agents.UniformContinuous))


def test_an_agent_that_cannot_be_built(monkeypatch):
    monkeypatch.setattr(user_agents.UniformContinuous, "choose_policy", lambda self: 1 / 0)
    message = "user_agents:UniformContinuous failed while it was built: ZeroDivisionError: division by zero"
    with pytest.raises(InstanceFailedError, match=message) as caught:
        run_experiment_instance(make_instance(user_agents.UniformContinuous))
    assert "\n" not in str(caught.value)


def test_a_log_that_cannot_be_written():
    Path("results").write_text("")
    with pytest.raises(ColosseumError, match=r"results/swimming/logs/.*seed0_logs\.csv: cannot be written: "):
        run_experiment_instance(make_instance())


# --------------------------------------------------------------------------------------------------------- many of them


def few(n=4, **changes):
    return [make_instance(seed=seed, n_steps=400, **changes) for seed in range(n)]


def test_nothing_to_run():
    assert run_experiment_instances([]) == []


def test_one_after_the_other_and_in_processes():
    instances = few()
    paths = run_experiment_instances(instances)
    assert paths == [i.log_path for i in instances]
    alone = [without_times(path) for path in paths]
    config.enable_multiprocessing()
    config.set_available_cores(2)
    assert run_experiment_instances(save_instances_to_folder(instances, "pickles"), overwrite=True) == paths
    assert [without_times(path) for path in paths] == alone


@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
def test_processes_know_user_defined_classes(start_method):
    config.enable_multiprocessing()
    config.set_available_cores(2)
    config.register_agent_class(user_agents.UniformContinuous)
    instances = few(2, agent_class=user_agents.UniformContinuous)
    paths = run_experiment_instances(instances, start_method=start_method)
    assert [check_log(path, 400)["steps"] for path in paths] == [400, 400]


def test_classes_of_the_main_module_need_forks():
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "import gin, user_agents\n"
        "from making import make_instance\n"
        "from colosseum import config\n"
        "from colosseum.experiment.experiment_instances import *\n"
        "@gin.configurable\n"
        "class Mine(user_agents.PolicyAgent): pass\n"
        "config.enable_multiprocessing(); config.set_available_cores(2)\n"
        "instances = [make_instance(Mine, seed=s, n_steps=200) for s in (0, 1)]\n"
        "print(len(run_experiment_instances(instances, start_method='fork')))\n"
        "try: run_experiment_instances(instances, True, overwrite=True, start_method='spawn')\n"
        "except Exception as error: print(error)"
    )
    folders = [str(folder) for folder in Path(__file__).parents[:2]]
    done = subprocess.run([sys.executable, "-c", code, *folders], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "2"
    assert "__main__:Mine: a process that is started by 'spawn' cannot import this class" in done.stdout


@pytest.mark.parametrize("n_cores", [1, 2])
def test_one_that_fails_does_not_stop_the_others(n_cores):
    config.enable_multiprocessing()
    config.set_available_cores(n_cores)
    good = few(3)
    bad = [failing(5, seed=7), replace(good[0], mdps_gin_config="prms_0/RiverSwimContinuous.size = 0", seed=8)]
    with pytest.raises(InstanceFailedError) as caught:
        run_experiment_instances([bad[0], good[0], bad[1], *good[1:]])
    message = str(caught.value)
    assert message.startswith("2 of 5 instances failed: ")
    assert f"{bad[0].name}: user_agents:FailingAgent in" in message
    assert f"{bad[1].name}: RiverSwimContinuous.size" in message
    assert "RuntimeError: the model\nexploded" in caught.value.traceback
    for instance in good:
        check_log(instance.log_path, 400)
    assert len(all_files()) == 3


def test_a_process_that_is_killed_costs_its_instance_alone():
    config.enable_multiprocessing()
    config.set_available_cores(2)
    dying = make_instance(user_agents.DyingAgent, seed=9)
    instances = few(3)
    with pytest.raises(InstanceFailedError) as caught:
        run_experiment_instances([dying, *instances])
    assert str(caught.value) == (f"1 of 4 instances failed: {dying.name}: {KILLED}")
    for instance in instances:
        check_log(instance.log_path, 400)


def test_what_is_complete_is_not_run_again(monkeypatch):
    instances = few(3)
    run_experiment_instances(instances[:2])
    times = [os.utime(i.log_path, (1_000, 1_000)) for i in instances[:2]]
    assert times == [None, None]
    run_experiment_instances(instances)
    assert [os.stat(i.log_path).st_mtime == 1_000 for i in instances] == [True, True, False]
    run_experiment_instances(instances, overwrite=True)
    assert not any(os.stat(i.log_path).st_mtime == 1_000 for i in instances)


def test_a_pickle_that_cannot_be_loaded_is_told_before_anything_runs():
    Path("bad.pkl").write_text("no pickle")
    with pytest.raises(InstanceError, match="bad.pkl: damaged or no instance"):
        run_experiment_instances([*few(1), "bad.pkl"])
    assert all_files() == ["bad.pkl"]


def test_progress_is_shown_on_request(capsys):
    run_experiment_instances(few(2))
    assert capsys.readouterr() == ("", "")
    config.enable_verbose_logging()
    try:
        run_experiment_instances(few(2), overwrite=True)
        with pytest.raises(InstanceFailedError):
            run_experiment_instances([*few(2), failing(3)], overwrite=True)
    finally:
        config.disable_verbose_logging()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "2 of 2 instances done (100 %), took 0 s"
    assert lines[1] == "3 of 3 instances done (100 %), 1 failed, took 0 s"


@pytest.mark.slow
def test_classes_that_are_no_agents_are_refused_before_processes_start():
    config.enable_multiprocessing()
    config.set_available_cores(2)
    instances = [replace(i, agent_class=Path) for i in few(2)]
    with pytest.raises(ConfigurationError, match="Path is not an agent class"):
        run_experiment_instances(instances)


@pytest.mark.parametrize("episodic", [False, True])
def test_the_worst_policy_stands_in_for_an_agent_that_fails(episodic):
    instance = make_instance(QLearningEpisodic if episodic else QLearningContinuous)
    rows = worst_rows(instance)
    write_log("worst.csv", rows, instance.digest)
    last = check_log("worst.csv", 1_000, instance.digest)
    assert last["training_state"] == "failed" and last["steps_per_second"] == 0
    for name in ("normalized_cumulative_regret", "normalized_cumulative_learning_regret"):
        assert last[name] == pytest.approx(1_000, rel=1e-9), name
    assert last["normalized_cumulative_reward"] == pytest.approx(0, abs=1e-9)
    assert last["cumulative_expected_reward"] == last["worst_cumulative_expected_reward"]
    assert last["cumulative_regret"] == last["worst_cumulative_regret"]
    # as dense a log as its own would have been
    assert [row["steps"] for row in rows] == read_log(run_experiment_instance(instance))["steps"].tolist()


def test_the_command_lets_the_worst_policy_stand_in(capsys):
    config.register_agent_class(user_agents.FailingAgent)
    fails = make_instance(user_agents.FailingAgent, agents_gin_config="prms_0/FailingAgent.fails_at = 37\n")
    [path] = save_instances_to_folder([fails], "pickles")
    assert cli.main(["run", path]) == 1
    assert not Path(fails.log_path).exists()
    assert cli.main(["run", path, "--failed", "worst"]) == 0
    assert "failed at step 37" in capsys.readouterr().err
    assert check_log(fails.log_path, 1_000)["training_state"] == "failed"

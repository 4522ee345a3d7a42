"""Package-wide settings and the registry of classes, under their published name."""

import os
import subprocess
import sys

import pytest

from colosseum import config, registry, settings
from colosseum.agent.agents.random import RandomAgentEpisodic
from colosseum.errors import ConfigurationError
from colosseum.progress import Progress


@pytest.fixture(autouse=True)
def _as_it_was():
    with settings.temporary_settings(), registry.temporary_registrations():
        yield


@pytest.fixture
def my_lab(tmp_path, monkeypatch):
    """An importable module `my_lab` of a user's own."""
    (tmp_path / "my_lab.py").write_text(
        "from colosseum.agent.agents.random import RandomAgentEpisodic\n"
        "class MyAgent(RandomAgentEpisodic):\n"
        "    pass\n"
        "class NotAnAgent:\n"
        "    pass\n"
    )
    (tmp_path / "broken_lab.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_lab", raising=False)  # that of the examples
    yield
    sys.modules.pop("my_lab", None)


def test_folders_end_with_a_separator_and_have_the_published_layout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config.set_experiments_folder("here", "tabular")
    config.set_hyperopt_folder(experiment_folder="here" + os.sep, experiment_name="tabular")
    assert os.path.isdir("here/benchmarking/tabular") and os.path.isdir("here/hyperopt/tabular")  # made at once
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="file/hyperopt/tabular/: this folder cannot be made: Not a directory"):
        config.set_hyperopt_folder("file", "tabular")
    assert config.get_experiments_folder() == os.path.join("here", "benchmarking", "tabular") + os.sep
    assert config.get_hyperopt_folder() == os.path.join("here", "hyperopt", "tabular") + os.sep


def test_folders_have_defaults():
    assert config.get_experiments_folder().endswith(os.sep)
    assert config.get_hyperopt_folder().endswith(os.sep)
    assert config.get_hyperopt_folder() != config.get_experiments_folder()


@pytest.mark.parametrize("name", ["", " ", "..", "a/b", "a\\b", None])
def test_experiment_name_must_be_a_folder_name(name):
    with pytest.raises(ConfigurationError, match="is not a folder name"):
        config.set_experiments_folder("here", name)


def test_cores_and_switches():
    assert config.get_available_cores() >= 1
    config.set_available_cores(3)
    assert config.get_available_cores() == 3
    assert config.is_multiprocessing_enabled()  # to ask for cores is to use them
    config.set_available_cores(1)
    assert not config.is_multiprocessing_enabled()
    config.enable_multiprocessing()
    assert config.is_multiprocessing_enabled()
    config.disable_multiprocessing()
    assert not config.is_multiprocessing_enabled()
    config.enable_verbose_logging()
    assert config.is_verbose_logging_enabled()
    config.disable_verbose_logging()
    assert not config.is_verbose_logging_enabled()


def test_progress_goes_to_the_file_that_is_set(tmp_path, capsys):
    config.set_verbose_logs_file(tmp_path / "said.txt")
    assert config.is_verbose_logging_enabled()
    progress = Progress(2, enabled=config.is_verbose_logging_enabled(), style="lines")
    progress.advance()
    progress.advance()
    assert "2 of 2 instances done" in (tmp_path / "said.txt").read_text()
    assert capsys.readouterr().err == ""


def test_settings_that_mean_nothing_here_are_taken_at_their_published_values():
    config.set_hardness_measures_cache_folder("measures")
    assert config.get_hardness_measures_cache_folder() == "measures" + os.sep
    config.set_n_floating_sampling_hyperparameters(4)
    with pytest.raises(ConfigurationError, match="got 7; only 4 is taken"):
        config.set_n_floating_sampling_hyperparameters(7)


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "2"])
def test_a_number_of_cores_that_makes_no_sense(n):
    with pytest.raises(ConfigurationError, match="at least 1"):
        config.set_available_cores(n)


def test_packaged_classes_are_found_by_name_and_are_what_they_are_called():
    assert len(config.mdp_class_names()) == 14
    assert {"QLearningEpisodic", "QLearningContinuous", "RandomAgentEpisodic"} <= set(config.agent_class_names())
    for name in config.mdp_class_names():
        cls = config.resolve_mdp_class(name)
        assert cls.__name__ == name
        assert cls.is_episodic() == name.endswith("Episodic")
    for name in config.agent_class_names():
        cls = config.resolve_agent_class(name)
        assert cls.__name__ == name
        assert cls.is_episodic() == name.endswith("Episodic")


def test_a_packaged_class_whose_module_is_missing_is_not_offered(monkeypatch):
    monkeypatch.setitem(registry.PACKAGED_AGENTS, "Tomorrow", "colosseum.agent.agents.tomorrow")
    assert "Tomorrow" not in config.agent_class_names()
    with pytest.raises(ConfigurationError, match="there is no 'Tomorrow'"):
        config.resolve_agent_class("Tomorrow")


def test_unknown_names_get_the_nearest():
    with pytest.raises(ConfigurationError, match="did you mean 'QLearningEpisodic'"):
        config.resolve_agent_class("QLearningEpisodc")
    with pytest.raises(ConfigurationError, match="did you mean 'RiverSwimContinuous'"):
        config.resolve_mdp_class("riverswimcontinuous")
    with pytest.raises(ConfigurationError, match="give a class name"):
        config.resolve_mdp_class(3)


def test_a_user_defined_class_is_registered_from_its_path_once(my_lab):
    cls = config.register_from_path("my_lab:MyAgent")
    assert config.get_external_agent_classes() == [cls]
    assert config.resolve_agent_class("MyAgent") is cls
    assert config.resolve_agent_class("my_lab:MyAgent") is cls
    assert config.get_external_agent_classes() == [cls]
    assert config.agent_class_names()[-1] == "MyAgent"
    assert config.get_external_mdp_classes() == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("MyAgent", "give 'package.module:Class'"),
        ("my_lab:", "give 'package.module:Class'"),
        ("my lab:MyAgent", "give 'package.module:Class'"),
        ("my_lub:MyAgent", "there is no module 'my_lub'"),
        ("my_lab.deeper:MyAgent", "there is no module 'my_lab.deeper'"),
        ("my_lab:MyAgnt", "did you mean 'MyAgent'"),
        ("my_lab:NotAnAgent", "neither a BaseAgent"),
        ("broken_lab:MyAgent", "importing 'broken_lab' failed: ModuleNotFoundError: No module named 'no_such_module"),
    ],
)
def test_paths_that_lead_nowhere(my_lab, path, message):
    with pytest.raises(ConfigurationError, match=message):
        config.register_from_path(path)


def test_an_agent_is_no_environment(my_lab):
    with pytest.raises(ConfigurationError, match="MyAgent is not an MDP class"):
        config.resolve_mdp_class("my_lab:MyAgent")
    with pytest.raises(ConfigurationError, match="is not an agent class"):
        config.register_agent_class(3)


def test_names_must_tell_classes_apart(my_lab):
    first = config.register_from_path("my_lab:MyAgent")
    other = type("MyAgent", (RandomAgentEpisodic,), {"__module__": "another_lab"})
    with pytest.raises(ConfigurationError, match="taken by the registered agent class my_lab:MyAgent"):
        config.register_agent_class(other)
    packaged = type("QLearningEpisodic", (RandomAgentEpisodic,), {"__module__": "another_lab"})
    with pytest.raises(ConfigurationError, match="a packaged agent class has this name"):
        config.register_agent_class(packaged)
    again = type("MyAgent", (RandomAgentEpisodic,), {"__module__": "my_lab"})
    config.register_agent_class(again)
    assert config.get_external_agent_classes() == [again] != [first]


def test_packaged_classes_need_no_registration():
    assert config.register_agent_class(RandomAgentEpisodic) is RandomAgentEpisodic
    assert config.get_external_agent_classes() == []


def test_nothing_heavy_is_imported():
    code = (
        "import sys\n"
        "from colosseum import config\n"
        "config.agent_class_names(); config.mdp_class_names()\n"
        "print(*sorted({'numba', 'numpy', 'pandas', 'scipy', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

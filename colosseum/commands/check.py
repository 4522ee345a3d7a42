"""`python -m colosseum check`: a study, or user-defined classes, before anything is run."""

import argparse
import os
import sys
import traceback
from pathlib import Path
from typing import Any

HELP = "check a study, or a user-defined agent or environment, before anything is run"

_STEPS = 50
_PATIENCE_S = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Check studies and classes. Of a study: the file, its keys, everything that they name, and its user-defined "
        "classes. Of a class: that gin can configure it, that nothing of it is abstract, that it survives its own gin "
        f"text and a pickle, and that it does {_STEPS} steps in a small environment. Nothing is written. The "
        "conformance suites of colosseum.testing check much more."
    )
    parser.add_argument(
        "subjects",
        nargs="+",
        metavar="STUDY_OR_CLASS",
        help="a study's YAML file, a class name, or package.module:Class; with =FILE.gin behind it, a class as that "
        "configures it (default: sampled, or its defaults)",
    )


def prepare(args: argparse.Namespace) -> None:
    """Find the compiled kernels."""
    from colosseum.warm import numba_cache

    numba_cache.attach(fill=False)
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())


def main(args: argparse.Namespace) -> None:
    """Run the command."""
    for subject in args.subjects:
        if Path(subject).suffix in (".yaml", ".yml") or os.path.isfile(subject):
            _check_study(Path(subject))
        else:
            path, _, gin = subject.partition("=")
            _check_configured(path, gin or None)
            print(f"{path}: right")


def _check_study(path: Path) -> None:
    from colosseum.study import Study
    from colosseum.study.text import inspect_study_file, read_study_files

    for note in inspect_study_file(path):
        print(f"note: {note}")
    study = Study(read_study_files([path]), source=str(path))
    study.check()
    study.check_results()
    for class_path, gin in study.user_classes().items():
        _check_configured(class_path, gin)
    print(f"{path}: right, {study.n_instances():,} instances")


def _check_configured(path: str, gin: str | None) -> None:
    from colosseum.benchmark.folders import read_text

    check_class(path, None if gin is None else read_text(gin), gin or path)


def check_class(path: str, text: str | None, source: str) -> None:
    """
    Check an agent or environment class.

    Parameters
    ----------
    path : str
        ``"package.module:Class"``, or the name of a packaged class.
    text : str or None
        Gin text that configures it; None samples it, or takes its defaults.
    source : str
        Where the text is from.

    Raises
    ------
    ConfigurationError
        With the path, what was tried, and how that failed.
    """
    from colosseum import registry
    from colosseum.agent.agents.base import BaseAgent
    from colosseum.errors import ConfigurationError
    from colosseum.gin_config import check_configurable

    if ":" in path:
        cls: type[Any] = registry.register_from_path(path)
    elif path in registry.agent_class_names():
        cls = registry.resolve_agent_class(path)
    else:
        cls = registry.resolve_mdp_class(path)
    check_configurable(cls, path)
    abstract = sorted(getattr(cls, "__abstractmethods__", ()))
    if abstract:
        raise ConfigurationError(f"{path}: the class lacks {', '.join(abstract)}, which its base class leaves to it.")
    kind = _check_agent if issubclass(cls, BaseAgent) else _check_mdp
    done = ["it is configured"]  # what is tried at the moment, for the message
    try:
        kind(cls, text, source, done)
    except Exception as error:  # of the user's code: anything
        where = _place(error, cls)
        reason = str(error) if isinstance(error, ConfigurationError) else f"{type(error).__name__}: {error}"
        raise ConfigurationError(f"{path}: failed when {done[-1]}: {' '.join(reason.split())}{where}") from None


def _check_agent(cls: type[Any], text: str | None, source: str, done: list[str]) -> None:
    from colosseum import registry
    from colosseum.agent.utils import sample_agent_gin_configs_file
    from colosseum.experiment.agent_mdp_interaction import MDPLoop
    from colosseum.gin_config import construct, split_scopes
    from colosseum.utils import make_mdp_spec

    river: Any = registry.resolve_mdp_class(f"RiverSwim{'Episodic' if cls.is_episodic() else 'Continuous'}")
    mdp = river(seed=0, size=4)
    if text is None:
        done.append("hyperparameters are sampled and written as gin text")
        text = sample_agent_gin_configs_file(cls, 1, 42)
    done.append("its gin text is read")
    scope, text = next(iter(split_scopes(cls, text, source).items()))
    done.append("it is made of its gin text")
    agent = construct(cls, scope, text, source, seed=0, mdp_specs=make_mdp_spec(mdp), n_steps=_STEPS)
    _check_pickle(cls, done)
    done.append(f"it does {_STEPS} steps in a small RiverSwim")
    MDPLoop(mdp, agent).run(_STEPS, _STEPS // 2, _PATIENCE_S)


def _check_mdp(cls: type[Any], text: str | None, source: str, done: list[str]) -> None:
    import pickle

    from colosseum.gin_config import construct, format_scope, split_scopes
    from colosseum.layout import FIRST_SCOPE

    if text is None:
        parameters: dict[str, Any] = dict(getattr(cls, "small_parameters", None) or {})
        if not parameters and hasattr(cls, "sample_parameters"):
            done.append("parameters are sampled")
            parameters = cls.sample_parameters(42)
        text = format_scope(cls, FIRST_SCOPE, parameters)
    done.append("its gin text is read")
    scope, text = next(iter(split_scopes(cls, text, source).items()), (FIRST_SCOPE, ""))
    done.append("it is made of its gin text")
    mdp: Any = construct(cls, scope, text, source, seed=0)
    _check_pickle(cls, done)
    done.append("it is pickled")
    mdp = pickle.loads(pickle.dumps(mdp))
    done.append(f"it does {_STEPS} steps")
    step = mdp.reset()
    for t in range(_STEPS):
        step = mdp.reset() if step.last() else mdp.step(t % mdp.n_actions)


def _check_pickle(cls: type[Any], done: list[str]) -> None:
    import pickle

    from colosseum.errors import ConfigurationError

    done.append("the class is pickled by its name")
    if pickle.loads(pickle.dumps(cls)) is not cls:
        raise ConfigurationError(f"{cls.__module__} has another class of the name {cls.__qualname__}")


def _place(error: BaseException, cls: type) -> str:
    """Return the last line of the class's own module that an error went through."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f" ({file}, line {lines[-1]})" if lines and file else ""

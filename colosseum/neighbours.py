"""Other distributions that have put files into this folder: the published package has the same import name."""

import os
import sys
import warnings

#: The published package; a library for CSS, and what this one was called before.
_OTHERS = ("rl_colosseum-", "colosseum-")
_METADATA = (".dist-info", ".egg-info")

_PACKAGE = os.path.dirname(__file__)


def tell() -> None:
    """Warn in one line that another distribution is here; nothing where this one is alone."""
    other = _other()
    if other is not None:
        warnings.warn_explicit(_advice(other), UserWarning, "colosseum", 1)


def in_front() -> str | None:
    """
    Tell whether files of another distribution are imported in place of ours, so that nothing can be relied on.

    Returns
    -------
    str, optional
        One line that says what to do; None where ours are imported.
    """
    ours = "make_mdp" in getattr(sys.modules["colosseum"], "__all__", ())  # what was installed last has the front door
    if ours and not os.path.isdir(os.path.join(_PACKAGE, "mdp", "river_swim")):  # Python prefers a folder to a module
        return None
    other = _other() or "rl-colosseum"
    return f"the files of {other} are in place of ours: do as the warning says." if ours else _advice(other)


def refuse() -> None:
    """End this process with that line, where there is one: for profiles and rules, which Snakemake reads."""
    if (line := in_front()) is not None:
        raise SystemExit(f"colosseum: error: {line}")


def _other() -> str | None:
    names = os.listdir(os.path.dirname(_PACKAGE))
    others = sorted(name.partition("-")[0] for name in names if name.startswith(_OTHERS) and name.endswith(_METADATA))
    if not others and os.path.exists(os.path.join(_PACKAGE, "_metadata.py")):  # a file of the published package alone
        others = ["rl_colosseum"]
    return others[0].replace("_", "-") if others else None


def _advice(other: str) -> str:
    return (
        f"{_PACKAGE}: the distribution {other} has put files into this folder too; type "
        f"`pip uninstall {other} colosseum-benchmark`, then install colosseum-benchmark again."
    )

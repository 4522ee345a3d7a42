"""Gin text of one class: read without touching gin's global state, checked, written canonically."""

import inspect
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from typing import Any

import gin
from gin import config_parser

from colosseum.errors import ColosseumError, ConfigurationError, nearest

SCOPE = re.compile(r"prms_(0|[1-9][0-9]*)")
"""A gin scope: ``prms_<i>``, i = 0, 1, ..."""

_GIVEN_BY_THE_INSTANCE = frozenset({"self", "seed", "mdp_specs", "optimization_horizon"})


class Reference(str):
    """The text of a gin macro or reference (``%Enum.NAME``, ``@name``), which only gin itself can resolve."""

    __repr__ = str.__str__


class _Delegate(config_parser.ParserDelegate):
    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> Reference:
        return Reference(f"@{scoped_configurable_name}{'()' if evaluate else ''}")

    def macro(self, macro_name: str) -> Reference:
        return Reference(f"%{macro_name}")


def parse_gin_text(cls: type, text: str, source: str) -> dict[str, dict[str, Any]]:
    """
    Read and check the gin text of a class.

    Parameters
    ----------
    cls : type
        The agent or environment class that the text configures.
    text : str
        Lines ``prms_<i>/<Class>.<parameter> = <value>``.
    source : str
        Where the text is from (a file, say); errors begin with it.

    Returns
    -------
    dict of str to dict
        The parameters of each scope; scopes in ascending order of their index, parameters in alphabetical order. Text
        that binds nothing is the one scope ``prms_0`` of a class that needs nothing (a random agent has no
        hyperparameters).

    Raises
    ------
    ConfigurationError
        With the line of: a syntax error, another class, an unknown parameter (with the nearest one), a parameter
        that is given twice, a scope that is not ``prms_<i>``; and if a parameter that has no default is missing, there
        is no scope at all, or `cls` is not known to gin.
    """
    check_configurable(cls, source)
    parameters = constructor_parameters(cls)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    known = [name for name, p in parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    scopes: dict[str, dict[str, Any]] = {}
    for statement in _statements(text, source):
        where = f"{source}, line {statement.location.line_num}"
        _check_statement(cls, statement, where, known, takes_any)
        scope = scopes.setdefault(statement.scope, {})
        if statement.arg_name in scope:
            raise ConfigurationError(f"{where}: {statement.scope}/{cls.__name__}.{statement.arg_name} is given twice.")
        scope[statement.arg_name] = statement.value
    required = [name for name in known if parameters[name].default is inspect.Parameter.empty]
    if not scopes and required:
        raise ConfigurationError(f"{source}: no configuration of {cls.__name__}; write e.g. {_example(cls, known)}.")
    scopes = scopes or {"prms_0": {}}
    for scope, values in scopes.items():
        missing = [name for name in required if name not in values]
        if missing:
            raise ConfigurationError(f"{source}: {scope}/{cls.__name__} lacks {', '.join(missing)} (no default).")
    return {scope: dict(sorted(scopes[scope].items())) for scope in sorted(scopes, key=scope_index)}


def split_scopes(cls: type, text: str, source: str) -> dict[str, str]:
    """
    Check gin text and return that of each scope, canonically written.

    Two texts that configure the same (in another order, with comments, other spaces) give the same strings, so that
    what is built from them is the same to the byte. Parameters and errors are those of `parse_gin_text`.

    Returns
    -------
    dict of str to str
        Text of each scope, in ascending order of the scopes' indices.
    """
    return {scope: format_scope(cls, scope, prms) for scope, prms in parse_gin_text(cls, text, source).items()}


def format_scope(cls: type, scope: str, parameters: dict[str, Any]) -> str:
    """Return the gin text of a scope: a line for each parameter, in alphabetical order."""
    return "".join(f"{scope}/{cls.__name__}.{name} = {value!r}\n" for name, value in sorted(parameters.items()))


def scope_index(scope: str) -> int:
    """Return i of ``prms_<i>``."""
    return int(scope.removeprefix("prms_"))


def select_scopes(scopes: dict[str, str], wanted: Iterable[str] | None, source: str) -> dict[str, str]:
    """
    Return the wanted ones of what `split_scopes` returned; None wants all.

    Raises
    ------
    ConfigurationError
        If a wanted scope is not there.
    """
    if wanted is None:
        return scopes
    wanted = sorted(set(wanted), key=lambda scope: scope_index(scope) if SCOPE.fullmatch(scope) else -1)
    if scopes == {"prms_0": ""} and all(map(SCOPE.fullmatch, wanted)):
        return dict.fromkeys(wanted, "")  # nothing to configure: every scope is the same one
    for scope in wanted:
        if scope not in scopes:
            raise ConfigurationError(f"{source}: there is no scope {scope!r}; {nearest(scope, scopes)}")
    return {scope: scopes[scope] for scope in wanted}


def check_values(cls: type, text: str, source: str, **given: Any) -> None:
    """
    Have a packaged class check the values of its gin text, by making an object of each configuration.

    Classes of the user's own are left alone: making one of theirs may cost anything.

    Parameters
    ----------
    cls : type
    text, source : str
        As in `parse_gin_text`.
    **given : object
        The constructor's other arguments.

    Raises
    ------
    ConfigurationError
        As `parse_gin_text`, or if the class refuses a value.
    """
    for scope, parameters in parse_gin_text(cls, text, source).items():
        if not cls.__module__.startswith("colosseum.") or any(isinstance(v, Reference) for v in parameters.values()):
            continue
        try:
            cls(**given, **parameters)
        except ColosseumError as error:
            # gin appends lines that tell where it was called from
            raise ConfigurationError(f"{source}, {scope}: {str(error).splitlines()[0]}") from None


def check_configurable(cls: type, source: str) -> None:
    """Raise a `ConfigurationError` if gin cannot configure the class."""
    try:
        gin.get_bindings(cls, resolve_references=False)
    except ValueError:
        raise ConfigurationError(
            f"{source}: {cls.__module__}:{cls.__name__} is not known to gin; decorate the class with @gin.configurable."
        ) from None


def constructor_parameters(cls: type) -> dict[str, inspect.Parameter]:
    """Return the parameters of a class that its gin text may set: all but those that the instance passes itself."""
    signature = inspect.signature(cls.__init__)
    return {name: p for name, p in signature.parameters.items() if name not in _GIVEN_BY_THE_INSTANCE}


def _statements(text: str, source: str) -> Iterator[Any]:
    try:
        for statement in config_parser.ConfigParser(io.StringIO(text), _Delegate()):
            if not isinstance(statement, config_parser.BlockDeclaration):
                yield statement
    except (SyntaxError, tokenize.TokenError) as error:
        message = error.args[0].splitlines()[-1].strip()  # gin puts what Python said before what it says
        line = error.args[1][0 if isinstance(error, tokenize.TokenError) else 1]
        lines = text.splitlines()
        content = lines[line - 1].strip() if 0 < line <= len(lines) else "the end of the text"
        raise ConfigurationError(f"{source}, line {line}: {message.rstrip('.')}: {content!r} is not gin.") from None
    except ValueError as error:
        raise ConfigurationError(f"{source}: {error}") from None


def _check_statement(cls: type, statement: Any, where: str, known: list[str], takes_any: bool) -> None:
    if not isinstance(statement, config_parser.BindingStatement):
        raise ConfigurationError(
            f"{where}: {statement.location.line_content.strip()!r}: imports and includes are not taken; "
            f"register classes with --register or colosseum.config."
        )
    name = statement.arg_name
    if not SCOPE.fullmatch(statement.scope):
        raise ConfigurationError(
            f"{where}: the scope {statement.scope!r} is not prms_<i>; write e.g. prms_0/{cls.__name__}.{name}."
        )
    if statement.selector.rpartition(".")[2] != cls.__name__:
        raise ConfigurationError(
            f"{where}: binds the class {statement.selector!r} where {cls.__name__!r} is configured; "
            "write one text for each class."
        )
    if not name:
        raise ConfigurationError(f"{where}: names no parameter; write e.g. {_example(cls, known)}.")
    if name not in known and not takes_any:
        raise ConfigurationError(f"{where}: {cls.__name__} has no parameter {name!r}; {nearest(name, known)}")


def _example(cls: type, known: list[str]) -> str:
    return f"prms_0/{cls.__name__}.{known[0] if known else 'parameter'} = value"

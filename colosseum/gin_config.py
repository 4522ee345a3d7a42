"""
Gin text: the only reader, writer and constructor.

It is read in two layers. `read_gin_text` is syntax alone: no class is imported, gin's global state is not touched, and
imports and includes are refused. `parse_gin_text` checks what was read against the class. Nothing else ever hands text
to gin: `construct` reads it here and gives gin what was written anew.
"""

import inspect
import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, NamedTuple, TypeVar

import gin
from gin import config_parser

from colosseum.errors import ColosseumError, ConfigurationError, nearest
from colosseum.layout import FIRST_SCOPE, is_scope, scope_index
from colosseum.published_names import for_agent, name_of_n_steps

_T = TypeVar("_T")

_PUBLISHED_IMPORT = "colosseum.agent.mdp_models.bayesian_models"
"""The published package's texts of PSRL begin with it. Whatever needs it imports it itself: it is read and left out."""

_MARK = "\ufeff"


class Reference(str):
    """The text of a gin macro or reference (``%Enum.NAME``, ``@name``), which only gin itself can resolve."""

    __repr__ = str.__str__


class _Binding(NamedTuple):
    scope: str
    name: str
    value: Any
    where: str


# ------------------------------------------------------------------------------------------------------------ reading


def read_gin_text(class_name: str, text: str, source: str) -> dict[str, dict[str, Any]]:
    """
    Read the gin text of a class whose name alone is known.

    Parameters
    ----------
    class_name : str
        Of the class that the text configures.
    text : str
        Lines ``prms_<i>/<Class>.<parameter> = <value>``, or gin's blocks; a byte order mark at the start is skipped.
    source : str
        Where the text is from (a file, say); errors begin with it.

    Returns
    -------
    dict of str to dict
        The parameters of each scope, values as gin reads them, macros and references as `Reference`. Scopes are in
        ascending order of their index, parameters in alphabetical order. Empty if the text binds nothing.

    Raises
    ------
    ConfigurationError
        With the line of: a syntax error, another class, a parameter that is given twice, a scope that is not
        ``prms_<i>``, an import or include.
    """
    return _by_scope(class_name, _bindings(class_name, text, source))


def parse_gin_text(cls: type, text: str, source: str) -> dict[str, dict[str, Any]]:
    """
    Read the gin text of a class and check it against the class.

    Parameters are those of `read_gin_text`, but for the class itself.

    Returns
    -------
    dict of str to dict
        As from `read_gin_text`. Text that binds nothing is the one scope ``prms_0`` of a class that has nothing to
        configure (a random agent has no hyperparameters).

    Raises
    ------
    ConfigurationError
        As in `read_gin_text`; also with the line of an unknown parameter (and the nearest one); and if a parameter that
        has no default is missing, there is no scope at all though there is something to configure, or `cls` is not
        known to gin.
    """
    check_configurable(cls, source)
    parameters = constructor_parameters(cls)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    known = [name for name, p in parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    bindings = list(_bindings(cls.__name__, text, source))
    for binding in bindings:
        if binding.name not in known and not takes_any:
            hint = nearest(binding.name, known)
            raise ConfigurationError(f"{binding.where}: {cls.__name__} has no parameter {binding.name!r}; {hint}")
    scopes = _by_scope(cls.__name__, bindings)
    if not scopes and known and _is_configured(cls, parameters):
        raise ConfigurationError(
            f"{source}: no configuration of {cls.__name__}; write e.g. {_example(cls.__name__, known)}."
        )
    required = [name for name in known if parameters[name].default is inspect.Parameter.empty]
    for scope, values in scopes.items():
        missing = [name for name in required if name not in values]
        if missing:
            raise ConfigurationError(f"{source}: {scope}/{cls.__name__} lacks {', '.join(missing)} (no default).")
    return scopes or {FIRST_SCOPE: {}}


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
    wanted = sorted(set(wanted), key=lambda scope: scope_index(scope) if is_scope(scope) else -1)
    if scopes == {FIRST_SCOPE: ""} and all(map(is_scope, wanted)):
        return dict.fromkeys(wanted, "")  # nothing to configure: every scope is the same one
    for scope in wanted:
        if scope not in scopes:
            raise ConfigurationError(f"{source}: there is no scope {scope!r}; {nearest(scope, scopes)}")
    return {scope: scopes[scope] for scope in wanted}


# ------------------------------------------------------------------------------------------------------------ writing


def format_scope(cls: type | str, scope: str, parameters: Mapping[str, Any]) -> str:
    """
    Write the gin text of a scope: a line for each parameter, in alphabetical order.

    Parameters
    ----------
    cls : type or str
        The class, or its name.
    scope : str
        ``prms_<i>``.
    parameters : mapping of str to object
        Values that gin can read: literals, members of enums that gin knows as constants, `Reference` for any text.
    """
    name = cls if isinstance(cls, str) else cls.__name__
    return "".join(f"{scope}/{name}.{prm} = {format_value(value)}\n" for prm, value in sorted(parameters.items()))


def format_value(value: Any) -> str:
    """Write a value as gin text; members of enums are gin's constants."""
    return f"%{type(value).__name__}.{value.name}" if isinstance(value, Enum) else repr(value)


# ------------------------------------------------------------------------------------------------------- constructing


def construct(cls: type[_T], scope: str, text: str, source: str, **arguments: Any) -> _T:
    """
    Make an object of a class as its gin text says.

    Only that text counts: what gin was told before is set aside meanwhile, and restored.

    Parameters
    ----------
    cls : type
    scope : str
        Which of the text's configurations.
    text, source : str
        As in `read_gin_text`.
    **arguments : object
        The constructor's other arguments; ``n_steps`` for an agent, whatever its class calls it.

    Raises
    ------
    ConfigurationError
        As in `parse_gin_text`; if there is no such scope, or gin cannot resolve a macro or reference; or if the class
        refuses a value, in its own words. Whatever else the class raises comes through.
    """
    canonical = select_scopes(split_scopes(cls, text, source), [scope], source)[scope]
    with _gin_told(canonical, source), gin.config_scope(scope):
        try:
            return cls(**for_agent(cls, arguments))
        except ColosseumError as error:
            # gin appends lines that tell where it was called from
            raise ConfigurationError(str(error).split("\n  In call to configurable")[0]) from None


def check_values(cls: type, text: str, source: str, **given: Any) -> None:
    """
    Have a packaged class check the values of its gin text, by making an object of each configuration.

    User-defined classes are left alone: making an object of one may cost anything.

    Parameters
    ----------
    cls : type
    text, source : str
        As in `parse_gin_text`.
    **given : object
        As in `construct`.

    Raises
    ------
    ConfigurationError
        As `parse_gin_text`, or if the class refuses a value.
    """
    for scope, parameters in parse_gin_text(cls, text, source).items():
        if not cls.__module__.startswith("colosseum.") or any(isinstance(v, Reference) for v in parameters.values()):
            continue
        try:
            construct(cls, scope, format_scope(cls, scope, parameters), source, **given)
        except ConfigurationError as error:
            raise ConfigurationError(f"{source}, {scope}: {error}") from None


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
    parameters = inspect.signature(cls.__init__).parameters  # type: ignore[misc]  # of this very class
    given = {"self", "seed"}
    if "mdp_specs" in parameters:  # an agent
        given |= {"mdp_specs", name_of_n_steps(parameters)}
    return {name: p for name, p in parameters.items() if name not in given}


# ------------------------------------------------------------------------------------------------------- private parts


@contextmanager
def _gin_told(text: str, source: str) -> Iterator[None]:
    before = gin.config_str()
    with gin.unlock_config():
        gin.clear_config()
        try:
            try:
                gin.parse_config(text)
            except Exception as error:  # gin lets through whatever its tokenizer and its literals raise
                raise ConfigurationError(f"{source}: {' '.join(str(error).split())}") from None
            yield
        finally:
            gin.clear_config()
            if before:
                gin.parse_config(before)


class _Delegate:  # what gin's parser asks of a config_parser.ParserDelegate
    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> Reference:
        return Reference(f"@{scoped_configurable_name}{'()' if evaluate else ''}")

    def macro(self, macro_name: str) -> Reference:
        return Reference(f"%{macro_name}")


def _bindings(class_name: str, text: str, source: str) -> Iterator[_Binding]:
    for statement in _statements(text.removeprefix(_MARK), source):
        where = f"{source}, line {statement.location.line_num}"
        if isinstance(statement, config_parser.ImportStatement) and statement.module == _PUBLISHED_IMPORT:
            continue
        if not isinstance(statement, config_parser.BindingStatement):
            raise ConfigurationError(
                f"{where}: {statement.location.line_content.strip()!r}: imports and includes are not taken; "
                f"register classes with --register or colosseum.config."
            )
        name = statement.arg_name
        if not is_scope(statement.scope):
            raise ConfigurationError(
                f"{where}: the scope {statement.scope!r} is not prms_<i>; write e.g. prms_0/{class_name}.{name}."
            )
        if statement.selector.rpartition(".")[2] != class_name:
            raise ConfigurationError(
                f"{where}: binds the class {statement.selector!r} where {class_name!r} is configured; "
                "write one text for each class."
            )
        if not name:
            raise ConfigurationError(f"{where}: names no parameter; write e.g. {_example(class_name, [])}.")
        yield _Binding(statement.scope, name, statement.value, where)


def _by_scope(class_name: str, bindings: Iterable[_Binding]) -> dict[str, dict[str, Any]]:
    scopes: dict[str, dict[str, Any]] = {}
    for scope, name, value, where in bindings:
        of_scope = scopes.setdefault(scope, {})
        if name in of_scope:
            raise ConfigurationError(f"{where}: {scope}/{class_name}.{name} is given twice.")
        of_scope[name] = value
    return {scope: dict(sorted(scopes[scope].items())) for scope in sorted(scopes, key=scope_index)}


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
    except (ValueError, TypeError, RecursionError, MemoryError) as error:  # of literals: a list as a key, a long number
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigurationError(f"{source}: this is not gin: {reason}") from None


def _is_configured(cls: type, parameters: Mapping[str, inspect.Parameter]) -> bool:
    """Whether a text for the class says something: its defaults alone would be a choice that nobody made."""
    if any(p.default is p.empty for p in parameters.values() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)):
        return True
    spaces = getattr(cls, "get_hyperparameters_search_spaces", None)
    return spaces is None or bool(spaces())


def _example(class_name: str, known: list[str]) -> str:
    return f"{FIRST_SCOPE}/{class_name}.{known[0] if known else 'parameter'} = value"

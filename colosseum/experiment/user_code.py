"""The code of user-defined classes, as a digest: it determines their logs as the parameters do.

Modules are found and read, not imported: the digest is the same for a head that has none of their dependencies.
"""

import ast
import hashlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Iterator
from functools import lru_cache

_SUFFIXES = (*importlib.machinery.EXTENSION_SUFFIXES, *importlib.machinery.SOURCE_SUFFIXES)
_INSTALLED = frozenset(("site-packages", "dist-packages"))
_PACKAGE = __name__.partition(".")[0]


def code_digest(path: str) -> str:
    """
    Return the digest of a class's code: of its module, and of what that imports below the working directory.

    That is by name and content, wherever the folder is. What is imported from the folder that holds the module counts,
    too, if the class is found on ``PYTHONPATH`` outside; installed packages do not, nor do files that the code reads.

    Parameters
    ----------
    path : str
        ``"package.module:Class"``, or the module alone.

    Returns
    -------
    str
        32 hexadecimal digits; empty for classes of Colosseum itself, whose versions `RESULTS_VERSION` tells apart, and
        for those without a file (of a notebook).
    """
    module = path.partition(":")[0]
    if module.partition(".")[0] in (_PACKAGE, "__main__", ""):
        return ""
    cwd = os.path.realpath(os.getcwd())
    roots = [cwd]
    if not _find(module, roots):
        # whichever root has it, its neighbours there are the user's, too, if it was not installed
        root = next((root for root in map(os.path.realpath, sys.path) if _find(module, [root])), None)
        if root is None:
            file = _file_of_imported(module)
            return _digest({module: _read(file)[0]}) if file else ""
        roots += [root]
        if _INSTALLED & set(root.split(os.sep)):
            return _digest({module: _read(_found(module, [root]))[0]})
    return _digest(dict(_collect(module, roots)))


def _collect(module: str, roots: list[str]) -> Iterator[tuple[str, str]]:
    """Names and digests of a module and of all that it imports from some folders."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen or name.partition(".")[0] == _PACKAGE:
            continue
        seen.add(name)
        if "." in name:
            waiting.append(name.rpartition(".")[0])  # packages are imported before what is in them
        file = _find(name, roots)
        if not file:
            continue
        digest, imports = _read(file)
        yield name, digest
        is_package = os.path.basename(file).startswith("__init__.")
        package = name if is_package else name.rpartition(".")[0]
        for level, imported in imports:
            parts = package.split(".")
            if not level:
                waiting.append(imported)
            elif level <= len(parts):
                base = ".".join(parts[: len(parts) - level + 1])
                waiting.append(f"{base}.{imported}".strip("."))


def _digest(modules: dict[str, str]) -> str:
    text = "".join(f"{name} {modules[name]}\n" for name in sorted(modules))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _found(module: str, roots: list[str]) -> str:
    file = _find(module, roots)
    assert file is not None
    return file


def _find(module: str, roots: list[str]) -> str | None:
    """The file of a module in the first of some folders that has it; empty for a package without one."""
    for root in roots:
        base = os.path.join(root, *module.split("."))
        for stem in (os.path.join(base, "__init__"), base):
            for suffix in _SUFFIXES:
                if os.path.isfile(stem + suffix):
                    return stem + suffix
        if os.path.isdir(base):
            return ""
    return None


def _file_of_imported(module: str) -> str | None:
    """The file of a module that only the import system finds: of an editable installation, for example."""
    try:
        spec = importlib.util.find_spec(module)
    except Exception:  # packages around it are imported, and may raise anything
        return None
    return spec.origin if spec and spec.origin and os.path.isfile(spec.origin) else None


def _read(file: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    status = os.stat(file)
    return _read_version(file, (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))


@lru_cache(maxsize=10_000)
def _read_version(file: str, version: tuple[int, ...]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The digest of a file, and what it imports: levels (0: absolute) and names, which may be no modules."""
    with open(file, "rb") as opened:
        content = opened.read()
    imports: tuple[tuple[int, str], ...] = ()
    if file.endswith(tuple(importlib.machinery.SOURCE_SUFFIXES)):
        try:
            imports = tuple(dict.fromkeys(_imports(ast.parse(content))))
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # it cannot be imported either
            pass
    return hashlib.sha256(content).hexdigest(), imports


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield node.level, module
            yield from ((node.level, f"{module}.{alias.name}".strip(".")) for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if function in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield 0, node.args[0].value.strip(".")

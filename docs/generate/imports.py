"""The imports between the modules of a package, read from their source without importing them."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


def modules(folder: Path) -> dict[str, Path]:
    """Return the file of each module below a package's folder, by module name."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imports(files: Mapping[str, Path]) -> dict[str, set[str]]:
    """
    Return the modules that each module imports, of those in `files`.

    An import within a function counts, as it happens when the function is called; one below ``if TYPE_CHECKING`` is for
    readers and checkers, and never happens.

    Parameters
    ----------
    files : mapping
        As `modules` returns it.
    """
    return {name: set(_imported(name, path, files)) - {name} for name, path in files.items()}


def foreign_imports(files: Mapping[str, Path]) -> dict[str, set[str]]:
    """Return the top-level names of what each module imports from elsewhere, whether or not it ever happens."""
    found = {}
    for name, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tops = {target.partition(".")[0] for target, _ in _targets(tree, name, path.name == "__init__.py")}
        found[name] = tops - {name.partition(".")[0]}
    return found


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of nodes that reach each other (Tarjan), each sorted; none where all arrows point one way."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for target in sorted(graph[node]):
            if target not in order:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], order[target])
        if low[node] == order[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in order:
            visit(node)
    return found


def _imported(name: str, path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            node.body = []
    for target, names in _targets(tree, name, path.name == "__init__.py"):
        below = {f"{target}.{one}" for one in names} & files.keys()
        yield from below
        if target in files and (not names or len(below) < len(names)):
            yield target


def _targets(tree: ast.AST, name: str, is_package: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the module of each import and the names taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")
            if node.level:
                base = base[: len(base) - node.level + is_package]
            parts = [*(base if node.level else []), *([node.module] if node.module else [])]
            yield ".".join(parts), [alias.name for alias in node.names]

"""Activities, as far as the text names them: which there are, and what Temporal takes none for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import source
from .found import Found, Problem
from .reached import Reached

_LISTS = {"activities", "ACTIVITIES"}


@dataclass(frozen=True)
class _Definition:
    """A function that is marked with `activity.defn`."""

    name: str
    module: str
    file: str
    # Its class, if it is a method.
    owner: str
    node: ast.FunctionDef | ast.AsyncFunctionDef


def look(reached: Reached, modules: list[str], base: Path, found: Found) -> None:
    """Finds the activities of some modules, and complains of those that a build would not take."""
    trees = {name: reached.trees[name] for name in modules if name in reached.trees}
    defined: dict[tuple[str, str, str], _Definition] = {}
    for name, tree in trees.items():
        for each in _definitions(tree, name, reached.files[name].relative_to(base).as_posix()):
            # Of two functions of one name in a module, the last one is meant.
            defined[each.module, each.owner, each.node.name] = each
    found.activities += [each.name for each in defined.values()]
    for each in defined.values():
        if each.node.args.kwonlyargs and _is_innermost(each.node):
            message = f"the activity {each.name} has keyword-only arguments, which no caller can give"
            found.problems.append(Problem(each.file, each.node.lineno, message, "take the `*` out of its arguments"))
    # A list of activities says which of them are meant.
    if not any(_has_list(tree) for tree in trees.values()):
        found.problems += _twice(list(defined.values()), _bases(reached))


def _definitions(tree: ast.Module, module: str, file: str) -> Iterator[_Definition]:
    names = source.names(tree, module, file.endswith("/__init__.py"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            inner, owner = node.body, node.name
        else:
            inner, owner = [node], ""
        for each in inner:
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and (name := _marked(each, names)):
                yield _Definition(name, module, file, owner, each)


def _marked(node: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, str]) -> str:
    """The name of an activity; nothing if it is none, dynamic, or has a name that only shows when it runs."""
    for each in node.decorator_list:
        call = each if isinstance(each, ast.Call) else None
        if not _is_defn(call.func if call else each, names):
            continue
        given = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
        if "dynamic" in given or None in given or call and call.args:
            return ""
        name = given.get("name")
        if name is None:
            return node.name
        return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""
    return ""


def _is_defn(node: ast.expr, names: dict[str, str]) -> bool:
    first, dot, rest = source.dotted(node).partition(".")
    return source.is_defn(f"{names.get(first, first)}{dot}{rest}")


def _is_innermost(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    last = node.decorator_list[-1]
    return source.dotted(last.func if isinstance(last, ast.Call) else last).rpartition(".")[2] == "defn"


def _has_list(tree: ast.Module) -> bool:
    targets = (each for node in tree.body for each in _targets(node))
    return any(isinstance(each, ast.Name) and each.id in _LISTS for each in targets)


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, (ast.AnnAssign, ast.AugAssign)) else []


def _bases(reached: Reached) -> set[str]:
    """The names of all classes that others are derived from, or that are derived from others."""
    classes = [node for tree in reached.trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    derived = {node.name for node in classes if node.bases}
    return derived | {source.dotted(each).rpartition(".")[2] for node in classes for each in node.bases}


def _twice(defined: list[_Definition], related: set[str]) -> Iterator[Problem]:
    """Two of a name, where both are registered for sure: classes may inherit, and then one of them counts."""
    before: dict[str, _Definition] = {}
    for each in defined:
        if each.owner in related:
            continue
        if each.name in before:
            other = before[each.name]
            message = f"there are two activities named {each.name!r}: {other.file}:{other.node.lineno} is the other"
            yield Problem(each.file, each.node.lineno, message, "rename one, or give it a name of its own with @activity.defn(name=…)")
        before.setdefault(each.name, each)

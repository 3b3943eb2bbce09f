"""The user's modules at build time: imported, searched for activities, and complete enough to run without files."""

from __future__ import annotations

import ast
import importlib
import linecache
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from . import registration, tracebacks
from .registration import BuildError

# Modules that others import when they are first needed, and that their names don't show.
_LATE = [
    "_strptime",
    "concurrent.futures.thread",
    "concurrent.futures.process",
    "encodings.ascii",
    "encodings.cp1252",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.punycode",
    "encodings.utf_16",
    "encodings.utf_16_le",
    "encodings.utf_16_be",
    "encodings.utf_32",
    "encodings.utf_8_sig",
    "encodings.unicode_escape",
    "encodings.raw_unicode_escape",
    "encodings.hex_codec",
    "encodings.base64_codec",
    "encodings.zlib_codec",
    "stringprep",
    "unicodedata",
]

_INDENTED_IMPORT = re.compile(r"^[ \t]+.*\bimport\b", re.MULTILINE)


@dataclass
class Project:
    """What the builder says of the user's project."""

    modules: list[str] = field(default_factory=list)
    # Folders below the project's where imports start.
    paths: list[str] = field(default_factory=list)
    interrupt_loops: list[str] = field(default_factory=list)
    strict_metrics: bool = False
    # Patterns of files that are not kept.
    leave_out: list[str] = field(default_factory=list)
    # What was left out of the dependencies as native code, by the name that is imported.
    native: dict[str, dict[str, Any]] = field(default_factory=dict)


def load(project: Project) -> list[Callable[..., Any]]:
    """Imports the project and returns its activities."""
    # Where its imports start, beside the folder itself.
    sys.path[:0] = [f"{tracebacks.PROJECT}{path}" for path in project.paths]
    before = set(sys.modules)
    modules = [_module(name) for name in project.modules]
    _import_late(before)
    activities = registration.activities(modules)
    if not activities:
        raise BuildError(
            "there are no activities: mark at least one function with @activity.defn "
            f"(looked in {', '.join(project.modules) or 'no module'})"
        )
    for name in project.interrupt_loops:
        if all(registration.definition(each).name != name for each in activities):
            raise BuildError(f"interrupt-loops names {name!r}, and there is no such activity")
    linecache.clearcache()
    tracebacks.keep_sources()
    return activities


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Not one that the module itself imports.
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise BuildError(f"there is no module {name}: [tool.isolet] modules or paths must be others") from error
        raise


def _import_late(before: set[str]) -> None:
    """Imports what functions import when they are called: a component has no files to import from later.

    Looks at the project, at its dependencies, and at what of the standard library was imported for them.
    """
    for name in _LATE:
        _try_import(name)
    done = set(before)
    # What is imported may have late imports of its own.
    while new := [name for name in list(sys.modules) if name not in done and _is_theirs(sys.modules[name])]:
        done.update(new)
        for name in new:
            _try_imports(sys.modules[name])
    # Of the standard library only what they use themselves: each module may lead to all others.
    for name in [name for name in list(sys.modules) if name not in done]:
        _try_imports(sys.modules[name])


def _is_theirs(module: ModuleType) -> bool:
    """Whether a module belongs to the project or to its dependencies."""
    path = getattr(module, "__file__", None)
    return isinstance(path, str) and path.startswith((tracebacks.PROJECT, tracebacks.PACKAGES))


def _try_imports(module: ModuleType) -> None:
    for late in _late_imports(module):
        _try_import(late)


def _late_imports(module: ModuleType | None) -> Iterator[str]:
    path = getattr(module, "__file__", None)
    if module is None or not isinstance(path, str) or not path.endswith(".py"):
        return
    source = "".join(linecache.getlines(path))
    # A tree needs much memory, which a component keeps.
    if not _INDENTED_IMPORT.search(source):
        return
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    package = module.__package__ or ""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            for node in ast.walk(function):
                yield from _imported(node, package)


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        try:
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
        except ImportError:
            return
        yield base
        # A name may be a module of the package.
        yield from (f"{base}.{alias.name}" for alias in node.names if alias.name != "*")


def _try_import(name: str) -> None:
    if name in sys.modules or name.split(".")[-1] == "__main__":
        return
    try:
        importlib.import_module(name)
    except (Exception, SystemExit):
        # It may be optional. Where it is not, the activity gets the error that it would get on any machine without it.
        return

"""The user's modules at build time: imported, searched for activities, and complete enough to run without files."""

from __future__ import annotations

import ast
import importlib
import inspect
import linecache
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import temporalio.activity

from . import tracebacks

_MARK = "__temporal_activity_definition"

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
    interrupt_loops: list[str] = field(default_factory=list)
    strict_metrics: bool = False
    # Patterns of files that are not kept.
    leave_out: list[str] = field(default_factory=list)
    # Native files that were left out of the dependencies, by the name that is imported.
    native: dict[str, list[str]] = field(default_factory=dict)


class BuildError(Exception):
    """What is wrong with the user's project, in words for its author."""


def load(project: Project) -> list[Callable[..., Any]]:
    """Imports the project and returns its activities."""
    before = set(sys.modules)
    modules = [importlib.import_module(name) for name in project.modules]
    _import_late(before)
    found: dict[tuple[int, int], Callable[..., Any]] = {}
    for module in modules:
        for each in _activities_of(module):
            found.setdefault(_identity(each), each)
    activities = list(found.values())
    if not activities:
        raise BuildError(
            "there are no activities: mark at least one function with @activity.defn "
            f"(looked in {', '.join(project.modules) or 'no module'})"
        )
    _check_names(activities)
    for name in project.interrupt_loops:
        if all(_definition(each).name != name for each in activities):
            raise BuildError(f"interrupt-loops names {name!r}, and there is no such activity")
    linecache.clearcache()
    tracebacks.keep_sources()
    return activities


def _definition(activity: Callable[..., Any]) -> temporalio.activity._Definition:
    return temporalio.activity._Definition.must_from_callable(activity)


def _identity(activity: Callable[..., Any]) -> tuple[int, int]:
    """The same for the same function of the same object."""
    return id(getattr(activity, "__self__", None)), id(getattr(activity, "__func__", activity))


def _activities_of(module: ModuleType) -> Iterator[Callable[..., Any]]:
    values = list(vars(module).items())
    instances: set[type] = set()
    for name, value in values:
        if inspect.isclass(value) or inspect.ismodule(value):
            continue
        if name == "activities" and isinstance(value, (list, tuple)) and all(hasattr(each, _MARK) for each in value):
            instances.update(type(getattr(each, "__self__", each)) for each in value)
            yield from value
        elif inspect.isroutine(value):
            if hasattr(value, _MARK):
                yield value
        elif _is_ours(type(value)) and (methods := _methods(type(value)) or hasattr(type(value), _MARK)):
            instances.add(type(value))
            if hasattr(type(value), _MARK):
                yield value
            yield from (getattr(value, method) for method in (methods if isinstance(methods, list) else []))
    for _, value in values:
        if inspect.isclass(value) and value.__module__ == module.__name__ and value not in instances:
            yield from _of_class(value)


def _is_ours(kind: type) -> bool:
    module = sys.modules.get(kind.__module__)
    return module is not None and _is_theirs(module)


def _methods(kind: type) -> list[str]:
    """The names of the class's methods that are activities."""
    names = dict.fromkeys(name for base in kind.__mro__ for name in vars(base))
    return [name for name in names if hasattr(inspect.getattr_static(kind, name, None), _MARK) or _static(kind, name)]


def _static(kind: type, name: str) -> bool:
    value = inspect.getattr_static(kind, name, None)
    return isinstance(value, (staticmethod, classmethod)) and hasattr(value.__func__, _MARK)


def _of_class(kind: type) -> Iterator[Callable[..., Any]]:
    """The activities of a class that the module makes no instance of: it is made here, if it can be without arguments."""
    methods = _methods(kind)
    if not methods and not hasattr(kind, _MARK):
        return
    if inspect.isabstract(kind):
        return
    try:
        instance = kind()
    except Exception as error:
        what = f"{_place(kind)}: class {kind.__qualname__} has activities, but no instance: {_words(error)}; make one in the module"
        raise BuildError(f"{what}, such as `{kind.__name__.lower()} = {kind.__name__}(…)`") from error
    if hasattr(kind, _MARK):
        yield instance
    yield from (getattr(instance, method) for method in methods)


def _words(error: Exception) -> str:
    """What it says; of a missing key that is the key alone, which says nothing."""
    return f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def _place(value: Any) -> str:
    """Where something is defined: file and line."""
    try:
        code = inspect.unwrap(getattr(value, "__func__", value))
        lines, start = inspect.getsourcelines(code)
        path = inspect.getsourcefile(code) or "?"
    except (OSError, TypeError):
        return getattr(value, "__module__", "?")
    skip = next((at for at, line in enumerate(lines) if line.lstrip().startswith(("def ", "async def ", "class "))), 0)
    return f"{path.removeprefix(tracebacks.PROJECT)}:{start + skip}"


def _check_names(activities: list[Callable[..., Any]]) -> None:
    places: dict[str | None, str] = {}
    for activity in activities:
        name = _definition(activity).name
        if name in places:
            what = "two dynamic activities" if name is None else f"two activities named {name!r}"
            cure = "keep one" if name is None else "rename one, or give it a name of its own with @activity.defn(name=…)"
            raise BuildError(f"there are {what}: {places[name]} and {_place(activity)}: {cure}")
        places[name] = _place(activity)


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

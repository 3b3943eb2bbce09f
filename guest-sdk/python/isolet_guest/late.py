"""Modules that are imported when they are first needed, imported when the component is built instead.

Each attempt would import them anew: from the component's own files, which takes its time, and fails where code looks for
more than these.
"""

from __future__ import annotations

import ast
import importlib
import linecache
import re
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType

from . import tracebacks

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

_WORD = re.compile(r"[^\W\d]\w*")
_INDENTED_IMPORT = re.compile(r"^[ \t]+.*\bimport\b", re.MULTILINE)


# Modules that were imported for them.
_usual: set[str] = set()


def import_usual() -> None:
    """Imports what any project may lead to."""
    before = set(sys.modules)
    for name in _LATE:
        _try_import(name)
    _usual.update(sys.modules.keys() - before)


def import_all(before: set[str]) -> None:
    """Imports what functions import when they are called, and what modules import when they are asked for a name.

    Looks at the project, at its dependencies, and at what of the standard library was imported for them: at all modules
    but those of `before`.
    """
    done = before - _usual
    said = _words_of_project()
    # What is imported may have late imports of its own.
    while new := [name for name in list(sys.modules) if name not in done and _is_theirs(sys.modules[name])]:
        done.update(new)
        for name in new:
            _try_imports(sys.modules[name])
            _ask_for_lazy(sys.modules[name], said)
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


def _words_of_project() -> set[str]:
    """Every name that the project's modules have in them."""
    paths = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    texts = ("".join(linecache.getlines(path)) for path in paths if path.startswith(tracebacks.PROJECT))
    return {word for text in texts for word in _WORD.findall(text)}


def _ask_for_lazy(module: ModuleType, said: set[str]) -> None:
    """Asks a module that imports what it is asked for, by a `__getattr__` of its own, for what the project may ask for.

    A client has `client.chat` of a module `chat`, so what counts are names that occur in the project, and modules of
    such names.
    """
    if not callable(vars(module).get("__getattr__")):
        return
    listed = vars(module).get("__all__")
    names = {name: name for name in listed if isinstance(name, str)} if isinstance(listed, (list, tuple)) else {}
    for name, origin in {**names, **_typed(module)}.items():
        if name in said or origin in said:
            _try_to_get(module, name)


def _typed(module: ModuleType) -> dict[str, str]:
    """The names that a module imports for type checkers alone, and the last name of the modules that it would have them of."""
    path = getattr(module, "__file__", None)
    if not isinstance(path, str) or not path.endswith(".py"):
        return {}
    try:
        tree = ast.parse("".join(linecache.getlines(path)))
    except SyntaxError:
        return {}
    blocks = [node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
    imports = [node for block in blocks for node in ast.walk(block) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name: (node.module or alias.name).rpartition(".")[2] for node in imports for alias in node.names
    }


def _try_to_get(module: ModuleType, name: str) -> None:
    try:
        with warnings.catch_warnings(action="ignore"):
            getattr(module, name)
    except (Exception, SystemExit):
        return


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

"""What a component keeps of the files that it was built from: what may be imported or read later."""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import FileFinder
from types import ModuleType

from .tree import files

# Where the builder mounts the project, its dependencies and Temporal's packages; and where Python's library is.
_THEIRS = ("/0", "/1")
_LIBRARIES = ("/3", "/python")

# Of no use in a sandbox: programs, windows, and what makes other installations.
_LEFT_OUT = [
    "/python/config-*",
    "/python/ctypes/*",
    "/python/curses/*",
    "/python/ensurepip/*",
    "/python/idlelib/*",
    "/python/pydoc_data/*",
    "/python/tkinter/*",
    "/python/turtle*",
    "/python/venv/*",
    "*/__pycache__/*",
    "*.pyc",
    "*.pyi",
    "*.wasm",
]


def keep(leave_out: Sequence[str]) -> None:
    """Keeps what the component may need, without what matches one of `leave_out` below its project or packages."""
    patterns = [*_LEFT_OUT, *(f"{top}/{pattern}" for top in _THEIRS for each in leave_out for pattern in _of(each))]
    imported = {path for path in map(_file, list(sys.modules.values())) if path}
    for top in (*_THEIRS, *_LIBRARIES):
        for path in _below(top, lambda path: not any(fnmatch.fnmatchcase(path, each) for each in patterns)):
            # Of a library only what is missing; of their own packages all, for stack traces show their sources.
            if top in _THEIRS or path not in imported:
                files.keep(path, _content(path))
    files.is_complete = True
    # Nothing is written beside them.
    sys.dont_write_bytecode = True
    _find_nothing()


def _content(path: str) -> bytes:
    """Native code is part of the component already: that it is there is all that importing it late asks."""
    if path.endswith(".so"):
        return b""
    with open(path, "rb") as file:
        return file.read()


def _of(pattern: str) -> tuple[str, str]:
    """A file or a folder with all that is in it."""
    pattern = pattern.strip("/")
    return pattern, f"{pattern}/*"


def _file(module: ModuleType) -> str | None:
    path = getattr(module, "__file__", None)
    return path if isinstance(path, str) else None


def _below(folder: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if entry.is_dir():
            # A pattern that takes all of it takes a file of any name.
            if wanted(f"{path}/x"):
                yield from _below(path, wanted)
        elif wanted(path):
            yield path


def _find_nothing() -> None:
    """Lets the import system see once what there is, so that no attempt has to."""
    for finder in list(sys.path_importer_cache.values()):
        if isinstance(finder, FileFinder):
            finder.invalidate_caches()
            finder.find_spec("isolet_no_such_module")

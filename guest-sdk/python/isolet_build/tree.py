"""The files of a project, without what is hidden, built or installed there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from . import wheels
from .events import Problem

_SKIPPED = {"__pycache__", "node_modules", "venv", "env", "site-packages", "tests", "test"}
_NOT_SOURCES = ("pyvenv.cfg", "CACHEDIR.TAG")
_LEFT_OUT = (".wasm", ".pyc")


def files(folder: Path) -> Iterator[Path]:
    """All files below `folder`, in order. Links are followed, except those that lead nowhere or in a circle."""
    yield from (path for path in _files(folder, (folder.resolve(),)) if _is_usable(path))


def native(folder: Path) -> Iterator[Path]:
    """Native code below `folder` that is left out, as it is not for components."""
    yield from (path for path in _files(folder, (folder.resolve(),)) if wheels.is_native(path.name) and not wheels.is_usable(path))


def _files(folder: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise Problem(f"can't read the folder {folder}: {error.strerror}") from None
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            real = path.resolve()
            skipped = entry.name in _SKIPPED or entry.name.endswith(".egg-info")
            # Virtual environments and what cargo builds may have any name.
            skipped = skipped or any((path / mark).is_file() for mark in _NOT_SOURCES)
            if not skipped and real not in above:
                yield from _files(path, (*above, real))
        elif entry.is_file() and not entry.name.endswith(_LEFT_OUT):
            yield path


def _is_usable(path: Path) -> bool:
    return not wheels.is_native(path.name) or wheels.is_usable(path)


def is_test(path: Path) -> bool:
    """Whether a module is there for testing or installing the others."""
    name = path.name
    return name.startswith("test_") or name.endswith("_test.py") or name in ("conftest.py", "setup.py", "noxfile.py")


def copy(source: Path, target: Path) -> None:
    """Copies a folder's files to `target`."""
    for file in files(source):
        copy_file(file, target / file.relative_to(source))


def copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise Problem(f"can't read {source}: {error.strerror}") from None

"""The files of a project, without what is hidden, built or installed there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from .events import Problem

_SKIPPED = {"__pycache__", "node_modules", "venv", "env", "site-packages", "tests", "test"}
_NATIVE = (".so", ".pyd", ".dylib", ".wasm", ".pyc")


def files(folder: Path) -> Iterator[Path]:
    """All files below `folder`, in order. Links are followed, except those that lead nowhere or in a circle."""
    yield from _files(folder, (folder.resolve(),))


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
            # A virtual environment may have any name.
            if not skipped and real not in above and not (path / "pyvenv.cfg").is_file():
                yield from _files(path, (*above, real))
        elif entry.is_file() and not entry.name.endswith(_NATIVE):
            yield path


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

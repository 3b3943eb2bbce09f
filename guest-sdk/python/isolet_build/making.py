"""Folders that are there completely or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Not on Windows.
    fcntl = None  # type: ignore[assignment]

UNFINISHED = ".making-"


@contextmanager
def making(folder: Path) -> Iterator[Path]:
    """A folder to fill, which is there by its name once it is filled."""
    target = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder.parent))
    try:
        yield target
        try:
            target.rename(folder)
        except OSError:
            # Another build was quicker.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(target, ignore_errors=True)


@contextmanager
def building(cache: Path) -> Iterator[None]:
    """As long as one build lasts. The first of those at a time removes what killed ones left unfinished."""
    with (cache / ".building").open("w") as lock:
        if fcntl:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for left in cache.glob(f"{UNFINISHED}*"):
                    shutil.rmtree(left, ignore_errors=True)
            except OSError:
                pass
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield

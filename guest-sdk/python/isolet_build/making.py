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


class Lock:
    """A file that builds of several processes lock, where the system has that."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Lock:
        self._file = self._path.open("w")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def take_alone(self) -> None:
        """Waits until nobody else has it."""
        if fcntl:
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def take_alone_at_once(self) -> bool:
        """Takes it if nobody else has it."""
        try:
            if fcntl:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def share(self) -> None:
        """Has it together with all who share it."""
        if fcntl:
            fcntl.flock(self._file, fcntl.LOCK_SH)


@contextmanager
def building(cache: Path) -> Iterator[None]:
    """As long as one build lasts. The first of those at a time removes what killed ones left unfinished."""
    with Lock(cache / ".building") as lock:
        if lock.take_alone_at_once():
            for left in cache.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
        lock.share()
        yield

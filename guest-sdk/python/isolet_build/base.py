"""The base: what components have in common whose projects bring the same native code. It is made once, and kept.

It is Python with the official worker loaded, up to where a project would be. componentize-py links Python, its libraries
and the project's native code, compiles them to run them once, and takes half a minute of a processor for it. With a base
none of that is done again when a project has changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import componentize, events, reset, wheels
from .events import Problem
from .image import recursion
from .making import UNFINISHED, Lock, making
from .tool import Tool

COMPONENT = "base.wasm"

# What only componentize-py has, and the base's code leaves for the builder: Python's library, and two modules' own.
LIBRARY = ("python", "world", "bundled")

# Each takes 200 MB. More are made by projects with several sets of native code, and by newer versions of this.
_MOST = 4


@contextmanager
def at_hand(sdk: Path, cache: Path, dependencies: Path, official: Path, tool: Tool) -> Iterator[Path]:
    """The folder of the base for a project with these dependencies, which stays there meanwhile."""
    libraries = [file for file in sorted(dependencies.rglob("*.so")) if file.name.endswith(wheels.SUFFIXES)]
    digest = hashlib.sha256(f"{sdk.name} {official.name}".encode())
    for file in libraries:
        digest.update(f"\n{file.relative_to(dependencies)} {hashlib.sha256(file.read_bytes()).hexdigest()}".encode())
    folder = cache / f"base-{digest.hexdigest()[:16]}"
    with Lock(_lock(folder)) as lock:
        # Another build that needs the same waits for it instead of making it a second time.
        lock.take_alone()
        if not folder.is_dir():
            with making(folder) as target:
                _make(sdk, cache, target, dependencies, libraries, official, tool)
            _forget_others(cache, folder)
        lock.share()
        os.utime(folder)
        yield folder


def _make(sdk: Path, cache: Path, target: Path, dependencies: Path, libraries: list[Path], official: Path, tool: Tool) -> None:
    events.progress("preparing Python for components, once")
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=cache) as name:
        stage = Path(name)
        project, native, app = (stage / each for each in ("project", "native", "app"))
        for folder in (project, native, app):
            folder.mkdir()
        for file in libraries:
            copy = native / file.relative_to(dependencies)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
        shutil.copytree(sdk / "isolet_guest", app / "isolet_guest")
        shutil.copy2(sdk / "isolet_app.py", app)
        (app / reset.FILE).write_bytes(reset.module())
        made = stage / COMPONENT
        # As they are mounted for a project, too.
        componentize.make(sdk, [project, native, app, official], made)
        contents = bytearray(made.read_bytes())
        recursion.bound(contents)
        made.write_bytes(contents)
        answer = tool.ask(what="base", made=str(made), base=str(target / COMPONENT))
        if not answer.is_done:
            raise Problem(f"componentize-py makes components that are not as expected: {answer.why}", kind="tools")
        for each in LIBRARY:
            shutil.move(app / each, target / each)


def _forget_others(cache: Path, folder: Path) -> None:
    """Removes those that were not used for the longest time, unless they are in use."""
    others = [each for each in cache.glob("base-*") if each != folder]
    for other in sorted(others, key=lambda each: each.stat().st_mtime, reverse=True)[_MOST - 1 :]:
        with Lock(_lock(other)) as lock:
            if lock.take_alone_at_once():
                shutil.rmtree(other, ignore_errors=True)


def _lock(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.lock"

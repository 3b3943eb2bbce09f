"""Where a project's imports start: found out from what its modules import of each other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from . import wheels
from .events import Problem

_STANDARD: frozenset[str] = getattr(sys, "stdlib_module_names", frozenset())


class Roots:
    """The folders where imports start, those first where most of the project's imports do."""

    def __init__(self, usual: Path, folders: Iterable[Path], foreign: set[str]) -> None:
        # Where they start if nothing tells otherwise, and where else they may.
        self._usual, self._folders = usual, list(dict.fromkeys(folders))
        # Names of Python's library and of dependencies, which a module of the project may have, too.
        self._foreign = _STANDARD | foreign
        self._votes: Counter[Path] = Counter()
        # Where names were found, and by whom.
        self._found: dict[str, dict[Path, Path]] = {}

    def vote(self, module: Path, imports: Iterable[str]) -> None:
        """Counts what a module imports of the project."""
        for name in {each.split(".")[0] for each in imports}:
            if root := next((root for root in self._candidates(module, name) if has(root, name, module)), None):
                self._votes[root] += 1
                self._found.setdefault(name, {}).setdefault(root, module)

    def check(self, modules: set[Path]) -> None:
        """Complains if two of these modules mean different ones by one name."""
        for name, roots in self._found.items():
            means = [(root / name, module) for root, module in roots.items() if module in modules]
            if len(means) > 1:
                (one, by), (other, by_other) = means[:2]
                raise Problem(
                    f"`import {name}` means {one} in {by}, and {other} in {by_other}: a component has one of a name",
                    cure=f"build each by itself, such as `isolet build {by.parent}`, or rename one",
                )

    def _candidates(self, module: Path, name: str) -> list[Path]:
        usual = [self._usual]
        # Beside a script that is run, and wherever somebody may have run it.
        return usual if name in self._foreign else [*usual, module.parent, *self._folders]

    def chosen(self) -> list[Path]:
        chosen = [root for root, _ in self._votes.most_common()]
        return chosen or [self._usual]


def has(root: Path, name: str, importer: Path) -> bool:
    """Whether the name is that of a module in a folder; a module does not import itself."""
    file = root / f"{name}.py"
    if file.is_file():
        return file != importer
    if any((root / f"{name}{suffix}").is_file() for suffix in wheels.SUFFIXES):
        return True
    folder = root / name
    # A folder without `__init__.py` is a package if there are modules in it.
    return folder.is_dir() and any(folder.rglob("*.py"))

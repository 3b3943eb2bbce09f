"""Where modules are: among the files of the project, of its dependencies, and in Python's library."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .. import wheels
from . import library

# Code that makes modules that are no files: what is below it is not to be told.
_MAKES_MODULES = ("sys.modules", "__path__", "sys.meta_path", "path_hooks")

# What is in components beside folders.
_OURS = {"wit_world", "componentize_py_types", "componentize_py_runtime", "componentize_py_async_support", "isolet_guest"}


class Kind(Enum):
    """Whose a module is."""

    PROJECT = "the project's"
    PACKAGE = "of a dependency"
    # Temporal's packages, Python's library, native code, and what only shows when it runs.
    OTHER = "to be taken as it is"


@dataclass(frozen=True)
class Module:
    """A module that is there."""

    name: str
    kind: Kind
    # Nothing if it has no text.
    file: Path | None = None
    is_package: bool = False


class Modules:
    """All that could be imported."""

    def __init__(self, roots: list[Path], files: set[Path], packages: Path, base: Path) -> None:
        # The project's folders first, as in the component.
        self._top = [*((root, Kind.PROJECT) for root in roots), (packages, Kind.PACKAGE), (base, Kind.OTHER)]
        self._files = files
        self._folders = {parent for file in files for parent in file.parents}
        self._known: dict[str, Module | None] = {}

    def find(self, name: str) -> Module | None:
        """The module of a name; nothing if there is none."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> Module | None:
        folders, at = self._top, ""
        for part in name.split("."):
            at = f"{at}.{part}" if at else part
            found, folders = self._in(folders, at, part)
            if found is None:
                return self._missing(name, at)
            if at != name and not folders:
                # A module without any below it, or one that makes them.
                return Module(name, Kind.OTHER) if found.kind is Kind.OTHER or _makes_modules(found) else None
        return found

    def _missing(self, name: str, at: str) -> Module | None:
        if at == name.split(".")[0]:
            if at in _OURS:
                return Module(name, Kind.OTHER)
            return Module(name, Kind.OTHER) if library.has(name) and not library.lacks(name) else None
        above = self.find(at.rpartition(".")[0])
        return Module(name, Kind.OTHER) if above and (above.kind is Kind.OTHER or _makes_modules(above)) else None

    def _in(self, folders: list[tuple[Path, Kind]], name: str, part: str) -> tuple[Module | None, list[tuple[Path, Kind]]]:
        """What has the name in the first of the folders that has it, and where modules below it are."""
        spaces = []
        for folder, kind in folders:
            path = folder / part
            init = path / "__init__.py"
            if self._is_file(init, kind):
                return Module(name, kind, init, True), [(path, kind)]
            file = folder / f"{part}.py"
            if self._is_file(file, kind):
                return Module(name, kind, file), []
            if any(self._is_file(folder / f"{part}{suffix}", kind) for suffix in wheels.SUFFIXES):
                return Module(name, Kind.OTHER), []
            if path in self._folders if kind is Kind.PROJECT else path.is_dir():
                spaces.append((path, kind))
        return (Module(name, spaces[0][1], None, True) if spaces else None), spaces

    def _is_file(self, path: Path, kind: Kind) -> bool:
        return path in self._files if kind is Kind.PROJECT else os.path.isfile(path)


def _makes_modules(module: Module) -> bool:
    if module.file is None:
        return False
    text = module.file.read_text(encoding="utf-8", errors="replace")
    return any(each in text for each in _MAKES_MODULES)

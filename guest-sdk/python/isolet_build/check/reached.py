"""Which modules a build would import, and what each of them imports."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..making import making
from . import imports
from .imports import ALWAYS, Import
from .modules import Kind, Module, Modules


@dataclass
class Reached:
    """Modules that are imported, by their names."""

    modules: Modules
    # The project's, with their trees. Those that this Python can't read have none.
    trees: dict[str, ast.Module] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    # The project's that a build imports whatever happens; others may be.
    certain: set[str] = field(default_factory=set)
    unread: dict[str, SyntaxError] = field(default_factory=dict)
    _imports: dict[str, list[Import]] = field(default_factory=dict)

    def imports(self, name: str) -> list[Import]:
        """What one of the project's modules imports."""
        return self._imports.get(name, [])

    def add(self, start: Iterable[str]) -> None:
        """Follows imports from some modules on: first those that happen in any case."""
        self._follow(start, only_certain=True)
        self.certain = set(self.files)
        self._follow([*start, *self.files], only_certain=False)

    def _follow(self, start: Iterable[str], only_certain: bool) -> None:
        waiting, seen = list(start), set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for above in _above(name):
                module = self.modules.find(above)
                if module is None or module.kind is not Kind.PROJECT:
                    continue
                self._read(module)
                for each in self.imports(above):
                    if each.when == ALWAYS or not only_certain:
                        waiting += [each.module, *(f"{each.module}.{part}" for part in each.names)]

    def _read(self, module: Module) -> None:
        if module.file is None or module.name in self.files:
            return
        self.files[module.name] = module.file
        try:
            tree = ast.parse(module.file.read_bytes(), str(module.file))
            self._imports[module.name] = imports.read(tree, module.name, module.is_package)
            self.trees[module.name] = tree
        except SyntaxError as error:
            self.unread[module.name] = error
        except (ValueError, RecursionError, MemoryError) as error:
            self.unread[module.name] = SyntaxError(str(error) or "it is nested too deep")


class OfPackages:
    """What the modules of dependencies import whenever they are imported. It is kept with the packages, which stay the same."""

    def __init__(self, packages: Path) -> None:
        self._kept = packages.parent / "imports"
        self._file = self._kept / "imports.json"
        self._known: dict[str, list[list[str]]] = json.loads(self._file.read_text(encoding="utf-8")) if self._file.is_file() else {}
        self._before = len(self._known)

    def of(self, module: Module) -> Iterator[tuple[str, str]]:
        """Modules, and those that may be: names of modules that it imports names from."""
        if module.name not in self._known:
            self._known[module.name] = [list(each) for each in _always(module)]
        yield from ((each[0], each[1]) for each in self._known[module.name])

    def keep(self) -> None:
        if len(self._known) != self._before and not self._kept.is_dir():
            with making(self._kept) as target:
                (target / self._file.name).write_text(json.dumps(self._known), encoding="utf-8")


def _always(module: Module) -> Iterator[tuple[str, str]]:
    if module.file is None:
        return
    try:
        tree = ast.parse(module.file.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for each in imports.read(tree, module.name, module.is_package):
        if each.when == ALWAYS:
            yield each.module, ""
            yield from ((each.module, name) for name in each.names)


def _above(name: str) -> Iterator[str]:
    """A module's packages, which are imported before it, and itself."""
    parts = name.split(".")
    yield from (".".join(parts[: at + 1]) for at in range(len(parts)))

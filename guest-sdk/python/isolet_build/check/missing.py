"""Imports of what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from isolet_guest import blame

from . import library
from .found import Found, Problem
from .imports import ALWAYS, CALLED, Import
from .modules import Kind, Modules
from .reached import OfPackages, Reached


def look(reached: Reached, base: Path, packages: Path, told: dict[str, Any], found: Found) -> None:
    """Complains of imports that end a build, and warns of those that end a call."""
    search = _Search(reached.modules, packages, told)
    for name, file in reached.files.items():
        place = file.relative_to(base).as_posix()
        for each in reached.imports(name):
            if why := search.why(each):
                message, cure = why
                if each.when == ALWAYS and name in reached.certain:
                    found.problems.append(Problem(place, each.line, message, cure))
                elif each.when == CALLED or name not in reached.certain and each.when == ALWAYS:
                    found.warnings.append(f"{place}:{each.line}: {message}: what imports it fails when it is called")
    search.keep()


class _Search:
    """What is missing, of the project and in what it imports of its dependencies."""

    def __init__(self, modules: Modules, packages: Path, told: dict[str, Any]) -> None:
        self._modules, self._told = modules, told
        self._packages = OfPackages(packages)
        files = (file for each in told["native"].values() for file in each["files"])
        self._native = {file.split(".")[0].replace("/", ".") for file in files}
        # By module of a dependency: what it lacks in the end, and which module of the dependency says so.
        self._lacks: dict[str, tuple[str, str] | None] = {}

    def why(self, each: Import) -> tuple[str, str] | None:
        """Why an import fails, and what to do about it; nothing if it does not."""
        for name in self._imported(each.module, each.names):
            if self._is_missing(name):
                return self._absent(name, "")
            if lack := self._lack(name):
                return self._absent(*lack)
        return None

    def keep(self) -> None:
        self._packages.keep()

    def _lack(self, name: str) -> tuple[str, str] | None:
        """What a module of a dependency can't be imported without."""
        waiting = [name]
        seen: set[str] = set()
        while waiting:
            each = waiting.pop()
            if each in seen:
                continue
            seen.add(each)
            if each in self._lacks:
                if self._lacks[each]:
                    return self._lacks[each]
                continue
            for above in _prefixes(each):
                module = self._modules.find(above)
                if module is None or module.kind is not Kind.PACKAGE:
                    continue
                for base, member in self._packages.of(module):
                    for imported in self._imported(base, (member,) if member else ()):
                        if self._is_missing(imported):
                            self._lacks[name] = imported, above
                            return self._lacks[name]
                        waiting.append(imported)
        self._lacks.update(dict.fromkeys(seen))
        return None

    def _imported(self, base: str, names: tuple[str, ...]) -> Iterator[str]:
        """The modules of an import: names may be others of a package, if these are there, or would be with native code."""
        yield base
        for each in (f"{base}.{name}" for name in names):
            if each in self._native or self._modules.find(each):
                yield each

    def _is_missing(self, name: str) -> bool:
        # What a build will build is not there yet.
        return self._modules.find(name) is None and name.split(".")[0] not in self._told["promised"]

    def _absent(self, name: str, importer: str) -> tuple[str, str]:
        first = name.split(".")[0]
        via = f"{importer} imports {name}, and " if importer else ""
        if package := self._told["native"].get(first):
            message, _, cure = blame.native("", package)
            return message, cure
        if library.lacks(name):
            return f"{via}components have no module {name}", f"do without {importer.split('.')[0] or name}"
        if first in library.GONE:
            return f"{via}Python has no module {name} since 3.13 or before", f"do without {importer.split('.')[0] or name}"
        cure = "add the package that has it to the project's dependencies"
        if first != name and self._modules.find(first):
            kind = self._modules.find(first)
            owner = "the project" if kind and kind.kind is Kind.PROJECT else first
            return f"{via}{owner} has no module {name}", "" if owner == "the project" else f"ask for a version of {first} that has it"
        return f"{via}there is no module {name}", cure


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[: at + 1]) for at in range(len(parts)))

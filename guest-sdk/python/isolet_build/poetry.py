"""Projects of Poetry: what `[tool.poetry]` asks for, read by Poetry's own library, and what `poetry.lock` pins."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from . import listed, settings
from .events import Problem
from .settings import Settings, table

_MAIN = "main"


@dataclass
class Found:
    """What a project of Poetry asks for."""

    lines: list[str] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


def is_used(document: dict[str, Any]) -> bool:
    tool = table(document, "tool", "poetry")
    return "dependencies" in tool or ("group" in tool and "dependencies" not in table(document, "project"))


def read(folder: Path, document: dict[str, Any], asked: Settings) -> Found:
    """Dependencies of the project and of the groups and extras that are asked for."""
    from poetry.core.factory import Factory

    _check_paths(folder, document)
    try:
        package = Factory().create_poetry(folder, with_groups=True).package
    except Exception as error:
        raise Problem(f"pyproject.toml: Poetry can't read [tool.poetry]: {str(error).strip()}") from None
    found = Found(groups=[name for name in asked.groups if package.has_dependency_group(name)])
    for name in [_MAIN, *found.groups]:
        if package.has_dependency_group(name):
            for dependency in package.dependency_group(name).dependencies:
                if dependency.is_optional() and not set(map(str, dependency.in_extras)) & set(asked.extras):
                    continue
                _take(found, dependency)
    sources = document["tool"]["poetry"].get("source", [])
    for source in sources if isinstance(sources, list) else []:
        if isinstance(source, dict) and isinstance(source.get("url"), str):
            found.indexes.append(f"{source.get('name', 'index')}={source['url']}")
    return found


def lock(folder: Path) -> list[str]:
    """The versions and hashes in `poetry.lock`."""
    path = folder / "poetry.lock"
    if not path.is_file():
        return []
    packages = settings.parse(settings.read_text(path), path.name).get("package", [])
    lines: dict[str, list[str]] = {}
    for package in packages if isinstance(packages, list) else []:
        if isinstance(package, dict) and _is_of_index(package):
            lines.setdefault(canonicalize_name(str(package.get("name"))), []).append(_pinned(package))
    # Of two versions of a package, older locks don't say which is for what.
    return [line for each in lines.values() if len(each) == 1 or all(";" in line for line in each) for line in each]


def _is_of_index(package: dict[str, Any]) -> bool:
    source = package.get("source", {"type": "legacy"})
    return isinstance(source, dict) and source.get("type") == "legacy"


def _pinned(package: dict[str, Any]) -> str:
    markers = package.get("markers")
    if isinstance(markers, dict):
        markers = markers.get(_MAIN)
    files = package.get("files")
    given = files if isinstance(files, list) else []
    hashes = [file["hash"] for file in given if isinstance(file, dict) and "hash" in file]
    parts = [f"{package.get('name')}=={package.get('version')}", *([f"; {markers}"] if markers else [])]
    return " ".join([*parts, *(f"--hash={each}" for each in hashes)])


def _take(found: Found, dependency: Any) -> None:
    if dependency.is_vcs():
        raise listed.refuse_git(dependency.pretty_name, "pyproject.toml: [tool.poetry]")
    if dependency.is_directory():
        found.folders.append(Path(dependency.full_path).resolve())
    # Whether it is optional, and for which versions of Python of the project's, was decided.
    line = dependency.to_pep_508(with_extras=False)
    found.lines.append(line)


def _check_paths(folder: Path, document: dict[str, Any]) -> None:
    tool = table(document, "tool", "poetry")
    groups = [table(tool, "group", name).get("dependencies", {}) for name in table(tool, "group")]
    for dependencies in [table(tool, "dependencies"), *groups]:
        for name, given in dependencies.items() if isinstance(dependencies, dict) else []:
            path = given.get("path") if isinstance(given, dict) else None
            if isinstance(path, str) and not (folder / path).exists():
                raise Problem(f"pyproject.toml: [tool.poetry] {name} names {path}, and there is no such folder")

"""What a project depends on, for uv to read: its lists, its lock, its folders; and what tells one state from another."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from . import listed, local, places, poetry, settings, tree
from .events import Problem
from .settings import Settings, table


@dataclass
class Requirements:
    """What is to be installed."""

    # Where relative paths begin.
    folder: Path
    # Single requirements, files of them, and whether `pyproject.toml` is one.
    lines: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    project: bool = False
    groups: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    # Versions and hashes of a lock.
    uv_lock: bool = False
    constraints: list[str] = field(default_factory=list)
    # Distributions that the project lists and activities have no use for.
    unwanted: list[str] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)
    # The versions of Python that the project is for.
    python: str = ""
    # What the project lists, as far as it can be told.
    listed: list[Requirement] = field(default_factory=list)
    # Folders that it is installed from.
    folders: list[Path] = field(default_factory=list)
    # Wheels that it is installed from, places where wheels lie, and hashes that its lists of requirements have.
    wheels: list[Path] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    hashes: dict[str, set[str]] = field(default_factory=dict)
    # What is wanted with native code though it does without.
    native: set[str] = field(default_factory=set)
    # What decides over all of it.
    inputs: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """What listed packages are probably imported as."""
        return {"temporalio", *(canonicalize_name(each.name).replace("-", "_") for each in self.listed)}

    @property
    def is_empty(self) -> bool:
        return not (self.lines or self.files or self.project or self.groups)

    @property
    def is_pinned(self) -> bool:
        return self.uv_lock or bool(self.constraints)

    def hashed_versions(self, name: str) -> set[str]:
        """The versions of a package that its lists name."""
        return {each.version for listed in self.listed if canonicalize_name(listed.name) == name for each in listed.specifier}

    def digest(self) -> str:
        """What tells it from others, contents of local folders included."""
        hash = hashlib.sha256()
        for text in [*self.lines, *self.inputs, *self.unwanted, *self.indexes, *self.links, repr((self.groups, self.extras, sorted(self.native)))]:
            hash.update(text.encode() + b"\0")
        for folder in self.folders:
            # Its place counts, too: what is installed tells it.
            for file in tree.files(folder):
                hash.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
        for file in self.wheels:
            hash.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
        return hash.hexdigest()[:16]


def of_script(path: Path, document: dict[str, Any], asked: Settings) -> Requirements:
    """What a file says of itself."""
    lines = document.get("dependencies", [])
    if not settings.is_texts(lines):
        raise Problem(f"{path.name}, its inline metadata: dependencies must be a list of texts")
    wanted = Requirements(path.parent, lines=_with_sources(lines, path.parent, document, path.name))
    wanted.listed = [_requirement(line, path.name) for line in lines]
    wanted.wheels = [each for each in map(_wheel, wanted.lines) if each]
    wanted.links = places.of_project(path.parent, document, asked, path.name)
    return _narrowed(wanted, asked)


def of_folder(path: Path, document: dict[str, Any], asked: Settings) -> Requirements:
    """What the project in a folder depends on: the first of its lists that is there, and its lock."""
    wanted = Requirements(path, groups=asked.groups, extras=asked.extras)
    project = table(document, "project")
    dynamic = project.get("dynamic", [])
    if not settings.is_texts(dynamic):
        raise Problem("pyproject.toml: [project] dynamic must be a list of texts")
    if poetry.is_used(document):
        _of_poetry(wanted, path, document, asked)
    elif "dependencies" in project or "dependencies" in dynamic or asked.extras:
        _of_project(wanted, path, document)
    elif (path / "requirements.txt").is_file():
        wanted.files = [path / "requirements.txt"]
    wanted.python = _python(project)
    for name in wanted.groups:
        if name not in table(document, "dependency-groups"):
            raise Problem(
                f"pyproject.toml: [tool.isolet] groups names {name!r}, and there is no such group",
                cure="list it below [dependency-groups]" + (" or [tool.poetry.group]" if poetry.is_used(document) else ""),
            )
        wanted.listed += listed.of_group(document, name)
    seen = listed.Seen()
    for file in wanted.files:
        listed.of_file(file, seen)
    local.check_sources(path, document, [each.name for each in wanted.listed])
    local.check_unread_sources(document, [each.name for each in seen.requirements])
    wanted.listed += seen.requirements
    wanted.inputs += seen.texts
    wanted.wheels = list(dict.fromkeys([*local.wheels(path, document), *seen.wheels, *filter(None, map(_wheel, wanted.lines))]))
    wanted.links = [*places.of_project(path, document, asked), *seen.links]
    wanted.hashes = seen.hashes
    wanted.folders += [each for each in local.of(path, document) if each != path]
    wanted.folders += [each for each in seen.folders if each != path]
    for folder in list(wanted.folders):
        wanted.folders += [each for each in local.below(folder) if each not in wanted.folders]
    wanted.inputs += [json.dumps([project, document.get("dependency-groups"), document.get("tool")], default=str)]
    return _narrowed(wanted, asked)


def _of_project(wanted: Requirements, path: Path, document: dict[str, Any]) -> None:
    project = table(document, "project")
    wanted.project = True
    lists = [project.get("dependencies", []), *(table(project, "optional-dependencies").get(each, []) for each in wanted.extras)]
    for extra in wanted.extras:
        if extra not in table(project, "optional-dependencies"):
            raise Problem(f"pyproject.toml: [tool.isolet] extras names {extra!r}, and there is no such extra")
    for lines in lists:
        if not settings.is_texts(lines):
            raise Problem("pyproject.toml: [project] dependencies must be a list of texts")
        wanted.listed += [_requirement(line, "pyproject.toml") for line in lines]
    if lock := local.lock(path, document):
        wanted.uv_lock = True
        wanted.inputs.append(settings.read_text(lock))


def _of_poetry(wanted: Requirements, path: Path, document: dict[str, Any], asked: Settings) -> None:
    found = poetry.read(path, document, asked)
    wanted.lines, wanted.folders, wanted.indexes = found.lines, found.folders, found.indexes
    wanted.constraints = poetry.lock(path)
    wanted.inputs += wanted.constraints
    wanted.listed += [_requirement(line, "pyproject.toml") for line in found.lines]
    wanted.groups = [name for name in wanted.groups if name not in found.groups]
    wanted.extras = []


def _narrowed(wanted: Requirements, asked: Settings) -> Requirements:
    """Leaves what `[tool.isolet] dependencies` names, if it names any."""
    wanted.native = {canonicalize_name(each) for each in asked.native}
    if asked.dependencies is None:
        return wanted
    names = set()
    known = {canonicalize_name(each.name) for each in wanted.listed}
    for line in asked.dependencies:
        requirement = _requirement(line, "pyproject.toml: [tool.isolet]")
        names.add(canonicalize_name(requirement.name))
        if canonicalize_name(requirement.name) not in known:
            # One that the project does not list, or of which it lists no names.
            wanted.lines.append(line)
            wanted.listed.append(requirement)
    wanted.unwanted = sorted(known - names)
    wanted.lines = [line for line in wanted.lines if _name(line) not in wanted.unwanted]
    wanted.listed = [each for each in wanted.listed if canonicalize_name(each.name) in names]
    return wanted


def _with_sources(lines: list[str], folder: Path, document: dict[str, Any], name: str) -> list[str]:
    """A script's requirements; those that `[tool.uv.sources]` has in a folder are taken from there."""
    sources = table(document, "tool", "uv", "sources", name=name)
    found = []
    for line in lines:
        requirement = _requirement(line, name)
        given = next((each for key, each in sources.items() if canonicalize_name(key) == canonicalize_name(requirement.name)), None)
        if isinstance(given, dict) and isinstance(given.get("path"), str):
            requirement.url, requirement.specifier = (folder / given["path"]).resolve().as_uri(), type(requirement.specifier)()
            line = str(requirement)
        elif given is not None:
            raise Problem(f"{name}: [tool.uv.sources] {requirement.name} must be a path", cure="make a project of the file")
        found.append(line)
    return found


def _requirement(line: str, where: str) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        raise Problem(f"{where}: the dependency {line!r} can't be read: {reason}") from None


def _wheel(line: str) -> Path | None:
    """The wheel that a requirement names by its path."""
    requirement = listed.parsed(line)
    url = urlparse(requirement.url or "") if requirement else urlparse("")
    path = Path(unquote(url.path))
    return path if url.scheme == "file" and path.suffix == ".whl" and path.is_file() else None


def _python(project: dict[str, Any]) -> str:
    given = project.get("requires-python", "")
    try:
        return str(SpecifierSet(given)) if isinstance(given, str) else ""
    except InvalidSpecifier:
        # uv says what is wrong with it.
        return ""


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)

"""Packages of a project's own that lie in other folders: paths and workspaces, as uv and Poetry name them.

Their names are never asked for elsewhere: a stranger may have taken them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator

from packaging.utils import canonicalize_name

from . import listed, settings
from .events import Problem
from .settings import table


def of(folder: Path, document: dict[str, Any]) -> list[Path]:
    """The folders that a project names."""
    found = []
    for called, source in _sources(document):
        if isinstance(source.get("path"), str):
            found.append((folder / source["path"]).resolve())
        elif source.get("workspace") is True and (root := workspace(folder, document)):
            found += [member for member in _members(root) if _is(member, called)]
    poetrys = table(document, "tool", "poetry", "dependencies").values()
    found += [(folder / given["path"]).resolve() for given in poetrys if isinstance(given, dict) and "path" in given]
    return [each for each in dict.fromkeys(found) if each.is_dir()]


def wheels(folder: Path, document: dict[str, Any]) -> list[Path]:
    """The wheels that a project names."""
    poetrys = table(document, "tool", "poetry", "dependencies").values()
    given = [*(source for _, source in _sources(document)), *(each for each in poetrys if isinstance(each, dict))]
    paths = [(folder / each["path"]).resolve() for each in given if isinstance(each.get("path"), str)]
    return [each for each in dict.fromkeys(paths) if each.suffix == ".whl" and each.is_file()]


def below(folder: Path) -> list[Path]:
    """The folders that the project in a folder names, and those that these name."""
    found: list[Path] = []
    waiting = [folder.resolve()]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.append(each)
            waiting += of(each, settings.pyproject(each))
    return found[1:]


def check_sources(folder: Path, document: dict[str, Any], names: list[str]) -> None:
    """Complains about sources that can't be had."""
    wanted = {canonicalize_name(each) for each in names}
    for called, source in _sources(document):
        where = f"pyproject.toml: [tool.uv.sources] {called}"
        if canonicalize_name(called) not in wanted:
            continue
        if "git" in source:
            raise listed.refuse_git(called, where)
        if isinstance(source.get("path"), str) and not (folder / source["path"]).exists():
            raise Problem(f"{where} names {source['path']}, and there is no such folder")
        if source.get("workspace") is True:
            root = workspace(folder, document)
            if root is None:
                raise Problem(f"{where} names a workspace, and no folder above {folder} has one: [tool.uv.workspace]")
            if not any(_is(member, called) for member in _members(root)):
                raise Problem(f"{where} names the workspace {root}, and no member of it has this name")


def check_unread_sources(document: dict[str, Any], names: list[str]) -> None:
    """Complains about sources of what a file of requirements has: uv would ask an index."""
    wanted = {canonicalize_name(each) for each in names}
    for called, _ in _sources(document):
        if canonicalize_name(called) in wanted:
            raise Problem(
                f"requirements.txt asks for {called}, of which pyproject.toml says in [tool.uv.sources] where it is",
                cure="list it in pyproject.toml, [project] dependencies, or name its folder in requirements.txt",
            )


def name(folder: Path) -> str | None:
    """What the project in a folder is called."""
    document = settings.pyproject(folder)
    for each in (table(document, "project"), table(document, "tool", "poetry")):
        if isinstance(each.get("name"), str):
            return each["name"]
    return None


def workspace(folder: Path, document: dict[str, Any]) -> Path | None:
    """The root of the workspace that a folder belongs to."""
    if "workspace" in table(document, "tool", "uv"):
        return folder
    for above in folder.parents:
        if (above / "pyproject.toml").is_file() and "workspace" in table(settings.pyproject(above), "tool", "uv"):
            return above
    return None


def lock(folder: Path, document: dict[str, Any]) -> Path | None:
    """The file `uv.lock` that tells a project's versions."""
    root = workspace(folder, document)
    places = [folder, *([root] if root else [])]
    return next((each / "uv.lock" for each in places if (each / "uv.lock").is_file()), None)


def _sources(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, given in table(document, "tool", "uv", "sources").items():
        for source in given if isinstance(given, list) else [given]:
            if isinstance(source, dict):
                yield name, source


def _members(root: Path) -> Iterator[Path]:
    patterns = table(settings.pyproject(root), "tool", "uv", "workspace").get("members", [])
    yield root
    for pattern in patterns if settings.is_texts(patterns) else []:
        if Path(pattern).is_absolute():
            raise Problem(f"{root}/pyproject.toml: [tool.uv.workspace] members names {pattern}: name folders below it")
        yield from (each for each in sorted(root.glob(pattern)) if (each / "pyproject.toml").is_file())


def _is(member: Path, wanted: str) -> bool:
    given = name(member)
    return given is not None and canonicalize_name(given) == canonicalize_name(wanted)

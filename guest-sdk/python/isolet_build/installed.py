"""What lies in a folder of packages: their versions, what they need, and which of their files are native code."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from . import wheels


def versions(packages: Path) -> Iterator[tuple[str, str]]:
    """Names and versions of all."""
    for folder in _metadata(packages):
        name, _, version = folder.name[: -len(".dist-info")].rpartition("-")
        yield canonicalize_name(name), version


def native(packages: Path) -> list[tuple[str, str]]:
    """Names and versions of those with native code that is not for components."""
    return [
        (canonicalize_name(name), version)
        for folder in _metadata(packages)
        for name, _, version in [folder.name[: -len(".dist-info")].rpartition("-")]
        if any(_is_native(packages / file) for file in _files(folder))
    ]


def built(packages: Path) -> list[tuple[str, str]]:
    """Names and versions of those with native code for components."""
    return [
        (canonicalize_name(name), version)
        for folder in _metadata(packages)
        for name, _, version in [folder.name[: -len(".dist-info")].rpartition("-")]
        if any(wheels.is_usable(packages / file) for file in _files(folder) if wheels.is_native(file))
    ]


def pure(packages: Path, names: set[str]) -> list[tuple[str, str]]:
    """Names and versions of those, out of some, that have no native code of any kind."""
    has = {name for name, _ in [*native(packages), *built(packages)]}
    return [(name, version) for name, version in versions(packages) if name in names - has]


def native_files(packages: Path, name: str) -> list[Path]:
    """The native code of a package that is not for components."""
    return [packages / file for file in _files(_of(packages, name)) if _is_native(packages / file)]


def generator(packages: Path, name: str) -> str:
    """What made a package's wheel."""
    try:
        text = (_of(packages, name) / "WHEEL").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return HeaderParser().parsestr(text).get("Generator", "")


def source(packages: Path, name: str) -> Path | None:
    """The folder or source distribution that a package was installed from, if it was not an index."""
    try:
        url = json.loads((_of(packages, name) / "direct_url.json").read_text(encoding="utf-8"))["url"]
    except (OSError, ValueError, KeyError):
        return None
    path = Path(unquote(urlparse(url).path))
    return path if urlparse(url).scheme == "file" and path.suffix != ".whl" and path.exists() else None


def replace(packages: Path, name: str, package: Path) -> None:
    """Puts the files of another folder in the place of a package's."""
    remove(packages, name)
    shutil.copytree(package, packages, dirs_exist_ok=True)


def left_out(packages: Path, listed: set[str]) -> dict[str, Any]:
    """What is missing without native code: by the name that is imported, whose it is, and what listed needs it."""
    needs = {canonicalize_name(folder.name[: -len(".dist-info")].rpartition("-")[0]): folder for folder in _metadata(packages)}
    missing: dict[str, Any] = {}
    for name, folder in needs.items():
        for file in (each for each in _files(folder) if _is_native(packages / each)):
            imported = file.split("/")[0].split(".")[0]
            each = missing.setdefault(imported, {"package": name, "files": [], "listed": _who_lists(name, needs, listed)})
            each["files"].append(file)
    return missing


def _who_lists(name: str, needs: dict[str, Path], listed: set[str]) -> str:
    """The nearest package that the project lists and that needs this one."""
    seen = {name}
    waiting = [name]
    while waiting:
        each = waiting.pop(0)
        if each in listed:
            return each
        for other, folder in needs.items():
            if other not in seen and any(canonicalize_name(need.name) == each for need in requires(folder / "METADATA")):
                seen.add(other)
                waiting.append(other)
    return name


def requires(metadata: Path) -> Iterator[Requirement]:
    """What a package says it needs."""
    for line in HeaderParser().parsestr(metadata.read_text(encoding="utf-8", errors="replace")).get_all("Requires-Dist") or []:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def remove(packages: Path, name: str) -> None:
    """Removes a package."""
    for folder in _metadata(packages):
        if canonicalize_name(folder.name[: -len(".dist-info")].rpartition("-")[0]) == name:
            for file in _files(folder):
                path = packages / file
                if packages in path.resolve().parents:
                    path.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)


def drop(packages: Path, project: Path) -> None:
    """Removes the project itself, which a list of requirements may name (`-e .`), and what is no package."""
    for folder in _metadata(packages):
        try:
            url = json.loads((folder / "direct_url.json").read_text(encoding="utf-8"))["url"]
        except (OSError, ValueError, KeyError):
            continue
        if urlparse(url).scheme == "file" and Path(unquote(urlparse(url).path)).resolve() == project.resolve():
            remove(packages, canonicalize_name(folder.name[: -len(".dist-info")].rpartition("-")[0]))
    shutil.rmtree(packages / "bin", ignore_errors=True)
    (packages / ".lock").unlink(missing_ok=True)


def drop_native(packages: Path) -> None:
    """Deletes native code for other machines."""
    for path in sorted(packages.rglob("*")):
        if path.name == "__pycache__":
            # Nor is what Python made of modules of use to another version.
            shutil.rmtree(path)
        elif path.is_file() and _is_native(path):
            path.unlink()


def drop_official(packages: Path, base: Path) -> None:
    """What the official packages bring is not brought twice."""
    for path in packages.iterdir():
        theirs = base / path.name
        if path.name == "google":
            shutil.rmtree(path / "protobuf", ignore_errors=True)
            shutil.rmtree(path / "_upb", ignore_errors=True)
        elif theirs.exists() and not path.name.endswith(".dist-info"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _metadata(packages: Path) -> list[Path]:
    return sorted(packages.glob("*.dist-info"))


def _files(metadata: Path) -> list[str]:
    """A package's files, as its record has them."""
    record = metadata / "RECORD"
    if not record.is_file():
        return []
    with record.open(encoding="utf-8", newline="") as rows:
        return [row[0] for row in csv.reader(rows) if row]


def _of(packages: Path, name: str) -> Path:
    folders = (each for each in _metadata(packages) if canonicalize_name(each.name[: -len(".dist-info")].rpartition("-")[0]) == name)
    return next(folders, packages / "none.dist-info")


def _is_native(file: Path) -> bool:
    return wheels.is_native(file.name) and not wheels.is_usable(file)

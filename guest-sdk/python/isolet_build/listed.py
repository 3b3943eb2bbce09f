"""What lists of requirements name, as far as one can tell: uv reads them, this looks at what it will be asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from . import places
from .events import Problem

_FILE = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s+|=)?(?P<file>.+)")
_LISTING = re.compile(r"-r|--requirement")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)?(?P<what>.+)")
_FROM_GIT = re.compile(r"(?:^|[\s@])(?:git|hg|svn|bzr)\+")
_WITH_PATH = re.compile(r"(?:-r|--requirement|-c|--constraint|-e|--editable|-f|--find-links)(?:\s+|=)?")
_LINKS = re.compile(r"(?:-f|--find-links)(?:\s+|=)?(?P<link>.+)")
_HASH = re.compile(r"--hash[=\s]\s*(?P<hash>sha\d+:[0-9a-fA-F]+)")
_BROKEN = re.compile(r"\\\r?\n(?!\s*--)")
_COMMENT = re.compile(r"(?:^|\s)#.*$")


@dataclass
class Seen:
    """What files of requirements have."""

    files: list[Path] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    # Wheels, places of wheels, and hashes by name.
    wheels: list[Path] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    hashes: dict[str, set[str]] = field(default_factory=dict)


def of_file(file: Path, seen: Seen, listing: bool = True) -> None:
    """Looks at a file of requirements and at those that it names."""
    if file in seen.files:
        return
    seen.files.append(file)
    text = _text(file)
    seen.texts.append(text)
    for number, line in _lines(text):
        where = f"{file.name}, line {number}"
        if match := _FILE.fullmatch(line):
            _follow(file, match["file"].strip("\"' "), where, seen, listing and bool(_LISTING.match(line)))
        elif match := _LINKS.fullmatch(line):
            seen.links.append(places.resolved(file.parent, match["link"].strip("\"' ")))
        elif not line.startswith("-") or _EDITABLE.match(line):
            _requirement(file.parent, line, where, seen, listing)


def readable(file: Path, folder: Path) -> Path:
    """The file, or a copy in `folder` of one that has requirements over several lines, which pip reads and uv does not."""
    seen = Seen()
    of_file(file, seen)
    if not any(_BROKEN.search(text) for text in seen.texts):
        return file
    copies = {each: folder / f"requirements-{number}.txt" for number, each in enumerate(seen.files)}
    for each, copy in copies.items():
        lines = [_moved(line, each.parent, copies) for _, line in _lines(_text(each))]
        copy.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return copies[file]


def _moved(line: str, folder: Path, copies: dict[Path, Path]) -> str:
    """A line as it must be in a file of another folder."""
    option, what = "", line
    if match := _WITH_PATH.match(line):
        option, what = line[: match.end()], line[match.end() :]
    path = (folder / what.strip("\"' ")).resolve()
    if path in copies:
        return f"{option}{copies[path]}"
    moved = _path(folder, what.strip("\"' ")) if option or not parsed(what) else None
    return f"{option}{moved or path if option and '://' not in what else moved or what}"


def of_group(document: dict[str, Any], name: str, inside: tuple[str, ...] = ()) -> list[Requirement]:
    """What a group of `[dependency-groups]` names, with the groups that it includes."""
    found: list[Requirement] = []
    entries = document["dependency-groups"].get(name, [])
    if name in inside or not isinstance(entries, list):
        # What is wrong with it, uv says.
        return found
    for entry in entries:
        if isinstance(entry, dict):
            found += of_group(document, str(entry.get("include-group")), (*inside, name))
        elif requirement := parsed(str(entry)):
            found.append(requirement)
    return found


def hashes_of(lines: list[str]) -> dict[str, set[str]]:
    """The hashes that lines of requirements have, by name."""
    found: dict[str, set[str]] = {}
    for line in lines:
        requirement = parsed(re.split(r"\s--?[a-z]", line)[0].strip("\\ "))
        hashes = {match["hash"].lower() for match in _HASH.finditer(line)}
        if requirement and hashes:
            found.setdefault(canonicalize_name(requirement.name), set()).update(hashes)
    return found


def parsed(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def refuse_git(name: str, where: str) -> Problem:
    return Problem(
        f"{where}: {name} comes from a repository of sources, and none is fetched from there",
        cure="ask for a released version, or clone it and name its folder",
    )


def _follow(file: Path, named: str, where: str, seen: Seen, listing: bool) -> None:
    if "://" in named or "$" in named:
        return
    other = (file.parent / named).resolve()
    if not other.is_file():
        raise Problem(f"{where}: there is no file {named}")
    of_file(other, seen, listing)


def _requirement(folder: Path, line: str, where: str, seen: Seen, listing: bool) -> None:
    editable = _EDITABLE.fullmatch(line)
    what = re.split(r"\s--?[a-z]", editable["what"] if editable else line)[0].strip("\"' ")
    if _FROM_GIT.search(what):
        raise refuse_git(what, where)
    requirement = parsed(what)
    if requirement and listing:
        seen.requirements.append(requirement)
    if hashes := hashes_of([line]):
        for name, each in hashes.items():
            seen.hashes.setdefault(name, set()).update(each)
    path = _path(folder, requirement.url if requirement else re.sub(r"\[[^\]]*\]$", "", what.split(";")[0].strip()))
    if path is None:
        return
    if not path.exists():
        raise Problem(f"{where}: there is no {what}")
    if path.is_dir():
        seen.folders.append(path)
    elif path.suffix == ".whl":
        seen.wheels.append(path)


def _path(folder: Path, what: str | None) -> Path | None:
    if not what or "$" in what:
        return None
    url = urlparse(what)
    if url.scheme == "file":
        return Path(unquote(url.path)).resolve()
    if url.scheme or not (what.startswith(".") or "/" in what or "\\" in what):
        return None
    return (folder / what).resolve()


def _lines(text: str) -> list[tuple[int, str]]:
    """Lines without comments, those that go on joined; with the number of each one's first."""
    lines: list[tuple[int, str]] = []
    begun = ""
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start if begun else number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            begun += line[:-1]
            continue
        whole = _COMMENT.sub("", begun + line).strip()
        begun = ""
        if whole:
            lines.append((start, whole))
    return [*lines, *([(start, begun.strip())] if begun.strip() else [])]


def _text(file: Path) -> str:
    """Windows writes such files in UTF-16."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Problem(f"can't read {file}: {error.strerror}") from None
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise Problem(f"can't read {file}: it is no {encoding.upper().replace('-SIG', '')}", cure="save it as UTF-8") from None

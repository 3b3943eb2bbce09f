"""What a project says of itself: `pyproject.toml`, or the metadata within a script, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .events import Problem

try:
    import tomllib
except ImportError:  # Python 3.10 and older.
    from pip._vendor import tomli as tomllib  # type: ignore[no-redef]

_LISTS = ("modules", "paths", "dependencies", "groups", "extras", "native", "find-links", "interrupt-loops", "leave-out")
_FLAGS = ("strict-metrics",)
_TEXTS = ("data-converter",)

# A file's own metadata, as PEP 723 writes it.
_SCRIPT = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


@dataclass
class Settings:
    """The table `[tool.isolet]`."""

    # The modules to search for activities, and the folders where imports start, where they are not to be found out.
    modules: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    # Those of the project's dependencies that activities need; all if it says nothing.
    dependencies: list[str] | None = None
    # Groups of dependencies, and of optional ones, that they need beside these.
    groups: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    # Packages that are wanted with native code though they do without, and where wheels lie.
    native: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    interrupt_loops: list[str] = field(default_factory=list)
    strict_metrics: bool = False
    # What payloads are made with, as `module:name`.
    data_converter: str | None = None
    # What of the project's and its packages' files the component does without.
    leave_out: list[str] = field(default_factory=list)


def read_text(path: Path) -> str:
    """The file's text, whatever its line ends and with or without a byte order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Problem(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Problem(f"can't read {path}: it is no UTF-8 at byte {error.start}", cure="save it as UTF-8") from None


def pyproject(folder: Path) -> dict[str, Any]:
    """The folder's `pyproject.toml`; nothing if there is none."""
    path = folder / "pyproject.toml"
    return parse(read_text(path), path.name) if path.is_file() else {}


def script(path: Path) -> dict[str, Any]:
    """The metadata within a Python file."""
    match = _SCRIPT.search(path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n"))
    if not match:
        return {}
    lines = (line[2:] if line.startswith("# ") else line[1:] for line in match["content"].splitlines())
    return parse("\n".join(lines), f"{path.name}, its inline metadata")


def load(document: dict[str, Any], name: str = "pyproject.toml") -> Settings:
    """The table `[tool.isolet]` of a document."""
    given = table(document, "tool", "isolet", name=name)
    known = sorted([*_LISTS, *_FLAGS, *_TEXTS])
    for key, value in given.items():
        if key not in known:
            raise Problem(f"{name}: [tool.isolet] has no {key!r}; it has {', '.join(known)}")
        if key in _FLAGS and not isinstance(value, bool):
            raise Problem(f"{name}: [tool.isolet] {key} must be true or false")
        if key in _TEXTS and not isinstance(value, str):
            raise Problem(f"{name}: [tool.isolet] {key} must be a text")
        if key in _TEXTS and not all(value.partition(":")[::2]):
            cure = "write it as temporalio.contrib.pydantic:pydantic_data_converter is"
            raise Problem(f"{name}: [tool.isolet] {key} is {value!r}, and must be module:name", cure=cure)
        if key in _LISTS and not is_texts(value):
            raise Problem(f"{name}: [tool.isolet] {key} must be a list of texts")
    return Settings(**{key.replace("-", "_"): value for key, value in given.items()})


def table(document: dict[str, Any], *keys: str, name: str = "pyproject.toml") -> dict[str, Any]:
    """A table within a document; an empty one if it is not there."""
    found: Any = document
    for at, key in enumerate(keys):
        found = found.get(key, {})
        if not isinstance(found, dict):
            raise Problem(f"{name}: {'.'.join(keys[: at + 1])} must be a table")
    return found


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{name} is no TOML: {error}") from None
    except RecursionError:
        raise Problem(f"{name} is no TOML: it is nested too deep") from None

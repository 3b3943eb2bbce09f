"""Where wheels for components may lie: folders and pages that a project, or who builds it, names for pip or uv."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from . import settings, uv
from .events import Problem
from .settings import Settings, table

# Where a project keeps its own.
_OWN = "wheels"
_UV = "UV_FIND_LINKS"


def of_project(folder: Path, document: dict[str, Any], asked: Settings, name: str = "pyproject.toml") -> list[str]:
    """What a project says: `find-links` of uv and ours, as folders and addresses."""
    links = table(document, "tool", "uv", name=name).get("find-links", [])
    if not settings.is_texts(links):
        raise Problem(f"{name}: [tool.uv] find-links must be a list of texts")
    for each in asked.find_links:
        if "://" not in each and not (folder / each).expanduser().is_dir():
            raise Problem(f"{name}: [tool.isolet] find-links names {each}, and there is no such folder")
    return [resolved(folder, each) for each in [*links, *asked.find_links]]


def resolved(folder: Path, link: str) -> str:
    """A place as it is called from anywhere."""
    link = os.path.expandvars(link)
    return link if "://" in link else str((folder / Path(link).expanduser()).resolve())


def all_links(links: list[str]) -> list[str]:
    """What a project says, and what pip and uv are configured to: neither looks there if it is told of others."""
    configured = [each for value in (os.environ.get(_UV, ""), uv.as_pip().get(_UV, "")) for each in value.replace(",", " ").split()]
    return list(dict.fromkeys([*links, *(resolved(Path.cwd(), each) for each in configured)]))


def folders(project: Path, links: list[str]) -> list[Path]:
    """The folders among all places, the project's own first."""
    return list(dict.fromkeys([project / _OWN, *(path for link in all_links(links) for path in _folder(link))]))


def _folder(link: str) -> Iterator[Path]:
    url = urlparse(link)
    if url.scheme == "file":
        yield Path(unquote(url.path))
    elif "://" not in link:
        yield Path(link)

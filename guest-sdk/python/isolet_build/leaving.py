"""What a project leaves out of its component: patterns of `leave-out` that leave out nothing are mistakes."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from pathlib import Path


def unmatched(patterns: list[str], folders: Iterable[Path]) -> list[str]:
    """Those of the patterns that no file below the folders matches, nor any folder."""
    wanted = {pattern: (pattern.strip("/"), f"{pattern.strip('/')}/*") for pattern in patterns}
    for folder in folders:
        for file in folder.rglob("*") if wanted else ():
            path = file.relative_to(folder).as_posix()
            if file.is_file():
                wanted = {each: both for each, both in wanted.items() if not any(fnmatch.fnmatchcase(path, one) for one in both)}
    return list(wanted)


def complaint(pattern: str) -> tuple[str, str]:
    """What to say of such a pattern, and the cure."""
    return (
        f"[tool.isolet] leave-out names {pattern!r}, and neither the project nor its packages have a file of that name or below it",
        "name paths as they are below the project or the folder of packages, such as botocore/data/ec2, and patterns such as *.md",
    )

"""What a check finds: problems, which a build or a run would end with, and hints."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, order=True)
class Problem:
    """Something to mend, at a line of a file of the project."""

    file: str
    line: int
    message: str
    # What to do about it; nothing where the message says it.
    cure: str = ""
    # The type checker's name for it, if it is one of types.
    rule: str = ""


@dataclass(frozen=True)
class Grant:
    """Something that the code asks for, and that only works where it is granted."""

    # The key of a component's grants.
    grant: str
    what: str
    file: str
    line: int
    # An option of `isolet run` and others that grants it.
    option: str


@dataclass
class Found:
    """All of it."""

    modules: list[str]
    # What the text names as activities.
    activities: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """What the program is told that shows it."""
        return {
            "modules": self.modules,
            "activities": sorted(set(self.activities)),
            "problems": [asdict(each) for each in sorted(set(self.problems))],
            "grants": [asdict(each) for each in sorted(set(self.grants), key=_order)],
        }


def _order(each: Grant) -> tuple[str, str, int, str]:
    return each.grant, each.file, each.line, each.what

"""From a staged project to a component: a base that loads it, and what goes wrong with that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import base, events
from .events import Problem
from .layout import Layout
from .tool import Answer, Tool

# The files that `isolet_guest.build` reads, and that it writes where the project is at fault.
CONFIGURATION, _PROBLEM = "isolet_build.json", "problem.json"

# What a component may have at most: of its image the worker's limits on memory leave out as much.
_LARGEST = 128 << 20


def configuration(layout: Layout, native: dict[str, Any]) -> str:
    """What the component's part of the build reads."""
    return json.dumps(
        {
            "modules": layout.modules,
            "paths": [path for path in layout.paths if path != "."],
            "interrupt_loops": layout.settings.interrupt_loops,
            "strict_metrics": layout.settings.strict_metrics,
            "data_converter": layout.settings.data_converter,
            "leave_out": layout.settings.leave_out,
            "native": native,
        }
    )


def make(common: Path, folders: list[Path], output: Path, tool: Tool) -> None:
    """Loads a project on a base. The folders are mounted as for making that, and the third is written to."""
    events.progress("importing the project and building the component")
    mounts = [{"name": name, "path": str(common / name), "is_writable": False} for name in base.LIBRARY]
    for number, folder in enumerate(folders):
        mounts.append({"name": str(number), "path": str(folder), "is_writable": number == 2})
    answer = tool.ask(what="load", base=str(common / base.COMPONENT), folders=mounts, component=str(output))
    if not answer.is_done:
        raise _told(folders[2] / _PROBLEM) or _failure(answer)
    if output.stat().st_size > _LARGEST:
        raise Problem(
            "what the project has in memory when all is imported is more than the 128 MiB that a component can begin with",
            cure="leave out what activities don't need: files by [tool.isolet] leave-out, packages by naming the others "
            "in its dependencies, and large data that modules read at their top level",
        )


def _told(file: Path) -> Problem | None:
    """What the component has told, unless it is not of ours: the project's code can write there, too."""
    try:
        told = json.loads(file.read_text(encoding="utf-8", errors="replace"))
        message, traceback, cure = (str(told[each]) for each in ("message", "traceback", "cure"))
        return Problem(message, traceback=traceback, cure=cure, lacks_native=told["lacks_native"] is True)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _failure(answer: Answer) -> Problem:
    """What to say where the component ends without a word of ours."""
    if answer.is_project:
        return Problem(
            f"the project can't be loaded: {answer.why}",
            traceback=answer.said[-8000:],
            cure="its modules are imported when the component is built: what ends a program, or computes for long, belongs into activities",
        )
    return Problem(f"the component can't be made: {answer.why}", kind="tools")

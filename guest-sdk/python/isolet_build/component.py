"""From a staged project to a component: a base that loads it, and what goes wrong with that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import base, events
from .events import Problem
from .layout import Layout
from .tool import Answer, Tool

# What `isolet_guest.build` writes before what went wrong, and the file that it reads.
_MARK = "isolet-build-problem: "
CONFIGURATION = "isolet_build.json"

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
    for line in answer.said.splitlines():
        if _MARK in line:
            problem = json.loads(line.split(_MARK, 1)[1])
            raise Problem(
                problem["message"], traceback=problem["traceback"], cure=problem["cure"], lacks_native=problem["lacks_native"]
            )
    if not answer.is_done:
        raise _failure(answer)
    if output.stat().st_size > _LARGEST:
        raise Problem(
            "what the project has in memory when all is imported is more than the 128 MiB that a component can begin with",
            cure="leave out what activities don't need: files by [tool.isolet] leave-out, packages by naming the others "
            "in its dependencies, and large data that modules read at their top level",
        )


def _failure(answer: Answer) -> Problem:
    """What to say where the component ends without a word of ours."""
    if answer.is_project:
        told = "\n".join(part for part in (answer.said[-8000:], answer.why) if part)
        return Problem("the project can't be loaded", traceback=told, kind="tools")
    return Problem(f"the component can't be made: {answer.why}", kind="tools")

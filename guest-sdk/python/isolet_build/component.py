"""From a staged project to a component: componentize-py, and what its errors mean."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from . import events
from .events import Problem
from .layout import Layout

# What `isolet_guest.build` writes before what went wrong.
_MARK = "isolet-build-problem: "


def configuration(layout: Layout, native: dict[str, list[str]]) -> str:
    """What the component's part of the build reads."""
    return json.dumps(
        {
            "modules": layout.modules,
            "interrupt_loops": layout.interrupt_loops,
            "strict_metrics": layout.strict_metrics,
            "native": native,
        }
    )


def make(sdk: Path, folders: list[Path], output: Path) -> None:
    """Runs componentize-py. The order of `folders` is that of the paths in the component: /0, /1 and so on."""
    events.progress("importing the project and building the component")
    command = [sys.executable, "-c", "import sys, componentize_py; sys.exit(componentize_py.script())"]
    command += ["--quiet", "--wit-path", str(sdk / "wit"), "--world", "activity", "componentize"]
    for folder in folders:
        command += ["--python-path", str(folder)]
    command += ["isolet_app", "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode == 0:
        return
    for line in said.splitlines():
        if _MARK in line:
            problem = json.loads(line.split(_MARK, 1)[1])
            raise Problem(problem["message"], traceback=problem["traceback"], cure=problem.get("cure", ""))
    raise Problem(
        "componentize-py can't build the component",
        traceback=said.split("Stack backtrace:")[0].strip()[-8000:],
        kind="tools",
    )

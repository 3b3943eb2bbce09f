"""From a staged project to a component: componentize-py, and what its errors mean."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import events
from .events import Problem
from .layout import Layout

# What `isolet_guest.build` writes before what went wrong.
_MARK = "isolet-build-problem: "

# How componentize-py says that it can't keep that much memory.
_TOO_LARGE = "fuel allocated for hostcalls has been exhausted"

# The modules of interfaces whose names are not their own.
_MODULES = {"isolet:activity/types@0.1.0": "types", "wasi:http/types@0.2.6": "http_types"}


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


def make(sdk: Path, folders: list[Path], output: Path) -> None:
    """Runs componentize-py. The order of `folders` is that of the paths in the component: /0, /1 and so on."""
    events.progress("importing the project and building the component")
    command = [sys.executable, "-c", "import sys, componentize_py; sys.exit(componentize_py.script())"]
    command += ["--quiet", "--wit-path", str(sdk / "wit"), "--world", "activity-with-http"]
    for interface, module in _MODULES.items():
        command += ["--import-interface-name", f"{interface}={module}"]
    command.append("componentize")
    for folder in folders:
        command += ["--python-path", str(folder)]
    command += ["isolet_app", "--output", str(output)]
    # It would take packages of the Python that it finds on the path for the project's own, and search all of them.
    alone = {**os.environ, "PATH": str(output.parent / "no-programs")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    said = done.stdout + done.stderr
    for line in said.splitlines():
        if _MARK in line:
            problem = json.loads(line.split(_MARK, 1)[1])
            raise Problem(
                problem["message"], traceback=problem["traceback"], cure=problem["cure"], lacks_native=problem["lacks_native"]
            )
    if done.returncode == 0:
        return
    raise _failure(said)


def _failure(said: str) -> Problem:
    """What to say where componentize-py ends without a word of ours."""
    if _TOO_LARGE in said:
        return Problem(
            "what the project has in memory when all is imported is more than the 128 MiB that a component can begin with",
            cure="leave out what activities don't need: files by [tool.isolet] leave-out, packages by naming the others "
            "in its dependencies, and large data that modules read at their top level",
        )
    return Problem(
        "componentize-py can't build the component",
        traceback=said.split("Stack backtrace:")[0].strip()[-8000:],
        kind="tools",
    )

"""componentize-py: Python, its libraries and native code become a component, in which a module was imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .events import Problem

# The modules of interfaces whose names are not their own.
_MODULES = {"isolet:activity/types@0.1.0": "types", "wasi:http/types@0.2.6": "http_types"}


def make(sdk: Path, folders: list[Path], output: Path) -> None:
    """Makes a component of the SDK. The order of `folders` is that of the paths in it: /0, /1 and so on."""
    command = [sys.executable, "-c", "import sys, componentize_py; sys.exit(componentize_py.script())", "--quiet"]
    command += ["--wit-path", str(sdk / "wit"), "--wit-path", str(sdk / "component.wit"), "--world", "isolet:python/component"]
    for interface, module in _MODULES.items():
        command += ["--import-interface-name", f"{interface}={module}"]
    command.append("componentize")
    for folder in folders:
        command += ["--python-path", str(folder)]
    command += ["isolet_app", "--output", str(output)]
    # It would take packages of the Python that it finds on the path for the project's own, and search all of them.
    alone = {**os.environ, "PATH": str(output.parent / "no-programs")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    if done.returncode:
        said = (done.stdout + done.stderr).split("Stack backtrace:")[0].strip()
        raise Problem("componentize-py can't prepare Python for components", traceback=said[-8000:], kind="tools")

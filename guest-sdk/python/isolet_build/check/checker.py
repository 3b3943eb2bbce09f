"""What a type checker says of the project: ty, which takes no second, and also knows what Python 3.14 can't read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlparse

from .. import events, uv
from ..making import making
from .found import Problem

# Exactly: what it finds differs from version to version. And what Temporal's packages want for checking alone.
_PACKAGES = ["ty==0.0.108", "types-protobuf==7.35.1.20260906"]

# Its names for what is no matter of types, and for what is looked for here, too.
_SYNTAX = "invalid-syntax"
_ABSENT = {"import-not-found", "unresolved-import"}


def problems(cache: Path, project: Path, roots: list[Path], search: list[Path], files: Iterable[Path]) -> list[Problem]:
    """What is wrong in some files, as errors; what they import is found in `search`."""
    named = [str(file) for file in files]
    folder = project if project.is_dir() else project.parent
    tools = _tools(cache)
    command = [str(tools / "bin" / "ty"), "check", "--project", str(folder), "--output-format", "gitlab", "--exit-zero"]
    command += ["--python-version", uv.VERSION, "--python-platform", "linux", "--python", sys.prefix, "--no-progress"]
    command += ["--config", f"environment.root = {json.dumps([str(root) for root in roots])}"]
    command += [f"--extra-search-path={each}" for each in [*search, tools]]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TY_")}
    done = subprocess.run([*command, *named], capture_output=True, text=True, check=False, cwd=folder, env=environment, stdin=subprocess.DEVNULL)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise events.Problem(
            "ty can't check the project's types", traceback=done.stderr.strip()[-4000:], cure="check without them: --no-types"
        ) from None
    return [_problem(each, folder) for each in told if each["severity"] in ("major", "critical", "blocker")]


def is_syntax(problem: Problem) -> bool:
    return problem.rule == _SYNTAX


def is_absent(problem: Problem) -> bool:
    """Whether it is a module that is not there."""
    return problem.rule in _ABSENT


def _tools(cache: Path) -> Path:
    folder = cache / "+".join(_PACKAGES).replace("==", "-")
    if not folder.is_dir():
        events.progress("fetching ty, which checks types")
        with making(folder) as target:
            try:
                uv.run(["install", "--target", str(target), "--no-deps", *_PACKAGES], target, cache)
            except events.Problem as problem:
                said = "\n".join([problem.message, problem.traceback]).strip()
                raise events.Problem(
                    "ty, which checks types, can't be fetched", traceback=said, cure="check without them: --no-types", kind="tools"
                ) from None
    return folder


def _problem(told: dict, folder: Path) -> Problem:
    path = told["location"]["path"]
    file = Path(unquote(urlparse(path).path) if "://" in path else path)
    message = re.sub(rf"^{re.escape(told['check_name'])}: ", "", told["description"])
    return Problem(str(folder / file), told["location"]["positions"]["begin"]["line"], message, rule=told["check_name"])

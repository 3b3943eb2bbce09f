"""uv, which reads lists of requirements, chooses versions for the component's Python, and installs them.

It is asked the way pip is configured, so that who has set up an index for pip needs nothing else.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from . import events
from .events import Problem

_NO_INDEX = "no-index"

# What pip's options are called there.
_OPTIONS = {
    _NO_INDEX: _NO_INDEX,
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}
_CONFIGURED = re.compile(r"(?P<section>[\w:-]+)\.(?P<option>[\w.-]+)=(?P<value>.*)")

# What Python it chooses for, and for what machine. Native code of that is of no use itself, but tells that there is some.
VERSION = "3.14"
_PYTHON = ["--python-version", VERSION]
ANY = [*_PYTHON, "--python-platform", "x86_64-manylinux_2_28"]
# For this other platform next to no package has such wheels, so what it is given is written in Python.
PURE = [*_PYTHON, "--python-platform", "wasm32-pyodide2024", "--only-binary", ":all:"]

# What of its lines says how far it is, such as "Downloading numpy (15.0MiB)".
_TOLD = ("Resolved", "Building", "Downloading", "Prepared")

# What it says before it says what is wrong, and where the network is to blame.
_ERROR = re.compile(r"^error: |^  × ", re.MULTILINE)
NETWORK = re.compile(r"dns error|tcp connect|client error \(Connect\)|error sending request|network|timed out|offline", re.I)

_WHAT_MAY_BE_LEFT_OUT = ("No solution found", "Failed to build", "Failed to download")
_CAUSE = re.compile(r"^ +(?:cause|caused by): ", re.MULTILINE | re.IGNORECASE)

_environment: dict[str, str] = {}


def run(arguments: list[str], folder: Path, cache: Path) -> str:
    """Runs `uv pip …` in a folder and returns what it prints; without a network with what it has kept."""
    command = [sys.executable, "-m", "uv", "pip", *arguments, "--python", sys.executable]
    # There is no variable for it.
    command += ["--no-index"] if "--no-index" not in command and as_pip().get(_NO_INDEX) in ("1", "true", "yes", "on") else []
    status, printed, said = _run(command, folder, cache)
    if status and NETWORK.search(said):
        offline, printed, _ = _run([*command, "--offline"], folder, cache)
        if offline == 0:
            return printed
        raise Problem(
            "the project's dependencies can't be fetched",
            traceback=said,
            cure="check the connection to Python's package index; what was fetched once is kept and needs none",
            kind="tools",
        )
    if status:
        headline, _, rest = _CAUSE.sub("", said.removeprefix("error: ")).partition("\n")
        cure = "what activities don't need is left out by naming what they do: [tool.isolet] dependencies = [...]"
        told = cure if headline.startswith(_WHAT_MAY_BE_LEFT_OUT) else ""
        raise Problem(f"the project's dependencies can't be installed: {headline}", traceback=rest, cure=told)
    return printed


def export(folder: Path, cache: Path, leave: list[str]) -> str:
    """The versions and hashes of `uv.lock`."""
    command = [sys.executable, "-m", "uv", "export", "--frozen", "--no-emit-local", "--no-header", "--no-annotate"]
    command += ["--all-extras", "--all-groups", *(f"--no-emit-package={name}" for name in leave)]
    status, printed, said = _run(command, folder, cache)
    if status:
        raise Problem("uv.lock can't be read", traceback=said, cure="make it anew with `uv lock`")
    return printed


def _run(command: list[str], folder: Path, cache: Path) -> tuple[int, str, str]:
    environment = {**as_pip(), **os.environ}
    environment.update(UV_CACHE_DIR=str(cache / "uv"), UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1", NO_COLOR="1")
    if sys.prefix != sys.base_prefix:
        # What builds a package sees none of ours. Without a virtual environment, uv itself is found there.
        environment.pop("PYTHONPATH", None)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as printed, subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        said = []
        for line in process.stderr or ():
            said.append(line.rstrip())
            if line.strip().startswith(_TOLD):
                events.progress(line.strip())
        status = process.wait()
        printed.seek(0)
        output = printed.read()
    text = "\n".join(line for line in said if line)
    begin = _ERROR.search(text)
    return status, output, text[begin.start() :] if begin else text


def as_pip() -> dict[str, str]:
    """How pip is configured, by files and by its own variables."""
    if _environment:
        return _environment
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        match = _CONFIGURED.fullmatch(line)
        if not match or match["section"] not in ("global", "install", ":env:"):
            continue
        name = _OPTIONS.get(match["option"].lstrip("."))
        if name:
            separator = "," if name == "UV_FIND_LINKS" else " "
            given = str(ast.literal_eval(match["value"])).split()
            if name == "UV_FIND_LINKS":
                # uv is run in the project's folder.
                given = [each if "://" in each else os.path.abspath(os.path.expanduser(each)) for each in given]
            _environment[name] = separator.join(given)
    _environment.setdefault("UV_HTTP_TIMEOUT", "60")
    return _environment

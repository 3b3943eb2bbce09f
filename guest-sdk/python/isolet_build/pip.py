"""pip, which runs packages' own builds, and what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping

# What would get in the way of what builds are told.
_UNWANTED = {
    "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET_DIR", "PYTHONPATH", "CFLAGS", "CPPFLAGS",
    "CXXFLAGS", "LDFLAGS", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "ARCHFLAGS", "SETUPTOOLS_EXT_SUFFIX",
}  # fmt: skip

# Lines of what builds that tell how far it is.
_TOLD = re.compile(r"\s*(?:Compiling|Downloading|Cythonizing) \S|\s*building '\S+' extension")
# The same of those that count what they have to do.
_STEP = re.compile(r"\s*(\[\d+/\d+\]) ")
# Of what compilers say, lines that tell what went wrong, with those that show where.
_ERROR = re.compile(r"\S+: (?:fatal )?error: ")
_OF_SOURCE = re.compile(r"\s*\d* +\|")
# What else they say, which is about themselves.
_OF_TOOLS = re.compile(
    r"\s*(?:Compiling|Downloading|Downloaded|Building wheel|Failed to build|error: subprocess-exited|Error: command|Caused by: |"
    r"note: |Running `|error: `cargo |process didn't exit |ERROR: Failed|\[end of output\]|\[notice\]|full command: |cwd: |× |╰─>|│ |\N{COLLISION SYMBOL})"
)
# The most lines that are shown.
_LAST_LINES = 25


def alone(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which pip asks no other index than the one that it is given."""
    return {**environment, "PIP_EXTRA_INDEX_URL": ""}


def plain() -> dict[str, str]:
    """The environment of builds, without what is said there about others."""
    environment = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    told = asked("rustup", "show", "active-toolchain")
    if told and told.strip():
        # Sources may name a toolchain of their own, which lacks the target.
        environment["RUSTUP_TOOLCHAIN"] = told.split()[0]
    return environment


def asked(*command: str) -> str | None:
    """What a program says, if it is there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def run(arguments: list[str], environment: dict[str, str], told: Callable[[str], object]) -> tuple[int, str]:
    """Runs pip, tells how far it is, and returns its status and all that it says."""
    command = [sys.executable, "-m", "pip", "-v", "--disable-pip-version-check", "--no-input", *arguments]
    if sys.prefix == sys.base_prefix:
        # Without a virtual environment, pip itself is found there.
        environment = {**environment, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    said = []
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            said.append(line.rstrip())
            if step := _STEP.match(line):
                told(step[1])
            elif _TOLD.match(line):
                told(line.strip())
        return process.wait(), "\n".join(said)


def last(said: str) -> str:
    """The lines of what a build said that tell why it failed."""
    if found := errors(said):
        return found
    lines = [line for line in said.splitlines() if line.strip() and not _OF_TOOLS.match(line)]
    return textwrap.dedent("\n".join(lines[-_LAST_LINES:]))


def errors(said: str) -> str:
    """What compilers of C complained of, with the lines of the source that they show."""
    shown: list[str] = []
    is_error = False
    for line in said.splitlines():
        is_error = bool(_ERROR.match(line.strip())) or (is_error and bool(_OF_SOURCE.match(line)))
        shown += [line] if is_error else []
    return textwrap.dedent("\n".join(shown[:_LAST_LINES]))

"""A package's source distribution: fetched, and built into a wheel for components by the package's own build, once."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from . import events, retagged, settings, tree, uv, wheels
from .events import Problem
from .making import making

# What would get in the way of what builds are told.
_UNWANTED = {
    "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET_DIR", "PYTHONPATH", "CFLAGS", "CPPFLAGS",
    "CXXFLAGS", "LDFLAGS", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "ARCHFLAGS", "SETUPTOOLS_EXT_SUFFIX",
}  # fmt: skip

# Lines of what builds that tell how far it is.
_TOLD = re.compile(r"\s*(?:Compiling|Downloading|Cythonizing) \S|\s*building '\S+' extension")
# Of what compilers say, lines that tell what went wrong, with those that show where.
_ERROR = re.compile(r"\S+: (?:fatal )?error: ")
_SHOWN_AFTER = 2
# What else they say, which is about themselves.
_OF_TOOLS = re.compile(
    r"\s*(?:Compiling|Downloading|Downloaded|Building wheel|Failed to build|error: subprocess-exited|Error: command|Caused by: |"
    r"note: |ERROR: Failed|\[end of output\]|\[notice\]|full command: |cwd: |× |╰─>|│ |\N{COLLISION SYMBOL})"
)
# The most lines that are shown.
_LAST_LINES = 25


class NotBuilt(Exception):
    """Why a package could not be built, and what to do about it."""

    def __init__(self, why: str, cure: str = "", lines: str = "") -> None:
        super().__init__(why)
        self.why, self.cure, self.lines = why, cure, lines


class Toolchain:
    """What builds packages of one kind."""

    # What tells what it makes from what another one makes.
    version: str

    def check(self, document: dict[str, Any]) -> None:
        """Complains of a package that it does not build, by its `pyproject.toml`."""

    def environment(self, folder: Path) -> dict[str, str]:
        """What a build is told by variables; a folder is there for its files as long as the build lasts."""
        raise NotImplementedError

    def more(self, folder: Path) -> dict[str, str] | None:
        """What to tell it once more, if it turned out to lack something."""
        return None

    def why(self, said: str) -> str:
        """Why a build failed that said so."""
        return "and it can't be built for WebAssembly"


def build(
    cache: Path, name: str, version: str, source: Path | None, index: list[str], hashes: set[str], chosen: Callable[[dict[str, Any]], Toolchain]
) -> Path:
    """A package's wheel, made or as it was kept: from a folder or file, or from what pip finds."""
    with tempfile.TemporaryDirectory() as folder:
        if source is None:
            source = _fetch(Path(folder), f"{name}=={version}" if version else name, index)
            if hashes and f"sha256:{_digest(source)}" not in hashes:
                raise NotBuilt(f"and the hash of its source distribution {source.name} is not among those listed")
        document = pyproject(source)
        toolchain = chosen(document)
        toolchain.check(document)
        called = f"{canonicalize_name(name)}-{version}" if version else re.sub(r"\.(tar\.gz|zip)$", "", source.name)
        key = hashlib.sha256(f"{_digest(source)}\n{toolchain.version}".encode()).hexdigest()[:16]
        kept = cache / f"built-{called}-{key}"
        if not kept.is_dir():
            _make(kept, called, source, toolchain, Path(folder))
    return next(kept.glob("*.whl"))


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


def pyproject(source: Path) -> dict[str, Any]:
    """What a source distribution or folder says of itself; nothing if there is no such file."""
    if source.is_dir():
        return settings.pyproject(source)
    try:
        return settings.parse(_read(source, "pyproject.toml"), f"{source.name}: pyproject.toml")
    except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise NotBuilt(f"and its source distribution {source.name} can't be read: {error}") from None


def _read(source: Path, called: str) -> str:
    """A file at the top of a source distribution; an empty text if it is not there."""
    at_top = re.compile(rf"[^/]+/{re.escape(called)}")
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            found = next(filter(at_top.fullmatch, archive.namelist()), None)
            return archive.read(found).decode("utf-8", "replace") if found else ""
    with tarfile.open(source) as archive:
        member = next((each for each in archive if at_top.fullmatch(each.name)), None)
        file = archive.extractfile(member) if member else None
        return file.read().decode("utf-8", "replace") if file else ""


def _fetch(folder: Path, requirement: str, index: list[str]) -> Path:
    events.progress(f"fetching the sources of {requirement}")
    target = folder / "source"
    name = re.split(r"[=<>!~\[; ]", requirement)[0]
    arguments = ["download", "--no-deps", "--ignore-requires-python", "--no-binary", name, "--dest", str(target), *index, requirement]
    status, said = _pip(arguments, alone(plain()) if index else plain(), lambda _: None)
    files = sorted(target.glob("*")) if target.is_dir() else []
    if status or not files:
        if uv.NETWORK.search(said):
            raise Problem(f"the sources of {requirement} can't be fetched", traceback=last(said), kind="tools")
        raise NotBuilt("and its source distribution can't be had", lines=last(said))
    return files[0]


def _make(kept: Path, called: str, source: Path, toolchain: Toolchain, own: Path) -> None:
    environment = toolchain.environment(own)
    told = f"building {called} for WebAssembly"
    events.progress(told)
    begun = time.monotonic()
    with making(kept) as target, tempfile.TemporaryDirectory() as folder:
        arguments = ["wheel", "--no-deps", "--ignore-requires-python", "--no-cache-dir", "--wheel-dir", folder, str(source)]
        status, said = _pip(arguments, environment, lambda line: events.progress(f"{told}: {line}"))
        if more := toolchain.more(own):
            events.progress(told)
            status, said = _pip(arguments, {**environment, **more}, lambda line: events.progress(f"{told}: {line}"))
        made = sorted(Path(folder).glob("*.whl"))
        if status or not made:
            raise NotBuilt(toolchain.why(said), lines=last(said))
        try:
            wheel = retagged.for_components(made[0], target)
        except (ValueError, zipfile.BadZipFile) as error:
            raise NotBuilt(f"and what was built of it is no wheel for components: {error}") from None
        if why := wheels.broken(wheel):
            raise NotBuilt(f"and what was built of it {why}")
        if not wheels.has_native(wheel):
            # Many do without where a compiler fails, or build none unless told to.
            errors = _errors(said)
            why = toolchain.why(said) if errors else "and what its own build makes for WebAssembly has no native code"
            raise NotBuilt(why, lines=errors)
    events.note(f"built {called} for WebAssembly in {time.monotonic() - begun:.0f} s; it is kept for other builds")


def _pip(arguments: list[str], environment: dict[str, str], told: Callable[[str], object]) -> tuple[int, str]:
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
            if _TOLD.match(line):
                told(line.strip())
        return process.wait(), "\n".join(said)


def last(said: str) -> str:
    """The lines of what a build said that tell why it failed."""
    if errors := _errors(said):
        return errors
    lines = [line for line in said.splitlines() if line.strip() and not _OF_TOOLS.match(line)]
    return textwrap.dedent("\n".join(lines[-_LAST_LINES:]))


def _errors(said: str) -> str:
    """What compilers of C complained of."""
    lines = said.splitlines()
    places = [at for at, line in enumerate(lines) if _ERROR.match(line.strip())]
    shown = sorted({each for at in places for each in range(at, at + 1 + _SHOWN_AFTER) if each < len(lines)})
    return textwrap.dedent("\n".join(lines[at] for at in shown[:_LAST_LINES] if not _OF_TOOLS.match(lines[at])))


def _digest(source: Path) -> str:
    hash = hashlib.sha256()
    if source.is_file():
        hash.update(source.read_bytes())
    else:
        for file in tree.files(source):
            hash.update(str(file.relative_to(source)).encode() + b"\0" + file.read_bytes() + b"\0")
    return hash.hexdigest()

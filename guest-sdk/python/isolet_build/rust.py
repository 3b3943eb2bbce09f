"""Packages written in Rust, built for components from their source distributions by maturin or setuptools-rust.

Nothing is needed but cargo and its target `wasm32-wasip2`: the target's library can be relocated, and what a package
takes of Python and of C is in the component already.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

from . import events, retagged, settings, tree, uv, wheels
from .events import Problem
from .making import making

TARGET = "wasm32-wasip2"

# What it takes to get there, in words for the author.
INSTALL = (
    "install Rust with `curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh` and its target with "
    f"`rustup target add {TARGET}`, and build again"
)

# What PyO3 and maturin are told of the component's Python, which isn't there to be asked.
_PYTHON = f"""\
implementation=CPython
version=3.14
shared=true
abi3=false
pointer_width=32
build_flags=
suppress_build_script_link_lines=true
ext_suffix={wheels.SUFFIXES[0]}
"""

# A library that the component's Python can load. What it does not define is in the component: C's library, whose place
# an empty archive takes, and Python's. It exports no more than it must.
_FLAGS = [
    "-Crelocation-model=pic",
    "-Ctarget-feature=-crt-static",
    "-Clink-self-contained=n",
    *(
        f"-Clink-arg={each}"
        for each in (
            "-shared",
            "--skip-wit-component",
            "--no-export-dynamic",
            "-Bsymbolic",
            "--unresolved-symbols=import-dynamic",
        )
    ),
]
_EMPTY_ARCHIVE = b"!<arch>\n"

# What would get in the way of these.
_UNWANTED = ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET_DIR", "PYTHONPATH")

# Lines of what builds that tell how far it is, and the most of them that tell what went wrong.
_TOLD = re.compile(r"\s*(?:Compiling|Downloading) \S")
_LAST_LINES = 25
# What else they say, which is about themselves.
_OF_TOOLS = re.compile(
    r"\s*(?:Compiling|Downloading|Downloaded|Building wheel|Failed to build|error: subprocess-exited|Error: command|Caused by: |"
    r"note: |ERROR: Failed|\[end of output\]|\[notice\]|full command: |cwd: |× |╰─>|│ |\N{COLLISION SYMBOL})"
)


class NotBuilt(Exception):
    """Why a package could not be built, and what to do about it."""

    def __init__(self, why: str, cure: str = "", lines: str = "") -> None:
        super().__init__(why)
        self.why, self.cure, self.lines = why, cure, lines


def build(cache: Path, name: str, version: str, source: Path | None, index: list[str], hashes: set[str]) -> Path:
    """A package's wheel, made or as it was kept: from a folder or file, or from what pip finds."""
    toolchain = _toolchain()
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        if source is None:
            source = _fetch(Path(folder), f"{name}=={version}" if version else name, index, environment)
            if hashes and f"sha256:{_digest(source)}" not in hashes:
                raise NotBuilt(f"and the hash of its source distribution {source.name} is not among those listed")
        called = f"{canonicalize_name(name)}-{version}" if version else source.name.removesuffix(".tar.gz")
        key = hashlib.sha256("\n".join([_digest(source), toolchain, _PYTHON, *_FLAGS]).encode()).hexdigest()[:16]
        kept = cache / f"built-{called}-{key}"
        if not kept.is_dir():
            _make(kept, called, source, environment)
    return next(kept.glob("*.whl"))


def is_rust(files: Iterable[Path]) -> bool:
    """Whether native code is that of Rust, which notes where its library's sources were."""
    return any(b"/rustc/" in file.read_bytes() for file in files)


def is_project(folder: Path) -> bool:
    """Whether what lies in a folder is built by maturin or setuptools-rust."""
    system = settings.table(settings.pyproject(folder), "build-system")
    needs = system.get("requires", [])
    named = [system.get("build-backend"), *(needs if settings.is_texts(needs) else [])]
    return any(str(each).startswith(("maturin", "setuptools-rust", "setuptools_rust")) for each in named)


def _toolchain() -> str:
    """Which Rust it is, with the target."""
    if not shutil.which("cargo"):
        raise NotBuilt("and to build it for WebAssembly takes Rust, of which there is none here", INSTALL)
    library = _asked("rustc", "--print", "target-libdir", "--target", TARGET)
    if not library or not Path(library.strip()).is_dir():
        version = _asked("rustc", "--version") or "Rust here"
        raise NotBuilt(f"and to build it takes Rust's target {TARGET}, which {version.strip()} does not have", INSTALL)
    return _asked("rustc", "-vV") or ""


def alone(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which pip asks no other index than the one that it is given."""
    return {**environment, "PIP_EXTRA_INDEX_URL": ""}


def _asked(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _environment(folder: Path) -> dict[str, str]:
    (folder / "libc.a").write_bytes(_EMPTY_ARCHIVE)
    (folder / "python.cfg").write_text(_PYTHON, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    environment.update(
        PYO3_CONFIG_FILE=str(folder / "python.cfg"),
        CARGO_BUILD_TARGET=TARGET,
        # Nothing is left in a folder of sources.
        CARGO_TARGET_DIR=str(folder / "target"),
        MATURIN_PEP517_ARGS=f"--target {TARGET}",
        CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS=" ".join([*_FLAGS, f"-Clink-arg=-L{folder}"]),
        CARGO_TERM_COLOR="never",
    )
    if toolchain := _active():
        # Sources may name a toolchain of their own, which lacks the target.
        environment["RUSTUP_TOOLCHAIN"] = toolchain
    return environment


def _active() -> str | None:
    """The toolchain of rustup that is looked at, whatever a package's own `rust-toolchain.toml` asks for."""
    if given := os.environ.get("RUSTUP_TOOLCHAIN"):
        return given
    told = _asked("rustup", "show", "active-toolchain")
    return told.split()[0] if told and told.strip() else None


def _fetch(folder: Path, requirement: str, index: list[str], environment: dict[str, str]) -> Path:
    events.progress(f"fetching the sources of {requirement}")
    target = folder / "source"
    name = re.split(r"[=<>!~\[; ]", requirement)[0]
    arguments = ["download", "--no-deps", "--ignore-requires-python", "--no-binary", name, "--dest", str(target), *index, requirement]
    status, said = _pip(arguments, alone(environment) if index else environment, lambda _: None)
    files = sorted(target.glob("*")) if target.is_dir() else []
    if status or not files:
        if uv.NETWORK.search(said):
            raise Problem(f"the sources of {requirement} can't be fetched", traceback=_last(said), kind="tools")
        raise NotBuilt("and its source distribution can't be had", lines=_last(said))
    return files[0]


def _make(kept: Path, called: str, source: Path, environment: dict[str, str]) -> None:
    events.progress(f"building {called} for WebAssembly")
    begun = time.monotonic()
    with making(kept) as target, tempfile.TemporaryDirectory() as folder:
        arguments = ["wheel", "--no-deps", "--ignore-requires-python", "--no-cache-dir", "--wheel-dir", folder, str(source)]
        status, said = _pip(arguments, environment, lambda line: events.progress(f"building {called} for WebAssembly: {line}"))
        made = sorted(Path(folder).glob("*.whl"))
        if status or not made:
            raise NotBuilt("and it can't be built for WebAssembly", lines=_last(said))
        try:
            wheel = retagged.for_components(made[0], target)
        except (ValueError, zipfile.BadZipFile) as error:
            raise NotBuilt(f"and what was built of it is no wheel for components: {error}") from None
    if why := wheels.broken(kept / wheel.name):
        shutil.rmtree(kept)
        raise NotBuilt(f"and what was built of it {why}")
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


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and not _OF_TOOLS.match(line)]
    return textwrap.dedent("\n".join(lines[-_LAST_LINES:]))


def _digest(source: Path) -> str:
    hash = hashlib.sha256()
    if source.is_file():
        hash.update(source.read_bytes())
    else:
        for file in tree.files(source):
            hash.update(str(file.relative_to(source)).encode() + b"\0" + file.read_bytes() + b"\0")
    return hash.hexdigest()

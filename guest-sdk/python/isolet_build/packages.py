"""Packages for the component: Temporal's own, and the project's dependencies. Each set is fetched once and kept."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import events
from .events import Problem

# The official packages, pinned: `isolet_guest` knows this version's worker from within.
OFFICIAL = [
    "temporalio==1.35.0",
    "protobuf==7.36.2",
    "nexus-rpc==1.4.0",
    "typing_extensions==4.16.0",
]

# Wheels without native code fit as they are. Of others the Python part may do; the component has no use for the rest.
_PURE = ["--platform", "any", "--implementation", "py", "--abi", "none"]
_ANY = ["--platform", "manylinux_2_28_x86_64", "--platform", "manylinux2014_x86_64", "--platform", "any"]
_ANY += ["--implementation", "cp", "--abi", "cp314", "--abi", "abi3", "--abi", "none"]
_PYTHON = ["--python-version", "3.14", "--only-binary", ":all:"]

_NATIVE = (".so", ".pyd", ".dylib")


def official(cache: Path, overlay: Path) -> Path:
    """The official packages with our module in place of their native one."""
    ours = "".join(path.read_text(encoding="utf-8") for path in sorted(overlay.rglob("*.py")))
    folder = cache / f"official-{_digest([*OFFICIAL, ours])}"
    if folder.is_dir():
        return folder
    events.progress("fetching Temporal's Python packages")
    with _making(folder) as target:
        # Temporal's has native code for this or that platform, and none of it is wanted.
        _pip(["install", "--target", str(target), "--no-deps", *_PYTHON, *_ANY, *OFFICIAL])
        _drop_native(target)
        for part in ("temporalio/contrib", "temporalio/bridge/sdk-core", "temporalio/bridge/src", "bin"):
            shutil.rmtree(target / part, ignore_errors=True)
        shutil.copytree(overlay, target, dirs_exist_ok=True)
    return folder


def dependencies(cache: Path, requirements: list[str], base: Path) -> tuple[Path, dict[str, list[str]]]:
    """The project's dependencies, and the native files that were left out of them, by what is imported."""
    wanted = sorted(line for line in requirements if not _is_official(line))
    for line in requirements:
        if _is_official(line):
            _compare(line)
    # Another way of choosing packages may choose others.
    folder = cache / f"packages-{_digest([*wanted, Path(__file__).read_text(encoding='utf-8')])}"
    if not folder.is_dir():
        with _making(folder) as target:
            (target / "packages").mkdir()
            if wanted:
                events.progress(f"resolving {len(wanted)} dependencies")
                _resolve(target / "packages", wanted)
            left_out = _drop_native(target / "packages")
            _drop_official(target / "packages", base)
            (target / "native").write_text("\n".join(left_out), encoding="utf-8")
    native: dict[str, list[str]] = {}
    for path in (folder / "native").read_text(encoding="utf-8").splitlines():
        native.setdefault(path.split("/")[0].split(".")[0], []).append(path)
    return folder / "packages", native


def _resolve(target: Path, requirements: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("\n".join(OFFICIAL), encoding="utf-8")
        command = ["install", "--target", str(target), "--constraint", str(constraints), *_PYTHON]
        try:
            _pip([*command, *_PURE, *requirements])
        except Problem:
            shutil.rmtree(target)
            target.mkdir()
            try:
                _pip([*command, *_ANY, *requirements])
            except Problem as problem:
                raise _unresolved(problem) from None
            _prefer_pure(target)


def _prefer_pure(target: Path) -> None:
    """Replaces packages with native code by the same version without, where there is one."""
    for record in sorted(target.glob("*.dist-info/RECORD")):
        files = [line.split(",")[0] for line in record.read_text(encoding="utf-8").splitlines()]
        if not any(file.endswith(_NATIVE) for file in files):
            continue
        name, version = record.parent.name.removesuffix(".dist-info").rsplit("-", 1)
        with tempfile.TemporaryDirectory() as folder:
            try:
                _pip(["install", "--target", folder, "--no-deps", *_PYTHON, *_PURE, f"{name}=={version}"])
            except Problem:
                continue
            for file in files:
                (target / file).unlink(missing_ok=True)
            shutil.copytree(folder, target, dirs_exist_ok=True)


def _unresolved(problem: Problem) -> Problem:
    lines = problem.traceback.splitlines()
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    for line in errors:
        if missing := re.search(r"No matching distribution found for (\S+)", line):
            return Problem(
                f"the dependency {missing[1]} can't be installed: there is no such version, or no wheel of it for "
                "Python 3.14 (a package that must be compiled on installation can't become part of a component)",
                traceback="\n".join(errors),
            )
    return Problem("the dependencies can't be resolved", traceback="\n".join(errors or lines[-5:]), kind=problem.kind)


def _is_official(requirement: str) -> bool:
    names = {_name(each) for each in OFFICIAL} | {"types-protobuf"}
    return _name(requirement) in names


def _compare(requirement: str) -> None:
    pinned = next((each for each in OFFICIAL if _name(each) == _name(requirement)), None)
    asked = re.search(r"==\s*([0-9][\w.]*)$", requirement.split(";")[0].strip())
    if pinned and asked and pinned.split("==")[1] != asked[1]:
        events.warning(f"the project asks for {requirement}; components have {pinned}")


def _name(requirement: str) -> str:
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return re.sub(r"[-_.]+", "-", match[1]).lower() if match else ""


def _drop_native(folder: Path) -> list[str]:
    """Deletes native code, which can't run in WebAssembly, and says what it was."""
    dropped = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (path.suffix in _NATIVE or ".so." in path.name):
            dropped.append(path.relative_to(folder).as_posix())
            path.unlink()
    return dropped


def _drop_official(folder: Path, base: Path) -> None:
    """What the official packages bring is not brought twice."""
    for path in folder.iterdir():
        theirs = base / path.name
        if path.name == "google":
            shutil.rmtree(path / "protobuf", ignore_errors=True)
            shutil.rmtree(path / "_upb", ignore_errors=True)
        elif theirs.exists() and not path.name.endswith(".dist-info"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _pip(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", arguments[0], "--quiet"]
    done = subprocess.run(command + arguments[1:], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(
            "pip can't fetch the packages",
            traceback=done.stderr.strip(),
            cure="check the connection to Python's package index; what was fetched once is kept and needs none",
            kind="tools",
        )


class _making:
    """A folder that is there completely or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._target = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))

    def __enter__(self) -> Path:
        return self._target

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            try:
                self._target.rename(self._folder)
                return
            except OSError:
                # Another build was quicker.
                if not self._folder.is_dir():
                    raise
        shutil.rmtree(self._target, ignore_errors=True)


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

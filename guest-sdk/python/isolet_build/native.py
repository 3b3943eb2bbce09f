"""Native code of packages: from a wheel for components that lies somewhere, or built."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from . import distribution, events, installed, local, meson, pip, places, rust, settings, uv, wheels
from .c import C
from .distribution import Toolchain
from .events import NotBuilt, Problem
from .meson import Meson
from .requirements import Requirements
from .rust import Rust
from .wheels import Found, Wheel

_FROM = re.compile(r"^\s+# from (\S+)$")


class Supply:
    """What gets packages their native code, and what it could not get."""

    def __init__(
        self, cache: Path, wanted: Requirements, found: Found, hashes: dict[str, set[str]], arguments: list[str], builds: bool
    ) -> None:
        self._cache, self._wanted, self.found, self._hashes, self._arguments = cache, wanted, found, hashes, arguments
        # Whether packages are built; those that would be, where they are not.
        self._builds = builds
        self.promised: set[str] = set()
        # Why a package is without it, and what to do about it.
        self.missing: dict[str, dict[str, str]] = {}
        self.warnings: list[str] = []

    def fill(self, packages: Path) -> None:
        """Replaces packages for other machines by those for components, as far as there are any."""
        lacking = [*installed.native(packages), *installed.pure(packages, self._wanted.native)]
        indexes = self._indexes(lacking)
        for name, version in lacking:
            try:
                wheel = self._lying(name, version) or self._fetched(name, version, indexes.get(name))
                wheel = wheel or self._built(packages, name, version, indexes.get(name))
            except NotBuilt as error:
                if name in self._wanted.native:
                    raise _refused(name, version, error) from None
                self.missing[name] = {"why": error.why, "cure": error.cure, "lines": error.lines}
                continue
            if wheel:
                install(self._cache, packages, wheel)
                self.found.wheels.append(wheel)
            elif name not in self.promised:
                self.missing[name] = {"cure": f'have it built for WebAssembly: [tool.isolet] native = ["{name}"]'}

    def _lying(self, name: str, version: str) -> Wheel | None:
        """One that uv did not take: a lock does not know it."""
        wheel = self.found.best(name, version)
        if wheel and wheel.hash not in self._hashes.get(name, {wheel.hash}):
            self.warnings.append(f"{wheel.path.name} is used for {name}, though the lock has no hash of it")
        return wheel

    def _fetched(self, name: str, version: str, index: str | None) -> Wheel | None:
        pages = [each for each in places.all_links(self._wanted.links) if "://" in each]
        if index is None and not pages:
            return None
        target = self._cache / f"fetched-{name}-{version}"
        with tempfile.TemporaryDirectory(dir=self._cache) as folder:
            command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet", "--no-deps"]
            command += ["--only-binary", ":all:", "--platform", wheels.PLATFORM, "--python-version", "3.14", "--implementation", "cp"]
            command += ["--abi", "cp314", "--abi", "abi3", "--dest", folder, *self._of_index(index), f"{name}=={version}"]
            command += [f"--find-links={each}" for each in pages]
            subprocess.run(command, capture_output=True, check=False, env=pip.alone(os.environ), stdin=subprocess.DEVNULL)
            fetched = wheels.find([Path(folder)], [])
            if fetched.odd.get(name):
                self.found.odd.setdefault(name, []).extend(fetched.odd[name])
            wheel = fetched.best(name, version)
            if wheel is None:
                return None
            if wheel.hash not in self._hashes.get(name, {wheel.hash}):
                self.found.odd.setdefault(name, []).append(f"{wheel.path.name} is not among the hashes listed: add --hash={wheel.hash}")
                return None
            target.mkdir(exist_ok=True)
            kept = wheel.path.replace(target / wheel.path.name)
        return wheels.find([], [kept]).best(name, version)

    def _built(self, packages: Path, name: str, version: str, index: str | None) -> Wheel | None:
        in_rust = None
        if installed.generator(packages, name).startswith("maturin") or rust.is_rust(installed.native_files(packages, name)):
            # What it takes is told before anything is fetched.
            in_rust = Rust(self._cache)
        elif name not in self._wanted.native and not installed.generator(packages, name).startswith("meson"):
            # Those of Meson do without next to never.
            return None
        if not self._builds:
            self.promised.add(name)
            return None
        source, hashes = installed.source(packages, name), self._hashes.get(name, set())
        path = distribution.build(
            self._cache, name, version, source, self._of_index(index), hashes, lambda document: in_rust or toolchain(self._cache, document)
        )
        self.warnings += distribution.warnings(path, name)
        return wheels.find([], [path]).best(name, version)

    def _of_index(self, index: str | None) -> list[str]:
        """What has pip ask one index, or none for what no index has."""
        if index:
            return ["--index-url", index]
        return ["--no-index", *(f"--find-links={each}" for each in places.all_links(self._wanted.links))]

    def _indexes(self, lacking: list[tuple[str, str]]) -> dict[str, str]:
        """The index that each was found at: others are not asked for its name, which a stranger may have taken there."""
        if not lacking:
            return {}
        arguments = [each for each in self._arguments if each != "--requirements"]
        with tempfile.TemporaryDirectory() as folder:
            pins = Path(folder) / "pins.txt"
            pins.write_text("\n".join(f"{name}=={version}" for name, version in lacking), encoding="utf-8")
            try:
                command = ["compile", *arguments, *uv.ANY, "--constraints", str(pins), "--no-header", "--emit-index-annotation", "--quiet"]
                printed = uv.run(command, self._wanted.folder, self._cache)
            except Problem as problem:
                events.debug(f"where packages come from can't be told: {problem.message}")
                return {}
        found, name = {}, ""
        for line in printed.splitlines():
            if match := _FROM.match(line):
                if "://" in match[1]:
                    found[name] = match[1]
            elif line and not line[0].isspace():
                name = re.split(r"[=\s@\[]", line)[0]
        return found


def toolchain(cache: Path, document: dict[str, Any]) -> Toolchain:
    """What builds a package, by its `pyproject.toml`."""
    if rust.is_project(document):
        return Rust(cache)
    return Meson(cache, document) if meson.is_project(document) else C(cache)


def of_folders(cache: Path, wanted: Requirements) -> list[Wheel]:
    """The project's own packages that lie in other folders, in Rust, of Meson or named, built: what uv would make of them is of no use."""
    built = []
    for folder in wanted.folders:
        name = canonicalize_name(local.name(folder) or "")
        document = settings.pyproject(folder)
        if not name or not (rust.is_project(document) or meson.is_project(document) or name in wanted.native):
            continue
        try:
            path = distribution.build(cache, name, "", folder, [], set(), partial(toolchain, cache))
        except NotBuilt as error:
            if name in wanted.native:
                raise _refused(name, "", error) from None
            events.debug(f"{folder} is not built for WebAssembly: {error.why}")
            continue
        for warning in distribution.warnings(path, name):
            events.warning(warning)
        built += wheels.find([], [path]).wheels
        wanted.wheels.append(path)
    return built


def _refused(name: str, version: str, error: NotBuilt) -> Problem:
    """What to say of a package that is to have native code and can't."""
    return Problem(
        f"{' '.join(filter(None, [name, version]))} can't be had with its native code, {error.why.removeprefix('and ')}",
        traceback=error.lines,
        cure=error.cure or "leave it out of `native` of [tool.isolet] if activities do without, or put a wheel of it into the project's folder wheels",
    )


def install(cache: Path, packages: Path, wheel: Wheel) -> None:
    """Puts a wheel's files in place of those of the same package."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "package"
        asked = wheels.as_requirement(cache, wheel)
        uv.run(["install", "--target", str(target), "--no-deps", "--no-index", *uv.ANY, asked], Path(folder), cache)
        installed.replace(packages, wheel.name, target)

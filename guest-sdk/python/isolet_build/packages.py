"""Packages for the component: Temporal's own, and the project's dependencies. Each set is fetched once and kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from . import (
    c, casts, compiler, distribution, events, fetching, installed, listed, local, meson, native, pip, places, recipes, retagged, rust, uv,
    wheels,
)  # fmt: skip
from .events import Problem
from .making import making
from .native import Supply
from .requirements import Requirements
from .wheels import Found

# The official packages, pinned: `isolet_guest` knows this version's worker from within.
OFFICIAL = {
    "temporalio": "1.35.0",
    "protobuf": "7.36.2",
    "nexus-rpc": "1.4.0",
    "typing-extensions": "4.16.0",
}
# Nothing of these is installed for a project: they are there.
_THERE = [*OFFICIAL, "types-protobuf"]

def official(cache: Path, overlay: Path) -> Path:
    """The official packages with our module in place of their native one."""
    pinned = [f"{name}=={version}" for name, version in OFFICIAL.items()]
    ours = "".join(path.read_text(encoding="utf-8") for path in sorted(overlay.rglob("*.py")))
    folder = cache / f"official-{_digest([*pinned, ours, Path(__file__).read_text(encoding='utf-8')])}"
    if folder.is_dir():
        return folder
    events.progress("fetching Temporal's Python packages")
    with making(folder) as target:
        # Temporal's has native code for this or that platform, and none of it is wanted.
        uv.run(["install", "--target", str(target), "--no-deps", *uv.ANY, *pinned], target, cache)
        installed.drop_native(target)
        for part in ("temporalio/bridge/sdk-core", "temporalio/bridge/src", "bin"):
            shutil.rmtree(target / part, ignore_errors=True)
        shutil.copytree(overlay, target, dirs_exist_ok=True)
    return folder


def dependencies(cache: Path, wanted: Requirements, base: Path) -> tuple[Path, dict[str, Any]]:
    """The project's dependencies, and what was left out of them, by what is imported."""
    folder, told = _there(cache, wanted, base, builds=True)
    return folder, told["native"]


def for_checking(cache: Path, wanted: Requirements, base: Path) -> tuple[Path, dict[str, Any]]:
    """The same without building native code, with what else is told of them: `promised` is what a build would build."""
    return _there(cache, wanted, base, builds=False)


def _there(cache: Path, wanted: Requirements, base: Path, *, builds: bool) -> tuple[Path, dict[str, Any]]:
    _compare(wanted)
    found = wheels.find(places.folders(wanted.folder, wanted.links), wanted.wheels)
    # Another way of choosing packages may choose others.
    modules = (c, casts, distribution, fetching, installed, meson, native, pip, recipes, retagged, rust, uv, wheels)
    ways = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in modules]
    ways += [compiler.version(), found.digest(), Path(__file__).read_text(encoding="utf-8")]
    digest = _digest([wanted.digest(), *ways])
    folder = cache / f"packages-{digest}"
    if not builds and not folder.is_dir():
        folder = cache / f"checked-{digest}"
    if not folder.is_dir():
        with making(folder) as target:
            (target / "packages").mkdir()
            told = _install(cache, target, wanted, base, found, builds=builds)
            (target / "told.json").write_text(json.dumps(told), encoding="utf-8")
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    for warning in told["warnings"]:
        events.warning(warning)
    return folder / "packages", told


def forget(packages: Path) -> None:
    """Has packages be looked for anew: those that there are don't do, and others may be there next time."""
    shutil.rmtree(packages.parent, ignore_errors=True)


def _install(cache: Path, target: Path, wanted: Requirements, base: Path, found: Found, *, builds: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"native": {}, "promised": {}, "warnings": []}
    packages = target / "packages"
    _check(wanted, found)
    with tempfile.TemporaryDirectory() as folder:
        asked = _arguments(cache, Path(folder), wanted, base)
        if not asked:
            return told
        found.wheels += native.of_folders(cache, wanted)
        asked += _at_hand(cache, Path(folder), wanted, found)
        lock = Path(folder) / "lock.txt"
        locked = lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else []
        supply = Supply(cache, wanted, found, {**listed.hashes_of(locked), **wanted.hashes}, asked, builds)
        events.progress("resolving dependencies")
        install = ["install", "--target", str(packages), "--no-editable", *uv.ANY, *_anew(wanted.folders)]
        try:
            uv.run([*install, *asked], wanted.folder, cache)
        except Problem as problem:
            raise _with_odd(problem, found) from None
        told["warnings"] += _fill(cache, packages, wanted, supply)
        if any(name not in supply.promised for name, _ in installed.native(packages)) and not wanted.is_pinned:
            asked += _at_hand(cache, Path(folder), wanted, found)
            if pins := _without_native(cache, Path(folder), wanted, asked, packages):
                told["warnings"] += _instead(pins, packages)
                shutil.rmtree(packages)
                packages.mkdir()
                uv.run([*install, *asked, "--constraints", str(Path(folder) / "pure.txt")], wanted.folder, cache)
                told["warnings"] += _fill(cache, packages, wanted, supply)
    told["warnings"] += supply.warnings
    installed.drop(packages, wanted.folder)
    told["native"] = installed.left_out(packages, {canonicalize_name(each.name) for each in wanted.listed})
    told["promised"] = {each: of["package"] for each, of in told["native"].items() if of["package"] in supply.promised}
    told["native"] = {each: of for each, of in told["native"].items() if each not in told["promised"]}
    for each in told["native"].values():
        name = each["package"]
        each.update(supply.missing.get(name, {}))
        if name in found.odd:
            each["why"] = f"and {found.odd[name][0]}"
    installed.drop_native(packages)
    installed.drop_official(packages, base)
    return told


def _fill(cache: Path, packages: Path, wanted: Requirements, supply: Supply) -> list[str]:
    """Gets packages their native code, or does without where that is meant to be."""
    warnings = []
    named = {name for name, _, _ in map(wheels.parts, wanted.wheels)}
    for name, version in [*installed.native(packages), *installed.built(packages)]:
        if name in wanted.native or name in named:
            continue
        had = (name, version) in installed.built(packages)
        if _prefer_pure(cache, packages, name, version) and had:
            warnings.append(f"{name} is used without its native code, which it does without: [tool.isolet] native = [\"{name}\"] takes it")
    supply.fill(packages)
    return warnings


def _at_hand(cache: Path, folder: Path, wanted: Requirements, found: Found) -> list[str]:
    """What shows uv the wheels for components, and the other places of wheels that are ours to know."""
    arguments = [f"--find-links={each}" for each in places.all_links(wanted.links)]
    arguments += [f"--find-links={wheels.shown(cache, each)}" for each in found.wheels if each.path not in wanted.wheels]
    # No other of their names will do.
    named = [wheels.as_requirement(cache, each) for each in found.wheels if each.path in wanted.wheels]
    if named:
        arguments += ["--overrides", str(_written(folder / "named.txt", named))]
    return arguments


def _check(wanted: Requirements, found: Found) -> None:
    """Complains of wheels that the project names and that don't do, and of those that its list has no hash of."""
    for path in wanted.wheels:
        name, version, _ = wheels.parts(path)
        for odd in found.odd.get(name, []):
            if odd.startswith(path.name):
                raise Problem(f"the project asks for {name} of a wheel that can't be used: {odd}")
    for wheel in found.wheels:
        hashes = wanted.hashes.get(wheel.name)
        if hashes and wheel.version in wanted.hashed_versions(wheel.name) and wheel.hash not in hashes:
            raise Problem(
                f"{wheel.path.name} is not among the wheels of {wheel.name} {wheel.version} whose hashes requirements.txt lists",
                cure=f"add --hash={wheel.hash} to its line, or take the wheel away",
            )


def _with_odd(problem: Problem, found: Found) -> Problem:
    """Tells of wheels that don't fit, where what they are of is not to be had."""
    said = f"{problem.message}\n{problem.traceback}".lower()
    told = [each for name, odd in found.odd.items() if name in said or name.replace("-", "_") in said for each in odd]
    if not told:
        return problem
    return Problem(problem.message, traceback="\n".join([problem.traceback, *told]).strip(), cure=problem.cure, kind=problem.kind)


def _arguments(cache: Path, folder: Path, wanted: Requirements, base: Path) -> list[str]:
    """What uv is asked for; empty if that is nothing."""
    lines = [*wanted.lines, *_extras(wanted, base)]
    if not lines and wanted.is_empty:
        return []
    arguments = ["--excludes", str(_written(folder / "excluded.txt", [*_THERE, *wanted.unwanted]))]
    constraints = list(wanted.constraints)
    if wanted.uv_lock:
        constraints += uv.export(wanted.folder, cache, _THERE).splitlines()
    if constraints:
        constraints = [line for line in constraints if not line.startswith(tuple(f"{name}==" for name in _THERE))]
        arguments += ["--constraints", str(_written(folder / "lock.txt", constraints))]
    for index in wanted.indexes:
        arguments += ["--index", index]
    for name in wanted.groups:
        arguments += ["--group", name]
    for name in wanted.extras:
        arguments += ["--extra", name]
    files = [listed.readable(file, folder) for file in wanted.files]
    for file in [*files, *([wanted.folder / "pyproject.toml"] if wanted.project else [])]:
        arguments += ["--requirements", str(file)]
    return [*arguments, "--requirements", str(_written(folder / "asked.txt", lines))]


def _anew(folders: list[Path]) -> list[str]:
    """Folders are built anew: uv does not look whether their sources have changed."""
    names = [local.name(folder) for folder in folders]
    return [f"--refresh-package={name}" for name in names if name] if all(names) else ["--refresh"]


def _extras(wanted: Requirements, base: Path) -> Iterator[str]:
    """What `temporalio[…]` asks for beside Temporal's package, which is there."""
    extras = {extra for each in wanted.listed if canonicalize_name(each.name) == "temporalio" for extra in each.extras}
    for metadata in base.glob("temporalio-*.dist-info/METADATA"):
        for requirement in installed.requires(metadata):
            if requirement.marker and any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
                if not requirement.marker.evaluate({"extra": ""}):
                    requirement.marker = None
                    yield str(requirement)


def _without_native(cache: Path, folder: Path, wanted: Requirements, asked: list[str], packages: Path) -> dict[str, str]:
    """The versions that need no native code, if there are some of all packages."""
    # As for installing, but lists are arguments there.
    arguments = [each for each in asked if each != "--requirements"]
    try:
        printed = uv.run(["compile", *arguments, *uv.PURE, "--no-header", "--no-annotate", "--quiet"], wanted.folder, cache)
    except Problem:
        return {}
    pinned = [line for line in printed.splitlines() if "==" in line]
    _written(folder / "pure.txt", pinned)
    return {canonicalize_name(name): version.split(";")[0].strip() for name, _, version in (line.partition("==") for line in pinned)}


def _instead(pins: dict[str, str], packages: Path) -> Iterator[str]:
    for name, version in installed.versions(packages):
        if name in pins and pins[name] != version:
            yield f"{name} {pins[name]} is used in place of {version}, which has or needs native code"


def _prefer_pure(cache: Path, packages: Path, name: str, version: str) -> bool:
    """Replaces a package with native code by the same version without, where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "pure"
        try:
            uv.run(["install", "--target", str(target), "--no-deps", *uv.PURE, f"{name}=={version}"], Path(folder), cache)
        except Problem:
            return False
        if installed.native(target) or installed.built(target):
            return False
        installed.replace(packages, name, target)
        return True


def _compare(wanted: Requirements) -> None:
    if wanted.python and not SpecifierSet(wanted.python).contains(uv.VERSION):
        events.warning(f"the project is for Python {wanted.python}; components have {uv.VERSION}")
    for each in wanted.listed:
        version = OFFICIAL.get(canonicalize_name(each.name))
        if version and not each.specifier.contains(version, prereleases=True):
            events.warning(f"the project asks for {each.name}{each.specifier}; components have {each.name} {version}")


def _written(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

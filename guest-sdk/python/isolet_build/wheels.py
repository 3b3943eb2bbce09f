"""Wheels for components: how they are tagged, which of those at hand fit, and what is wrong with the others.

uv knows no platform of this kind. So it is shown each wheel under the names of platforms that it does know.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from .making import making

PLATFORM = "wasi_0_0_0_wasm32"
TAG = f"cp314-cp314-{PLATFORM}"

# Files that componentize-py links, if they are WebAssembly.
SUFFIXES = (".cpython-314-wasm32-wasi.so", ".abi3.so")
_NATIVE = (".so", ".pyd", ".dylib")
_MODULE = b"\0asm"
_COMPONENT = b"\0asm\x0d\0\x01\0"

# What uv takes them for: where everything is chosen, and where only what needs no other native code is.
_SHOWN = "cp314-cp314-manylinux_2_28_x86_64"
_SHOWN_PURE = "cp314-cp314-pyodide_2024_0_wasm32"
# A build number before which those of other wheels of the same version pale.
_FIRST = 1_000_000

_ABI3 = re.compile(r"cp3(\d+)")


@dataclass(frozen=True)
class Wheel:
    """A wheel that fits."""

    path: Path
    name: str
    version: str
    # Its build number: of two, the higher one is taken.
    build: tuple[int, str]
    # Whether it is made for this very version of Python.
    exact: bool

    @property
    def hash(self) -> str:
        return f"sha256:{hashlib.sha256(self.path.read_bytes()).hexdigest()}"


@dataclass
class Found:
    """What lies in folders."""

    wheels: list[Wheel] = field(default_factory=list)
    # Wheels for WebAssembly that don't fit, by the package's name, and why.
    odd: dict[str, list[str]] = field(default_factory=dict)

    def best(self, name: str, version: str) -> Wheel | None:
        """The wheel of a version."""
        fitting = [each for each in self.wheels if (each.name, each.version) == (name, version)]
        return max(fitting, key=lambda each: (each.build, each.exact), default=None)

    def digest(self) -> str:
        """What tells it from another state of the folders."""
        parts = []
        for each in self.wheels:
            status = each.path.stat()
            parts.append(f"{each.path} {status.st_size} {status.st_mtime_ns}")
        return "\n".join([*sorted(parts), repr(sorted(self.odd.items()))])


def find(folders: Iterable[Path], files: Iterable[Path]) -> Found:
    """The wheels for WebAssembly in folders, and among files."""
    found = Found()
    inside = (path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.whl")))
    for path in dict.fromkeys([*files, *inside]):
        try:
            name, version, build, tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        if why := unfit(tags) or (broken(path) if _fits(tags) else None):
            found.odd.setdefault(canonicalize_name(name), []).append(f"{path.name} {why}")
        elif _fits(tags):
            exact = any(tag.interpreter == "cp314" for tag in tags)
            found.wheels.append(Wheel(path, canonicalize_name(name), str(version), build or (0, ""), exact))
    return found


def parts(path: Path) -> tuple[str, str, frozenset[Tag]]:
    """Name, version and tags of a wheel; empty if it is not called like one."""
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename:
        return "", "", frozenset()
    return canonicalize_name(name), str(version), tags


def unfit(tags: frozenset[Tag]) -> str | None:
    """Why a wheel for some WebAssembly is of no use; nothing for those that are, and for wheels of other machines."""
    if _fits(tags):
        return None
    for tag in sorted(tags, key=str):
        if tag.platform.startswith(("emscripten", "pyodide", "pyemscripten")):
            return f"is for Emscripten, whose ABI is another one; components take {TAG}"
        if tag.platform.startswith(("wasi", "wasix")) and tag.platform != PLATFORM:
            return f"is for the platform {tag.platform}; components take {TAG}"
        if tag.platform == PLATFORM:
            return f"is for another Python, {tag.interpreter}-{tag.abi}; components take {TAG}"
    return None


def broken(path: Path) -> str | None:
    """What is wrong with the inside of a wheel."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if not any(name.endswith(".dist-info/METADATA") for name in names):
                return "is broken: it has no metadata"
            for name in names:
                if name.endswith(_NATIVE):
                    with archive.open(name) as file:
                        if why := _unfit_file(name, file.read(len(_COMPONENT))):
                            return f"is broken: {why}"
    except (OSError, zipfile.BadZipFile) as error:
        return f"is broken: {error}"
    return None


def has_native(path: Path) -> bool:
    """Whether there is native code in a wheel."""
    with zipfile.ZipFile(path) as archive:
        return any(is_native(name) for name in archive.namelist())


def is_usable(path: Path) -> bool:
    """Whether a file is native code that components can have."""
    if not path.name.endswith(SUFFIXES):
        return False
    try:
        with path.open("rb") as file:
            return _unfit_file(path.name, file.read(len(_COMPONENT))) is None
    except OSError:
        return False


def is_native(name: str) -> bool:
    """Whether a file of that name is native code, for this or that machine."""
    return name.endswith(_NATIVE) or ".so." in name.rsplit("/", 1)[-1]


def shown(cache: Path, wheel: Wheel) -> Path:
    """A folder with the wheel under names that uv takes."""
    name, version = wheel.path.name.split("-")[:2]
    build = f"{_FIRST + wheel.build[0]}{wheel.build[1]}"
    folder = cache / f"wheel-{hashlib.sha256(f'{wheel.path.name} {wheel.hash}'.encode()).hexdigest()[:16]}"
    if not folder.is_dir():
        with making(folder) as target:
            for tag in (_SHOWN, _SHOWN_PURE):
                shutil.copyfile(wheel.path, target / f"{name}-{version}-{build}-{tag}.whl")
    return folder


def as_requirement(cache: Path, wheel: Wheel) -> str:
    """What uv is asked for to get that wheel and no other."""
    (path,) = shown(cache, wheel).glob(f"*{_SHOWN}.whl")
    return f"{wheel.name} @ {path.as_uri()}"


def _fits(tags: frozenset[Tag]) -> bool:
    return any(tag.platform == PLATFORM and _is_ours(tag) for tag in tags)


def _is_ours(tag: Tag) -> bool:
    if tag.abi == "abi3":
        match = _ABI3.fullmatch(tag.interpreter)
        return match is not None and int(match[1]) <= 14
    return (tag.interpreter, tag.abi) in (("cp314", "cp314"), ("cp314", "none"), ("py3", "none"))


def _unfit_file(name: str, head: bytes) -> str | None:
    if head.startswith(_COMPONENT):
        return f"{name} is a component, and no library (link it with --skip-wit-component)"
    if not head.startswith(_MODULE):
        return f"{name} is no WebAssembly"
    if not name.endswith(SUFFIXES):
        return f"{name} is called as that of another Python; components take *{SUFFIXES[0]}"
    return None

"""A package's source distribution: fetched, and built into a wheel for components by the package's own build, once."""

from __future__ import annotations

import hashlib
import re
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from . import casts, events, fetching, pip, retagged, settings, tree, wheels
from .events import NotBuilt
from .making import making

# Beside the wheel: where its sources are wrong in a way that only shows when they run.
_CASTS = "casts.txt"


class Toolchain:
    """What builds packages of one kind."""

    # What tells what it makes from what another one makes: without and with what a build may turn out to need more.
    versions: list[str]

    def check(self, document: dict[str, Any]) -> None:
        """Complains of a package that it does not build, by its `pyproject.toml`."""

    def source(self, source: Path, folder: Path) -> Path:
        """A package's sources as they are built; a folder is there for a copy of them."""
        return source

    def options(self, folder: Path) -> list[str]:
        """What pip is told beside the variables, once these are made."""
        return []

    def is_left_out(self, file: str) -> bool:
        """Whether components do without a file of a wheel."""
        return False

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
            source = fetching.source(cache, Path(folder), name, version, index)
            if hashes and f"sha256:{_digest(source)}" not in hashes:
                raise NotBuilt(f"and the hash of its source distribution {source.name} is not among those listed")
        document = pyproject(source)
        toolchain = chosen(document)
        toolchain.check(document)
        called = f"{canonicalize_name(name)}-{version}" if version else re.sub(r"\.(tar\.gz|zip)$", "", source.name)
        digest = _digest(source)
        keys = [hashlib.sha256(f"{digest}\n{version}".encode()).hexdigest()[:16] for version in toolchain.versions]
        kept = [cache / f"built-{called}-{key}" for key in keys]
        there = next((each for each in kept if each.is_dir()), None) or _make(kept, called, source, toolchain, Path(folder))
    return next(there.glob("*.whl"))


def warnings(wheel: Path, name: str) -> list[str]:
    """What should be known of a wheel that was built."""
    places = (wheel.parent / _CASTS).read_text(encoding="utf-8").splitlines()
    return [casts.warning(name, places)] if places else []


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


def _make(kept: list[Path], called: str, source: Path, toolchain: Toolchain, own: Path) -> Path:
    """Builds a wheel, and returns the folder where it is kept."""
    environment = toolchain.environment(own)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        source, options = toolchain.source(source, own), toolchain.options(own)
        made, said = _built(called, source, Path(folder), environment, options)
        if more := toolchain.more(own):
            made, said = _built(called, source, Path(folder), {**environment, **more}, options)
        if made is None:
            raise NotBuilt(toolchain.why(said), lines=pip.last(said))
        there = kept[-1] if more else kept[0]
        with making(there) as target:
            _check(made, target, said, toolchain)
            (target / _CASTS).write_text("\n".join(casts.found(said)), encoding="utf-8")
    events.note(f"built {called} for WebAssembly in {time.monotonic() - begun:.0f} s; it is kept for other builds")
    return there


def _built(called: str, source: Path, folder: Path, environment: dict[str, str], options: list[str]) -> tuple[Path | None, str]:
    """What pip makes of a package, and what is said meanwhile."""
    told = f"building {called} for WebAssembly"
    events.progress(told)
    arguments = ["wheel", "--no-deps", "--ignore-requires-python", "--no-cache-dir", "--wheel-dir", str(folder), *options, str(source)]
    status, said = pip.run(arguments, environment, lambda line: events.progress(f"{told}: {line}"))
    made = None if status else next(iter(sorted(folder.glob("*.whl"))), None)
    return made, said


def _check(made: Path, target: Path, said: str, toolchain: Toolchain) -> None:
    """Puts a wheel into a folder as components take it, if they can."""
    try:
        wheel = retagged.for_components(made, target, toolchain.is_left_out)
    except (ValueError, zipfile.BadZipFile) as error:
        raise NotBuilt(f"and what was built of it is no wheel for components: {error}") from None
    if why := wheels.broken(wheel):
        raise NotBuilt(f"and what was built of it {why}")
    if not wheels.has_native(wheel):
        # Many do without where a compiler fails, or build none unless told to.
        errors = pip.errors(said)
        why = toolchain.why(said) if errors else "and what its own build makes for WebAssembly has no native code"
        raise NotBuilt(why, lines=errors)


def _digest(source: Path) -> str:
    hash = hashlib.sha256()
    if source.is_file():
        hash.update(source.read_bytes())
    else:
        for file in tree.files(source):
            hash.update(str(file.relative_to(source)).encode() + b"\0" + file.read_bytes() + b"\0")
    return hash.hexdigest()

"""Packages built by meson-python, such as numpy: Meson is told of another machine by a file, and takes its compilers from there.

The machine's Python builds, whatever its version is; what Meson asks the component's Python is answered from a file.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from . import clang, compiler, floats, recipes, settings, tree, uv, wheels
from .c import C
from .events import NotBuilt
from .recipes import RECIPES, Recipe

_BACKEND = "mesonpy"
_NEEDED = "meson-python"

# Tests, which take as much room as the rest.
_TESTS = re.compile(r"(?:^|/)tests/|/_\w*tests?\.[^/]*\.so$")

# Where the sources are below the folder of a build, and what is made of them: compilers tell of `../numpy/…` then.
_SOURCES = "sources"
_BUILD = ".isolet"

_REQUIRES_PYTHON = re.compile(r"^requires-python\s*=.*$", re.MULTILINE)
# Of what Meson says, what went wrong.
_ERROR = re.compile(r"^\S*?(?:\.\./)*(\S*meson\.build:\d+):\d+: ERROR: (.*)$", re.MULTILINE)
_UNKNOWN_COMPILER = re.compile(r"Unknown compiler\(s\): \[\[?'([\w+-]+)'")
_LANGUAGES = {"gfortran": "Fortran", "flang": "Fortran", "rustc": "Rust", "nvcc": "CUDA"}

# Meson runs a script of its own to ask a Python what it is like, and whatever else packages have.
_PYTHON = """\
#!/bin/sh
case "$1" in */python_info.py) exec cat {answer} ;; esac
exec {python} "$@"
"""


class Meson(C):
    """Meson with clang, called by meson-python."""

    def __init__(self, cache: Path, document: dict[str, Any]) -> None:
        super().__init__(cache)
        name = settings.table(document, "project").get("name", "")
        self._recipe = RECIPES.get(canonicalize_name(str(name)), Recipe())
        ways = (Path(path or "").read_text(encoding="utf-8") for path in (__file__, recipes.__file__))
        self.versions = ["\n".join([compiler.version(), *ways])]

    def check(self, document: dict[str, Any]) -> None:
        pass

    def source(self, source: Path, folder: Path) -> Path:
        """A copy of a package's sources that any Python builds."""
        copy = folder / _SOURCES
        if source.is_dir():
            for file in tree.files(source):
                target = copy / file.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, target)
        else:
            _unpack(source, copy, folder / "unpacked")
        _change(copy / "pyproject.toml", lambda text: _REQUIRES_PYTHON.sub("", text, count=1))
        for file, change in self._recipe.changes.items():
            _change(copy / file, lambda text, change=change: text.replace(*change))
        return copy

    def environment(self, folder: Path) -> dict[str, str]:
        given = super().environment(folder)
        python = folder / "python"
        answer = folder / "python.json"
        answer.write_text(json.dumps(_python(folder)), encoding="utf-8")
        python.write_text(_PYTHON.format(answer=shlex.quote(str(answer)), python=shlex.quote(sys.executable)), encoding="utf-8")
        os.chmod(python, 0o755)
        (folder / "cross.ini").write_text(_cross(given, python, self._recipe), encoding="utf-8")
        return {**given, clang.STRICT: "1", floats.MODULE: self._recipe.flags}

    def options(self, folder: Path) -> list[str]:
        told = {
            "setup-args": f"--cross-file={folder / 'cross.ini'}",
            # What it finds out for the package's metadata is not found out twice.
            "build-dir": str(folder / _SOURCES / _BUILD),
        }
        if self._recipe.tags:
            told["install-args"] = f"--tags={self._recipe.tags}"
        return [f"--config-settings={name}={value}" for name, value in told.items()]

    def is_left_out(self, file: str) -> bool:
        return bool(_TESTS.search(file))

    def why(self, said: str) -> str:
        if match := _UNKNOWN_COMPILER.search(said):
            return f"and to build it takes a compiler for {_LANGUAGES.get(match[1], match[1])}, of which there is none for WebAssembly"
        if match := _ERROR.search(said):
            return f"and Meson can't build it for WebAssembly: {match[2]} ({match[1]})"
        return super().why(said)


def is_project(document: dict[str, Any]) -> bool:
    """Whether a package is built by meson-python, by its `pyproject.toml`."""
    system = settings.table(document, "build-system")
    needs = system.get("requires", [])
    named = needs if settings.is_texts(needs) else []
    return system.get("build-backend") == _BACKEND or any(each.startswith(_NEEDED) for each in named)


def _change(file: Path, change: Callable[[str], str]) -> None:
    if file.is_file():
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


def _unpack(source: Path, target: Path, folder: Path) -> None:
    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                archive.extractall(folder)
        else:
            with tarfile.open(source) as archive:
                # Versions of Python that don't know it unpack what they are given.
                archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        (inside,) = folder.iterdir()
        inside.rename(target)
    except (OSError, ValueError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise NotBuilt(f"and its source distribution {source.name} can't be unpacked: {error}") from None


def _python(folder: Path) -> dict[str, Any]:
    """What the component's Python is like, as Meson's script would tell it."""
    names = ("include", "platinclude", "platlib", "purelib", "platstdlib", "stdlib", "scripts", "data")
    paths = {name: str(folder / "none" / name) for name in names}
    return {
        "variables": {"prefix": str(folder), "base_prefix": str(folder), "LDVERSION": uv.VERSION, "EXT_SUFFIX": wheels.SUFFIXES[0]},
        "paths": paths,
        "sysconfig_paths": paths,
        "install_paths": {name: f"/none/{name}" for name in names},
        "version": uv.VERSION,
        "platform": "wasi-0.0.0-wasm32",
        "is_pypy": False,
        "is_venv": False,
        "link_libpython": False,
        "suffix": wheels.SUFFIXES[0],
        "limited_api_suffix": wheels.SUFFIXES[1],
        "is_freethreaded": False,
    }


def _cross(given: dict[str, str], python: Path, recipe: Recipe) -> str:
    """The file that tells Meson of the machine that it builds for."""
    sections = {
        # Those that only tell where their headers are do so for every machine.
        "binaries": {
            "c": _text(given["CC"]),
            "cpp": _text(given["CXX"]),
            "ar": _text(given["AR"]),
            "strip": _text("true"),
            "python": _text(str(python)),
            "numpy-config": _text("numpy-config"),
            "pybind11-config": _text("pybind11-config"),
        },
        "host_machine": {"system": _text("wasi"), "cpu_family": _text("wasm32"), "cpu": _text("wasm32"), "endian": _text("little")},
        "properties": {"needs_exe_wrapper": "true", **{name: _text(value) for name, value in recipe.properties.items()}},
        "project options": {name: _text(value) for name, value in recipe.options.items()},
    }
    lines = []
    for section, entries in sections.items():
        lines += [f"[{section}]", *(f"{name} = {value}" for name, value in entries.items()), ""]
    return "\n".join(lines)


def _text(value: str) -> str:
    """As Meson quotes it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

"""Packages written in C, C++ or Cython, built for components by setuptools and what calls it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from . import compiler, pip, settings
from .distribution import Toolchain
from .events import NotBuilt

# What else builds packages, as their `pyproject.toml` names it: tools that have to be told of another machine in ways of their own.
_OTHERS = {
    "scikit_build_core": "scikit-build-core",
    "scikit-build": "scikit-build",
    "skbuild": "scikit-build",
    "py_build_cmake": "py-build-cmake",
    "cmake": "CMake",
    "sipbuild": "sip",
}

_HEADER = re.compile(r"fatal error: '([^']+)' file not found")
_SYMBOL = re.compile(r"error: undefined symbol: (\S+)")
# How many functions are named that are not there.
_NAMED = 3


class C(Toolchain):
    """clang, called by setuptools as if it were the machine's own compiler."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self.versions = [compiler.version()]

    def check(self, document: dict[str, Any]) -> None:
        system = settings.table(document, "build-system")
        needs = system.get("requires", [])
        named = [str(system.get("build-backend", "")), *(needs if settings.is_texts(needs) else [])]
        for name, other in _OTHERS.items():
            if any(each.startswith(name) for each in named):
                raise NotBuilt(f"and it is built by {other}, which is not run for WebAssembly; what setuptools builds is")

    def environment(self, folder: Path) -> dict[str, str]:
        return {**pip.plain(), **compiler.environment(self._cache, folder)}

    def why(self, said: str) -> str:
        if header := _HEADER.search(said):
            return f"and to build it takes {header[1]}, of a library or system that components don't have"
        if symbols := list(dict.fromkeys(_SYMBOL.findall(said))):
            more = f" and {len(symbols) - _NAMED} others" if len(symbols) > _NAMED else ""
            return f"and it needs {', '.join(symbols[:_NAMED])}{more}, which no library of components has"
        return super().why(said)

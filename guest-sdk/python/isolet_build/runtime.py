"""What the component's Python is like, read from componentize-py, which brings it along.

Its libraries, and Python's own in an archive, lie within componentize-py's program, each compressed with zstd.
"""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import componentize_py

from . import wasm
from .events import Problem

# How zstd's frames begin.
_FRAME = b"\x28\xb5\x2f\xfd"
_SETTINGS = "_sysconfigdata__wasi_wasm32-wasi.py"

# What C's headers need to show all that Python's own code may use. Python's settings don't list what begins so.
_SHOWN = {"_GNU_SOURCE": 1, "_XOPEN_SOURCE": 700, "_POSIX_C_SOURCE": "200809L"}


def read(packages: Path) -> tuple[set[str], dict[str, Any]]:
    """The names that its libraries export, and the settings that Python was built with; with zstd from a folder of packages."""
    names: set[str] = set()
    settings: dict[str, Any] = {}
    for content in _frames(_zstd(packages)):
        if content.startswith(wasm.MAGIC):
            names |= wasm.exports(content)
        elif not settings:
            settings = _settings(content)
    if not settings or not names:
        raise Problem("componentize-py does not bring the Python that is expected", kind="tools")
    return names, settings


def configured(template: str, settings: dict[str, Any]) -> str:
    """`pyconfig.h` for it: the names are those of another machine's, the values its own."""
    lines = ["#ifndef Py_PYCONFIG_H", "#define Py_PYCONFIG_H", *(f"#define {name} {value}" for name, value in _SHOWN.items())]
    for line in template.splitlines():
        words = line.replace("/* #undef", "#undef").split()
        if len(words) > 1 and words[0] in ("#define", "#undef") and settings.get(words[1]):
            lines.append(f"#define {words[1]} {settings[words[1]]}")
    return "\n".join([*lines, "#endif", ""])


def _zstd(packages: Path) -> ModuleType:
    sys.path.append(str(packages))
    try:
        import zstandard

        return zstandard
    finally:
        sys.path.remove(str(packages))


def _frames(zstandard: Any) -> Iterator[bytes]:
    (program,) = (each for each in Path(componentize_py.__file__ or "").parent.glob("componentize_py.*") if each.suffix in (".so", ".pyd"))
    content = memoryview(program.read_bytes())
    at = content.obj.find(_FRAME)
    while at >= 0:
        reader = zstandard.ZstdDecompressor().decompressobj()
        try:
            yield reader.decompress(content[at:])
            at = len(content) - len(reader.unused_data)
        except zstandard.ZstdError:
            # It only looked like one.
            at += len(_FRAME)
        at = content.obj.find(_FRAME, at)


def _settings(content: bytes) -> dict[str, Any]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            file = archive.extractfile(_SETTINGS)
            text = file.read().decode() if file else ""
    except (KeyError, tarfile.TarError):
        return {}
    found: dict[str, Any] = {}
    exec(text, found)
    return found["build_time_vars"]

"""A wheel as components take it, whatever platform its build took itself to be for.

maturin knows this one; setuptools names its wheels and their native files after the machine that builds.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from . import wheels

_TAG = re.compile(r"^Tag: .*$\n?", re.MULTILINE)
_FOR_A_MACHINE = re.compile(r"\.(?:cpython-[\w-]+\.)?(?:so|pyd)$")


def for_components(wheel: Path, folder: Path, is_left_out: Callable[[str], bool] = lambda file: False) -> Path:
    """Writes the wheel to a folder with the name, the tag and the names of native files that components take."""
    name, version = wheel.name.split("-")[:2]
    target = folder / f"{name}-{version}-{wheels.TAG}.whl"
    rows = []
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        record = next((each for each in source.namelist() if each.endswith(".dist-info/RECORD")), None)
        if record is None:
            raise ValueError("it has no record of its files")
        for entry in source.infolist():
            if entry.filename == record or is_left_out(entry.filename):
                continue
            content = source.read(entry)
            called = entry.filename
            if wheels.is_native(called):
                called = called if called.endswith(wheels.SUFFIXES) else _FOR_A_MACHINE.sub(wheels.SUFFIXES[0], called)
            elif called.endswith(".dist-info/WHEEL"):
                content = (_TAG.sub("", content.decode()).rstrip("\n") + f"\nTag: {wheels.TAG}\n").encode()
            made.writestr(zipfile.ZipInfo(called, entry.date_time), content, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.append((called, f"sha256={digest}", len(content)))
        listed = io.StringIO()
        csv.writer(listed, lineterminator="\n").writerows([*rows, (record, "", "")])
        made.writestr(record, listed.getvalue())
    return target

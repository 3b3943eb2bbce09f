"""numpy's headers for packages that are built on it: those of the machine's numpy, with the sizes that components have.

They hold for every machine but for one file, in which the numpy of a machine has written down what its own types are like.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from .making import making

_CONFIGURED = "numpy/_numpyconfig.h"
_SIZE = re.compile(r"(?P<name>#define NPY_SIZEOF_(?P<type>\w+)) \d+")
_SIZES = {
    "LONG": 4,
    "PY_INTPTR_T": 4,
    "INTP": 4,
    "UINTP": 4,
    "LONGDOUBLE": 16,
    "COMPLEX_LONGDOUBLE": 32,
    "WCHAR_T": 4,
    "OFF_T": 8,
}


def for_components(folder: str, kept: Path) -> str:
    """What to search in place of a folder of headers: a copy of numpy's, or the folder itself."""
    configured = Path(folder) / _CONFIGURED
    if not configured.is_file():
        return folder
    text = configured.read_text(encoding="utf-8")
    ours = _SIZE.sub(lambda match: f"{match['name']} {_SIZES[match['type']]}" if match["type"] in _SIZES else match[0], text)
    if ours == text:
        return folder
    copy = kept / f"numpy-{hashlib.sha256(str(configured.resolve()).encode()).hexdigest()[:16]}"
    if not copy.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        with making(copy) as target:
            shutil.copytree(folder, target, dirs_exist_ok=True)
            (target / _CONFIGURED).write_text(ours, encoding="utf-8")
    return str(copy)

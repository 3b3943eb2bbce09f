"""What components have in common whose projects bring the same native code: made once, and kept by the builder.

It has the official worker loaded, and ends where the user's project would be imported.
"""

from __future__ import annotations

import gc
import shutil
import sys
from pathlib import Path

from . import late, logs, patches

# The folder of the component's own part, as the builder mounts it: here it is written to.
APP = Path("/2")

# What componentize-py alone has: the builder mounts copies when a project is loaded.
_MOUNTED = ("python", "world", "bundled")

# The native module of this name is the builder's: see its `reset.py`.
_RESET = "isolet_reset"


def finish() -> None:
    """Loads what every project is loaded on, and leaves for the builder what loading one takes."""
    logs.install()
    patches.install()
    late.import_usual()
    for name in _MOUNTED:
        shutil.copytree(f"/{name}", APP / name, ignore=shutil.ignore_patterns("__pycache__"))
    # Loaded, so that loading it changes nothing later.
    __import__(_RESET)
    gc.collect()


def forget_host() -> None:
    """Forgets the standard streams and the directories of the host that the project was loaded on."""
    sys.modules[_RESET].reset()

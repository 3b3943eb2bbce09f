"""Has what it is asked for of modules that are imported then."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cellar import Cellar as Cellar
    from .shelves import Shelves as Shelves


def __getattr__(name: str) -> Any:
    if name not in ("Cellar", "Shelves"):
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{name.lower()}"), name)

"""Changing modules of libraries when they are imported, if they ever are, and putting others in their place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

Change = Callable[[ModuleType], None]


class _Finder(MetaPathFinder):
    def __init__(self, changes: Mapping[str, Change], replacements: Mapping[str, Change]) -> None:
        self._changes = changes
        self._replacements = replacements

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        replace = self._replacements.get(fullname)
        change = replace or self._changes.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target) if change else None
        if change is None or spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            if not replace:
                execute(module)
            change(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def install(changes: Mapping[str, Change], replacements: Mapping[str, Change] | None = None) -> None:
    """Changes the modules of these names at the end of their import; others are filled instead of what they have."""
    for name, change in changes.items():
        if name in sys.modules:
            change(sys.modules[name])
    sys.meta_path.insert(0, _Finder(changes, replacements or {}))

"""The user's modules at build time: imported, searched for activities, and complete enough to run without files."""

from __future__ import annotations

import importlib
import linecache
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import temporalio.converter

from . import converters, late, registration, tracebacks
from .registration import BuildError


@dataclass
class Project:
    """What the builder says of the user's project."""

    modules: list[str] = field(default_factory=list)
    # Folders below the project's where imports start.
    paths: list[str] = field(default_factory=list)
    interrupt_loops: list[str] = field(default_factory=list)
    strict_metrics: bool = False
    # Of `module:name`.
    data_converter: str | None = None
    # Patterns of files that are not kept.
    leave_out: list[str] = field(default_factory=list)
    # What was left out of the dependencies as native code, by the name that is imported.
    native: dict[str, dict[str, Any]] = field(default_factory=dict)


def load(project: Project) -> tuple[list[Callable[..., Any]], temporalio.converter.DataConverter]:
    """Imports the project and returns its activities and its data converter."""
    # Where its imports start, beside the folder itself.
    sys.path[:0] = [f"{tracebacks.PROJECT}{path}" for path in project.paths]
    before = set(sys.modules)
    modules = [_module(name) for name in project.modules]
    converter = converters.find(project.data_converter)
    late.import_all(before)
    activities = registration.activities(modules)
    if not activities:
        raise BuildError(
            "there are no activities: mark at least one function with @activity.defn "
            f"(looked in {', '.join(project.modules) or 'no module'})"
        )
    for name in project.interrupt_loops:
        if all(registration.definition(each).name != name for each in activities):
            raise BuildError(f"interrupt-loops names {name!r}, and there is no such activity")
    linecache.clearcache()
    tracebacks.keep_sources()
    return activities, converter


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Not one that the module itself imports.
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise BuildError(f"there is no module {name}: [tool.isolet] modules or paths must be others") from error
        raise

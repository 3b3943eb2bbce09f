"""The data converter that the official worker is given: the default one, or the one that the project names."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

import temporalio.converter

from . import tracebacks
from .registration import BuildError

DEFAULT = temporalio.converter.DataConverter.default


def find(name: str | None) -> temporalio.converter.DataConverter:
    """The data converter of this name, `module:attribute`; the default one if there is no name."""
    if name is None:
        return DEFAULT
    key = f"[tool.isolet] data-converter = {name!r}"
    module, _, attribute = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        # Not one that the module itself imports.
        if error.name and f"{module}.".startswith(f"{error.name}."):
            raise BuildError(f"{key}: there is no module {module}") from error
        raise
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise BuildError(f"{key}: {module} has no {attribute}")
        found = getattr(found, part)
    if not isinstance(found, temporalio.converter.DataConverter):
        what = found.__qualname__ if isinstance(found, type) else f"an object of the class {type(found).__qualname__}"
        raise BuildError(f"{key}: it is {what}; it must be a temporalio.converter.DataConverter, as the client is given")
    return found


def with_users_tracebacks(converter: temporalio.converter.DataConverter) -> temporalio.converter.DataConverter:
    """The same, with failures whose stack traces show the user's code."""
    kind = tracebacks.with_users_frames(converter.failure_converter_class)
    return dataclasses.replace(converter, failure_converter_class=kind)

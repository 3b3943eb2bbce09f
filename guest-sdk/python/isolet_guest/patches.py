"""What differs from Python elsewhere, so that code which was written for a worker process runs unchanged."""

from __future__ import annotations

import collections.abc
import concurrent.futures
import concurrent.futures.thread
import contextvars
import typing
from collections.abc import Callable
from typing import Any

import google.protobuf.internal.type_checkers
import temporalio.activity
import temporalio.common
from wit_world.imports import info

from . import library, loop, waits
from .http import clients


def install() -> None:
    """Puts all of it in place, before any of the user's modules is imported."""
    waits.install()
    library.install()
    concurrent.futures.ThreadPoolExecutor.submit = _submit  # type: ignore[method-assign]
    temporalio.common._type_hints_from_func = _type_hints_from_func
    google.protobuf.internal.type_checkers.UnicodeValueChecker.CheckValue = _check_text
    # Beside its fields: what is written for any worker is not told of it, and Python's official worker has none.
    temporalio.activity.Info.idempotency_key = property(lambda _: info.idempotency_key())  # type: ignore[attr-defined]
    loop.install()
    clients.install()


def _submit(
    self: concurrent.futures.ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> concurrent.futures.Future[Any]:
    """There is one thread, so what would run in another runs at once."""
    if self._shutdown:
        raise RuntimeError("cannot schedule new futures after shutdown")
    future: concurrent.futures.Future[Any] = concurrent.futures.Future()
    future.set_running_or_notify_cancel()
    try:
        future.set_result(contextvars.Context().run(fn, *args, **kwargs))
    except BaseException as error:
        future.set_exception(error)
    return future


_official_type_hints_from_func = temporalio.common._type_hints_from_func


def _type_hints_from_func(func: Callable[..., Any]) -> tuple[list[type] | None, type | None]:
    """Takes `typing.Sequence[RawValue]` of dynamic activities for what it means; Temporal's documentation writes it so."""
    arguments, result = _official_type_hints_from_func(func)
    if arguments and len(arguments) == 1 and arguments[0] == typing.Sequence[temporalio.common.RawValue]:
        arguments = [collections.abc.Sequence[temporalio.common.RawValue]]  # type: ignore[list-item]
    return arguments, result


_official_check_text = google.protobuf.internal.type_checkers.UnicodeValueChecker.CheckValue


def _check_text(self: Any, proposed_value: Any) -> Any:
    """Refuses what UTF-8 can't carry with the error of the protobuf that workers have, which is the native one."""
    if isinstance(proposed_value, str):
        proposed_value.encode()
        return proposed_value
    return _official_check_text(self, proposed_value)

"""Calls activities, in the one thread that there is. What its frames call is the user's."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import Any

import temporalio.activity
import temporalio.exceptions

from . import attempt, logs, monitoring
from .running import Running


async def call(running: Running, fn: Callable[..., Any], arguments: list[Any]) -> Any:
    """Calls the activity. Takes the place of the official worker's, which needs threads for synchronous ones."""
    logs.speak()
    try:
        if running.sync:
            return contextvars.copy_context().run(_call_sync, running, fn, arguments)
        # What a cancellation cancels. Nothing is delivered before this.
        running.task = asyncio.current_task()
        running.attempt.begin()
        return await fn(*arguments)
    except (asyncio.CancelledError, temporalio.exceptions.CancelledError):
        running.let_out = True
        raise
    finally:
        logs.quiet()


def _call_sync(running: Running, fn: Callable[..., Any], arguments: list[Any]) -> Any:
    raiser: Any = running.cancel_thread_raiser
    context = temporalio.activity._Context.current()
    # It may ask at any time, and is told by nobody.
    context.cancelled_event.thread_event = attempt.HostEvent(attempt.CANCELLED)  # type: ignore[assignment]
    context.cancelled_event.async_event = None
    context.worker_shutdown_event.thread_event = attempt.HostEvent(attempt.WORKER_SHUTDOWN)  # type: ignore[assignment]
    context.worker_shutdown_event.async_event = None
    running.cancellation_details = attempt.HostDetails()  # type: ignore[assignment]
    # An activity that is not to be interrupted still sleeps and waits as a synchronous one.
    running.attempt.interrupter = interrupter = raiser or attempt.Interrupter()
    running.attempt.begin()
    if raiser is None:
        return fn(*arguments)
    with interrupter.active(), monitoring.of(running.activity_type):
        return fn(*arguments)

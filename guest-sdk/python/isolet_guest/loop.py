"""The asyncio loop of the guest: one blocking call of the host stands where a selector would."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from . import attempt
from .http import waiting


class _HostSelector:
    """Waits until the next timer or until the attempt is told something. There are no files to wait for."""

    def __init__(self) -> None:
        # What tasks wait for of HTTP.
        self.pollables: dict[Any, asyncio.Future[None]] = {}

    def select(self, timeout: float | None) -> list[Any]:
        if self.pollables:
            return waiting.select(self.pollables, timeout)
        running = attempt.current
        if running is None:
            return []
        if running.interrupter is not None:
            # A loop of the activity's own, inside of a synchronous activity.
            attempt.safe_point() if timeout is not None and timeout <= 0 else attempt.sleep(timeout)
        else:
            running.wait(timeout)
        return []

    def close(self) -> None:
        pass


# What asks asyncio for its debug mode.
_DEBUG = b"PYTHONASYNCIODEBUG"


class Loop(asyncio.BaseEventLoop):
    """Runs in the one thread there is; what would run in another runs at once, in this one."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _HostSelector()
        self.pollables = self._selector.pollables

    def run_at_once(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine as `run_until_complete` does, in a task of its own that takes its first step at once.

        Most attempts have ended with that step, and have had no use for all else that belongs to a loop which runs.
        """
        if _DEBUG in os.environ._data:  # type: ignore[attr-defined]
            self.set_debug(True)
            with contextlib.suppress(asyncio.CancelledError):
                self.run_until_complete(work)
            return
        former = sys.get_asyncgen_hooks()
        self._thread_id = threading.get_ident()
        sys.set_asyncgen_hooks(firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook)
        asyncio._set_running_loop(self)
        try:
            task: asyncio.Task[None] = asyncio.Task(work, loop=self, eager_start=True)
            while not task.done():
                self._run_once()
            if self._ready:
                # What the activity has begun and not waited for takes the step that it would have taken.
                self._run_once()
        finally:
            self._thread_id = None
            asyncio._set_running_loop(None)
            sys.set_asyncgen_hooks(*former)
        # One that cancelled itself, and has ended nevertheless, has told how it did.
        if not task.cancelled():
            task.result()

    def _process_events(self, event_list: list[asyncio.Future[None]]) -> None:
        for ready in event_list:
            if not ready.done():
                ready.set_result(None)

    def _write_to_self(self) -> None:
        # Nobody else could wake the loop up.
        pass

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        self._check_closed()
        future = self.create_future()
        try:
            future.set_result(contextvars.copy_context().run(func, *args))
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            # As a future of an executor does; a StopIteration can't be raised into a coroutine.
            future.set_exception(RuntimeError(str(error)) if isinstance(error, StopIteration) else error)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        pass


def install() -> None:
    """Makes `asyncio.run` and its like use this loop."""
    asyncio.events.new_event_loop = Loop  # type: ignore[assignment]
    asyncio.new_event_loop = Loop  # type: ignore[assignment]
    asyncio.EventLoop = Loop  # type: ignore[misc,assignment]

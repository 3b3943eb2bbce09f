"""The asyncio loop of the guest: one blocking call of the host stands where a selector would."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
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


class Loop(asyncio.BaseEventLoop):
    """Runs in the one thread there is; what would run in another runs at once, in this one."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _HostSelector()
        self.pollables = self._selector.pollables

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

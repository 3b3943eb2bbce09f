"""Waiting for what the host does: blocking in synchronous code, and beside the other tasks of an asyncio loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any

from wit_world.imports import cancellation, cancellation_pollable, monotonic_clock, poll

from .. import attempt

Wait = Callable[[list[poll.Pollable], float | None], Awaitable[None]]
"""Waits until one of the pollables is ready; a `TimeoutError` after so many seconds."""


async def blocking(pollables: list[poll.Pollable], timeout: float | None) -> None:
    """Lets nobody else have a turn. Where a cancellation is raised at safe points, this is one."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        attempt.safe_point()
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError("timed out")
        running = attempt.current
        interrupter = running.interrupter if running else None
        events = running._awaited & attempt.CANCELLED if running and interrupter and interrupter.is_open else None
        if any(position < len(pollables) for position in _poll(pollables, left, events)):
            return


def run[T](work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that waits only with `blocking`."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("what blocks has waited in a loop")


async def in_loop(pollables: list[poll.Pollable], timeout: float | None) -> None:
    """Lets the other tasks of the running loop have their turns."""
    loop: Any = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.pollables.update((each, ready) for each in pollables)
    try:
        async with asyncio.timeout(timeout):
            await ready
    except TimeoutError:
        raise TimeoutError("timed out") from None
    finally:
        for each in pollables:
            del loop.pollables[each]


def select(pollables: Mapping[poll.Pollable, asyncio.Future[None]], timeout: float | None) -> list[asyncio.Future[None]]:
    """What a loop's selector does while tasks wait for pollables: says whose is ready."""
    running = attempt.current
    if running is None:
        return []
    waiting = list(pollables)
    interrupter = running.interrupter
    if interrupter is not None:
        attempt.safe_point()
    if timeout is not None and timeout <= 0:
        ready: Iterable[int] = [position for position, each in enumerate(waiting) if each.ready()]
    else:
        told = interrupter is None or interrupter.is_open
        events = running._awaited if interrupter is None else running._awaited & attempt.CANCELLED
        ready = _poll(waiting, timeout, events if told else None)
    if interrupter is None:
        running.look()
    else:
        attempt.safe_point()
    return [pollables[waiting[position]] for position in ready if position < len(waiting)]


def _poll(pollables: list[poll.Pollable], timeout: float | None, events: cancellation.Event | None) -> list[int]:
    """Blocks until one is ready, the time is over, or one of the events has happened."""
    more = []
    try:
        if events:
            more.append(cancellation_pollable.subscribe(events))
        if timeout is not None:
            more.append(monotonic_clock.subscribe_duration(nanoseconds(timeout)))
        return poll.poll([*pollables, *more])
    finally:
        for each in more:
            each.__exit__(None, None, None)


def nanoseconds(seconds: float) -> int:
    """The host's measure of time; what is longer than it can say lasts for ever."""
    return min(max(0, int(seconds * 1_000_000_000)), 2**63)

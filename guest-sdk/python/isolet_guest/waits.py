"""Waiting, in the one thread that there is.

Whoever waits for another thread with a timeout waits until that is over, as on any machine where the other one does not
come; a synchronous activity can be cancelled meanwhile. Whoever waits without one would wait for ever, and is told so.
All of `threading`, `queue` and `concurrent.futures` waits by the locks that are replaced here.
"""

from __future__ import annotations

import _queue  # type: ignore[import-not-found]
import _thread
import queue
import select
import threading
import time
from typing import Any

from wit_world.imports import cancellation

from . import attempt, convert

_native_sleep, _native_select = time.sleep, select.select

# Free at all times: says of arguments what a lock says of them.
_free = _thread.allocate_lock()


def install() -> None:
    """Puts it in place, before any of the user's modules is imported."""
    time.sleep = _sleep
    select.select = _select
    _thread.allocate_lock = _thread.lock = threading.Lock = threading._allocate_lock = Lock  # type: ignore[attr-defined,assignment,misc]
    # The native one waits on its own.
    queue.SimpleQueue = _queue.SimpleQueue = queue._PySimpleQueue  # type: ignore[attr-defined]


class Lock:
    """A lock whose owner, where there is one, can't give it back while somebody waits for it."""

    def __init__(self) -> None:
        self._native = native = _native_lock()
        # As quick as they are.
        self.release = self.release_lock = native.release
        self.locked = self.locked_lock = native.locked

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if timeout == -1 and self._native.acquire(False):
            return True
        _check_arguments(blocking, timeout)
        if self._native.acquire(False):
            return True
        if not blocking:
            return False
        if timeout < 0:
            raise RuntimeError("this would wait for ever: it waits for another thread, and a sandbox has only one")
        pause(timeout)
        return self._native.acquire(False)

    acquire_lock = acquire

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self._native.release()

    def _at_fork_reinit(self) -> None:
        self._native._at_fork_reinit()  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return repr(self._native)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle '_thread.lock' object")


_native_lock = _thread.allocate_lock


def _check_arguments(blocking: bool, timeout: float) -> None:
    """Complains of them as a lock does."""
    _free.acquire(blocking, timeout)
    _free.release()


def pause(seconds: float) -> None:
    """Blocks for so long; a cancellation interrupts it in synchronous activities."""
    if attempt.current is None:
        _native_sleep(seconds)
    elif attempt.current.interrupter is None:
        cancellation.wait(cancellation.Event(0), convert.seconds_to_wit(seconds))
    else:
        attempt.sleep(seconds)


def _sleep(seconds: float) -> None:
    """Sleeps in the host."""
    if attempt.current is None:
        return _native_sleep(seconds)
    # As the original complains.
    if not hasattr(seconds, "__index__") and not hasattr(seconds, "__float__"):
        raise TypeError(f"'{type(seconds).__name__}' object cannot be interpreted as an integer or float")
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    pause(seconds)


def _select(rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None) -> Any:
    """Without anything to wait for it is an old way to sleep."""
    if attempt.current is None or timeout is None or timeout < 0 or any((rlist, wlist, xlist)):
        return _native_select(rlist, wlist, xlist, timeout)
    pause(timeout)
    return [], [], []

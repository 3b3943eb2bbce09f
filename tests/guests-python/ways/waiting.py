"""Waiting for other threads, of which there are none, or which do not come."""

import concurrent.futures
import queue
import select
import threading
import time
from typing import Any, Callable

from temporalio import activity
from temporalio.exceptions import CancelledError


def _locked() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


def _with(condition: threading.Condition, wait: Callable[[threading.Condition, float], Any], seconds: float) -> Any:
    with condition:
        return wait(condition, seconds)


def _full() -> queue.Queue:
    full: queue.Queue = queue.Queue(1)
    full.put("first")
    return full


WAITS: "dict[str, Callable[[float], Any]]" = {
    "event": lambda seconds: threading.Event().wait(seconds),
    "condition": lambda seconds: _with(threading.Condition(), lambda each, s: each.wait(s), seconds),
    "condition for": lambda seconds: _with(threading.Condition(), lambda each, s: each.wait_for(lambda: 0, s), seconds),
    "condition of a lock": lambda seconds: _with(threading.Condition(threading.Lock()), lambda each, s: each.wait(s), seconds),
    "lock": lambda seconds: _locked().acquire(timeout=seconds),
    "semaphore": lambda seconds: threading.Semaphore(0).acquire(timeout=seconds),
    "barrier": lambda seconds: threading.Barrier(2).wait(seconds),
    "future": lambda seconds: concurrent.futures.Future().result(seconds),
    "exception of a future": lambda seconds: concurrent.futures.Future().exception(seconds),
    "futures": lambda seconds: len(concurrent.futures.wait([concurrent.futures.Future()], seconds).not_done),
    "completed futures": lambda seconds: list(concurrent.futures.as_completed([concurrent.futures.Future()], seconds)),
    "queue to get": lambda seconds: queue.Queue().get(timeout=seconds),
    "queue to put": lambda seconds: _full().put("second", timeout=seconds),
    "last in first out": lambda seconds: queue.LifoQueue().get(timeout=seconds),
    "by priority": lambda seconds: queue.PriorityQueue().get(timeout=seconds),
    "simple queue": lambda seconds: queue.SimpleQueue().get(timeout=seconds),
    "select": lambda seconds: [list(each) for each in select.select([], [], [], seconds)],
}


def _timed(wait: Callable[[float], Any]) -> list:
    start = time.monotonic()
    try:
        told = wait(0.05)
    except Exception as error:
        told = type(error).__name__
    return [told, 0.04 < time.monotonic() - start]


@activity.defn
def waits_with_timeouts() -> list:
    return [[name, *_timed(wait)] for name, wait in WAITS.items()]


@activity.defn
async def waits_with_timeouts_asynchronously() -> list:
    return [[name, *_timed(wait)] for name, wait in WAITS.items()]


@activity.defn
def waits_wrongly() -> list:
    told: list = []
    lock = _locked()
    for arguments in ((True, -2), (False, 1), (True, "x"), (True, None), (False,), (True, 0)):
        try:
            told.append(lock.acquire(*arguments))  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            told.append(type(error).__name__)
    lock.release()
    with lock:
        told.append(lock.locked())
    try:
        lock.release()
    except RuntimeError as error:
        told.append(str(error))
    told.append(threading.RLock().acquire(timeout=1))
    return [*told, isinstance(lock, type(threading.Lock())), repr(lock).split(" ")[0]]


@activity.defn
def waits_for_a_cancellation(kind: str) -> str:
    try:
        activity.heartbeat()
        WAITS[kind](600)
    except CancelledError:
        return "interrupted"
    return "ended"


@activity.defn
def waits_for_ever(kind: str) -> str:
    waits: "dict[str, Callable[[], Any]]" = {
        "event": threading.Event().wait,
        "lock": _locked().acquire,
        "future": concurrent.futures.Future().result,
        "queue": queue.Queue().get,
        "simple queue": queue.SimpleQueue().get,
    }
    return str(waits[kind]())

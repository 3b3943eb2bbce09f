"""Being told to stop: by a cancellation, by a timeout, by the worker's shutdown. Each logs `waiting` once it may be."""

import asyncio
import contextlib
import logging
import time
from dataclasses import asdict
from typing import Any, AsyncIterator, Iterator

from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError

logger = logging.getLogger(__name__)


def details() -> Any:
    told = activity.cancellation_details()
    return told and [name for name, is_so in asdict(told).items() if is_so]


async def beat() -> None:
    """Until a cancellation is raised."""
    logger.info("waiting")
    while True:
        activity.heartbeat("beat")
        await asyncio.sleep(0.05)


def beat_synchronously() -> None:
    logger.info("waiting")
    # Where in here a cancellation is raised is a matter of time, so it is all one line to tracebacks.
    while True: activity.heartbeat("beat"); time.sleep(0.05)  # noqa: E701, E702


def beat_until_cancelled() -> None:
    logger.info("waiting")
    while not activity.is_cancelled():
        activity.heartbeat("beat")
        time.sleep(0.05)


@activity.defn
async def lets_it_out() -> None:
    await beat()


@activity.defn
async def catches_it() -> list:
    try:
        await beat()
    except asyncio.CancelledError as error:
        return [type(error).__name__, str(error), activity.is_cancelled(), details()]
    return []


@activity.defn
async def catches_it_and_raises() -> None:
    try:
        await beat()
    except asyncio.CancelledError:
        raise ApplicationError("stopped halfway", 50, type="Halfway")


@activity.defn
async def catches_it_and_raises_another_cancellation() -> None:
    try:
        await beat()
    except asyncio.CancelledError as error:
        raise CancelledError("my own words", "a detail") from error


@activity.defn
async def cleans_up_after_it() -> None:
    try:
        await beat()
    finally:
        await asyncio.sleep(0.05)
        logger.info("cleaned up")


@activity.defn
async def leaves_a_context() -> None:
    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[str]:
        try:
            yield "file"
        finally:
            await asyncio.sleep(0)
            logger.info("closed")

    async with opened():
        await beat()


@activity.defn
async def goes_on() -> list:
    seen = []
    try:
        await beat()
    except asyncio.CancelledError:
        seen.append("cancelled")
    await asyncio.sleep(0.2)
    activity.heartbeat("going on")
    return [*seen, "went on", activity.is_cancelled()]


@activity.defn
async def shields_a_task() -> list:
    async def critical() -> str:
        await asyncio.sleep(0.5)
        return "whole"

    task = asyncio.create_task(critical())
    waiting = asyncio.create_task(beat())
    try:
        await asyncio.shield(task)
        await waiting
    except asyncio.CancelledError:
        waiting.cancel()
    return [await task]


@activity.defn
async def gathers() -> list:
    ended = []

    async def child(name: str) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(name)
            raise

    try:
        await asyncio.gather(child("one"), child("two"), beat())
    except asyncio.CancelledError:
        return sorted(ended)
    return ["not cancelled"]


@activity.defn
async def groups() -> list:
    ended = []

    async def child(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(name)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child("one"))
            group.create_task(beat())
    except asyncio.CancelledError:
        ended.append("group")
    return ended


@activity.defn
async def limits_its_time() -> str:
    try:
        async with asyncio.timeout(60):
            await beat()
    except TimeoutError:
        return "timeout"
    except asyncio.CancelledError:
        return "cancelled"
    return "neither"


@activity.defn
async def waits_for_it() -> list:
    async def tell() -> str:
        await activity.wait_for_cancelled()
        return "told"

    task = asyncio.create_task(tell())
    try:
        await beat()
    except asyncio.CancelledError:
        pass
    return [await task, activity.is_cancelled(), activity.is_worker_shutdown()]


@activity.defn
async def misses_it() -> str:
    """A cancellation is no `Exception` in asyncio."""
    try:
        await beat()
    except Exception:
        return "caught"
    return "never"


@activity.defn
def lets_it_out_synchronously() -> None:
    beat_synchronously()


@activity.defn
def catches_it_synchronously() -> list:
    try:
        beat_synchronously()
    except CancelledError as error:
        return [str(error), list(error.details), isinstance(error, Exception), activity.is_cancelled(), details()]
    return []


@activity.defn
def raises_after_it_synchronously() -> None:
    try:
        beat_synchronously()
    except CancelledError as error:
        raise ApplicationError("stopped halfway", type="Halfway", non_retryable=True) from error


@activity.defn
def cleans_up_synchronously() -> None:
    try:
        beat_synchronously()
    finally:
        logger.info("cleaned up")
        time.sleep(0.05)
        activity.heartbeat("cleaned up")


@activity.defn
def leaves_a_context_synchronously() -> None:
    @contextlib.contextmanager
    def opened() -> Iterator[None]:
        try:
            yield
        finally:
            logger.info("closed")

    with opened():
        beat_synchronously()


@activity.defn
def shields() -> list:
    seen = []
    try:
        with activity.shield_thread_cancel_exception():
            beat_until_cancelled()
            with activity.shield_thread_cancel_exception():
                time.sleep(0.05)
            seen.append("whole")
        seen.append("not reached")
    except CancelledError:
        seen.append("cancelled")
    return seen


@activity.defn(no_thread_cancel_exception=True)
def is_not_interrupted() -> list:
    beat_until_cancelled()
    time.sleep(0.05)
    activity.heartbeat("beat")
    return [activity.is_cancelled(), details()]


@activity.defn
def waits_for_it_synchronously() -> str:
    activity.heartbeat("beat")
    logger.info("waiting")
    try:
        while not activity.is_cancelled():
            activity.wait_for_cancelled_sync(0.05)
            activity.heartbeat("beat")
    except CancelledError:
        return "raised"
    return "returned"


@activity.defn
def runs_a_loop() -> str:
    try:
        asyncio.run(beat())
    except CancelledError:
        return "raised"
    return "returned"


@activity.defn
async def waits_too_long() -> None:
    logger.info("waiting")
    activity.heartbeat("so far")
    await asyncio.sleep(60)


@activity.defn
async def waits_for_the_shutdown() -> list:
    logger.info("waiting")
    await activity.wait_for_worker_shutdown()
    return [activity.is_worker_shutdown(), activity.is_cancelled(), details()]


@activity.defn
def waits_for_the_shutdown_synchronously() -> list:
    logger.info("waiting")
    activity.wait_for_worker_shutdown_sync()
    return [activity.is_worker_shutdown(), activity.is_cancelled(), details()]


@activity.defn
async def ignores_the_shutdown() -> None:
    await beat()


@activity.defn
def ignores_the_shutdown_synchronously() -> str:
    try:
        beat_synchronously()
    except CancelledError:
        return f"cancelled: {details()}"
    return "never"


@activity.defn
async def sleeps(seconds: float) -> str:
    """Without a heartbeat."""
    logger.info("waiting")
    await asyncio.sleep(seconds)
    return "slept"

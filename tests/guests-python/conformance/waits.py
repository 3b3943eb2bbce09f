"""Waiting for events."""

import asyncio
import time

from temporalio import activity

from cancellation import BEAT
from heartbeats import shown


@activity.defn
def park() -> None:
    with activity.shield_thread_cancel_exception():
        time.sleep(1_000_000_000)


@activity.defn
def stay_until_shutdown() -> str:
    while not activity.is_worker_shutdown():
        activity.heartbeat("staying")
        activity.wait_for_worker_shutdown_sync(BEAT)
    return f"shutdown: {shown(activity.is_worker_shutdown())}, cancelled: {shown(activity.is_cancelled())}"


@activity.defn
async def stay_until_shutdown_async() -> str:
    await activity.wait_for_worker_shutdown()
    return f"shutdown: {shown(activity.is_worker_shutdown())}, cancelled: {shown(activity.is_cancelled())}"


@activity.defn
async def wait_cancel_async() -> bool:
    activity.heartbeat("waiting")
    try:
        await activity.wait_for_cancelled()
    except asyncio.CancelledError:
        pass
    return activity.is_cancelled()


@activity.defn
def wait_with_timeouts() -> tuple:
    begun = time.monotonic()
    told = []
    for timeout in (0, 0.05):
        activity.wait_for_cancelled_sync(timeout)
        told.append(activity.is_cancelled())
        activity.wait_for_worker_shutdown_sync(timeout)
        told.append(activity.is_worker_shutdown())
    return told, int((time.monotonic() - begun) * 1000)

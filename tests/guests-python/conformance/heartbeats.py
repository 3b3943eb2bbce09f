"""Progress over attempts."""

import time
from typing import Any, Optional

import temporalio.api.common.v1
from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import CancelledError


def resumed() -> dict:
    details = activity.info().heartbeat_details
    return {"attempt": activity.info().attempt, "details": details[0] if details else None}


@activity.defn
def heartbeat_then_fail(count: int, pause_ms: Optional[int] = None) -> dict:
    if activity.info().attempt > 1:
        return resumed()
    for number in range(1, count + 1):
        activity.heartbeat(number)
        time.sleep((pause_ms or 0) / 1000)
    raise Exception("first attempt")


@activity.defn
def heartbeat_then_hang(count: int) -> dict:
    if activity.info().attempt > 1:
        return resumed()
    for number in range(1, count + 1):
        activity.heartbeat(number)
    while True:
        pass


@activity.defn
def heartbeat_details(kind: str) -> list:
    if activity.info().attempt > 1:
        return list(activity.info().heartbeat_details)
    if kind == "several":
        activity.heartbeat(None, 1, "a")
    elif kind == "unreadable":
        payload = temporalio.api.common.v1.Payload(metadata={"encoding": b"nobody/knows"}, data=b"?")
        activity.heartbeat(RawValue(payload))
    else:
        activity.heartbeat()
    raise Exception("first attempt")


@activity.defn
def heartbeat_unencodable() -> None:
    activity.heartbeat(object())
    time.sleep(60)


@activity.defn
async def heartbeat_unencodable_returned() -> str:
    activity.heartbeat(object())
    return "returned"


@activity.defn
def heartbeat_unencodable_caught() -> str:
    interrupted = False
    try:
        activity.heartbeat(object())
        time.sleep(60)
    except CancelledError:
        interrupted = True
    details = "none" if activity.cancellation_details() is None else "some"
    cancelled = activity.is_cancelled()
    return f"interrupted: {shown(interrupted)}, cancelled: {shown(cancelled)}, details: {details}"


@activity.defn
def sleep_with_heartbeats(total_ms: int, every_ms: int) -> int:
    steps = total_ms // max(every_ms, 1)
    for step in range(1, steps + 1):
        time.sleep(every_ms / 1000)
        activity.heartbeat(step)
    return steps


def shown(truth: Any) -> str:
    return str(truth).lower()

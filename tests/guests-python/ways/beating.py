"""Progress: what an attempt leaves to the next one, and what is seen of it meanwhile."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from temporalio import activity


@dataclass
class Progress:
    row: int
    file: str = "a.csv"


DETAILS: "dict[str, list[Any]]" = {
    "nothing": [],
    "null": [None],
    "several": [1, "two", None, [3.5], {"four": True}],
    "bytes": [b"\x00\xff"],
    "progress": [Progress(7), Progress(8, "b.csv")],
    "text": ["ü" * 100],
}


def told() -> list:
    return [activity.info().attempt, *activity.info().heartbeat_details]


@activity.defn
def beats_then_raises(kind: str) -> list:
    if activity.info().attempt == 1:
        activity.heartbeat("before")
        activity.heartbeat(*DETAILS[kind])
        raise RuntimeError("after the heartbeats")
    return told()


@activity.defn
async def beats_then_raises_asynchronously(kind: str) -> list:
    if activity.info().attempt == 1:
        activity.heartbeat("before")
        await asyncio.sleep(0)
        activity.heartbeat(*DETAILS[kind])
        raise RuntimeError("after the heartbeats")
    return told()


@activity.defn
def beats_then_hangs(count: int) -> list:
    """The heartbeat timeout ends the first attempt."""
    if activity.info().attempt == 1:
        for number in range(1, count + 1):
            activity.heartbeat(number)
        # A thread that sleeps is interrupted by nothing.
        while True:
            time.sleep(0.05)
    return told()


@activity.defn
async def beats_then_hangs_asynchronously(count: int) -> list:
    if activity.info().attempt == 1:
        for number in range(1, count + 1):
            activity.heartbeat({"number": number})
            await asyncio.sleep(0.01)
        await asyncio.sleep(60)
    return told()


@activity.defn
def beats_on() -> list:
    """Three attempts, each of which goes on where the one before was."""
    if activity.info().attempt == 3:
        return told()
    done = activity.info().heartbeat_details[0] if activity.info().heartbeat_details else 0
    for number in range(done + 1, done + 4):
        activity.heartbeat(number)
    raise RuntimeError(f"broke off after {done + 3}")


@activity.defn
def beats_once(value: Any) -> str:
    activity.heartbeat(value)
    time.sleep(0.3)
    return "done"


@activity.defn
async def beats_once_asynchronously(value: Any) -> str:
    activity.heartbeat(value)
    await asyncio.sleep(0.3)
    return "done"


@activity.defn
async def beats_in_tasks() -> list:
    if activity.info().attempt == 1:

        async def beat(number: int) -> None:
            await asyncio.sleep(number / 10)
            activity.heartbeat(number)

        await asyncio.gather(beat(3), beat(1), beat(2))
        raise RuntimeError("after the tasks")
    return told()


@activity.defn
def beats_in_a_loop_of_its_own() -> list:
    if activity.info().attempt == 1:

        async def main() -> None:
            activity.heartbeat("inside of a loop")
            await asyncio.sleep(0.01)

        asyncio.run(main())
        raise RuntimeError("after the loop")
    return told()


@activity.defn
async def beats_what_can_not_be_encoded() -> str:
    activity.heartbeat(object())
    await asyncio.sleep(60)
    return "went on"


@activity.defn
async def beats_in_a_thread() -> str:
    """Temporal's worker needs the loop of an asynchronous activity for its heartbeats."""
    await asyncio.to_thread(activity.heartbeat, 1)
    return "recorded"

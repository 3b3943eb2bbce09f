"""Ways in which activities are written, and what they use of Python."""

import asyncio
import contextvars
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import CancelledError

where = contextvars.ContextVar("where", default="nowhere")


@dataclass
class Point:
    x: int
    y: int = 2


@activity.defn
async def gathered() -> list:
    ended = []

    async def one(number: int) -> int:
        await asyncio.sleep(0.1 * number)
        ended.append(number)
        return number

    return [await asyncio.gather(one(3), one(2), one(1)), ended]


@activity.defn
async def grouped() -> str:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("one of them")

    told = "no error"
    try:
        async with asyncio.TaskGroup() as group:
            other = group.create_task(asyncio.sleep(60))
            group.create_task(fail())
    except* ValueError:
        told = f"other cancelled: {other.cancelled()}"
    return told


@activity.defn
async def timed_out() -> list:
    told = []
    try:
        await asyncio.wait_for(asyncio.sleep(60), 0.01)
    except TimeoutError:
        told.append("wait_for")
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        told.append("timeout")
    return told


@activity.defn
async def in_threads() -> list:
    where.set("here")
    inside = await asyncio.to_thread(lambda: [where.get(), activity.in_activity()])
    loop = asyncio.get_running_loop()
    computed = await loop.run_in_executor(None, sum, [1, 2])
    with ThreadPoolExecutor(4) as pool:
        return [inside, computed, list(pool.map(abs, [-1, -2])), await loop.run_in_executor(pool, abs, -3)]


@activity.defn
def loop_of_its_own() -> str:
    async def main() -> str:
        await asyncio.sleep(0.01)
        return "ran"

    return asyncio.run(main())


@activity.defn
def cancelled_in_a_loop_of_its_own() -> str:
    async def main() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(0.05)

    try:
        asyncio.run(main())
    except CancelledError:
        return "interrupted"
    return "ended"


@activity.defn
def compute() -> str:
    """Reaches no safe point but those of its loops."""
    number = 0
    try:
        activity.heartbeat()
        while True:
            number += 1
    except CancelledError:
        return "interrupted"


@activity.defn
def imports_late() -> list:
    import colorsys
    from xml.dom import minidom

    return [colorsys.rgb_to_hls(1, 1, 1)[1], minidom.parseString("<a/>").documentElement.tagName]


@activity.defn
def draws() -> list:
    return [random.getrandbits(64), random.SystemRandom().getrandbits(64)]


@activity.defn
def connects() -> str:
    try:
        socket.create_connection(("127.0.0.1", 7233))
    except OSError as error:
        return type(error).__name__
    return "connected"


@activity.defn
def types(point: Point, id: UUID, pairs: dict[str, list[Point]]) -> list:
    return [point.x + point.y, id.version, pairs["a"][0].y]


@activity.defn
def fails_deep() -> None:
    def inner(value: dict) -> None:
        value["missing"]

    try:
        inner({})
    except KeyError as error:
        raise RuntimeError("outer") from error


class Greeter:
    def __init__(self, greeting: str) -> None:
        self.greeting = greeting

    @activity.defn
    def method(self, name: str) -> str:
        return f"{self.greeting}, {name}"

    @staticmethod
    @activity.defn
    def static_method(name: str) -> str:
        return name


greeter = Greeter("Hello")


@activity.defn(name="callable_class")
class Adder:
    def __init__(self, first: int) -> None:
        self.first = first

    async def __call__(self, second: int) -> int:
        return self.first + second


adder = Adder(40)


BUILT = {"a": [object()]}


@activity.defn
def immortal() -> list[bool]:
    import sys

    return [sys._is_immortal(each) for each in (BUILT, BUILT["a"], BUILT["a"][0], immortal, immortal.__code__, [])]

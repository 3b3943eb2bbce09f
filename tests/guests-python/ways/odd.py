"""Values and ways that are odd, and that Python and the official worker have an answer to."""

import asyncio
import contextvars
import enum
import types
from dataclasses import dataclass, field
from typing import Any, Iterator, List, Optional, Union

import temporalio.api.common.v1
from temporalio import activity
from temporalio.common import RawValue

_asked = contextvars.ContextVar("_asked", default="never")


class Text(str):
    """Looks other than it is."""

    def __str__(self) -> str:
        return "shown"


class Number(int):
    def __repr__(self) -> str:
        return "shown"


class Real(float):
    pass


class Bytes(bytes):
    pass


class Words(list):
    pass


class Named(dict):
    pass


class Kind(enum.StrEnum):
    GOOD = "good"


class Flags(enum.IntFlag):
    READ = 1
    WRITE = 2


class Told:
    """Tells what it is, as models of some libraries do."""

    def dict(self) -> dict:
        return {"b": 1, "a": [Kind.GOOD]}


class Refuses:
    def dict(self) -> dict:
        raise ValueError("not to be told")


class Parsed:
    """As a model of the first version of pydantic."""

    def __init__(self, values: dict) -> None:
        self.values = values

    @classmethod
    def parse_obj(cls, values: dict) -> "Parsed":
        return cls(values)

    def dict(self) -> dict:
        return self.values


class Answers:
    """Has every attribute."""

    def __getattr__(self, name: str) -> Any:
        return name


@dataclass
class Leaf:
    weight: float
    on: "Optional[Leaf]" = None
    seen: bool = field(default=False, init=False)


@dataclass
class Checked:
    count: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("counts begin with 0")


def _numbers(end: Any) -> Iterator[Any]:
    yield 1
    yield end


def _made(kind: str) -> Any:

    return {
        "text": lambda: [Text("plain"), {Text("key"): Text("value")}],
        "text alone": lambda: Text("plain"),
        "number": lambda: Number(7),
        "number of many digits": lambda: 10**4_000,
        "number of too many digits": lambda: 10**5_000,
        "real": lambda: [Real(1.5), Real("nan")],
        "true": lambda: True,
        "flags": lambda: Flags.READ | Flags.WRITE,
        "str enum": lambda: Kind.GOOD,
        "bytes": lambda: Bytes(b"\0a"),
        "bytes within": lambda: [b"\0a", bytearray(b"b"), memoryview(b"c")],
        "bytearray": lambda: bytearray(b"b"),
        "words": lambda: Words(["a"]),
        "named": lambda: Named(a=1),
        "keys": lambda: {1: 1, 2.5: 2},
        "keys of all kinds": lambda: {None: 0, "a": 1},
        "told": lambda: [Told(), {"x": Told()}],
        "told alone": lambda: Told(),
        "refuses": lambda: {"x": Refuses()},
        "parsed": lambda: Parsed({"a": 1}),
        "answers": lambda: Answers(),
        "generator": lambda: {"of": _numbers(2)},
        "generator that fails": lambda: {"of": _numbers(object())},
        "namespace": lambda: types.SimpleNamespace(a=1),
        "range": lambda: range(3),
        "tuple": lambda: (1, (2, None)),
        "empty tuple": lambda: (),
        "leaf": lambda: Leaf(float("inf"), Leaf(-0.0)),
        "class": lambda: Leaf,
        "exception": lambda: ValueError("returned"),
        "ellipsis": lambda: ...,
        "raw": lambda: RawValue(temporalio.api.common.v1.Payload(metadata={"encoding": b"x/y", "b": b"1"}, data=b"?")),
        "raw within": lambda: [RawValue(temporalio.api.common.v1.Payload())],
        "raw of nothing": lambda: RawValue(None),  # type: ignore[arg-type]
        "payload": lambda: temporalio.api.common.v1.Payload(data=b"?"),
        "surrogate": lambda: {"\ud800": "\udfff"},
        "coroutine": lambda: _numbers,
    }[kind]()


@activity.defn
async def returns_odd(kind: str) -> Any:
    return _made(kind)


@activity.defn
def returns_odd_synchronously(kind: str) -> Any:
    return _made(kind)


@activity.defn
async def beats_odd(kind: str) -> str:
    activity.heartbeat(kind, _made(kind))
    await asyncio.sleep(0)
    activity.heartbeat("again", _made(kind))
    return kind


@activity.defn
async def takes_real(value: float) -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_whole(value: int) -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_whether(value: bool) -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_text(value: str) -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_list(value: list) -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_dict(value: dict) -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_nothing(value: None) -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_either(value: "Union[Checked, Leaf, List[Checked], Kind, None]") -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_checked(value: Checked) -> Checked:
    return value


@activity.defn
async def takes_parsed(value: Parsed) -> dict:
    return value.values


@activity.defn
async def takes_any(value: object) -> list:
    return [type(value).__name__, value]


@activity.defn
async def takes_more(first: int, *more: float) -> list:
    return [first, more]


@activity.defn
async def leaves_tasks() -> str:
    """What it begins and does not wait for."""
    for number in range(3):
        asyncio.get_running_loop().create_task(_beats(number))
    asyncio.get_running_loop().call_soon(activity.heartbeat, "called")
    return "left"


async def _beats(number: int) -> None:
    activity.heartbeat(number)
    await asyncio.sleep(0)
    activity.heartbeat(-number)


@activity.defn
async def waits_for_what_is_there() -> list:
    loop = asyncio.get_running_loop()
    done: asyncio.Future = loop.create_future()
    done.set_result("done")
    raised: asyncio.Future = loop.create_future()
    raised.set_exception(ValueError("raised"))
    seen = [await done]
    try:
        await raised
    except ValueError as error:
        seen.append(str(error))
    return [*seen, await asyncio.gather(), (await asyncio.wait_for(asyncio.sleep(0, "slept"), 5))]


@activity.defn
async def cancels_itself(kind: str) -> str:
    task = asyncio.current_task()
    assert task
    task.cancel("by itself")
    if kind == "and returns":
        return "returned"
    if kind == "and raises":
        raise ValueError("raised")
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError as error:
        if kind == "and goes on":
            return f"{error.args} {task.cancelling()} {task.uncancel()}"
        raise
    return "not reached"


@activity.defn
async def remembers() -> list:
    _asked.set("here")
    seen = [_asked.get(), await asyncio.create_task(_remembered())]
    seen.append(await asyncio.to_thread(_asked.get))
    seen.append(contextvars.copy_context()[_asked])
    return [*seen, asyncio.current_task() is not None, asyncio.get_running_loop().is_running()]


async def _remembered() -> str:
    before = _asked.get()
    _asked.set("there")
    return before


@activity.defn
def remembers_synchronously() -> list:
    before = _asked.get()
    _asked.set("here")
    return [before, _asked.get(), contextvars.Context().run(_asked.get)]


@activity.defn
async def asynchronous_generator() -> list:
    async def numbers() -> Any:
        try:
            for number in range(5):
                yield number
        finally:
            activity.heartbeat("closed")

    seen = []
    async for number in numbers():
        seen.append(number)
        if number == 2:
            break
    return seen

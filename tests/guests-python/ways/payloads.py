"""What goes in and comes out: every kind of value, with type hints of every kind."""

import enum
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Generic, List, Literal, NamedTuple, NewType, Optional, Set, Tuple, TypedDict, TypeVar, Union
from uuid import UUID, uuid5

import google.protobuf.duration_pb2
import temporalio.api.common.v1
from temporalio import activity
from temporalio.common import RawValue

Number = NewType("Number", int)
Value = TypeVar("Value")


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Level(str, enum.Enum):
    LOW = "low"
    HIGH = "high"


class Place(TypedDict, total=False):
    street: str
    number: int


class Pair(NamedTuple):
    first: int
    second: str


@dataclass
class Line:
    article: str
    quantity: int = 1
    tags: List[str] = field(default_factory=list)


@dataclass
class Order:
    number: int
    lines: List[Line]
    size: Size = Size.SMALL
    note: Optional[str] = None
    next: "Optional[Order]" = None


@dataclass(frozen=True)
class Box(Generic[Value]):
    content: Value


@activity.defn
def passes_an_order(order: Order) -> Order:
    assert all(isinstance(line, Line) for line in order.lines)
    return order


@activity.defn
async def makes_an_order(number: int) -> Order:
    return Order(number, [Line("tea"), Line("cup", 2, ["blue"])], Size.LARGE, next=Order(number + 1, []))


@activity.defn
def enums(color: Color, size: Size, level: Level) -> list:
    return [color.name, color, size.name, size, level.name, level]


@activity.defn
def unions(first: Union[int, str], second: Union[Line, List[int]], third: "int | None") -> list:
    return [type(first).__name__, type(second).__name__, third]


@activity.defn
async def optionals(line: Optional[Line] = None, count: Optional[int] = 3) -> list:
    return [line, count]


@activity.defn
def collections_of(set_: Set[int], pair: Tuple[int, str], many: Tuple[int, ...], queue: deque) -> list:
    kinds = [type(each).__name__ for each in (set_, pair, many, queue)]
    return [kinds, sorted(set_), pair, many, list(queue)]


@activity.defn
def returns_collections() -> list:
    return [{3}, frozenset([4]), (1, "a"), deque([1, 2]), Pair(1, "b"), range(3), {"b": 1, "a": {2: True}}]


@activity.defn
def returns_a_generator() -> Any:
    return (number * number for number in range(4))


@activity.defn
def named_tuple(pair: Pair) -> list:
    return [type(pair).__name__, list(pair)]


@activity.defn
async def typed_dict(place: Place) -> Place:
    return {"street": place["street"].upper(), "number": place.get("number", 0) + 1}


@activity.defn
def keys_of(by_number: Dict[int, str], by_name: Dict[str, Line]) -> list:
    return [sorted(by_number), {name: type(line).__name__ for name, line in by_name.items()}]


@activity.defn
def times(when: datetime) -> list:
    later = when + timedelta(days=30, hours=1.5)
    return [when, later, later.astimezone(timezone.utc), when.isoformat(), when.strftime("%Y-%m-%d %H:%M %j")]


@activity.defn
def ids(id: UUID) -> list:
    return [id, str(uuid5(id, "name")), id.hex]


@activity.defn
def literals(unit: Literal["kg", "g"], number: Number) -> str:
    return f"{number} {unit}"


@activity.defn
def generic(box: Box[int]) -> Box[str]:
    return Box(f"{type(box.content).__name__} {box.content}")


@activity.defn
def numbers() -> list:
    return [0.1, 1e22, 1e-7, -0.0, 2**70, -(2**63), 3.0, True, 1 / 3]


@activity.defn
def not_numbers() -> list:
    return [float("inf"), float("-inf"), float("nan")]


@activity.defn
def texts() -> list:
    return ["", "ü", "\u2028", "\U0001f600", "a\x00b", '"\\/\t\n', "\ud800"]


@activity.defn
async def takes_bytes(data: bytes) -> list:
    return [len(data), data.decode("utf-8", "replace")]


@activity.defn
async def returns_bytes(length: int) -> bytes:
    return bytes(number % 256 for number in range(length))


@activity.defn
async def returns_nothing() -> None:
    return None


@activity.defn
def returns_text_of(length: int) -> str:
    return "x" * length


@activity.defn
def raw(value: RawValue) -> RawValue:
    payload = temporalio.api.common.v1.Payload()
    payload.CopyFrom(value.payload)
    payload.metadata["seen"] = b"yes"
    return RawValue(payload)


@activity.defn
def raw_many(*values: Any) -> list:
    return [len(values), values]


@activity.defn
async def converts(value: RawValue) -> list:
    converter = activity.payload_converter()
    order = converter.from_payload(value.payload, Order)
    again = converter.to_payloads([order, None, b"bytes", 1])
    return [order.number, [payload.metadata["encoding"].decode() for payload in again], again[0].data.decode()]


@activity.defn
def message(duration: google.protobuf.duration_pb2.Duration) -> google.protobuf.duration_pb2.Duration:
    return google.protobuf.duration_pb2.Duration(seconds=duration.seconds * 2, nanos=duration.nanos)


@activity.defn
def returns_what_can_not_be_encoded(kind: str) -> Any:
    circle: list = []
    circle.append(circle)
    return {"object": object(), "circle": circle, "key": {(1, 2): 3}, "complex": 1j, "type": int}[kind]


@activity.defn
def without_hints(first, second=2, *more):
    return [first, second, more]


@activity.defn
def half_hinted(order, line: Line):
    return [type(order).__name__, type(line).__name__]


@activity.defn
def positional(first: int, second: int = 2, /) -> int:
    return first * 10 + second

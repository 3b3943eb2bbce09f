"""Arguments and results."""

from typing import Any, Optional

from temporalio import activity
from temporalio.common import RawValue


@activity.defn
def add(a: int, b: int) -> int:
    return a + b


@activity.defn
def echo(value: RawValue) -> RawValue:
    return value


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"


@activity.defn
async def nothing() -> None:
    pass


@activity.defn
async def recode(value: Any) -> Any:
    return value


@activity.defn
def reverse_bytes(value: bytes) -> bytes:
    return bytes(reversed(value))


@activity.defn
async def unencodable_result() -> Any:
    return object()


@activity.defn
def with_default(a: int, b: Optional[int] = 5) -> list[Optional[int]]:
    return [a, 5 if b is None else b]

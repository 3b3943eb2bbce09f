"""Ways to fail: exceptions of every kind, with causes, contexts, groups and details."""

import asyncio
import contextlib
import functools
import json
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Callable, Iterator, List

import temporalio.exceptions
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory


class OutOfStock(Exception):
    def __init__(self, article: str, left: int) -> None:
        super().__init__(article, left)
        self.article = article


class Described(Exception):
    def __str__(self) -> str:
        return "described by itself"


class Undescribed(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


class Refused(ApplicationError):
    pass


@dataclass
class Place:
    shelf: int


@activity.defn
def raises(kind: str) -> None:
    errors: "dict[str, Callable[[], Any]]" = {
        "key": lambda: {}["missing"],
        "index": lambda: [][1],
        "zero": lambda: 1 / 0,
        "attribute": lambda: object().missing,
        "type": lambda: len(1),
        "value": lambda: int("x"),
        "decode": lambda: b"\xff".decode(),
        "encode": lambda: "ü".encode("ascii"),
        "json": lambda: json.loads("{"),
        "overflow": lambda: math.exp(1000),
        "import": lambda: __import__("no_such_module"),
        "lookup": lambda: "".encode("no such codec"),
    }
    errors[kind]()


@activity.defn
def raises_its_own() -> None:
    raise OutOfStock("tea", 0)


@activity.defn
async def raises_described() -> None:
    raise Described


@activity.defn
def raises_undescribed() -> None:
    raise Undescribed


@activity.defn
def raises_empty() -> None:
    raise Exception


@activity.defn
def raises_an_assertion() -> None:
    assert 1 + 1 == 3, "sums"


@activity.defn
async def raises_application() -> None:
    raise ApplicationError("refused", "one", 2, None, b"three", {"four": [4]}, Place(5), type="Refusal")


@activity.defn
async def raises_application_with_all() -> None:
    raise ApplicationError(
        "not now",
        type="Later",
        non_retryable=True,
        next_retry_delay=timedelta(seconds=2.5),
        category=ApplicationErrorCategory.BENIGN,
    )


@activity.defn
def raises_application_without_type() -> None:
    raise ApplicationError("without a type")


@activity.defn
def raises_subclass_of_application() -> None:
    raise Refused("by a subclass", 1)


@activity.defn
def raises_with_a_cause() -> None:
    try:
        _divide(1, 0)
    except ZeroDivisionError as error:
        raise OutOfStock("cup", 1) from error


@activity.defn
def raises_with_a_context() -> None:
    try:
        _divide(1, 0)
    except ZeroDivisionError:
        raise KeyError("while handling")


@activity.defn
def raises_application_with_a_context() -> None:
    try:
        _divide(1, 0)
    except ZeroDivisionError:
        raise ApplicationError("while handling", type="Handling", non_retryable=True)


@activity.defn
def raises_from_none() -> None:
    try:
        _divide(1, 0)
    except ZeroDivisionError:
        raise ApplicationError("alone", type="Alone") from None


@activity.defn
def raises_a_long_chain() -> None:
    error: BaseException = ValueError("link 0")
    for number in range(1, 6):
        try:
            raise ApplicationError(f"link {number}", number, type=f"Link{number}") from error
        except ApplicationError as raised:
            error = raised
    raise error


@activity.defn
def raises_with_notes() -> None:
    error = ValueError("noted")
    error.add_note("a note")
    raise error


@activity.defn
def raises_a_group() -> None:
    raise ExceptionGroup("several", [ValueError("one"), ExceptionGroup("inner", [TypeError("two")])])


@activity.defn
async def raises_in_a_task_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_fails_later(0))
        group.create_task(asyncio.sleep(60))


@activity.defn
async def raises_in_gather() -> list:
    told = await asyncio.gather(_fails_later(0), asyncio.sleep(0, "slept"), return_exceptions=True)
    return [repr(each) for each in told] + [await asyncio.gather(_fails_later(0.01), asyncio.sleep(60))]


@activity.defn
async def raises_in_a_thread() -> None:
    await asyncio.to_thread(_divide, 1, 0)


@activity.defn
async def raises_in_a_task() -> None:
    task = asyncio.create_task(_fails_later(0.01), name="failing")
    await asyncio.wait([task])
    raise RuntimeError("the task failed") from task.exception()


@activity.defn
def raises_in_a_loop_of_its_own() -> None:
    asyncio.run(_fails_later(0.01))


@activity.defn
async def raises_a_timeout() -> None:
    async with asyncio.timeout(0.01):
        await asyncio.sleep(60)


@activity.defn
async def raises_a_timeout_of_wait_for() -> None:
    await asyncio.wait_for(asyncio.Event().wait(), 0.01)


@activity.defn
def raises_base(kind: str) -> None:
    raise {"exit": SystemExit, "interrupt": KeyboardInterrupt, "generator": GeneratorExit, "own": _Base}[kind](3)


class _Base(BaseException):
    pass


@activity.defn
async def raises_stop_iteration() -> None:
    raise StopIteration(1)


@activity.defn
async def raises_asyncio_cancelled() -> None:
    raise asyncio.CancelledError("by itself")


@activity.defn
def raises_another_failure(kind: str) -> None:
    """Failures that are no application's, which the server takes from no activity."""
    timeout = temporalio.exceptions.TimeoutType.START_TO_CLOSE
    raise {
        "cancelled": temporalio.exceptions.CancelledError("by itself"),
        "timeout": temporalio.exceptions.TimeoutError("late", type=timeout, last_heartbeat_details=[1]),
        "terminated": temporalio.exceptions.TerminatedError("ended"),
        "server": temporalio.exceptions.ServerError("broken", non_retryable=True),
    }[kind]


@activity.defn
def raises_at_the_bottom() -> None:
    with _cleanly():
        _recurse(3)


@activity.defn
def raises_without_end() -> None:
    def recurse(number: int) -> int:
        return recurse(number + 1) + 1

    recurse(0)


@activity.defn
def raises_in_a_generator() -> List[int]:
    def rows() -> Iterator[int]:
        yield 1
        raise OutOfStock("row", 2)

    return list(rows())


def _logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any) -> Any:
        return function(*args)

    return call


@activity.defn
@_logged
def raises_in_a_decorator() -> None:
    raise OutOfStock("wrapped", 3)


@activity.defn
def raises_in_its_cleanup() -> None:
    try:
        raise ValueError("first")
    finally:
        _divide(1, 0)


@activity.defn
def raises_again(times: int) -> str:
    attempt = activity.info().attempt
    if attempt <= times:
        raise ApplicationError(f"attempt {attempt}", attempt, type="Again", next_retry_delay=timedelta(milliseconds=10))
    return f"attempt {attempt}"


@activity.defn
def compiles() -> None:
    exec(compile("def inner():\n    raise OutOfStock('compiled', 4)\ninner()", "<compiled>", "exec"), globals())


@contextlib.contextmanager
def _cleanly() -> Iterator[None]:
    try:
        yield
    except OutOfStock as error:
        raise RuntimeError("not clean") from error


def _recurse(depth: int) -> None:
    if depth == 0:
        raise OutOfStock("bottom", depth)
    _recurse(depth - 1)


def _divide(number: int, by: int) -> float:
    return number / by


async def _fails_later(seconds: float) -> None:
    await asyncio.sleep(seconds)
    raise OutOfStock("later", 0)


@activity.defn
def raises_with_a_negative_delay() -> None:
    raise ApplicationError("again", next_retry_delay=timedelta(seconds=-1.5))


@activity.defn
def raises_asyncio_cancelled_synchronously() -> None:
    raise asyncio.CancelledError("by itself")

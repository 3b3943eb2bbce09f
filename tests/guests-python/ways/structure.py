"""How activities are put together: classes, decorators, contexts, tasks; and what they ask of their context."""

import abc
import asyncio
import contextvars
import functools
import inspect
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from queue import Queue
from typing import Any, AsyncIterator, Callable, Iterator, get_type_hints

from temporalio import activity
from temporalio.common import MetricCounter, Priority, RawValue, RetryPolicy

user = contextvars.ContextVar("user", default="nobody")
started = 0


class Base(abc.ABC):
    @abc.abstractmethod
    def word(self) -> str: ...

    @activity.defn(name="inherited")
    def inherited(self, name: str) -> str:
        return f"{self.word()}, {name}"


class Polite(Base):
    def word(self) -> str:
        return "Good day"

    @classmethod
    @activity.defn(name="of_the_class")
    def of_the_class(cls, name: str) -> str:
        return f"{cls.__name__} {name}"

    @activity.defn
    async def asynchronous_method(self, name: str, times: int = 2) -> str:
        await asyncio.sleep(0)
        return " ".join([self.word()] * times + [name])

    @property
    def not_called(self) -> str:
        raise RuntimeError("properties are not looked at")


polite = Polite()


@activity.defn(name="synchronous_callable")
class Multiplier:
    """Made without arguments, since the module makes no instance."""

    def __call__(self, number: int, by: int = 3) -> int:
        return number * by


multiplier = Multiplier()


def doubled(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return [await function(*args, **kwargs)] * 2

    return call


@activity.defn
@doubled
async def decorated(number: int) -> int:
    return number


@activity.defn(name="a name: with spaces, ü and more")
def named_oddly() -> str:
    return activity.info().activity_type


@activity.defn
def documented(number: int = 1) -> list:
    """A docstring."""
    return [documented.__doc__, documented.__name__, str(inspect.signature(documented)), list(get_type_hints(documented))]


@activity.defn
async def contexts() -> list:
    user.set("Ada")

    async def child() -> str:
        before = user.get()
        user.set("child")
        return before

    task = asyncio.create_task(child())
    copied = contextvars.copy_context().run(lambda: (user.set("copy"), user.get())[1])
    return [await task, user.get(), copied, activity.in_activity(), await asyncio.to_thread(user.get)]


@activity.defn
def context_of_synchronous() -> list:
    before = user.get()
    user.set("Bob")
    return [before, user.get(), activity.in_activity()]


@activity.defn
def about_itself() -> dict:
    info = activity.info()
    return {
        "attempt": info.attempt,
        "type": info.activity_type,
        "in_workflow": info.in_workflow,
        "is_local": info.is_local,
        "namespace": info.namespace,
        "workflow": [info.workflow_id, info.workflow_run_id, info.workflow_type, info.workflow_namespace],
        "timeouts": [info.schedule_to_close_timeout, info.start_to_close_timeout, info.heartbeat_timeout] == [
            None,
            timedelta(seconds=30),
            timedelta(seconds=10),
        ],
        "heartbeat_details": list(info.heartbeat_details),
        "priority": info.priority == Priority(),
        "retry_policy": isinstance(info.retry_policy, RetryPolicy) and info.retry_policy.maximum_attempts,
        "times": [type(each).__name__ for each in (info.scheduled_time, info.started_time)],
        "aware": info.started_time.utcoffset() == timedelta(0),
        "order": info.scheduled_time <= info.current_attempt_scheduled_time <= info.started_time,
        "token": isinstance(info.task_token, bytes) and 0 < len(info.task_token),
        "run": bool(info.activity_run_id),
        "same": activity.info() is info,
        "fields": sorted(vars(info)),
    }


@activity.defn
def not_for_synchronous() -> list:
    """What only an asynchronous activity may ask for."""
    told = []
    for ask in (activity.client, lambda: asyncio.run(activity.wait_for_cancelled()), asyncio.get_running_loop):
        try:
            ask()
            told.append("no error")
        except RuntimeError as error:
            told.append(str(error))
    return told


@activity.defn
async def undisturbed() -> list:
    with activity.shield_thread_cancel_exception():
        told = [activity.is_cancelled(), activity.is_worker_shutdown(), activity.cancellation_details()]
    return told


@activity.defn
def waits_in_vain() -> list:
    return [activity.wait_for_cancelled_sync(0.01), activity.wait_for_worker_shutdown_sync(timedelta(milliseconds=10))]


@activity.defn
async def completes_elsewhere() -> None:
    activity.logger.info("waiting")
    activity.raise_complete_async()


@activity.defn
async def tasks_of_all_kinds() -> list:
    queue: asyncio.Queue = asyncio.Queue(1)
    lock, semaphore, event = asyncio.Lock(), asyncio.Semaphore(2), asyncio.Event()
    told = []

    async def produce() -> None:
        for number in range(3):
            await queue.put(number)
        event.set()

    async def consume() -> None:
        for _ in range(3):
            async with lock, semaphore:
                told.append(await queue.get())

    await asyncio.gather(produce(), consume(), event.wait())
    done, pending = await asyncio.wait(
        [asyncio.create_task(asyncio.sleep(each, each)) for each in (0.01, 60)], return_when=asyncio.FIRST_COMPLETED
    )
    for task in pending:
        task.cancel()
    told.append([task.result() for task in done])
    for next_done in asyncio.as_completed([asyncio.sleep(0.2, "late"), asyncio.sleep(0.1, "early")]):
        told.append(await next_done)
    return told


@activity.defn
async def callbacks() -> list:
    loop = asyncio.get_running_loop()
    told: list = []
    future = loop.create_future()
    loop.call_soon(told.append, "soon")
    loop.call_later(0.2, future.set_result, "later")
    loop.call_at(loop.time() + 0.1, told.append, "at")
    cancelled = loop.call_later(0.05, told.append, "never")
    cancelled.cancel()
    told.append(await future)
    name = asyncio.current_task().get_name()  # type: ignore[union-attr]
    return [*told, isinstance(name, str), loop.is_running(), asyncio.iscoroutinefunction(callbacks)]


@activity.defn
async def generators() -> list:
    closed = []

    async def numbers() -> AsyncIterator[int]:
        try:
            for number in range(10):
                await asyncio.sleep(0)
                yield number
        finally:
            closed.append("asynchronous")

    def letters() -> Iterator[str]:
        try:
            while True:
                yield (yield "a")  # type: ignore[misc]
        finally:
            closed.append("synchronous")

    generator = numbers()
    first = [await anext(generator), await anext(generator)]
    await generator.aclose()
    letter = letters()
    second = [next(letter), letter.send("b"), next(letter)]
    letter.close()
    return [first, second, closed, [number async for number in numbers() if number % 3 == 0]]


@activity.defn
def threads_without_threads() -> list:
    """What belongs to threads and needs none."""
    lock, local, event, queue = threading.RLock(), threading.local(), threading.Event(), Queue()
    with lock:
        local.value = 1
    event.set()
    queue.put("first")
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(pow, number, 2) for number in range(4)]
        failing = pool.submit(int, "x")
        told = [future.result(5) for future in futures]
    return [local.value, event.wait(1), queue.get(timeout=1), told, repr(failing.exception()), lock.acquire(False)]


@activity.defn
def loops_of_its_own() -> list:
    async def main(value: int) -> int:
        await asyncio.sleep(0)
        return value + activity.info().attempt

    with asyncio.Runner() as runner:
        told = [runner.run(main(1)), runner.run(main(2))]
    return [*told, asyncio.run(main(3))]


@activity.defn
def measures() -> None:
    meter = activity.metric_meter()
    counter: MetricCounter = meter.create_counter("ways_counter", "How many", "{piece}")
    counter.add(2)
    counter.add(3, {"kind": "extra", "number": 4, "real": 0.5, "truth": True})
    counter.with_additional_attributes({"bound": "yes"}).add(1)
    meter.with_additional_attributes({"meter": "own"}).create_counter("ways_other_counter").add(7)
    meter.create_histogram("ways_histogram", "Sizes", "By").record(70)
    meter.create_histogram_float("ways_histogram_float").record(0.25)
    meter.create_histogram_timedelta("ways_histogram_duration").record(timedelta(milliseconds=1500))
    meter.create_gauge("ways_gauge").set(5)
    meter.create_gauge_float("ways_gauge_float").set(1.25)


@activity.defn
def measures_wrongly() -> list:
    meter = activity.metric_meter()
    counter = meter.create_counter("ways_wrong_counter")
    told = []
    for measure in (
        lambda: counter.add(-1),
        lambda: counter.add("x"),  # type: ignore[arg-type]
        lambda: counter.add(1, {"key": [1]}),  # type: ignore[dict-item]
        lambda: counter.add(1.5),  # type: ignore[arg-type]
        lambda: meter.create_histogram("ways_wrong_histogram").record(-1),
        lambda: meter.create_gauge("ways_wrong_gauge").set(-1),
    ):
        try:
            measure()
            told.append("no error")
        except (TypeError, ValueError, OverflowError) as error:
            told.append(f"{type(error).__name__}: {error}")
    return told


@activity.defn
def measures_floats() -> str:
    """What Temporal's documentation does, and its worker refuses."""
    activity.metric_meter().create_histogram("ways_floats").record(0.5)  # type: ignore[arg-type]
    return "recorded"


@activity.defn
def counts_starts() -> int:
    global started
    started += 1
    return started


@activity.defn
def starts_a_thread() -> str:
    try:
        thread = threading.Thread(target=time.sleep, args=(0,))
        thread.start()
        thread.join()
    except RuntimeError as error:
        return str(error)
    return "ran"


@activity.defn
async def leaves_a_task_behind() -> str:
    async def later() -> None:
        await asyncio.sleep(0.3)
        activity.logger.info("still there")

    leaves_a_task_behind.task = asyncio.create_task(later())  # type: ignore[attr-defined]
    return "left"


@activity.defn(dynamic=True)
async def whatever_else(arguments: Sequence[RawValue]) -> list:
    """Takes the tasks of all types that no other activity has."""
    values = [activity.payload_converter().from_payload(each.payload) for each in arguments]
    return [activity.info().activity_type, *values]

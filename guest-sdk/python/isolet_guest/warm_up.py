"""Attempts of nothing while the component is built, against a host that is not there.

What Python works out at the first use of a class, a function or a loop is then in the memory that every instance begins
with, instead of being worked out by each.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import componentize_py_runtime
import temporalio.activity
import temporalio.common
from wit_world.imports import cancellation, info
from wit_world.imports import types as wit

from . import attempt

if TYPE_CHECKING:
    from .runner import Runner

# Enough for the interpreter to take notice of nearly everything.
_TIMES = 60

_NAME = "isolet.warm-up"


@temporalio.activity.defn(name=_NAME)
def _synchronous(value: Any = None) -> Any:
    temporalio.activity.logger.info("warm up %s", temporalio.activity.info().attempt)
    temporalio.activity.heartbeat(1)
    return [value, temporalio.activity.is_cancelled()]


@temporalio.activity.defn(name=_NAME)
async def _asynchronous(value: Any = None) -> Any:
    temporalio.activity.logger.info("warm up %s", temporalio.activity.info().attempt)
    temporalio.activity.heartbeat(1)
    return [value, temporalio.activity.is_cancelled()]


@dataclasses.dataclass
class _Value:
    a: list[Any]


@temporalio.activity.defn(name=_NAME)
async def _converted(value: _Value) -> _Value:
    """What is given and returned is converted by its type."""
    return value


@temporalio.activity.defn(name=_NAME)
def _raw(value: temporalio.common.RawValue) -> temporalio.common.RawValue:
    """What is given and returned is one of Temporal's messages, and left to the official worker."""
    return value


@temporalio.activity.defn(name=_NAME)
def _failing(value: Any = None) -> Any:
    raise ValueError(value)


Execute = Callable[[str, list[wit.Payload]], Any]


class WarmUp:
    """Runs each kind of activity some times, and leaves no trace of it but what was worked out."""

    def __init__(self, runner: Runner, execute: Execute) -> None:
        self._runner = runner
        # The component's export: what hands it the arguments, and takes the outcome, is worked out, too.
        self._execute = execute

    def run(self) -> None:
        self._run(_synchronous, _asynchronous, _converted, _raw, _failing)

    def run_succeeding(self) -> None:
        self._run(_synchronous, _asynchronous, _converted, _raw)

    def _run(self, *kinds: Callable[..., Any]) -> None:
        activities = self._runner.worker._activities
        arguments = [wit.Payload([("encoding", b"json/plain")], b'{"a":["b",1]}')]
        with _no_host():
            for activity in kinds:
                activities[_NAME] = temporalio.activity._Definition.must_from_callable(activity)
                for _ in range(_TIMES):
                    self._execute(_NAME, arguments)
        del activities[_NAME]
        self._runner.forget()


# What the host's functions answer; flags are looked at as a host would.
_ANSWERS: dict[str, Callable[..., Any]] = {
    "get": lambda: _info(),
    "wait": lambda until, timeout: cancellation.Event(until.value and 0),
    "details": lambda: None,
    "record": lambda details: None,
    "enabled": lambda level: True,
    "get_environment": lambda: [],
    "write": lambda line: None,
}


@contextmanager
def _no_host() -> Iterator[None]:
    """Answers in the host's place, at the end of the functions that call it, which therefore run."""

    def call_import(index: int, arguments: list[Any]) -> Any:
        return _ANSWERS[sys._getframe(1).f_code.co_name](*arguments)

    real = componentize_py_runtime.call_import
    componentize_py_runtime.call_import = call_import
    try:
        yield
    finally:
        componentize_py_runtime.call_import = real
        attempt.current = None


def _info() -> info.ActivityInfo:
    now = wit.Timestamp(1_700_000_000, 0)
    timeout = wit.Duration(10, 0)
    return info.ActivityInfo(
        activity_id="1",
        activity_run_id=None,
        activity_type=_NAME,
        attempt=1,
        namespace="default",
        task_queue="default",
        task_token=b"token",
        workflow=info.WorkflowExecution("default", "workflow", "run", "Workflow"),
        is_local=False,
        scheduled_time=now,
        current_attempt_scheduled_time=now,
        started_time=now,
        schedule_to_close_timeout=timeout,
        start_to_close_timeout=timeout,
        heartbeat_timeout=timeout,
        deadline=now,
        heartbeat_details=[],
        retry_policy=wit.RetryPolicy(timeout, 2.0, timeout, 3, []),
        priority=wit.Priority(1, None, None),
        headers=[],
    )

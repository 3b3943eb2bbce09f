"""Attempts of nothing while the component is built, against a host that is not there.

What Python works out at the first use of a class, a function or a loop is then in the memory that every instance begins
with, instead of being worked out by each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import temporalio.activity
from wit_world.imports import cancellation, heartbeat, info, log
from wit_world.imports import types as wit

from . import attempt

if TYPE_CHECKING:
    from .runner import Runner

# Enough for the interpreter to take notice.
_TIMES = 20

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


@temporalio.activity.defn(name=_NAME)
def _failing(value: Any = None) -> Any:
    raise ValueError(value)


def run(runner: Runner) -> None:
    """Runs each kind of activity some times, and leaves no trace of it but what was worked out."""
    activities = runner.worker._activities
    arguments = [wit.Payload([("encoding", b"json/plain")], b'{"a":["b",1]}')]
    with _no_host():
        for activity in (_synchronous, _asynchronous, _failing):
            activities[_NAME] = temporalio.activity._Definition.must_from_callable(activity)
            for _ in range(_TIMES):
                runner.run(_NAME, arguments)
    del activities[_NAME]
    runner.forget()


@contextmanager
def _no_host() -> Iterator[None]:
    """The host's functions, replaced by ones that answer nothing; each is put back."""
    answers: list[tuple[Any, str, Any]] = [
        (info, "get", _info),
        (cancellation, "wait", lambda until, timeout: cancellation.Event(0)),
        (cancellation, "details", lambda: None),
        (heartbeat, "record", lambda details: None),
        (log, "enabled", lambda level: True),
        (log, "write", lambda line: None),
    ]
    real = [(module, name, getattr(module, name)) for module, name, _ in answers]
    for module, name, answer in answers:
        setattr(module, name, answer)
    try:
        yield
    finally:
        for module, name, function in real:
            setattr(module, name, function)
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

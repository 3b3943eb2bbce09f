"""What is known of the running attempt, under the official worker's names: each made when it is first asked for.

Most activities ask for little of it, and to make all of it took as long as all else that an attempt does.
"""

from __future__ import annotations

import functools
import threading
from asyncio import Event as AsyncEvent
from asyncio import Lock
from typing import TYPE_CHECKING, Any

import temporalio.activity
import temporalio.common
import temporalio.converter
import temporalio.worker._activity as official
from wit_world.imports import heartbeat
from wit_world.imports import info as wit_info
from wit_world.imports import types as wit

from . import attempt, convert, start

if TYPE_CHECKING:
    from .worker import Ended, Worker


class Event(temporalio.common._CompositeEvent):
    """An event of which each side is made when it is asked for."""

    def __init__(self) -> None:
        pass

    @functools.cached_property
    def thread_event(self) -> threading.Event | None:  # type: ignore[override]
        return threading.Event()

    @functools.cached_property
    def async_event(self) -> AsyncEvent | None:  # type: ignore[override]
        return AsyncEvent()


class Running(official._RunningActivity):
    """The official worker's state of the attempt, with its cancellation tied to the host's."""

    def __init__(self, worker: Worker, about: wit_info.ActivityInfo, activity_type: str, arguments: list[wit.Payload]) -> None:
        self.about, self.activity_type, self.arguments = about, activity_type, arguments
        self.definition = worker._activities.get(activity_type, worker._dynamic_activity)
        self.sync = self.definition is not None and not self.definition.is_async
        self.attempt = attempt.Attempt(self, worker.notify_shutdown)
        self.cancellation_details = temporalio.activity._ActivityCancellationDetailsHolder()
        self._converter = worker._data_converter
        self.heartbeat_details: list[Any] = []
        # The outcome, where the activity completed with a plain result.
        self.result: wit.Payload | None = None
        # How the activity has ended, as long as the official worker is to be told.
        self.ended: Ended | None = None
        # Whether the activity's code ended with a cancellation.
        self.let_out = False

    @functools.cached_property
    def info(self) -> temporalio.activity.Info:  # type: ignore[override]
        return start.info(self.about, self.activity_type, self.heartbeat_details)

    @functools.cached_property
    def cancelled_event(self) -> Event:  # type: ignore[override]
        return Event()

    @functools.cached_property
    def heartbeat_lock(self) -> Lock:  # type: ignore[override]
        return Lock()

    @property
    def is_lost_and_let_out(self) -> bool:
        """Whether nobody waits for the outcome any more, and the activity obeyed."""
        details = self.cancellation_details.details
        return self.let_out and details is not None and (details.timed_out or details.not_found)

    def cancel(
        self,
        *,
        cancelled_by_request: bool = False,
        cancelled_due_to_heartbeat_error: Exception | None = None,
    ) -> None:
        if cancelled_due_to_heartbeat_error is not None:
            self.attempt.expect_no_cancellation()
            heartbeat.record_failed(_chain(cancelled_due_to_heartbeat_error, self._converter))
        super().cancel(
            cancelled_by_request=cancelled_by_request,
            cancelled_due_to_heartbeat_error=cancelled_due_to_heartbeat_error,
        )


def _chain(error: Exception, converter: temporalio.converter.DataConverter) -> list[wit.Failure]:
    failure = convert._Failure()
    converter.failure_converter.to_failure(error, converter.payload_converter, failure)
    return convert.chain_to_wit(failure)


class Context(temporalio.activity._Context):
    """Where the functions of `temporalio.activity` look."""

    def __init__(
        self, worker: Worker, running: Running, payload_converter: temporalio.converter.PayloadConverter
    ) -> None:
        self._worker, self._running = worker, running
        raiser: Any = running.cancel_thread_raiser
        self.shield_thread_cancel_exception = raiser.shielded if raiser else None
        self.payload_converter_class_or_instance = payload_converter
        self.runtime_metric_meter = worker._metric_meter
        self.client = None if running.sync else worker._client

    def info(self) -> temporalio.activity.Info:  # type: ignore[override]
        return self._running.info

    def heartbeat(self, *details: Any) -> None:  # type: ignore[override]
        self._worker.heartbeat(self._running, details)

    @property
    def cancelled_event(self) -> Event:  # type: ignore[override]
        return self._running.cancelled_event

    @property
    def worker_shutdown_event(self) -> temporalio.common._CompositeEvent:  # type: ignore[override]
        event = self._worker._worker_shutdown_event
        assert event is not None
        return event

    @property
    def cancellation_details(self) -> temporalio.activity._ActivityCancellationDetailsHolder:  # type: ignore[override]
        return self._running.cancellation_details

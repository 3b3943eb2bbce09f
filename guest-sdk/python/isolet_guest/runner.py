"""Runs one attempt through Temporal's own activity worker.

The official worker decodes, calls, catches and encodes; only what needs threads or a connection is replaced.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import os
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import temporalio.activity
import temporalio.client
import temporalio.common
import temporalio.converter
import temporalio.exceptions
import temporalio.runtime
import temporalio.service
import temporalio.worker._activity as official
from wit_world.exports import handler
from wit_world.imports import heartbeat, info
from wit_world.imports import types as wit

from . import attempt, convert, converters, library, logs, loop, monitoring, start, tracebacks

class Runner:
    """The official activity worker, with this attempt's connection to the host."""

    def __init__(self, activities: Sequence[Callable[..., Any]], converter: temporalio.converter.DataConverter) -> None:
        self._connection = _Connection()
        # Made when the component is built: every attempt begins with one that has not run.
        self._loop = loop.Loop()
        runtime = temporalio.runtime.Runtime(telemetry=temporalio.runtime.TelemetryConfig())
        self._client = _client(runtime, converter)
        official._ThreadExceptionRaiser = attempt.Interrupter  # type: ignore[assignment,misc]
        official._ActivityInboundImpl = _Inbound  # type: ignore[misc]
        self.worker = official._ActivityWorker(
            bridge_worker=lambda: self._connection,  # type: ignore[arg-type,return-value]
            task_queue="",
            activities=activities,
            # Never asked for a thread: it only says that synchronous activities are of the threaded kind.
            activity_executor=concurrent.futures.ThreadPoolExecutor(1),
            shared_state_manager=None,
            data_converter=converters.with_users_tracebacks(converter),
            interceptors=[],
            metric_meter=runtime.metric_meter,
            client=self._client,
            encode_headers=False,
        )

    def definitions(self) -> list[temporalio.activity._Definition]:
        """Every activity, a dynamic one last."""
        named = list(self.worker._activities.values())
        dynamic = self.worker._dynamic_activity
        return [*named, dynamic] if dynamic else named

    def run(self, activity_type: str, arguments: list[wit.Payload]) -> handler.Outcome:
        """Runs the attempt that this instance was made for."""
        about = info.get()
        # All instances begin with the memory of the build, this generator's state included.
        random.seed(os.urandom(32))
        self._client._config["namespace"] = about.namespace
        self.worker._task_queue = about.task_queue
        self.worker._worker_shutdown_event = temporalio.common._CompositeEvent(
            thread_event=official.threading.Event(), async_event=official.asyncio.Event()
        )
        library.begin()
        running = Running(self.worker)
        attempt.current = running.attempt
        logs.begin()
        token = about.task_token
        self.worker._running_activities[token] = running
        begin = start.Start(about, activity_type, arguments)
        work = self.worker._handle_start_activity_task(token, begin, running)  # type: ignore[arg-type]
        definition = self.worker._activities.get(activity_type, self.worker._dynamic_activity)
        if definition is None or not definition.is_async:
            _run_at_once(work)
        else:
            self._loop.run_at_once(work)
        return self._connection.outcome(running.is_lost_and_let_out)

    def forget(self) -> None:
        """Leaves nothing of attempts that were none."""
        self.worker._running_activities.clear()
        self.worker._worker_shutdown_event = None
        self._connection._completion = None
        self._loop = loop.Loop()


def _client(
    runtime: temporalio.runtime.Runtime, converter: temporalio.converter.DataConverter
) -> temporalio.client.Client:
    """The official client on the worker's connection; nothing happens before it is used."""
    config = temporalio.service.ConnectConfig(
        target_host="the worker's connection", lazy=True, identity="isolet", runtime=runtime
    )
    return temporalio.client.Client(temporalio.service._BridgeServiceClient(config), data_converter=converter)


def _run_at_once(work: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine that never has to wait, outside of any loop: the activity may run one of its own."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("a synchronous activity waited in its worker")


class Running(official._RunningActivity):
    """The official worker's state of the attempt, with its cancellation tied to the host's."""

    def __init__(self, worker: official._ActivityWorker) -> None:
        super().__init__()
        self.attempt = attempt.Attempt(self, worker.notify_shutdown)
        self._converter = worker._data_converter
        # Whether the activity's code ended with a cancellation.
        self.let_out = False

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


class _Connection:
    """What the official worker says to its server goes to the host."""

    def __init__(self) -> None:
        self._completion: Any = None

    def record_activity_heartbeat(self, message: Any) -> None:
        heartbeat.record(convert.payloads_to_wit(message.details))

    async def complete_activity_task(self, completion: Any) -> None:
        self._completion = completion

    def outcome(self, let_out: bool) -> handler.Outcome:
        """How the attempt ended; `let_out` when the activity let a cancellation end it."""
        if self._completion is None:
            raise RuntimeError("the activity's worker gave no outcome; the log says why")
        result = self._completion.result
        match result.WhichOneof("status"):
            case "completed":
                return handler.Outcome_Completed(convert.payload_to_wit(result.completed.result))
            case "cancelled":
                return handler.Outcome_Cancelled([])
            case "will_complete_async":
                return handler.Outcome_WillCompleteAsync()
            case _ if let_out or result.failed.failure.HasField("canceled_failure_info"):
                # The official worker fails an attempt whose cancellation nobody requested; here the host decides.
                details = result.failed.failure.canceled_failure_info.details.payloads
                return handler.Outcome_Cancelled(convert.payloads_to_wit(details))
            case _ if tracebacks.ran_out and _says_nothing_but_memory(result.failed.failure):
                # The host knows what was asked for, and which limit was in the way: it says so of what ends like this.
                raise MemoryError
            case _:
                return handler.Outcome_Failed(convert.chain_to_wit(result.failed.failure))


def _says_nothing_but_memory(failure: convert._Failure) -> bool:
    return not failure.message and failure.application_failure_info.type == MemoryError.__name__


class _Inbound(official.ActivityInboundInterceptor):
    """Calls the activity. Takes the place of the official worker's, which needs threads for synchronous ones."""

    def __init__(self, worker: official._ActivityWorker, running: Running) -> None:
        self._worker = worker
        self._running = running

    def init(self, outbound: official.ActivityOutboundInterceptor) -> None:
        context = temporalio.activity._Context.current()
        context.info = outbound.info
        context.heartbeat = outbound.heartbeat

    async def execute_activity(self, input: official.ExecuteActivityInput) -> Any:
        logs.speak()
        try:
            if self._running.sync:
                return contextvars.copy_context().run(self._execute_sync, input)
            # What a cancellation cancels. Nothing is delivered before this.
            self._running.task = asyncio.current_task()
            self._running.attempt.begin()
            return await input.fn(*input.args)
        except (asyncio.CancelledError, temporalio.exceptions.CancelledError):
            self._running.let_out = True
            raise
        finally:
            logs.quiet()

    def _execute_sync(self, input: official.ExecuteActivityInput) -> Any:
        running = self._running
        raiser: Any = running.cancel_thread_raiser
        context = temporalio.activity._Context.current()
        context.heartbeat = self._heartbeat_sync
        context.cancelled_event.thread_event = attempt.HostEvent(attempt.CANCELLED)  # type: ignore[assignment]
        context.worker_shutdown_event = temporalio.common._CompositeEvent(
            thread_event=attempt.HostEvent(attempt.WORKER_SHUTDOWN),  # type: ignore[arg-type]
            async_event=None,
        )
        running.cancellation_details = context.cancellation_details = attempt.HostDetails()  # type: ignore[assignment]
        # An activity that is not to be interrupted still sleeps and waits as a synchronous one.
        running.attempt.interrupter = interrupter = raiser or attempt.Interrupter()
        running.attempt.begin()
        if raiser is None:
            return input.fn(*input.args)
        with interrupter.active(), monitoring.of(context.info().activity_type):
            return input.fn(*input.args)

    def _heartbeat_sync(self, *details: Any) -> None:
        running = self._running
        running.pending_heartbeat = details
        work = self._worker._send_latest_heartbeat(temporalio.activity.logger, running, b"")
        _run_at_once(work)
        attempt.safe_point()

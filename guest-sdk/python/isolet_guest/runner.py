"""Runs one attempt through Temporal's own activity worker, and says how it ended."""

from __future__ import annotations

import concurrent.futures
import os
import random
from collections.abc import Callable, Sequence
from typing import Any

import temporalio.activity
import temporalio.client
import temporalio.converter
import temporalio.runtime
import temporalio.service
from wit_world.exports import handler
from wit_world.imports import heartbeat, info
from wit_world.imports import types as wit

from . import attempt, convert, converters, library, logs, loop, messages, tracebacks
from .running import Running
from .worker import Worker, run_without_loop


class Runner:
    """The official activity worker, with this attempt's connection to the host."""

    def __init__(self, activities: Sequence[Callable[..., Any]], converter: temporalio.converter.DataConverter) -> None:
        messages.install()
        self._connection = _Connection()
        # Made when the component is built: every attempt begins with one that has not run.
        self._loop = loop.Loop()
        runtime = temporalio.runtime.Runtime(telemetry=temporalio.runtime.TelemetryConfig())
        self._client = _client(runtime, converter)
        self.worker = Worker(
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
        random.seed(int.from_bytes(os.urandom(32)))
        self._client._config["namespace"] = about.namespace
        library.begin()
        running = Running(self.worker, about, activity_type, arguments)
        attempt.current = running.attempt
        logs.begin()
        self.worker.begin(running)
        work = self.worker.work(running)
        if running.sync or not running.definition:
            run_without_loop(work)
        else:
            self._loop.run_at_once(work)
        if running.result:
            return handler.Outcome_Completed(running.result)
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
        match result.status:
            case "completed":
                return handler.Outcome_Completed(result.completed.result.copied)
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

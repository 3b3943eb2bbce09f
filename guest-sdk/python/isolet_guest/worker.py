"""The official activity worker, spared what it does for each attempt that the attempt has no use for.

An activity whose arguments and result are plain is called without it. It comes in where something else is to be decided:
which failure an error becomes, whether the attempt was cancelled, what another converter makes of arguments and result.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable
from typing import Any, NamedTuple

import temporalio.activity
import temporalio.common
import temporalio.converter
import temporalio.exceptions
import temporalio.worker._activity as official
from wit_world.imports import types as wit

from . import attempt, calling, convert, messages, plain, start
from .running import Context, Event, Running


class Ended(NamedTuple):
    """How the activity has ended: with a result, or with an error."""

    result: Any
    error: BaseException | None


class Worker(official._ActivityWorker):
    """Runs the one attempt that there is."""

    def __init__(self, *, data_converter: temporalio.converter.DataConverter, **others: Any) -> None:
        self._is_plain = plain.is_known(data_converter)
        super().__init__(data_converter=plain.of(data_converter) if self._is_plain else data_converter, **others)

    def begin(self, running: Running) -> None:
        """Takes the attempt for its own."""
        self._task_queue = running.about.task_queue
        self._worker_shutdown_event = Event()
        self._running_activities[running.about.task_token] = running

    async def work(self, running: Running) -> None:
        """Runs the attempt. Its result is left with it if that is plain; of another end the connection is told."""
        definition = running.definition
        if definition is not None and self._is_plain:
            try:
                result = await self._call(running, definition, self._data_converter)
                running.ended = Ended(result, None)
                payload = plain.result_to_wit(result)
            except BaseException as error:
                running.ended = Ended(None, error)
            else:
                if payload and (not running.last_heartbeat_task or await _ends(running.last_heartbeat_task)):
                    running.result = payload
                    return
        about = running.about
        begin = start.Start(about, running.activity_type)
        await self._handle_start_activity_task(about.task_token, begin, running)  # type: ignore[arg-type]

    async def _execute_activity(
        self,
        start: Any,
        running_activity: Any,
        task_token: bytes,
        data_converter: temporalio.converter.DataConverter,
    ) -> Any:
        """Called by the official worker, for what it makes of the result or of the error."""
        running: Running = running_activity
        if running.ended:
            if running.ended.error is not None:
                raise running.ended.error
            return running.ended.result
        if running.definition is None:
            # It says which activities there are.
            return await super()._execute_activity(start, running, task_token, data_converter)
        return await self._call(running, running.definition, data_converter)

    async def _call(
        self,
        running: Running,
        definition: temporalio.activity._Definition,
        converter: temporalio.converter.DataConverter,
    ) -> Any:
        if running.sync and not definition.no_thread_cancel_exception:
            running.cancel_thread_raiser = attempt.Interrupter()  # type: ignore[assignment]
        try:
            arguments = await self._arguments(running, definition, converter)
            await self._decode_heartbeat(running, converter)
            temporalio.activity._Context.set(Context(self, running, converter.payload_converter))
            return await calling.call(running, definition.fn, arguments)
        finally:
            # A cancellation from here on does not interrupt what reports the outcome.
            running.done = True

    async def _arguments(
        self,
        running: Running,
        definition: temporalio.activity._Definition,
        converter: temporalio.converter.DataConverter,
    ) -> list[Any]:
        given = running.arguments
        if not given:
            return [] if definition.name else [[]]
        hints = definition.arg_types
        if not definition.name:
            # A dynamic activity is given all of them as they are.
            hints = [temporalio.common.RawValue] * len(given)
        elif hints is not None and len(hints) != len(given):
            hints = None
        arguments = plain.arguments_from_wit(given, hints) if self._is_plain else None
        if arguments is None:
            try:
                arguments = await self._decode(given, hints, converter)
            except Exception as error:
                raise temporalio.exceptions.ApplicationError("Failed decoding arguments") from error
        return arguments if definition.name else [arguments]

    async def _decode(
        self, given: list[wit.Payload], hints: list[type] | None, converter: temporalio.converter.DataConverter
    ) -> list[Any]:
        if self._is_plain and plain.has_plain(given, hints):
            return converter.payload_converter.from_payloads(list(map(messages.Payload.of, given)), hints)  # type: ignore[arg-type]
        return await converter.decode([convert.payload_from_wit(each) for each in given], hints)

    async def _decode_heartbeat(self, running: Running, converter: temporalio.converter.DataConverter) -> None:
        details = running.about.heartbeat_details
        if not details:
            return
        try:
            running.heartbeat_details = await self._decode(details, None, converter)
        except Exception as error:
            raise temporalio.exceptions.ApplicationError(
                "Failed decoding heartbeat details", non_retryable=True
            ) from error

    def heartbeat(self, running: Running, details: tuple[Any, ...]) -> None:
        """What `activity.heartbeat` does."""
        if not running.sync:
            return self._heartbeat(running.about.task_token, *details)
        running.pending_heartbeat = details
        run_without_loop(self._send_latest_heartbeat(temporalio.activity.logger, running, b""))
        attempt.safe_point()


async def _ends(last_heartbeat: Awaitable[None]) -> bool:
    """Lets the last heartbeat be sent. What comes of one that does not end well the official worker knows."""
    try:
        await last_heartbeat
    except BaseException:
        return False
    return True


def run_without_loop(work: Any) -> Any:
    """Runs a coroutine that never has to wait, outside of any loop: the activity may run one of its own."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    with contextlib.closing(work):
        raise RuntimeError("a synchronous activity waited in its worker")

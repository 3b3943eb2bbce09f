"""The message with which the official worker is told of an attempt.

To build the real one, and to read it again, would take Python's protobuf half of the processor time of a short attempt.
So this is what the host has told, under the message's names; nothing but the worker's own functions ever sees it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wit_world.imports import info as wit_info
from wit_world.imports import types as wit

from . import convert

_EPOCH = datetime(1970, 1, 1)


class Start:
    """Stands for `temporalio.bridge.proto.activity_task.Start`, in what `_ActivityWorker` reads of it."""

    def __init__(self, info: wit_info.ActivityInfo, activity_type: str, arguments: list[wit.Payload]) -> None:
        self.activity_id = info.activity_id
        self.activity_type = activity_type
        self.attempt = info.attempt
        self.is_local = info.is_local
        self.run_id = info.activity_run_id or ""
        self.input = [convert.payload_from_wit(argument) for argument in arguments]
        self.heartbeat_details = [convert.payload_from_wit(detail) for detail in info.heartbeat_details]
        self.header_fields = {name: convert.payload_from_wit(payload) for name, payload in info.headers}
        workflow = info.workflow
        # Told of an activity without a workflow, too.
        self.workflow_namespace = workflow.namespace if workflow else info.namespace
        self.workflow_type = workflow.workflow_type if workflow else ""
        self.workflow_execution = _Execution(workflow)
        self.scheduled_time = _Time(info.scheduled_time)
        self.current_attempt_scheduled_time = _Time(info.current_attempt_scheduled_time)
        self.started_time = _Time(info.started_time)
        self.schedule_to_close_timeout = _duration(info.schedule_to_close_timeout)
        self.start_to_close_timeout = _duration(info.start_to_close_timeout)
        self.heartbeat_timeout = _duration(info.heartbeat_timeout)
        self.retry_policy = _RetryPolicy(info.retry_policy) if info.retry_policy else None
        # Named as in the message, and as empty where it says nothing.
        self.priority = info.priority

    def HasField(self, name: str) -> bool:
        return getattr(self, name) is not None


class _Execution:
    def __init__(self, workflow: wit_info.WorkflowExecution | None) -> None:
        self.workflow_id = workflow.workflow_id if workflow else ""
        self.run_id = workflow.run_id if workflow else ""


class _RetryPolicy:
    def __init__(self, policy: wit.RetryPolicy) -> None:
        self.initial_interval = _duration(policy.initial_interval) or _Duration(wit.Duration(0, 0))
        self.backoff_coefficient = policy.backoff_coefficient
        self.maximum_interval = _duration(policy.maximum_interval)
        self.maximum_attempts = policy.maximum_attempts
        self.non_retryable_error_types = policy.non_retryable_error_types

    def HasField(self, name: str) -> bool:
        return getattr(self, name) is not None


class _Time:
    def __init__(self, timestamp: wit.Timestamp) -> None:
        self._timestamp = timestamp

    def ToDatetime(self) -> datetime:
        at = self._timestamp
        return _EPOCH + timedelta(seconds=at.seconds, microseconds=at.nanoseconds // 1000)


class _Duration:
    def __init__(self, duration: wit.Duration) -> None:
        self.seconds = duration.seconds
        self.nanos = duration.nanoseconds

    def ToTimedelta(self) -> timedelta:
        return timedelta(seconds=self.seconds, microseconds=self.nanos // 1000)


def _duration(duration: wit.Duration | None) -> _Duration | None:
    return None if duration is None else _Duration(duration)

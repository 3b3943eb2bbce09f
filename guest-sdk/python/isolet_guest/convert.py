"""Between the contract's types and Temporal's messages."""

from __future__ import annotations

from collections.abc import Iterable

import google.protobuf.duration_pb2
import google.protobuf.timestamp_pb2
import temporalio.api.common.v1
import temporalio.api.failure.v1
import temporalio.bridge.proto.activity_task
from wit_world.imports import info as wit_info
from wit_world.imports import types as wit

_Payload = temporalio.api.common.v1.Payload
_Failure = temporalio.api.failure.v1.Failure
_Duration = google.protobuf.duration_pb2.Duration
_Timestamp = google.protobuf.timestamp_pb2.Timestamp

_TIMEOUTS = [
    wit.TimeoutType.UNSPECIFIED,
    wit.TimeoutType.START_TO_CLOSE,
    wit.TimeoutType.SCHEDULE_TO_START,
    wit.TimeoutType.SCHEDULE_TO_CLOSE,
    wit.TimeoutType.HEARTBEAT,
]
_BENIGN = 1


def payload_from_wit(payload: wit.Payload) -> _Payload:
    return _Payload(metadata=dict(payload.metadata), data=payload.data)


def payload_to_wit(payload: _Payload) -> wit.Payload:
    return wit.Payload(metadata=list(payload.metadata.items()), data=payload.data)


def payloads_to_wit(payloads: Iterable[_Payload]) -> list[wit.Payload]:
    return [payload_to_wit(payload) for payload in payloads]


def seconds_to_wit(seconds: float) -> wit.Duration:
    """The duration of a sleep; what lasts longer than the contract can say lasts for ever."""
    nanoseconds = max(0, int(seconds * 1_000_000_000))
    return wit.Duration(min(nanoseconds // 1_000_000_000, 2**64 - 1), nanoseconds % 1_000_000_000)


def _duration(duration: wit.Duration) -> _Duration:
    return _Duration(seconds=duration.seconds, nanos=duration.nanoseconds)


def _timestamp(timestamp: wit.Timestamp) -> _Timestamp:
    return _Timestamp(seconds=timestamp.seconds, nanos=timestamp.nanoseconds)


def start_from_wit(
    info: wit_info.ActivityInfo, activity_type: str, arguments: list[wit.Payload]
) -> temporalio.bridge.proto.activity_task.Start:
    """The message with which the official worker is told of an attempt."""
    start = temporalio.bridge.proto.activity_task.Start(
        activity_id=info.activity_id,
        activity_type=activity_type,
        attempt=info.attempt,
        is_local=info.is_local,
        input=[payload_from_wit(argument) for argument in arguments],
        heartbeat_details=[payload_from_wit(detail) for detail in info.heartbeat_details],
        scheduled_time=_timestamp(info.scheduled_time),
        current_attempt_scheduled_time=_timestamp(info.current_attempt_scheduled_time),
        started_time=_timestamp(info.started_time),
    )
    for name, payload in info.headers:
        start.header_fields[name].CopyFrom(payload_from_wit(payload))
    if workflow := info.workflow:
        start.workflow_namespace = workflow.namespace
        start.workflow_type = workflow.workflow_type
        start.workflow_execution.workflow_id = workflow.workflow_id
        start.workflow_execution.run_id = workflow.run_id
    if info.activity_run_id is not None:
        start.run_id = info.activity_run_id
    for name in ("schedule_to_close_timeout", "start_to_close_timeout", "heartbeat_timeout"):
        if timeout := getattr(info, name):
            getattr(start, name).CopyFrom(_duration(timeout))
    if policy := info.retry_policy:
        _set_retry_policy(start.retry_policy, policy)
    _set_priority(start.priority, info.priority)
    return start


def _set_retry_policy(message: temporalio.api.common.v1.RetryPolicy, policy: wit.RetryPolicy) -> None:
    message.backoff_coefficient = policy.backoff_coefficient
    message.maximum_attempts = policy.maximum_attempts
    message.non_retryable_error_types.extend(policy.non_retryable_error_types)
    if policy.initial_interval:
        message.initial_interval.CopyFrom(_duration(policy.initial_interval))
    if policy.maximum_interval:
        message.maximum_interval.CopyFrom(_duration(policy.maximum_interval))


def _set_priority(message: temporalio.api.common.v1.Priority, priority: wit.Priority) -> None:
    if priority.priority_key is not None:
        message.priority_key = priority.priority_key
    if priority.fairness_key is not None:
        message.fairness_key = priority.fairness_key
    if priority.fairness_weight is not None:
        message.fairness_weight = priority.fairness_weight


def chain_to_wit(failure: _Failure) -> list[wit.Failure]:
    """A failure and its causes, outermost first."""
    chain = [_link(failure)]
    while failure.HasField("cause"):
        failure = failure.cause
        chain.append(_link(failure))
    return chain


def _link(failure: _Failure) -> wit.Failure:
    encoded = failure.encoded_attributes
    return wit.Failure(
        message=failure.message,
        stack_trace=failure.stack_trace,
        kind=_kind(failure),
        encoded_attributes=payload_to_wit(encoded) if failure.HasField("encoded_attributes") else None,
    )


def _kind(failure: _Failure) -> wit.FailureKind:
    name = failure.WhichOneof("failure_info")
    match name:
        case None | "application_failure_info":
            return wit.FailureKind_Application(_application(failure.application_failure_info))
        case "canceled_failure_info":
            return wit.FailureKind_Cancelled(payloads_to_wit(failure.canceled_failure_info.details.payloads))
        case "timeout_failure_info":
            info = failure.timeout_failure_info
            details = payloads_to_wit(info.last_heartbeat_details.payloads)
            return wit.FailureKind_Timeout(wit.TimeoutFailure(_TIMEOUTS[info.timeout_type], details))
        case "terminated_failure_info":
            return wit.FailureKind_Terminated()
        case "server_failure_info":
            return wit.FailureKind_Server(failure.server_failure_info.non_retryable)
        case "activity_failure_info":
            info = failure.activity_failure_info
            return wit.FailureKind_Activity(
                wit.ActivityFailure(info.activity_type.name, info.activity_id, info.identity)
            )
        case "child_workflow_execution_failure_info":
            info = failure.child_workflow_execution_failure_info
            execution = info.workflow_execution
            return wit.FailureKind_ChildWorkflow(
                wit.ChildWorkflowFailure(
                    info.namespace, info.workflow_type.name, execution.workflow_id, execution.run_id
                )
            )
        case _:
            return wit.FailureKind_Other(name)


def _application(info: temporalio.api.failure.v1.ApplicationFailureInfo) -> wit.ApplicationFailure:
    delay = info.next_retry_delay if info.HasField("next_retry_delay") else None
    return wit.ApplicationFailure(
        type=info.type,
        non_retryable=info.non_retryable,
        details=payloads_to_wit(info.details.payloads),
        # The contract knows no negative lengths of time.
        next_retry_delay=wit.Duration(max(0, delay.seconds), max(0, delay.nanos)) if delay else None,
        category=wit.FailureCategory.BENIGN if info.category == _BENIGN else wit.FailureCategory.UNSPECIFIED,
    )

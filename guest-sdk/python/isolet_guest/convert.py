"""Between the contract's types and Temporal's messages."""

from __future__ import annotations

import re
from collections.abc import Iterable

import temporalio.api.common.v1
import temporalio.api.failure.v1
from wit_world.imports import types as wit

_Payload = temporalio.api.common.v1.Payload
_Failure = temporalio.api.failure.v1.Failure

_TIMEOUTS = [
    wit.TimeoutType.UNSPECIFIED,
    wit.TimeoutType.START_TO_CLOSE,
    wit.TimeoutType.SCHEDULE_TO_START,
    wit.TimeoutType.SCHEDULE_TO_CLOSE,
    wit.TimeoutType.HEARTBEAT,
]
_BENIGN = 1


# What a Python text may have, and UTF-8 can't carry.
_SURROGATE = re.compile("[\ud800-\udfff]")


def text(value: object) -> str:
    """A text for the host. What UTF-8 can't carry is written as Python's standard error writes it."""
    value = str(value)
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def json_text(document: str) -> str:
    """A JSON document for the host, whose texts are such texts."""
    if document.isascii():
        return document
    return _SURROGATE.sub(lambda found: f"\\\\u{ord(found[0]):x}", document)


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

"""Ways to fail."""

from datetime import timedelta
from typing import Callable, Dict, Optional

from temporalio import activity
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ApplicationErrorCategory,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    RetryState,
    ServerError,
    TerminatedError,
    TimeoutError,
    TimeoutType,
)


def milliseconds(number: Optional[int]) -> Optional[timedelta]:
    return None if number is None else timedelta(milliseconds=number)


@activity.defn
def fail() -> int:
    return int("x")


@activity.defn
async def fail_application(type: str, non_retryable: bool, next_retry_delay_ms: Optional[int] = None) -> None:
    raise ApplicationError(
        "failed on purpose",
        "detail",
        42,
        type=type,
        non_retryable=non_retryable,
        next_retry_delay=milliseconds(next_retry_delay_ms),
    )


@activity.defn
async def fail_benign() -> None:
    raise ApplicationError("expected", type="Expected", category=ApplicationErrorCategory.BENIGN)


@activity.defn
async def fail_empty() -> None:
    raise ApplicationError("")


@activity.defn
async def fail_until_attempt(attempt: int, next_retry_delay_ms: Optional[int] = None) -> int:
    now = activity.info().attempt
    if now < attempt:
        delay = milliseconds(next_retry_delay_ms)
        raise ApplicationError(f"attempt {now} fails", type="NotYet", next_retry_delay=delay)
    return now


@activity.defn
async def fail_with_bad_detail() -> None:
    raise ApplicationError("lost", object(), type="Lost")


@activity.defn
def fail_with_cause() -> None:
    try:
        try:
            int("x")
        except ValueError as error:
            raise ApplicationError("inner", type="Inner") from error
    except ApplicationError as error:
        raise ApplicationError("outer", type="Outer") from error


@activity.defn
def fail_cancelled() -> None:
    raise CancelledError("nobody asked for it")


KINDS: Dict[str, Callable[[str], FailureError]] = {
    "timeout": lambda message: TimeoutError(message, type=TimeoutType.START_TO_CLOSE, last_heartbeat_details=[]),
    "terminated": TerminatedError,
    "server": lambda message: ServerError(message, non_retryable=True),
    "activity": lambda message: ActivityError(
        message,
        scheduled_event_id=5,
        started_event_id=6,
        identity="somebody",
        activity_type="ship",
        activity_id="7",
        retry_state=RetryState.TIMEOUT,
    ),
    "child_workflow": lambda message: ChildWorkflowError(
        message,
        namespace="default",
        workflow_id="order-7",
        run_id="run",
        workflow_type="Order",
        initiated_event_id=5,
        started_event_id=6,
        retry_state=RetryState.TIMEOUT,
    ),
}


@activity.defn
def fail_with_kind(kind: str) -> None:
    raise KINDS[kind]("of another kind")

"""What an attempt knows and tells."""

import logging
import sys
from datetime import datetime, timedelta
from typing import Optional

from temporalio import activity

# Headers and the deadline are no part of the activity's `Info` in Temporal's SDK; the contract has them.
from wit_world.imports import info as contract

logger = logging.getLogger("conformance")


def not_in_activity() -> str:
    try:
        activity.info()
    except RuntimeError as error:
        return str(error)
    return "no error"


# What is seen while the component is built.
OUTSIDE = [f"in_activity: {str(activity.in_activity()).lower()}", not_in_activity()]


@activity.defn
def outside_of_activities() -> list[str]:
    return OUTSIDE


@activity.defn
async def complete_async() -> None:
    logger.info("completing elsewhere", extra={"task_token": list(activity.info().task_token)})
    activity.raise_complete_async()


@activity.defn
def log_lines(text: str) -> None:
    levels = [(5, "trace"), (logging.DEBUG, "debug"), (logging.INFO, "info"), (logging.WARNING, "warn")]
    for level, name in [*levels, (logging.ERROR, "error")]:
        logger.log(level, f"{name} line", extra={"text": text, "number": 42, "activity_id": "forged"})
    print("output line")
    print("error output line", file=sys.stderr)


@activity.defn
def idempotency_key() -> list:
    info = activity.info()
    run_id = info.workflow_run_id if info.in_workflow else info.activity_run_id
    return [info.idempotency_key, info.workflow_id, run_id]  # type: ignore[attr-defined]


@activity.defn
def info() -> dict:
    info = activity.info()
    policy, priority, told = info.retry_policy, info.priority, contract.get()
    workflow = {
        "namespace": info.workflow_namespace,
        "workflow_id": info.workflow_id,
        "run_id": info.workflow_run_id,
        "workflow_type": info.workflow_type,
    }
    retry_policy = policy and {
        "initial_interval": seconds(policy.initial_interval),
        "backoff_coefficient": policy.backoff_coefficient,
        "maximum_interval": seconds(policy.maximum_interval),
        "maximum_attempts": policy.maximum_attempts,
        "non_retryable_error_types": list(policy.non_retryable_error_types or []),
    }
    return {
        "activity_id": info.activity_id,
        "activity_run_id": info.activity_run_id,
        "activity_type": info.activity_type,
        "attempt": info.attempt,
        "namespace": info.namespace,
        "task_queue": info.task_queue,
        "task_token": list(info.task_token),
        "workflow": workflow if info.in_workflow else None,
        "is_local": info.is_local,
        "scheduled_time": since_epoch(info.scheduled_time),
        "current_attempt_scheduled_time": since_epoch(info.current_attempt_scheduled_time),
        "started_time": since_epoch(info.started_time),
        "schedule_to_close_timeout": seconds(info.schedule_to_close_timeout),
        "start_to_close_timeout": seconds(info.start_to_close_timeout),
        "heartbeat_timeout": seconds(info.heartbeat_timeout),
        # As exact as Python's own times.
        "deadline": told.deadline and told.deadline.seconds + told.deadline.nanoseconds // 1000 / 1e6,
        "heartbeat_details": [payload.data.decode() for payload in told.heartbeat_details],
        "retry_policy": retry_policy,
        "priority": {
            "priority_key": priority.priority_key,
            "fairness_key": priority.fairness_key,
            "fairness_weight": priority.fairness_weight,
        },
        "headers": {name: payload.data.decode() for name, payload in told.headers},
    }


def seconds(duration: Optional[timedelta]) -> Optional[float]:
    return None if duration is None else duration.total_seconds()


def since_epoch(time: datetime) -> float:
    return time.timestamp()

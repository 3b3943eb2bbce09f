"""What the host has told of an attempt, as the official worker has it.

To build the message with which a server's task would reach it, and to read that again, would take Python's protobuf half
of the processor time of a short attempt. So this stands in its place, under the message's names.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import temporalio.activity
import temporalio.common
from wit_world.imports import info as wit_info
from wit_world.imports import types as wit

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Start:
    """Stands for `temporalio.bridge.proto.activity_task.Start`, in what `_ActivityWorker` reads of it."""

    def __init__(self, about: wit_info.ActivityInfo, activity_type: str) -> None:
        self.activity_id = about.activity_id
        self.activity_type = activity_type
        self.is_local = about.is_local
        self.run_id = about.activity_run_id or ""
        workflow = about.workflow
        # Told of an activity without a workflow, too.
        self.workflow_namespace = workflow.namespace if workflow else about.namespace
        self.workflow_type = workflow.workflow_type if workflow else ""
        self.workflow_execution = _Execution(workflow)


class _Execution:
    def __init__(self, workflow: wit_info.WorkflowExecution | None) -> None:
        self.workflow_id = workflow.workflow_id if workflow else ""
        self.run_id = workflow.run_id if workflow else ""


def info(about: wit_info.ActivityInfo, activity_type: str, heartbeat_details: list[Any]) -> temporalio.activity.Info:
    """What the official worker makes of the message."""
    workflow, policy, priority = about.workflow, about.retry_policy, about.priority
    return temporalio.activity.Info(
        activity_id=about.activity_id,
        activity_type=activity_type,
        attempt=about.attempt,
        current_attempt_scheduled_time=_time(about.current_attempt_scheduled_time),
        heartbeat_details=heartbeat_details,
        heartbeat_timeout=_limit(about.heartbeat_timeout),
        is_local=about.is_local,
        namespace=(workflow.namespace if workflow else "") or about.namespace,
        schedule_to_close_timeout=_limit(about.schedule_to_close_timeout),
        scheduled_time=_time(about.scheduled_time),
        start_to_close_timeout=_limit(about.start_to_close_timeout),
        started_time=_time(about.started_time),
        task_queue=about.task_queue,
        task_token=about.task_token,
        workflow_id=workflow.workflow_id or None if workflow else None,
        workflow_namespace=(workflow.namespace if workflow else about.namespace) or None,
        workflow_run_id=workflow.run_id or None if workflow else None,
        workflow_type=workflow.workflow_type or None if workflow else None,
        priority=temporalio.common.Priority(
            priority_key=priority.priority_key or None,
            fairness_key=priority.fairness_key or None,
            fairness_weight=priority.fairness_weight or None,
        ),
        retry_policy=_retry_policy(policy) if policy else None,
        activity_run_id=None if workflow and workflow.workflow_id else about.activity_run_id or "",
    )


def _retry_policy(policy: wit.RetryPolicy) -> temporalio.common.RetryPolicy:
    return temporalio.common.RetryPolicy(
        initial_interval=_length(policy.initial_interval) if policy.initial_interval else timedelta(),
        backoff_coefficient=policy.backoff_coefficient,
        maximum_interval=_length(policy.maximum_interval) if policy.maximum_interval else None,
        maximum_attempts=policy.maximum_attempts,
        non_retryable_error_types=list(policy.non_retryable_error_types) or None,
    )


def _time(timestamp: wit.Timestamp) -> datetime:
    return _EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanoseconds // 1000)


def _length(duration: wit.Duration) -> timedelta:
    return timedelta(seconds=duration.seconds, microseconds=duration.nanoseconds // 1000)


def _limit(duration: wit.Duration | None) -> timedelta | None:
    return _length(duration) if duration and (duration.seconds or duration.nanoseconds) else None

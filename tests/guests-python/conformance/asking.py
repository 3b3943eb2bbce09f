"""Temporal's client in an activity."""

from datetime import timedelta
from typing import Any, Optional

import temporalio.client
import temporalio.exceptions
import temporalio.service
from temporalio import activity
from temporalio.common import RetryPolicy


@activity.defn
async def client_execute_activity(activity_type: str, activity_id: str, arguments: list) -> dict:
    handle = await activity.client().start_activity(
        activity_type,
        args=arguments,
        id=activity_id,
        task_queue=activity.info().task_queue,
        start_to_close_timeout=timedelta(seconds=20),
        retry_policy=RetryPolicy(maximum_attempts=1),
    )
    described = await handle.describe()
    return {"type": described.activity_type, "result": await told(handle.result())}


@activity.defn
async def client_stop_activity(how: str, activity_id: str) -> str:
    handle = await activity.client().start_activity(
        "any", id=activity_id, task_queue="nobody's", schedule_to_close_timeout=timedelta(seconds=20)
    )
    if how == "cancel":
        await handle.cancel(reason="enough")
    else:
        await handle.terminate(reason="enough")
    return str(await told(handle.result()))


@activity.defn
async def client_complete_by_id(how: str, workflow_id: str, activity_id: str) -> None:
    other = activity.client().get_async_activity_handle(workflow_id=workflow_id, run_id=None, activity_id=activity_id)
    if how == "fail":
        await other.fail(temporalio.exceptions.ApplicationError("not today", type="Refused"))
    elif how == "heartbeat":
        await other.heartbeat(1)
        await other.complete("heartbeat")
    else:
        await other.complete("by id")


@activity.defn
async def client_complete_by_token(token: list[int]) -> None:
    await activity.client().get_async_activity_handle(task_token=bytes(token)).complete("by token")


@activity.defn
async def client_tell_token() -> None:
    activity.logger.base_logger.info("token", extra={"token": list(activity.info().task_token)})
    activity.raise_complete_async()


@activity.defn
async def client_describe(workflow_id: str, namespace: Optional[str] = None) -> str:
    async def describe() -> str:
        return (await activity.client().get_workflow_handle(workflow_id).describe()).status.name

    return str(await told(describe()))


async def told(answer: Any) -> Any:
    """The answer, or its error in words."""
    try:
        return await answer
    except temporalio.service.RPCError as error:
        if error.status == temporalio.service.RPCStatusCode.PERMISSION_DENIED:
            return f"not granted: {error.message}"
        return f"status: {error.message}"
    except (temporalio.client.ActivityFailureError, temporalio.client.WorkflowFailureError) as error:
        cause = error.cause
        return f"{type(cause).__name__.removesuffix('Error')}: {cause}"

"""An activity that is completed from elsewhere."""

import types

from temporalio import activity


def start_task(task_id: str, callback_url: str) -> None:
    activity.logger.info(f"started {task_id}, to be answered at {callback_url}")


external_system = types.SimpleNamespace(start_task=start_task)

# The example, as it is written.
@activity.defn
async def async_completion_activity(task_id: str) -> str:
    """Activity that will be completed externally."""
    # Start external process
    external_system.start_task(task_id, callback_url="http://callback/complete")
    # Register for external completion
    activity.raise_complete_async()
    # This line will never be reached

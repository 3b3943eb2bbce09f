"""An activity that logs what it is."""

from temporalio import activity

activity_logger = activity.logger

# The example, as it is written.
@activity.defn
async def tracked_activity(data: str) -> str:
    """Activity that uses info for logging and tracking."""
    info = activity.info()
    # Access activity execution details
    activity_logger.info(
        f"Processing activity {info.activity_type} "
        f"(attempt {info.attempt}) for workflow {info.workflow_id}"
    )
    return f"Processed {data} in attempt {info.attempt}"

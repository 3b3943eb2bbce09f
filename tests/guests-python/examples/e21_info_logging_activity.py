"""An activity that logs all about itself."""

import logging

from temporalio import activity

logger = logging.getLogger(__name__)

# The example, as it is written.
@activity.defn
async def info_logging_activity(data: str) -> str:
    """Activity that logs detailed execution information."""
    info = activity.info()
    # Log execution details
    logger.info(f"Activity {info.activity_type} started")
    logger.info(f"Attempt {info.attempt} of activity {info.activity_id}")
    logger.info(f"Running for workflow {info.workflow_type}:{info.workflow_id}")
    logger.info(f"Task queue: {info.task_queue}")
    logger.info(f"Is local activity: {info.is_local}")
    if info.heartbeat_timeout:
        logger.info(f"Heartbeat timeout: {info.heartbeat_timeout}")
    if info.start_to_close_timeout:
        logger.info(f"Start-to-close timeout: {info.start_to_close_timeout}")
    # Use priority information
    if info.priority.priority_key:
        logger.info(f"Priority key: {info.priority.priority_key}")
    return f"Processed {data} in attempt {info.attempt}"

"""An activity that logs with its context."""

import logging

from temporalio import activity

# The example, as it is written.
@activity.defn
async def logging_activity(message: str) -> str:
    """Activity that demonstrates contextual logging."""
    # Use the pre-configured logger with activity context
    activity.logger.info(f"Processing message: {message}")
    activity.logger.warning("This is a warning with activity context")
    # Create custom logger adapter
    custom_logger = activity.LoggerAdapter(
        logging.getLogger("custom"),
        {"custom_field": "custom_value"}
    )
    custom_logger.activity_info_on_message = False
    custom_logger.full_activity_info_on_extra = True
    custom_logger.info("Custom logging with full activity info in extra")
    return f"Logged: {message}"

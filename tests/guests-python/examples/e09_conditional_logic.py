"""A function that can be called inside and outside of an activity."""

import logging

from temporalio import activity

# The example, as it is written.
def conditional_logic():
    """Function that behaves differently in activity vs non-activity context."""
    if activity.in_activity():
        # Use activity-specific logging and error handling
        info = activity.info()
        logger = activity.logger
        logger.info(f"Running in activity {info.activity_type}")
    else:
        # Use regular application logging
        logger = logging.getLogger(__name__)
        logger.info("Running outside activity context")


# Its two calls: outside, while the component is built, and inside.
class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


kept = Kept()
outside_logger = logging.getLogger(__name__)
outside_logger.setLevel(logging.INFO)
outside_logger.addHandler(kept)
conditional_logic()
outside = list(kept.messages)


@activity.defn
async def call_conditional_logic() -> list:
    conditional_logic()
    return outside

"""An activity that looks for a cancellation each second."""

import asyncio
import time

from temporalio import activity


async def cleanup_resources() -> None:
    activity.logger.info("cleaned up")


# The example, as it is written.
@activity.defn
async def cancellable_activity(duration_seconds: int) -> str:
    """Activity that gracefully handles cancellation."""
    start_time = time.time()
    while time.time() - start_time < duration_seconds:
        # Check for cancellation
        if activity.is_cancelled():
            # Perform cleanup
            await cleanup_resources()
            return "Cancelled gracefully"
        # Do some work
        await asyncio.sleep(1)
        activity.heartbeat({"elapsed": time.time() - start_time})
    return "Completed successfully"

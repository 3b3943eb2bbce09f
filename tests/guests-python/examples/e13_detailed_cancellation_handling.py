"""An activity that asks why it was cancelled."""

import asyncio

from temporalio import activity


async def perform_work() -> None:
    """Ends at once; with a heartbeat timeout, not before something stops it."""
    while activity.info().heartbeat_timeout:
        activity.heartbeat("working")
        await asyncio.sleep(0.1)


async def handle_timeout_cleanup() -> None:
    activity.logger.info("timeout cleanup")


async def handle_cancellation_cleanup() -> None:
    activity.logger.info("cancellation cleanup")


async def handle_shutdown_cleanup() -> None:
    activity.logger.info("shutdown cleanup")


# The example, as it is written.
@activity.defn
async def detailed_cancellation_handling() -> str:
    """Activity that provides detailed cancellation information."""
    try:
        # Perform long-running work
        await perform_work()
        return "Success"
    except Exception:
        # Check cancellation details
        details = activity.cancellation_details()
        if details:
            if details.timed_out:
                await handle_timeout_cleanup()
                return "Timed out, cleanup completed"
            elif details.cancel_requested:
                await handle_cancellation_cleanup()
                return "Cancelled by request, cleanup completed"
            elif details.worker_shutdown:
                await handle_shutdown_cleanup()
                return "Worker shutdown, cleanup completed"
        raise

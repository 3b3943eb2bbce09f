"""A synchronous activity with a part that is not interrupted."""

import time

import temporalio.exceptions
from temporalio import activity


def perform_critical_operation(data: str) -> str:
    """Goes on until it is cancelled and a little longer; or, for `quick`, not at all."""
    while data != "quick" and not activity.is_cancelled():
        activity.heartbeat("working")
        time.sleep(0.1)
    time.sleep(0.1)
    return f"critical:{data}"


def cleanup_critical_resources() -> None:
    activity.logger.info("critical cleanup")


# The example, as it is written.
@activity.defn
def sync_activity_with_cleanup(data: str) -> str:
    """Synchronous activity that performs critical cleanup."""
    try:
        # Critical section that should not be interrupted
        with activity.shield_thread_cancel_exception():
            # Perform critical operations
            critical_result = perform_critical_operation(data)
            # Critical cleanup that must complete
            cleanup_critical_resources()
            return critical_result
    except temporalio.exceptions.CancelledError:
        # Handle cancellation after cleanup is complete
        return "Cancelled after cleanup"

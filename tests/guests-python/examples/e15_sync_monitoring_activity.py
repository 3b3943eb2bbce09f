"""A synchronous activity that waits for a cancellation between units of work."""

from temporalio import activity

units = 0


def perform_work_unit() -> int:
    global units
    activity.heartbeat("working")
    units += 1
    return units


def work_is_complete(result: int) -> bool:
    """After two units; with a heartbeat timeout, never."""
    return 2 <= result and not activity.info().heartbeat_timeout


# The example, as it is written.
@activity.defn
def sync_monitoring_activity(check_interval: float = 1.0) -> str:
    """Synchronous activity that monitors for cancellation."""
    while True:
        # Perform some work
        result = perform_work_unit()
        # Wait for cancellation with timeout
        activity.wait_for_cancelled_sync(timeout=check_interval)
        # Check if actually cancelled
        if activity.is_cancelled():
            return "Cancelled during monitoring"
        # Continue if timeout occurred (not cancelled)
        if work_is_complete(result):
            return "Work completed successfully"

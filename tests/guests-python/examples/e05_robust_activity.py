"""An activity that no cancellation interrupts."""

import time

from temporalio import activity


def process_critical_data(data: str) -> str:
    """Works until it is cancelled or told to stop, and on a little; or, for `quick`, not at all."""
    while data != "quick" and not activity.is_cancelled():
        activity.heartbeat("working")
        time.sleep(0.1)
    time.sleep(0.1)
    return f"critical:{data}:{activity.is_cancelled()}"


# The example, as it is written.
@activity.defn(no_thread_cancel_exception=True)
def robust_activity(data: str) -> str:
    """Activity that won't have cancellation exceptions thrown in threads."""
    # Critical cleanup logic that should not be interrupted
    return process_critical_data(data)

"""A synchronous activity that waits for its worker's shutdown between items."""

from typing import List

from temporalio import activity


def process_item(item: str) -> str:
    return f"p:{item}"


def save_results(results: List[str]) -> None:
    activity.logger.info("saved results")


# The example, as it is written.
@activity.defn
def graceful_shutdown_activity(work_items: List[str]) -> List[str]:
    """Activity that gracefully handles worker shutdown."""
    results = []
    for item in work_items:
        # Process item
        result = process_item(item)
        results.append(result)
        # Check for worker shutdown with timeout
        activity.wait_for_worker_shutdown_sync(timeout=0.1)
        if activity.is_worker_shutdown():
            # Save partial results before shutdown
            save_results(results)
            raise Exception(f"Worker shutdown, saved {len(results)} results")
    return results

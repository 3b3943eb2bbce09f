"""An activity that stops when its worker does."""

import asyncio
from typing import List

from temporalio import activity


async def save_partial_results(results: List[str]) -> None:
    activity.logger.info(f"saved some of {len(results)} results")


async def process_item(item: str) -> str:
    await asyncio.sleep(0.1)
    return f"p:{item}"


# The example, as it is written.
@activity.defn
async def shutdown_aware_activity(data: List[str]) -> List[str]:
    """Activity that handles worker shutdown gracefully."""
    results = []
    for item in data:
        # Check if worker is shutting down
        if activity.is_worker_shutdown():
            # Save partial progress and exit cleanly
            await save_partial_results(results)
            raise Exception("Worker shutting down, partial results saved")
        result = await process_item(item)
        results.append(result)
    return results

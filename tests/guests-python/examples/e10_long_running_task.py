"""An activity that heartbeats after each item."""

import asyncio
from typing import List

from temporalio import activity


async def process_item(item: str) -> str:
    await asyncio.sleep(0.1)
    return f"p:{item}"


# The example, as it is written.
@activity.defn
async def long_running_task(items: List[str]) -> List[str]:
    """Activity that reports progress via heartbeats."""
    results = []
    for i, item in enumerate(items):
        # Process the item
        result = await process_item(item)
        results.append(result)
        # Send heartbeat with progress details
        progress = {
            "processed": i + 1,
            "total": len(items),
            "last_item": item
        }
        activity.heartbeat(progress)
        # Check for cancellation periodically
        if activity.is_cancelled():
            break
    return results

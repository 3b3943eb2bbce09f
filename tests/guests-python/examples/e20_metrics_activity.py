"""An activity that records metrics."""

import asyncio
import time

from temporalio import activity


async def process_item(item: int) -> None:
    await asyncio.sleep(0.01)


# The example, as it is written.
@activity.defn
async def metrics_activity(data_size: int) -> str:
    """Activity that records custom metrics."""
    meter = activity.metric_meter()
    # Create custom metrics
    processing_counter = meter.create_counter(
        "activity_items_processed",
        "Number of items processed by activity"
    )
    processing_histogram = meter.create_histogram(
        "activity_processing_duration",
        "Time spent processing items"
    )
    start_time = time.time()
    # Process data with metrics
    for i in range(data_size):
        await process_item(i)
        processing_counter.add(1)
    duration = time.time() - start_time
    processing_histogram.record(duration)
    return f"Processed {data_size} items in {duration:.2f}s"

"""An activity that uses everything."""

import asyncio
import time
from typing import List

from temporalio import activity


async def save_partial_results(results: list) -> None:
    activity.logger.info(f"saved {len(results)} partial results")


async def process_complex_item(item: dict) -> dict:
    await asyncio.sleep(0.1)
    if item.get("bad"):
        raise ValueError("bad item")
    return {"done": item["id"]}


# The example, as it is written.
@activity.defn(name="robust_data_processor")
async def robust_activity(
    data: List[dict],
    batch_size: int = 10,
    timeout_seconds: int = 300
) -> dict:
    """Comprehensive activity demonstrating all features."""
    info = activity.info()
    meter = activity.metric_meter()
    # Create metrics
    items_processed = meter.create_counter("items_processed", "Items processed")
    processing_duration = meter.create_histogram("processing_duration", "Processing time")
    activity.logger.info(f"Starting robust processing of {len(data)} items")
    results = []
    start_time = time.time()
    try:
        for i, item in enumerate(data):
            # Check for various cancellation conditions
            if activity.is_cancelled():
                details = activity.cancellation_details()
                if details and details.timed_out:
                    activity.logger.warning("Activity timed out, saving partial results")
                    await save_partial_results(results)
                break
            if activity.is_worker_shutdown():
                activity.logger.warning("Worker shutting down, saving progress")
                await save_partial_results(results)
                break
            # Process item with error handling
            try:
                result = await process_complex_item(item)
                results.append(result)
                items_processed.add(1)
            except Exception as e:
                activity.logger.error(f"Failed to process item {i}: {e}")
                continue
            # Send heartbeat every batch
            if (i + 1) % batch_size == 0:
                progress = {
                    "processed": len(results),
                    "total": len(data),
                    "success_rate": len(results) / (i + 1),
                    "elapsed_time": time.time() - start_time
                }
                activity.heartbeat(progress)
        duration = time.time() - start_time
        processing_duration.record(duration)
        final_result = {
            "total_items": len(data),
            "processed_items": len(results),
            "success_rate": len(results) / len(data) if data else 0,
            "processing_time": duration,
            "activity_info": {
                "activity_id": info.activity_id,
                "attempt": info.attempt,
                "workflow_id": info.workflow_id
            }
        }
        activity.logger.info(f"Successfully processed {len(results)}/{len(data)} items")
        return final_result
    except Exception as e:
        activity.logger.error(f"Activity failed: {e}")
        # Save whatever progress we made
        await save_partial_results(results)
        raise

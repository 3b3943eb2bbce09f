"""An asynchronous activity."""

from temporalio import activity

# The example, as it is written.
@activity.defn
async def process_data(data: str) -> str:
    """Async activity function."""
    return f"Processed: {data}"

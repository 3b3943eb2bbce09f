"""A synchronous activity."""

from temporalio import activity

# The example, as it is written.
@activity.defn
def sync_process_data(data: str) -> str:
    """Synchronous activity function."""
    return f"Processed: {data}"

"""An activity that starts a workflow and waits for its result."""

from temporalio import activity

# The example, as it is written.
@activity.defn
async def query_external_service(user_id: str) -> dict:
    """Activity that uses the client to interact with Temporal."""
    client = activity.client()
    # Can use client to start child workflows, query other executions, etc.
    result = await client.execute_workflow(
        "external_workflow",
        user_id,
        id=f"external-{user_id}",
        task_queue="external-queue"
    )
    return result

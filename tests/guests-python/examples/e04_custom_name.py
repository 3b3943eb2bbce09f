"""An activity with a name of its own."""

from temporalio import activity

# The example, as it is written.
@activity.defn(name="custom_activity_name")
async def my_activity(input: str) -> str:
    return f"Result: {input}"

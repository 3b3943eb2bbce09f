"""A dynamic activity."""

from typing import Any

from temporalio import activity


def process_dynamic_args(args: list) -> dict:
    return {"args": args}


# The example, as it is written.
from temporalio.common import RawValue
from typing import Sequence

@activity.defn(dynamic=True)
async def dynamic_activity(args: Sequence[RawValue]) -> Any:
    """Dynamic activity that can handle any activity type."""
    # Use payload_converter() to decode raw values
    converter = activity.payload_converter()
    decoded_args = [converter.from_payload(arg.payload) for arg in args]
    return process_dynamic_args(decoded_args)

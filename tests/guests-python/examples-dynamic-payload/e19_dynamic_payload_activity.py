"""A dynamic activity that looks at its arguments' types."""

from typing import Any, Sequence

import temporalio.common
from temporalio import activity

# The example, as it is written.
@activity.defn(dynamic=True)
async def dynamic_payload_activity(args: Sequence[temporalio.common.RawValue]) -> Any:
    """Dynamic activity that handles various payload types."""
    converter = activity.payload_converter()
    # Convert raw payloads to Python objects
    decoded_args = []
    for raw_value in args:
        decoded = converter.from_payload(raw_value.payload)
        decoded_args.append(decoded)
    # Process based on argument types
    if len(decoded_args) == 1 and isinstance(decoded_args[0], str):
        return f"String processing: {decoded_args[0]}"
    elif len(decoded_args) == 2 and all(isinstance(arg, int) for arg in decoded_args):
        return f"Math result: {decoded_args[0] + decoded_args[1]}"
    else:
        return f"Generic processing: {decoded_args}"

"""A component whose only activity takes the tasks of every type that no other component takes."""

from typing import Sequence

from temporalio import activity
from temporalio.common import RawValue


@activity.defn(dynamic=True)
def anything(arguments: Sequence[RawValue]) -> str:
    activity_type = activity.info().activity_type
    if activity_type == "sum":
        converter = activity.payload_converter()
        return f"sum is {sum(converter.from_payload(each.payload, int) for each in arguments)}"
    return f"{activity_type} with {len(arguments)} arguments"

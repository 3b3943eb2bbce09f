"""Every function that `@activity.defn` marks is an activity of its name."""

import asyncio
from dataclasses import dataclass

from temporalio import activity
from temporalio.exceptions import ApplicationError


@dataclass
class Order:
    id: str
    parcels: list[str]


@dataclass
class Shipment:
    order: str
    sent: list[str]


@activity.defn
async def ship(order: Order) -> Shipment:
    """Sends the parcels of an order, one after the other."""
    if not order.parcels:
        raise ApplicationError(f"order {order.id} has no parcels", order.id, type="EmptyOrder", non_retryable=True)
    # What the last heartbeat of the attempt before said: an attempt goes on from there.
    details = activity.info().heartbeat_details
    sent: int = details[0] if details else 0
    try:
        while sent < len(order.parcels):
            await send(order.parcels[sent])
            sent += 1
            activity.heartbeat(sent)
    except asyncio.CancelledError:
        # A cancellation cuts what is awaited short; what is to be cleaned up then is cleaned up here.
        activity.logger.warning("cancelled after %s parcels", sent)
        raise
    return Shipment(order.id, order.parcels)


async def send(parcel: str) -> None:
    """Stands for a request to a carrier."""
    await asyncio.sleep(0.5)
    activity.logger.info("sent %s", parcel)

"""An order is shipped: one activity for each thing that an activity can do.

The module also has the workflow that calls them and the worker that would run them elsewhere, as such files often do.
"""

import asyncio
import contextvars
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Optional, Sequence

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import Worker

parcel = contextvars.ContextVar("parcel", default="none")


@dataclass
class Order:
    number: str
    articles: list[str]
    express: bool = False


@activity.defn
async def pack(order: Order) -> list[str]:
    """Packs all articles at once, heartbeats with each, and counts them."""
    packed_articles = activity.metric_meter().create_counter("packed_articles", "Articles packed")
    parcel.set(order.number)

    async def one(article: str) -> str:
        await asyncio.sleep(0.01)
        packed_articles.add(1, {"express": order.express})
        activity.heartbeat(article)
        return f"{article} in {parcel.get()}"

    async with asyncio.timeout(10):
        return list(await asyncio.gather(*(one(article) for article in order.articles)))


@activity.defn
def weigh(order: Order, scale: Optional[str] = "kitchen") -> float:
    """A synchronous activity that a cancellation reaches in its sleep, and that puts the parcel back then."""
    try:
        for _ in order.articles:
            time.sleep(0.01)
            activity.heartbeat()
    except CancelledError:
        activity.logger.warning("put back %s", order.number)
        raise
    return 0.5 * len(order.articles)


@activity.defn
def hand_over(order: Order) -> str:
    """Is not interrupted between the van's doors."""
    with activity.shield_thread_cancel_exception():
        time.sleep(0.02)
    if not order.articles:
        raise ApplicationError("nothing to hand over", order.number, type="EmptyParcel", non_retryable=True)
    return f"handed over on attempt {activity.info().attempt}"


@activity.defn
async def sign(order: Order) -> str:
    """Ends when the customer has signed, which somebody else says."""
    activity.logger.info("waiting for a signature", extra={"order": order.number})
    activity.raise_complete_async()


class Desk:
    """Activities that share what was set up when the component was built."""

    def __init__(self, name: str) -> None:
        self.name = name

    @activity.defn
    async def complain(self, text: str) -> str:
        return f"{self.name} heard: {text}"

    @activity.defn
    async def count_open_orders(self) -> int:
        """Asks Temporal, where the client was granted."""
        return (await activity.client().count_workflows("WorkflowType = 'Ship'")).count


desk = Desk("the desk")


@activity.defn(dynamic=True)
async def anything_else(arguments: Sequence[RawValue]) -> Any:
    """Takes whatever no other activity takes."""
    converter = activity.payload_converter()
    return [activity.info().activity_type, *(converter.from_payload(argument.payload) for argument in arguments)]


@workflow.defn
class Ship:
    @workflow.run
    async def run(self, order: Order) -> str:
        timeout = timedelta(minutes=1)
        await workflow.execute_activity(pack, order, start_to_close_timeout=timeout)
        await workflow.execute_activity(weigh, order, start_to_close_timeout=timeout)
        return await workflow.execute_activity(hand_over, order, start_to_close_timeout=timeout)


async def main() -> None:
    client = await Client.connect("localhost:7233")
    activities = [pack, weigh, hand_over, sign, desk.complain, desk.count_open_orders, anything_else]
    await Worker(client, task_queue="orders", workflows=[Ship], activities=activities).run()


if __name__ == "__main__":
    asyncio.run(main())

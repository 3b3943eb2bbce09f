"""The official Python worker with one asynchronous activity: ADDRESS NAMESPACE TASK_QUEUE SLOTS POLLERS."""

import asyncio
import sys

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"


async def main(address: str, namespace: str, task_queue: str, slots: str, pollers: str) -> None:
    client = await Client.connect(address, namespace=namespace)
    worker = Worker(
        client,
        task_queue=task_queue,
        activities=[greet],
        max_concurrent_activities=int(slots),
        max_concurrent_activity_task_polls=int(pollers),
    )
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""Temporal's own Python worker, serving the activities of modules: `official_worker.py ADDRESS QUEUE FOLDER:MODULE…`."""

import asyncio
import importlib
import inspect
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterator

from temporalio.client import Client
from temporalio.worker import Worker

MARK = "__temporal_activity_definition"


def activities(module: Any) -> Iterator[Any]:
    for value in vars(module).values():
        if inspect.isclass(value) or inspect.ismodule(value):
            continue
        if hasattr(value, MARK):
            yield value
        elif type(value).__module__ == module.__name__:
            yield from (method for _, method in inspect.getmembers(value) if hasattr(method, MARK))


async def main(address: str, queue: str, *places: str) -> None:
    found: dict[str, Any] = {}
    for place in places:
        folder, name = place.rsplit(":", 1)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        for each in activities(importlib.import_module(name)):
            found.setdefault(getattr(each, MARK).name, each)
    client = await Client.connect(address)
    executor = ThreadPoolExecutor(20)
    async with Worker(client, task_queue=queue, activities=list(found.values()), activity_executor=executor):
        print(f"ready with {len(found)} activities", flush=True)
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))

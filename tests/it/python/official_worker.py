"""Temporal's own Python worker, serving the activities of modules: `official_worker.py ADDRESS QUEUE FOLDER:MODULE…`.

What the activities log is written to standard error, a JSON object a line, with the keys of Isolet's own log.
"""

import asyncio
import importlib
import inspect
import json
import logging
import os
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Iterator

from temporalio import activity
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import Worker

MARK = "__temporal_activity_definition"

# The contract knows these levels alone: a record has the highest that it reaches.
LEVELS = [(logging.ERROR, "error"), (logging.WARNING, "warn"), (logging.INFO, "info"), (logging.DEBUG, "debug")]

# What every record has, and what therefore is no extra.
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Handler):
    """Writes what activities log, and what the worker logs of them."""

    def emit(self, record: logging.LogRecord) -> None:
        # What the worker says of its tasks is not what it says of activities.
        if not activity.in_activity() or record.name.startswith("temporalio.worker"):
            return
        try:
            info = activity.info()
            line = {
                "level": next((name for number, name in LEVELS if number <= record.levelno), "trace"),
                "logger": record.name,
                "message": text(record),
                "temporal_activity": {"activity_id": info.activity_id, "attempt": info.attempt},
                "fields": {name: plain(value) for name, value in vars(record).items() if name not in STANDARD},
                "worker's own": record.module == "_activity",
            }
            sys.stderr.write(json.dumps(shown(line)) + "\n")
        except Exception:
            self.handleError(record)


def text(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        message = f"{message}\n{''.join(traceback.format_exception(record.exc_info[1])).rstrip()}"
    return f"{message}\n{record.stack_info}" if record.stack_info else message


def shown(value: Any) -> Any:
    """With texts as standard error writes them, to which `logging` sends what nobody else takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {shown(key): shown(each) for key, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, default=str))
    except (TypeError, ValueError):
        return str(value)


def activities(module: Any) -> Iterator[Any]:
    for value in vars(module).values():
        if inspect.isclass(value) or inspect.ismodule(value):
            continue
        if hasattr(value, MARK):
            yield value
        elif type(value).__module__ == module.__name__:
            for name in dir(type(value)):
                # Asked of the class: a property is no activity, and is not called.
                if hasattr(getattr(type(value), name, None), MARK):
                    yield getattr(value, name)


def found(places: Any) -> "dict[Any, Any]":
    by_name: "dict[Any, Any]" = {}
    for place in places:
        folder, name = place.rsplit(":", 1)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        for each in activities(importlib.import_module(name)):
            by_name.setdefault(getattr(each, MARK).name, each)
    return by_name


async def main(address: str, queue: str, *places: str) -> None:
    logging.basicConfig(handlers=[Lines()], level=logging.NOTSET + 1)
    # It tells of its selector, which is no business of an activity's author.
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    by_name = found(places)
    # Where Prometheus would fetch what is measured; without it nothing is.
    metrics = os.environ.get("METRICS_ADDRESS")
    telemetry = TelemetryConfig(metrics=PrometheusConfig(bind_address=metrics) if metrics else None)
    client = await Client.connect(address, runtime=Runtime(telemetry=telemetry))
    worker = Worker(
        client,
        task_queue=queue,
        activities=list(by_name.values()),
        activity_executor=ThreadPoolExecutor(100),
        graceful_shutdown_timeout=timedelta(seconds=float(os.environ.get("SHUTDOWN_GRACE", "0"))),
    )
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with worker:
        print(f"ready with {len(by_name)} activities", flush=True)
        await stopped.wait()


asyncio.run(main(*sys.argv[1:]))
sys.stderr.flush()
# The threads of the native module can crash an interpreter that tears itself down.
os._exit(0)

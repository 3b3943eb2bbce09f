"""A client and a workflow of Temporal's own Python SDK, with its tracing interceptor: `official_client.py ADDRESS QUEUE CALLS`.

CALLS is a JSON list of calls, each a list of an activity's type and its arguments. A workflow calls one after the other on the
queue. What came of it and the spans of client and workflow are printed as one JSON object.
"""

import asyncio
import json
import sys
import uuid
from datetime import timedelta
from typing import Any, Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.exceptions import ActivityError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


class Kept(SpanExporter):
    """Keeps what is exported."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            context = span.get_span_context()
            parent = f"{span.parent.span_id:016x}" if span.parent else ""
            ids = {"trace_id": f"{context.trace_id:032x}", "id": f"{context.span_id:016x}", "parent": parent}
            self.spans.append({"name": span.name, **ids})
        return SpanExportResult.SUCCESS


@workflow.defn
class Calls:
    @workflow.run
    async def run(self, queue: str, calls: list[list[Any]]) -> list[Any]:
        results: list[Any] = []
        for activity, *arguments in calls:
            try:
                result = await workflow.execute_activity(
                    activity,
                    args=arguments,
                    task_queue=queue,
                    start_to_close_timeout=timedelta(seconds=60),
                    retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=1), maximum_attempts=2),
                )
                results.append(result)
            except ActivityError as error:
                results.append(f"failed: {error.cause}")
        return results


async def main(address: str, queue: str, calls: list[list[Any]]) -> dict[str, Any]:
    kept = Kept()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    interceptor = TracingInterceptor(provider.get_tracer("official"))
    client = await Client.connect(address, interceptors=[interceptor])
    own_queue, id = f"{queue}-workflows", str(uuid.uuid4())
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=own_queue, workflows=[Calls], workflow_runner=runner):
        results = await client.execute_workflow(Calls.run, args=[queue, calls], id=id, task_queue=own_queue)
    return {"workflow_id": id, "results": results, "spans": kept.spans}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))))

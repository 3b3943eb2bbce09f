"""What Temporal's package takes from its native module, over the contract: client and metrics.

Nothing here connects anywhere: the connection is the worker's, and the host holds every call to the component's grant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from componentize_py_types import Err
from wit_world.imports import client, metrics
from wit_world.imports import types as wit

from . import attempt, convert

_SERVICES = {
    "workflow": "temporal.api.workflowservice.v1.WorkflowService",
    "operator": "temporal.api.operatorservice.v1.OperatorService",
    "cloud": "temporal.api.cloud.cloudservice.v1.CloudService",
    "test": "temporal.api.testservice.v1.TestService",
    "health": "grpc.health.v1.Health",
}

_INVALID_ARGUMENT, _DEADLINE_EXCEEDED, _PERMISSION_DENIED = 3, 4, 7

# Calls that the server holds open until something happens.
_LONG_POLLS = {
    "get_workflow_execution_history",
    "poll_workflow_execution_update",
    "poll_activity_execution",
    "update_workflow_execution",
}
# How long one of those may keep the other tasks of the activity from their turn: when one is ready, and at most.
_BUSY_SLICE, _IDLE_SLICE = 0.1, 1.0
# The server answers so much before the call's deadline, that there is nothing new; the client then asks again.
_SERVERS_MARGIN = 1.0

# What the host adds to every metric, from its own knowledge.
_HOST_ATTRIBUTES = {"namespace", "task_queue", "activity_type", "service_name"}

strict_metrics = False
"""Whether a float in an integer instrument is an error, as on a worker that exports metrics."""


class RPCError(Exception):
    """A gRPC status: code, message, details."""


class PollShutdownError(Exception):
    """Never raised here: nothing polls in a guest."""


def __getattr__(name: str) -> Any:
    """Whatever else the official package names: there to be imported and subclassed, of no use beyond that."""
    if name.startswith("__"):
        raise AttributeError(name)

    def refuse(self: Any, *_: Any, **__: Any) -> None:
        raise RuntimeError(f"{name} is not there in a sandbox: an activity can't run a worker or a server")

    globals()[name] = kind = type(name, (), {"__init__": refuse})
    return kind


def raise_in_thread(thread_id: int, exception: type[BaseException]) -> bool:
    """There is no other thread to raise it in."""
    return False


class _RuntimeRef:
    def retrieve_buffered_metrics(self, durations_as_seconds: bool) -> list[Any]:
        return []

    def write_test_info_log(self, message: str, extra_data: str) -> None:
        pass

    def write_test_debug_log(self, message: str, extra_data: str) -> None:
        pass


def init_runtime(options: Any) -> _RuntimeRef:
    return _RuntimeRef()


async def connect_client(runtime: _RuntimeRef, config: Any) -> ClientRef:
    return ClientRef()


class ClientRef:
    """The worker's connection. Whatever address, key or certificate an activity names counts for nothing."""

    def update_metadata(self, metadata: Mapping[str, Any]) -> None:
        pass

    def update_api_key(self, api_key: str | None) -> None:
        pass

    async def call_workflow_service(self, call: Any) -> bytes:
        return await _call("workflow", call)

    async def call_operator_service(self, call: Any) -> bytes:
        return await _call("operator", call)

    async def call_cloud_service(self, call: Any) -> bytes:
        return await _call("cloud", call)

    async def call_test_service(self, call: Any) -> bytes:
        return await _call("test", call)

    async def call_health_service(self, call: Any) -> bytes:
        return await _call("health", call)


async def _call(service: str, call: Any) -> bytes:
    limit = None if call.timeout_millis is None else call.timeout_millis / 1000
    if call.rpc not in _LONG_POLLS:
        return _rpc(service, call, limit)
    loop = asyncio.get_running_loop()
    deadline = None if limit is None else loop.time() + limit
    while True:
        # Others may go on first, so that several awaits make progress together.
        await asyncio.sleep(0)
        part = _until_others(loop) + _SERVERS_MARGIN
        if deadline is not None:
            part = min(part, deadline - loop.time())
        try:
            return _rpc(service, call, max(part, 0.001))
        except RPCError as error:
            over = deadline is not None and deadline <= loop.time()
            if error.args[0] != _DEADLINE_EXCEEDED or over:
                raise


def _until_others(loop: Any) -> float:
    """How long this task may block: until another one has something to do."""
    if loop._ready:
        return _BUSY_SLICE
    if loop._scheduled:
        return min(_IDLE_SLICE, max(_BUSY_SLICE, loop._scheduled[0].when() - loop.time()))
    return _IDLE_SLICE


def _rpc(service: str, call: Any, limit: float | None) -> bytes:
    attempt.safe_point()
    method = "".join(word.capitalize() for word in call.rpc.split("_"))
    timeout = None if limit is None else convert.seconds_to_wit(limit)
    try:
        return client.rpc(_SERVICES[service], method, call.req, timeout)
    except Err as error:
        raise _rpc_error(error.value) from None


def _rpc_error(error: Any) -> RPCError:
    match error:
        case client.ClientError_Status(status):
            return RPCError(status.code, status.message, status.details)
        case client.ClientError_NotGranted(text):
            return RPCError(_PERMISSION_DENIED, text, b"")
        case client.ClientError_Invalid(text):
            return RPCError(_INVALID_ARGUMENT, text, b"")
        case _:
            return RPCError(_PERMISSION_DENIED, "the attempt's deadline has passed: it may not act any more", b"")


class MetricMeterRef:
    """Makes instruments."""

    def __init__(self) -> None:
        self.default_attributes = MetricAttributesRef({})

    def new_counter(self, name: str, description: str | None, unit: str | None) -> _Instrument:
        return _Instrument(metrics.Counter, metrics.Counter.add, _whole, _named(name, description, unit))

    def new_histogram(self, name: str, description: str | None, unit: str | None) -> _Instrument:
        of = _named(name, description, unit)
        floats = _Instrument(metrics.HistogramFloat, metrics.HistogramFloat.record, _number, of)
        return _Instrument(metrics.Histogram, metrics.Histogram.record, _whole, of, floats)

    def new_histogram_float(self, name: str, description: str | None, unit: str | None) -> _Instrument:
        return _Instrument(metrics.HistogramFloat, metrics.HistogramFloat.record, _number, _named(name, description, unit))

    def new_histogram_duration(self, name: str, description: str | None, unit: str | None) -> _Instrument:
        return _Instrument(
            metrics.HistogramDuration, metrics.HistogramDuration.record, _milliseconds, _named(name, description, unit)
        )

    def new_gauge(self, name: str, description: str | None, unit: str | None) -> _Instrument:
        of = _named(name, description, unit)
        floats = _Instrument(metrics.GaugeFloat, metrics.GaugeFloat.set, _number, of)
        return _Instrument(metrics.Gauge, metrics.Gauge.set, _whole, of, floats)

    def new_gauge_float(self, name: str, description: str | None, unit: str | None) -> _Instrument:
        return _Instrument(metrics.GaugeFloat, metrics.GaugeFloat.set, _number, _named(name, description, unit))


def _named(name: str, description: str | None, unit: str | None) -> tuple[str, str | None, str | None]:
    """What an instrument is called, checked as the native module checks it."""
    for text in (name, description, unit):
        if isinstance(text, str):
            # An error, where it is nothing that UTF-8 can carry.
            text.encode()
        elif text is not None or text is name:
            raise TypeError(f"'{type(text).__name__}' object is not an instance of 'str'")
    return name, description, unit


def new_metric_meter(runtime: _RuntimeRef) -> MetricMeterRef:
    return MetricMeterRef()


class MetricAttributesRef:
    """Attributes, checked as the native module checks them."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    def with_additional_attributes(self, meter: MetricMeterRef, new: Mapping[str, Any]) -> MetricAttributesRef:
        for key, value in new.items():
            if not isinstance(key, str):
                raise TypeError(f"'{type(key).__name__}' object cannot be cast as 'str'")
            key.encode()
            if not isinstance(value, (str, int, float, bool)) or not _is_carried(value):
                raise TypeError(f"Invalid value type for key {key}, must be str, int, float, or bool")
        return MetricAttributesRef(self.values | dict(new))

    def to_wit(self) -> list[tuple[str, metrics.AttributeValue]]:
        return [(key, _attribute(value)) for key, value in self.values.items() if key not in _HOST_ATTRIBUTES]


def _is_carried(value: str | int | float | bool) -> bool:
    """Whether UTF-8 can carry it, if it is a text."""
    try:
        return not isinstance(value, str) or value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def _attribute(value: str | int | float | bool) -> metrics.AttributeValue:
    match value:
        case bool():
            return metrics.AttributeValue_Boolean(value)
        case int() if -(2**63) <= value < 2**63:
            return metrics.AttributeValue_Integer(value)
        case float():
            return metrics.AttributeValue_Float(value)
        case _:
            return metrics.AttributeValue_Text(str(value))


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    if 2**64 <= value:
        raise OverflowError("int too big to convert")
    return int(value)


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)):
        raise TypeError(f"must be real number, not {type(value).__name__}")
    return float(value)


def _milliseconds(value: Any) -> wit.Duration:
    whole = _whole(value)
    return wit.Duration(whole // 1000, whole % 1000 * 1_000_000)


class _Instrument:
    """One instrument, made when it is first used: some are made while there is no attempt yet."""

    def __init__(
        self, kind: Any, write: Any, value: Any, of: tuple[str, str | None, str | None], floats: _Instrument | None = None
    ) -> None:
        self._kind, self._write, self._value, self._of, self._floats = kind, write, value, of, floats
        self._resource: Any = None
        self._refused = False

    def add(self, value: Any, attributes: MetricAttributesRef) -> None:
        attempt.safe_point()
        if self._floats and isinstance(value, float) and not strict_metrics:
            # Integer instruments of Temporal's documentation are fed with floats.
            return self._floats.add(value, attributes)
        value = self._value(value)
        if resource := self._made():
            self._write(resource, value, attributes.to_wit())

    record = set = add

    def _made(self) -> Any:
        if self._resource is None and not self._refused and attempt.current is not None:
            try:
                self._resource = self._kind.create(metrics.Instrument(*self._of))
            except Err as error:
                # As with a worker that exports no metrics: the activity's work does not depend on them.
                self._refused = True
                _warn(self._of[0], error.value)
        return self._resource


def _warn(name: str, error: Any) -> None:
    import logging

    logging.getLogger("isolet").warning("The metric %s is not recorded: %s", name, error.value)

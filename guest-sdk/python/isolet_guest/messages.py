"""What stands for Temporal's messages, under their names, in what the official worker makes and reads of them.

Python's protobuf takes longer for one message than most activities take.
"""

from __future__ import annotations

import functools
from typing import Any

import temporalio.bridge.proto
from wit_world.imports import types as wit

from . import convert


class Payload:
    """Stands for `temporalio.api.common.v1.Payload` between the official converters and the host."""

    def __init__(self, metadata: dict[str, bytes], data: bytes) -> None:
        self.metadata, self.data = metadata, data

    @classmethod
    def of(cls, payload: wit.Payload) -> Payload:
        return cls(dict(payload.metadata), payload.data)


class Heartbeat:
    """Stands for `temporalio.bridge.proto.ActivityHeartbeat`."""

    def __init__(self, task_token: bytes) -> None:
        self.details: list[Any] = []


class Completion:
    """Stands for `temporalio.bridge.proto.ActivityTaskCompletion`."""

    def __init__(self, task_token: bytes) -> None:
        self.result = _Result()


class _Result:
    """Of the ways to end, the one that was asked for last is the one."""

    def __init__(self) -> None:
        self.Clear()

    def Clear(self) -> None:
        self.status = ""
        self._end = _End()

    @property
    def completed(self) -> _End:
        return self._become("completed")

    @property
    def cancelled(self) -> _End:
        return self._become("cancelled")

    @property
    def will_complete_async(self) -> _End:
        return self._become("will_complete_async")

    @property
    def failed(self) -> _End:
        return self._become("failed")

    def _become(self, status: str) -> _End:
        if status != self.status:
            self.status, self._end = status, _End()
        return self._end


class _End:
    """Each of the ways to end, which differ in what is asked of them."""

    @functools.cached_property
    def failure(self) -> convert._Failure:
        return convert._Failure()

    @functools.cached_property
    def result(self) -> _Payload:
        return _Payload()

    def SetInParent(self) -> None:
        pass


class _Payload:
    def CopyFrom(self, payload: Any) -> None:
        self.copied: wit.Payload = convert.payload_to_wit(payload)


def install() -> None:
    """Has the official worker make these."""
    proto: Any = temporalio.bridge.proto
    proto.ActivityHeartbeat, proto.ActivityTaskCompletion = Heartbeat, Completion

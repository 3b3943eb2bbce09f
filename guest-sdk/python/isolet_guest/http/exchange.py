"""One request and its response, on the host's resources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from componentize_py_types import Err, Ok
from wit_world.imports import http_types as http
from wit_world.imports import outgoing_handler, poll, streams

from . import errors, waiting

_METHODS: dict[str, http.Method] = {
    "GET": http.Method_Get(),
    "HEAD": http.Method_Head(),
    "POST": http.Method_Post(),
    "PUT": http.Method_Put(),
    "DELETE": http.Method_Delete(),
    "OPTIONS": http.Method_Options(),
    "TRACE": http.Method_Trace(),
    "PATCH": http.Method_Patch(),
}
_SCHEMES: dict[str, http.Scheme] = {"http": http.Scheme_Http(), "https": http.Scheme_Https()}

# What clients wait for is timed here, from when they wait; the host's own limits are the operator's.
_LONG = waiting.nanoseconds(24 * 60 * 60)


@dataclass
class Request:
    """What is asked."""

    method: str
    scheme: str
    authority: str
    path: str
    headers: Sequence[tuple[str, bytes]]
    has_body: bool
    # Seconds; none for the host's own limit.
    connect_timeout: float | None


class Exchange:
    """Sends a request, then its body, and takes the response.

    Resources are dropped in the order that the host asks for: what was taken from another one before that one.
    """

    def __init__(self, request: Request, wait: waiting.Wait) -> None:
        self._wait = wait
        self._output: streams.OutputStream | None = None
        self._request_body: http.OutgoingBody | None = None
        self._input: streams.InputStream | None = None
        self._response_body: http.IncomingBody | None = None
        self._future: http.FutureIncomingResponse | None = None
        self._failure: OSError | None = None
        self.status = 0
        self.headers: list[tuple[str, bytes]] = []
        outgoing = _outgoing(request)
        if request.has_body:
            self._request_body = outgoing.body()
            self._output = self._request_body.write()
        try:
            self._future = outgoing_handler.handle(outgoing, _options(request))
        except Err as error:
            self._failure = errors.of_request(error.value)

    def __del__(self) -> None:
        self.close()

    async def write(self, data: bytes, timeout: float | None) -> None:
        """Sends a part of the body. After a response that did not wait for all of it, nothing more is sent."""
        written = 0
        while written < len(data) and self._output is not None and not self._is_answered():
            try:
                if room := self._output.check_write():
                    self._output.write(data[written : written + room])
                    written += room
                    continue
            except Err:
                # The response or its failure says why.
                break
            await self._ready(self._output.subscribe(), timeout)
        if written < len(data):
            self._drop("_output", "_request_body")

    def finish(self) -> None:
        """The body is complete."""
        body, self._request_body = self._request_body, None
        if body is None:
            return
        self._drop("_output")
        try:
            http.OutgoingBody.finish(body, None)
        except Err:
            # As with a broken stream.
            pass

    async def answered(self, timeout: float | None) -> None:
        """Waits for the response's status and headers."""
        while not self._is_answered():
            await self._ready(None, timeout)

    async def read(self, size: int, timeout: float | None) -> bytes:
        """The next bytes of the response's body, at most `size`; none at its end."""
        while self._input is not None:
            try:
                if data := self._input.read(size):
                    return data
            except Err as error:
                match error.value:
                    case streams.StreamError_Closed():
                        return b""
                    case streams.StreamError_LastOperationFailed(failed):
                        raise _broken(failed) from None
            await self._ready(self._input.subscribe(), timeout)
        raise OSError("the response was closed")

    def close(self) -> None:
        """Gives back what it has of the host. A request that is under way is given up."""
        self._drop("_output", "_request_body", "_input", "_response_body", "_future")

    def _is_answered(self) -> bool:
        if self._future is not None and (result := self._future.get()) is not None:
            self._drop("_future")
            match result:
                case Ok(Ok(response)):
                    self._begin_response(response)
                case Ok(Err(code)):
                    self._failure = errors.of_request(code)
                case _:
                    self._failure = errors.of_stream("")
        if self._failure is not None:
            raise self._failure
        return self._future is None

    def _begin_response(self, response: http.IncomingResponse) -> None:
        with response:
            self.status = response.status()
            with response.headers() as fields:
                self.headers = fields.entries()
            self._response_body = response.consume()
        self._input = self._response_body.stream()

    async def _ready(self, pollable: poll.Pollable | None, timeout: float | None) -> None:
        """Waits until it is, or until there is a response."""
        pollables = [pollable] if pollable is not None else []
        if self._future is not None:
            pollables.append(self._future.subscribe())
        try:
            await self._wait(pollables, timeout)
        finally:
            for each in pollables:
                each.__exit__(None, None, None)

    def _drop(self, *names: str) -> None:
        for name in names:
            resource: Any = getattr(self, name, None)
            if resource is not None:
                setattr(self, name, None)
                resource.__exit__(None, None, None)


def _broken(failed: Any) -> OSError:
    with failed:
        code = http.http_error_code(failed)
        return errors.of_response(code) if code else errors.of_stream(failed.to_debug_string())


def _outgoing(request: Request) -> http.OutgoingRequest:
    try:
        outgoing = http.OutgoingRequest(http.Fields.from_list(list(request.headers)))
        outgoing.set_method(_METHODS.get(request.method) or http.Method_Other(request.method))
        outgoing.set_scheme(_SCHEMES[request.scheme])
        outgoing.set_authority(request.authority)
        outgoing.set_path_with_query(request.path)
    except Err:
        raise ValueError(f"no HTTP request: {request.method} {request.scheme}://{request.authority}{request.path}") from None
    return outgoing


def _options(request: Request) -> http.RequestOptions:
    options = http.RequestOptions()
    if request.connect_timeout is not None:
        options.set_connect_timeout(waiting.nanoseconds(request.connect_timeout))
    options.set_first_byte_timeout(_LONG)
    options.set_between_bytes_timeout(_LONG)
    return options

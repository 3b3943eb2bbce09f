"""A connection as client libraries know it: bytes of a request in, bytes of its response out."""

from __future__ import annotations

import errno
import time

from .. import attempt
from . import errors, waiting
from .exchange import Exchange, Request
from .wire import End, Framing, Head, Reader, chunk, response_head

# How much of a body is read at once, at most.
_PART = 1 << 16

_PORTS = {"http": 80, "https": 443}


class Connection:
    """Carries one request, which goes to the host as soon as its head is known."""

    def __init__(self, host: str, port: int, timeout: float | None, wait: waiting.Wait) -> None:
        if attempt.current is None:
            raise errors.connecting(
                OSError("there is no network while a component is built: send requests from activities")
            )
        # As a resolver complains of what is no name.
        host.encode()
        self.address = (host, port)
        self.is_tls = False
        self._timeout = timeout
        self._wait = wait
        self._reader = Reader()
        self._method = ""
        self._exchange: Exchange | None = None
        # When the request was complete: what is waited for the response counts from then.
        self._sent_at: float | None = None
        self._framing: Framing | None = None
        self._response = bytearray()

    async def send(self, data: bytes, timeout: float | None) -> None:
        """Sends bytes of the request."""
        for part in self._reader.feed(data):
            if isinstance(part, Head):
                self._method = part.method
                self._exchange = Exchange(self._request(part), self._wait)
            elif self._exchange is None:
                raise OSError(errno.ENOTCONN, "the connection is closed")
            elif part is End.END:
                self._exchange.finish()
                self._sent_at = time.monotonic()
            elif isinstance(part, bytes):
                await self._exchange.write(part, timeout)

    @property
    def is_sent(self) -> bool:
        """Whether the request is complete."""
        return self._sent_at is not None

    async def connected(self, timeout: float | None) -> None:
        """Once the request is complete, waits until it is known whether the server could be reached.

        Raises only the errors that a socket has when it is connected: others are those of `receive`.
        """
        if self._exchange is None or self._sent_at is None:
            return
        try:
            await self._exchange.answered(timeout)
        except OSError as error:
            if errors.is_connecting(error):
                raise

    async def receive(self, size: int, timeout: float | None) -> bytes:
        """The next bytes of the response, at most `size`; none at its end."""
        try:
            if not self._response:
                self._response += await self._next(timeout)
        except errors.Incomplete:
            self._framing = Framing.NONE
        taken = bytes(self._response[:size])
        del self._response[:size]
        return taken

    async def _next(self, timeout: float | None) -> bytes:
        exchange = self._exchange
        if exchange is None:
            raise OSError(errno.ENOTCONN, "there is no request: connections of a sandbox are for HTTP alone")
        if self._framing is None:
            if timeout is not None and self._sent_at is not None:
                timeout = max(0, self._sent_at + timeout - time.monotonic())
            await exchange.answered(timeout)
            head, self._framing = response_head(self._method, exchange.status, exchange.headers)
            return head
        if self._framing is Framing.NONE:
            return b""
        data = await exchange.read(_PART, timeout)
        if self._framing is Framing.LENGTH:
            return data
        if not data:
            self._framing = Framing.NONE
        return chunk(data)

    def close(self) -> None:
        """Gives up what is under way."""
        if self._exchange is not None:
            self._exchange.close()
            self._exchange = None

    def _request(self, head: Head) -> Request:
        scheme = "https" if self.is_tls else "http"
        host, port = self.address
        name = f"[{host}]" if ":" in host else host
        return Request(
            method=head.method,
            scheme=scheme,
            authority=name if port == _PORTS[scheme] else f"{name}:{port}",
            path=head.path,
            headers=head.headers,
            has_body=head.has_body,
            connect_timeout=self._timeout,
        )

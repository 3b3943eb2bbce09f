"""What aiohttp takes for its network: a transport of asyncio that carries one request and its response."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import deque
from collections.abc import Iterable
from typing import Any

from . import errors, tls, waiting
from .connection import Connection

# How much of a response is handed on at once, and of a request's body waits, before its sender does.
_PART = 1 << 16
_HIGH = 1 << 18


def change_aiohttp(module: Any) -> None:
    """Makes its connector connect through the host."""

    async def _create_direct_connection(
        self: Any, req: Any, traces: Any, timeout: Any, *, client_error: type[Exception] = module.ClientConnectorError
    ) -> tuple[Transport, Any]:
        try:
            if client_error is not module.ClientConnectorError:
                raise OSError(errno.ENOTSUP, "the connections are the host's, which uses no proxy")
            if self._get_fingerprint(req):
                raise tls.SSLError(1, "there is no certificate to look at: TLS is the host's")
            connection = Connection(req.url.raw_host.rstrip("."), req.port, timeout.sock_connect, waiting.in_loop)
        except OSError as error:
            raise _error(module, req.connection_key, error) from error
        connection.is_tls = req.is_ssl()
        protocol = self._factory()
        return Transport(module, connection, protocol, req.connection_key), protocol

    module.TCPConnector._create_direct_connection = _create_direct_connection


def _error(module: Any, key: Any, error: OSError) -> Exception:
    """The library's own error of connecting, whenever that turned out."""
    match error:
        case TimeoutError():
            timed_out: Exception = module.ConnectionTimeoutError(f"Connection timeout to host {key.host}:{key.port}")
            return timed_out
        case socket.gaierror():
            kind = "ClientConnectorDNSError"
        case tls.SSLCertVerificationError():
            certificate: Exception = module.ClientConnectorCertificateError(key, error)
            return certificate
        case tls.SSLError():
            kind = "ClientConnectorSSLError"
        case _:
            kind = "ClientConnectorError"
    if error.strerror is None:
        # It shows no other text.
        error = type(error)(errno.EACCES, str(error))
    made: Exception = getattr(module, kind)(key, error)
    return made


class Transport(asyncio.Transport):
    """Takes a request from a protocol, and gives it the response."""

    def __init__(self, module: Any, connection: Connection, protocol: Any, key: Any) -> None:
        super().__init__({"peername": connection.address})
        self._module, self._connection, self._protocol, self._key = module, connection, protocol, key
        self._parts: deque[bytes] = deque()
        self._size = 0
        self._is_paused = self._is_closing = False
        self._written, self._is_read = asyncio.Event(), asyncio.Event()
        self._is_read.set()
        protocol.connection_made(self)
        self._task = asyncio.get_running_loop().create_task(self._carry())
        self._task.add_done_callback(self._end)

    def write(self, data: Any) -> None:
        if self._is_closing or not data:
            return
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size > _HIGH and not self._is_paused:
            self._is_paused = True
            self._protocol.pause_writing()
        self._written.set()

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.write(b"".join(list_of_data))

    def get_write_buffer_size(self) -> int:
        return self._size

    def is_closing(self) -> bool:
        return self._is_closing

    def pause_reading(self) -> None:
        self._is_read.clear()

    def resume_reading(self) -> None:
        self._is_read.set()

    def close(self) -> None:
        self._is_closing = True
        # What it waits for goes before what that is of.
        self._task.cancel()

    abort = close

    async def _carry(self) -> None:
        while not self._connection.is_sent:
            await self._written.wait()
            self._written.clear()
            await self._send()
        while data := await self._connection.receive(_PART, None):
            await self._is_read.wait()
            self._protocol.data_received(data)

    async def _send(self) -> None:
        while self._parts:
            data = self._parts.popleft()
            await self._connection.send(data, None)
            self._size -= len(data)
            if self._is_paused and self._size <= _HIGH:
                self._is_paused = False
                self._protocol.resume_writing()

    def _end(self, task: asyncio.Task[None]) -> None:
        self._is_closing = True
        self._connection.close()
        error = None if task.cancelled() else task.exception()
        if isinstance(error, OSError) and errors.is_connecting(error):
            self._protocol.set_exception(_error(self._module, self._key, error))
            # It would take the end for another error.
            self._protocol.feed_eof()
            error = None
        self._protocol.connection_lost(error)

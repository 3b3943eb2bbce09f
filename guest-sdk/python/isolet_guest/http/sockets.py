"""What synchronous client libraries take for a connected socket."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from . import waiting
from .connection import Connection

_DEFAULT_TIMEOUT: Any = socket._GLOBAL_DEFAULT_TIMEOUT  # type: ignore[attr-defined]


class Socket:
    """A connection that takes one HTTP request."""

    family, type, proto = socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP

    def __init__(self, connection: Connection, timeout: float | None, sends_until_connected: bool = True) -> None:
        self.connection = connection
        self._timeout = timeout
        self.sends_until_connected = sends_until_connected
        # As of `socket.socket`, whose files keep it open.
        self._io_refs = 0
        self._closed = False

    def settimeout(self, value: float | None) -> None:
        self._timeout = value

    def gettimeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        self._timeout = None if flag else 0.0

    def setsockopt(self, *_: Any) -> None:
        pass

    def getsockopt(self, *_: Any) -> int:
        return 0

    def getpeername(self) -> tuple[str, int]:
        return self.connection.address

    def getsockname(self) -> tuple[str, int]:
        return ("", 0)

    def fileno(self) -> int:
        return -1

    def sendall(self, data: Any, flags: int = 0) -> None:
        waiting.run(self._send(bytes(data)))

    async def _send(self, data: bytes) -> None:
        await self.connection.send(data, self._timeout)
        if self.sends_until_connected:
            # What befell the connection is told from what befell the response by where it is raised.
            await self.connection.connected(self._timeout)

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data)
        return len(data)

    def recv(self, size: int, flags: int = 0) -> bytes:
        return waiting.run(self.connection.receive(size, self._timeout))

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0) -> int:
        data = self.recv(size or len(buffer))
        buffer[: len(data)] = data
        return len(data)

    makefile: Callable[..., Any] = socket.socket.makefile

    def _decref_socketios(self) -> None:
        self._io_refs -= 1
        self._close_if_unused()

    def shutdown(self, how: int) -> None:
        if how == socket.SHUT_RDWR:
            self.connection.close()

    def close(self) -> None:
        self._closed = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._closed and self._io_refs <= 0:
            self.connection.close()

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def create_connection(
    address: tuple[str, int],
    timeout: float | None = _DEFAULT_TIMEOUT,
    *_: Any,
    sends_until_connected: bool = True,
    **__: Any,
) -> Socket:
    """Takes the place of `socket.create_connection` in libraries that speak HTTP."""
    if timeout is _DEFAULT_TIMEOUT:
        timeout = socket.getdefaulttimeout()
    host, port = address
    connection = Connection(host.strip("[]"), port, timeout, waiting.blocking)
    return Socket(connection, timeout, sends_until_connected)

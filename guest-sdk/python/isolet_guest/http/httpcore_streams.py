"""What httpcore, on which httpx is built, takes for its network; and httpcore2, on which httpx2 is."""

from __future__ import annotations

import importlib
from typing import Any

from . import errors, waiting
from .connection import Connection


def change_httpcore(module: Any) -> None:
    """Makes its synchronous and asynchronous clients connect through the host."""

    def connect_tcp(self: Any, host: str, port: int, timeout: float | None = None, *_: Any, **__: Any) -> _Stream:
        return _Stream(module, _connect(module, host, port, timeout, waiting.blocking))

    async def connect_in_loop(
        self: Any, host: str, port: int, timeout: float | None = None, *_: Any, **__: Any
    ) -> _AsyncStream:
        return _AsyncStream(module, _connect(module, host, port, timeout, waiting.in_loop))

    backends = f"{module.__name__}._backends"
    importlib.import_module(f"{backends}.sync").SyncBackend.connect_tcp = connect_tcp
    importlib.import_module(f"{backends}.auto").AutoBackend.connect_tcp = connect_in_loop
    try:
        importlib.import_module(f"{backends}.anyio").AnyIOBackend.connect_tcp = connect_in_loop
        # What anyio looks for by name, when its first lock is used.
        importlib.import_module("anyio._backends._asyncio")
    except ImportError:
        # Without anyio there is only the synchronous client.
        pass


def _connect(module: Any, host: str, port: int, timeout: float | None, wait: waiting.Wait) -> Connection:
    try:
        return Connection(host, port, timeout, wait)
    except OSError as error:
        raise module.ConnectError(str(error)) from error


class _Common:
    def __init__(self, module: Any, connection: Connection) -> None:
        self._module = module
        self._connection = connection

    def get_extra_info(self, info: str) -> Any:
        return self._connection.address if info == "server_addr" else None

    def _error(self, error: OSError, what: str) -> Exception:
        """The library's own error: of connecting, whenever that turned out; of reading or writing."""
        stage = "Connect" if errors.is_connecting(error) else what
        kind = f"{stage}Timeout" if isinstance(error, TimeoutError) else f"{stage}Error"
        made: Exception = getattr(self._module, kind)(str(error))
        return made


class _Stream(_Common):
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return waiting.run(self._connection.receive(max_bytes, timeout))
        except OSError as error:
            raise self._error(error, "Read") from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            waiting.run(self._connection.send(buffer, timeout))
        except OSError as error:
            raise self._error(error, "Write") from error

    def close(self) -> None:
        self._connection.close()

    def start_tls(self, ssl_context: Any, *_: Any, **__: Any) -> _Stream:
        self._connection.is_tls = True
        return self


class _AsyncStream(_Common):
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return await self._connection.receive(max_bytes, timeout)
        except OSError as error:
            raise self._error(error, "Read") from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            await self._connection.send(buffer, timeout)
        except OSError as error:
            raise self._error(error, "Write") from error

    async def aclose(self) -> None:
        self._connection.close()

    async def start_tls(self, ssl_context: Any, *_: Any, **__: Any) -> _AsyncStream:
        self._connection.is_tls = True
        return self

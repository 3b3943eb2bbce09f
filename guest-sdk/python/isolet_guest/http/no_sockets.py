"""Sockets, which a sandbox has none of. They refuse here, before they reach the system.

The host refuses them, too. But what the C library has learnt of the network when a component is built, it takes for
granted in its attempts, and they would end with a trap.
"""

from __future__ import annotations

import socket
from typing import Any, NoReturn

_WHY = "a sandbox has no sockets: only HTTP requests reach a server"


def install() -> None:
    """Makes names unknown and connections forbidden."""
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo"):
        if hasattr(socket, name):
            setattr(socket, name, _no_name)
    for name in ("bind", "connect", "connect_ex", "listen", "sendto"):
        if hasattr(socket.socket, name):
            setattr(socket.socket, name, _no_connection)


def _no_name(*_: Any, **__: Any) -> NoReturn:
    raise socket.gaierror(socket.EAI_FAIL, _WHY)


def _no_connection(*_: Any, **__: Any) -> NoReturn:
    raise PermissionError(_WHY)

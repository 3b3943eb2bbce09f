"""Client libraries, made to use the host: what they connect with, and what assumes that there are files."""

from __future__ import annotations

import functools
import socket
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import errors, importing, no_sockets, tls
from .aiohttp_transport import change_aiohttp
from .httpcore_streams import change_httpcore
from .sockets import create_connection


def install() -> None:
    """Puts it in place, before any of the user's modules is imported."""
    no_sockets.install()
    sys.modules["ssl"] = tls
    importing.install(
        {
            "aiohttp.connector": change_aiohttp,
            "certifi": _change_certifi,
            "http.client": _change_http_client,
            "httpcore": change_httpcore,
            "httpcore2": change_httpcore,
            "requests.adapters": _change_requests,
            "urllib.request": _change_urllib,
            "urllib3.connection": _change_urllib3,
            "urllib3.util.connection": _change_urllib3_sockets,
        },
        # It asks OpenSSL for the certificates of a connection, to verify them as the system would.
        replacements={"truststore": _fill_truststore},
    )


def _change_http_client(module: Any) -> None:
    original = module.HTTPConnection.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self._create_connection = create_connection

    module.HTTPConnection.__init__ = __init__


def _change_urllib(module: Any) -> None:
    # The host makes the connections; and others take these functions from here.
    module.getproxies = module.getproxies_environment = lambda: {}


def _change_urllib3_sockets(module: Any) -> None:
    # It has other timeouts for its connections than for its responses.
    module.create_connection = functools.partial(create_connection, sends_until_connected=False)


def _change_urllib3(module: Any) -> None:
    """Whether a server can be reached turns out after the request was sent; urllib3 has other errors for it."""

    def change(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def changed(self: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return original(self, *args, **kwargs)
            except OSError as error:
                if not errors.is_connecting(error) or isinstance(error, tls.SSLError):
                    raise
                raise _urllib3_error(module, self, error) from error

        return changed

    module.HTTPConnection.request = change(module.HTTPConnection.request)
    module.HTTPConnection.getresponse = change(module.HTTPConnection.getresponse)


def _urllib3_error(module: Any, connection: Any, error: OSError) -> Exception:
    match error:
        case TimeoutError():
            text = f"Connection to {connection.host} timed out. (connect timeout={connection.timeout})"
            timed_out: Exception = module.ConnectTimeoutError(connection, text)
            return timed_out
        case socket.gaierror():
            unknown: Exception = module.NameResolutionError(connection.host, connection, error)
            return unknown
        case _:
            other: Exception = module.NewConnectionError(connection, f"Failed to establish a new connection: {error}")
            return other


def _change_requests(module: Any) -> None:
    """A component has no file of certificates, and needs none."""

    def cert_verify(self: Any, conn: Any, url: str, verify: Any, cert: Any) -> None:
        conn.cert_reqs, conn.ca_certs, conn.ca_cert_dir = "CERT_REQUIRED", None, None
        if isinstance(verify, str) and url.lower().startswith("https"):
            tls.SSLContext().load_verify_locations(verify)
        if cert:
            tls.SSLContext().load_cert_chain()

    module.HTTPAdapter.cert_verify = cert_verify


def _fill_truststore(module: Any) -> None:
    module.SSLContext = tls.SSLContext
    # The host verifies, whatever is in the place of what.
    module.inject_into_ssl = module.extract_from_ssl = lambda: None


def _change_certifi(module: ModuleType) -> None:
    # Looks for a file that is there now, and not later.
    module.where()

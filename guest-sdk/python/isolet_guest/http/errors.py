"""The host's errors as those that Python's sockets have."""

from __future__ import annotations

import errno
import os
import socket

from wit_world.imports import http_types as http

from . import tls_errors as tls

# What the host's own text comes behind.
_INTERNAL = "internal error: "


class Incomplete(ConnectionResetError):
    """The server closed the connection before the response was complete. To sockets that is an end, and no error."""


def of_request(code: http.ErrorCode) -> OSError:
    """Why there is no response."""
    match code:
        case http.ErrorCode_InternalError(text) if text:
            # What the host has to say for itself: which grant is missing, which limit is reached.
            return connecting(PermissionError(text))
        case http.ErrorCode_ConnectionRefused():
            return connecting(ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)))
        case http.ErrorCode_ConnectionTimeout() | http.ErrorCode_DnsTimeout():
            return connecting(TimeoutError("timed out"))
        case http.ErrorCode_DnsError() | http.ErrorCode_DestinationNotFound():
            return connecting(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
        case http.ErrorCode_DestinationUnavailable() | http.ErrorCode_DestinationIpUnroutable():
            return connecting(OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH)))
        case http.ErrorCode_TlsCertificateError():
            return connecting(tls.SSLCertVerificationError(1, "certificate verify failed, by the host"))
        case http.ErrorCode_TlsProtocolError() | http.ErrorCode_TlsAlertReceived():
            return connecting(tls.SSLError(1, f"TLS failed: {_text(code)}"))
        case http.ErrorCode_DestinationIpProhibited() | http.ErrorCode_HttpRequestDenied():
            return connecting(PermissionError(f"the host refuses the request: {_text(code)}"))
        case _:
            return of_response(code)


def of_response(code: http.ErrorCode) -> OSError:
    """Why a response has no end."""
    match code:
        case http.ErrorCode_HttpResponseIncomplete():
            return Incomplete(errno.ECONNRESET, "the response is incomplete")
        case http.ErrorCode_ConnectionTerminated():
            return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        case (
            http.ErrorCode_ConnectionReadTimeout()
            | http.ErrorCode_ConnectionWriteTimeout()
            | http.ErrorCode_HttpResponseTimeout()
        ):
            return TimeoutError("timed out")
        case http.ErrorCode_InternalError(text):
            return OSError(text or "the host failed")
        case _:
            return OSError(errno.EPROTO, f"the request failed: {_text(code)}")


def of_stream(text: str) -> OSError:
    """The same where the host has no code for it, but says it in words."""
    said = text.splitlines()[0] if text else ""
    if "incomplete" in said:
        return of_response(http.ErrorCode_HttpResponseIncomplete())
    if "timeout" in said or "timed out" in said:
        return of_response(http.ErrorCode_ConnectionReadTimeout())
    if said.startswith(_INTERNAL):
        return OSError(said.removeprefix(_INTERNAL))
    return ConnectionResetError(errno.ECONNRESET, said or os.strerror(errno.ECONNRESET))


def connecting[E: OSError](error: E) -> E:
    """Marks an error as one that a socket would have had when it was connected."""
    error.is_connecting = True  # type: ignore[attr-defined]
    return error


def is_connecting(error: BaseException) -> bool:
    """Whether a socket would have had the error when it was connected."""
    return getattr(error, "is_connecting", False)


def _text(code: http.ErrorCode) -> str:
    name = type(code).__name__.removeprefix("ErrorCode_")
    value = getattr(code, "value", None)
    return name if value is None else f"{name} {value}"

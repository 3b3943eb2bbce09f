"""HTTP/1.1 as bytes, as far as client libraries write and read it."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus

from . import errors

# What concerns one connection, and is the host's business.
_HOP_BY_HOP = {
    "connection",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
}

_LONGEST_LINE = 1 << 16


@dataclass
class Head:
    """A request without its body."""

    method: str
    path: str
    headers: list[tuple[str, bytes]]
    has_body: bool


class End(Enum):
    """The end of a request."""

    END = "end"


class Reader:
    """Reads one request from the bytes that a client writes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._next = self._read_head
        # Bytes of the body, or of its chunk, that are still to come.
        self._left = 0

    def feed(self, data: bytes) -> Iterator[Head | bytes | End]:
        """What the request consists of, as far as the bytes go: a head, parts of a body, the end."""
        self._buffer += data
        while (part := self._next()) is not None:
            if part:
                yield part

    def _read_head(self) -> Head | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        line, *lines = self._take(end + 4)[:-4].split(b"\r\n")
        method, target, *_ = line.decode("latin-1").split(" ")
        if method == "CONNECT" or not (target.startswith("/") or target == "*"):
            raise errors.connecting(OSError("proxies are not supported: the host makes the connections"))
        pairs = [each.split(b":", 1) for each in lines]
        headers = [(name.decode("latin-1"), value.strip()) for name, value in pairs]
        coding = _value(headers, "transfer-encoding")
        length = _value(headers, "content-length")
        self._left = int(length or 0)
        self._next = self._read_chunk_size if coding == b"chunked" else self._read_body
        kept = [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]
        return Head(method, target, kept, has_body=coding is not None or self._left > 0)

    def _read_body(self) -> bytes | End | None:
        if self._left == 0:
            return self._end()
        return self._read_part()

    def _read_part(self) -> bytes | None:
        part = self._take(min(self._left, len(self._buffer)))
        self._left -= len(part)
        return part or None

    def _read_chunk_size(self) -> bytes | None:
        line = self._read_line()
        if line is None:
            return None
        self._left = int(line.split(b";")[0], 16)
        self._next = self._read_chunk if self._left else self._read_trailer
        return b""

    def _read_chunk(self) -> bytes | None:
        if self._left:
            return self._read_part()
        if self._read_line() is None:
            return None
        self._next = self._read_chunk_size
        return b""

    def _read_trailer(self) -> bytes | End | None:
        line = self._read_line()
        return self._end() if line == b"" else line and b""

    def _end(self) -> End:
        self._next = self._read_nothing
        return End.END

    def _read_nothing(self) -> None:
        if self._buffer:
            raise BrokenPipeError(errno.EPIPE, "a connection takes one request")

    def _read_line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", 0, _LONGEST_LINE)
        return None if end < 0 else self._take(end + 2)[:-2]

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


class Framing(Enum):
    """How a response's body is told from what follows."""

    NONE = "there is none"
    LENGTH = "its length is known"
    CHUNKED = "it comes in chunks"


def response_head(method: str, status: int, headers: Sequence[tuple[str, bytes]]) -> tuple[bytes, Framing]:
    """A response's head, and how its body is to be written."""
    framing = Framing.CHUNKED
    if method == "HEAD" or status < 200 or status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        framing = Framing.NONE
    elif _value(headers, "content-length") is not None:
        framing = Framing.LENGTH
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, '')}".encode()]
    lines += [b"%s: %s" % (name.encode("latin-1"), value) for name, value in headers if name.lower() not in _HOP_BY_HOP]
    if framing is Framing.CHUNKED:
        lines.append(b"transfer-encoding: chunked")
    # Each request is a new connection; which ones are kept open is the host's business.
    lines.append(b"connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n", framing


def chunk(data: bytes) -> bytes:
    """A part of a body in chunks; its end, when it is empty."""
    return b"%x\r\n%s\r\n" % (len(data), data)


_PHRASES: dict[int, str] = {each.value: each.phrase for each in HTTPStatus}


def _value(headers: Sequence[tuple[str, bytes]], name: str) -> bytes | None:
    return next((value for each, value in headers if each.lower() == name), None)

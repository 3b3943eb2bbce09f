"""One way of asking a server for each library that can."""

import http.client
import json
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import httpx2
import requests

TIMEOUT = 20

# Made when the module is imported, as many programs do.
SESSION = requests.Session()


class Urllib:
    def ask(self, method: str, url: str, value: Any = None, timeout: float = TIMEOUT) -> list[Any]:
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return [response.status, response.headers.get("Content-Type"), response.read().decode()]

    def download(self, url: str) -> Iterator[bytes]:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
            while part := response.read1(1 << 20):
                yield part

    def upload(self, url: str, parts: Iterator[bytes]) -> str:
        with urllib.request.urlopen(urllib.request.Request(url, parts, method="PUT"), timeout=TIMEOUT) as response:
            return response.read().decode()


class HttpClient:
    def _connection(self, url: str, timeout: float) -> tuple[http.client.HTTPConnection, str]:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=timeout), parts.path

    def ask(self, method: str, url: str, value: Any = None, timeout: float = TIMEOUT) -> list[Any]:
        connection, path = self._connection(url, timeout)
        body = None if value is None else json.dumps(value)
        # A connection can be used again.
        for _ in range(2):
            connection.request(method, path, body, {"content-type": "application/json"})
            response = connection.getresponse()
            text = response.read().decode()
        connection.close()
        return [response.status, response.getheader("Content-Type"), text]

    def download(self, url: str) -> Iterator[bytes]:
        connection, path = self._connection(url, TIMEOUT)
        connection.request("GET", path)
        response = connection.getresponse()
        buffer = bytearray(1 << 20)
        while count := response.readinto(buffer):
            yield bytes(buffer[:count])

    def upload(self, url: str, parts: Iterator[bytes]) -> str:
        connection, path = self._connection(url, TIMEOUT)
        connection.putrequest("PUT", path)
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(parts, encode_chunked=True)
        return connection.getresponse().read().decode()


class Requests:
    def ask(self, method: str, url: str, value: Any = None, timeout: float = TIMEOUT) -> list[Any]:
        response = SESSION.request(method, url, json=value, timeout=timeout)
        return [response.status_code, response.headers.get("Content-Type"), response.text]

    def download(self, url: str) -> Iterator[bytes]:
        with requests.get(url, stream=True, timeout=TIMEOUT) as response:
            yield from response.iter_content(None)

    def upload(self, url: str, parts: Iterator[bytes]) -> str:
        return requests.put(url, data=parts, timeout=TIMEOUT).text


class Httpx:
    def __init__(self, library: Any) -> None:
        self._library = library

    def ask(self, method: str, url: str, value: Any = None, timeout: float = TIMEOUT) -> list[Any]:
        with self._library.Client(follow_redirects=True, timeout=timeout) as client:
            response = client.request(method, url, json=value)
            return [response.status_code, response.headers.get("Content-Type"), response.text]

    def download(self, url: str) -> Iterator[bytes]:
        with self._library.stream("GET", url, timeout=TIMEOUT) as response:
            yield from response.iter_bytes()

    def upload(self, url: str, parts: Iterator[bytes]) -> str:
        return self._library.put(url, content=parts, timeout=TIMEOUT).text


# Those that have an `AsyncClient`, too.
ASYNCHRONOUS = {"httpx": httpx, "httpx2": httpx2}

SYNCHRONOUS = {
    "urllib": Urllib(),
    "http.client": HttpClient(),
    "requests": Requests(),
    "httpx": Httpx(httpx),
    "httpx2": Httpx(httpx2),
}

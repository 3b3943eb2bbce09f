"""Requests of activities."""

import asyncio
import hashlib
import socket
import ssl
import urllib.request
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import requests
from clients import ASYNCHRONOUS, SYNCHRONOUS, TIMEOUT
from temporalio import activity
from temporalio.exceptions import CancelledError

PARTS = [bytes([65 + number]) * 50_000 for number in range(10)]


def _shown(error: BaseException) -> str:
    """An exception, with those of Python that it is one of."""
    kinds = [each.__name__ for each in type(error).__mro__[1:] if each.__module__ == "builtins"]
    return f"{type(error).__module__}.{type(error).__name__} ({', '.join(kinds[:-3])}): {error}"


def _digest(parts: list[bytes]) -> list[Any]:
    whole = b"".join(parts)
    return ["in parts" if 1 < len(parts) else "at once", len(whole), whole[:10].hex(), hashlib.sha256(whole).hexdigest()[:8]]


@activity.defn
def asks(client: str, method: str, url: str, value: Any = None) -> list[Any]:
    return SYNCHRONOUS[client].ask(method, url, value)


@activity.defn
def downloads(client: str, url: str) -> list[Any]:
    return _digest(list(SYNCHRONOUS[client].download(url)))


@activity.defn
def uploads(client: str, url: str) -> str:
    return SYNCHRONOUS[client].upload(url, iter(PARTS))


@activity.defn
def fails(client: str, url: str, timeout: float = TIMEOUT) -> str:
    try:
        return f"no error: {SYNCHRONOUS[client].ask('GET', url, timeout=timeout)[0]}"
    except Exception as error:
        return _shown(error)


@activity.defn
def fails_impatiently(url: str) -> list[str]:
    """With more time for the connection than for the response."""
    said = []
    for ask in (
        lambda: requests.get(url, timeout=(TIMEOUT, 0.1)),
        lambda: httpx.get(url, timeout=httpx.Timeout(TIMEOUT, read=0.1)),
    ):
        try:
            ask()
        except Exception as error:
            said.append(type(error).__name__)
    return said


@activity.defn
def reaches_past_http(url: str) -> list[str]:
    said = []
    for reach in (
        lambda: socket.create_connection(("127.0.0.1", 80)),
        lambda: socket.socket().connect(("127.0.0.1", 80)),
        lambda: ssl.create_default_context().wrap_socket(socket.socket()),
        lambda: urllib.request.urlopen("ftp://127.0.0.1/file"),
        lambda: requests.get(url, proxies={"http": "http://127.0.0.1:1"}),
        lambda: httpx.get(url, proxy="http://127.0.0.1:1"),
    ):
        try:
            reach()
        except Exception as error:
            said.append(_shown(error))
    return said


@activity.defn
def asks_often(client: str, url: str, times: int) -> int:
    return sum(SYNCHRONOUS[client].ask("GET", url)[0] == 200 for _ in range(times))


@activity.defn
async def asks_often_async(client: str, url: str, times: int) -> int:
    return sum([(await _ask(client, "GET", url))[0] == 200 for _ in range(times)])


@activity.defn
def waits(client: str, url: str) -> str:
    try:
        SYNCHRONOUS[client].ask("GET", url, timeout=1000)
    except CancelledError:
        return "interrupted"
    return "answered"


@activity.defn
def waits_shielded(client: str, url: str) -> list[Any]:
    said: list[Any] = []
    try:
        with activity.shield_thread_cancel_exception():
            while not activity.is_cancelled():
                SYNCHRONOUS[client].ask("GET", url)
            said.append(SYNCHRONOUS[client].ask("GET", url)[0])
    except CancelledError:
        said.append("interrupted")
    return said


@activity.defn
def answers_in_a_loop_of_its_own(url: str) -> list[Any]:
    return asyncio.run(_ask("httpx", "GET", url))


async def _ask(client: str, method: str, url: str, value: Any = None) -> list[Any]:
    async with ASYNCHRONOUS[client].AsyncClient(follow_redirects=True, timeout=TIMEOUT) as asking:
        response = await asking.request(method, url, json=value)
        return [response.status_code, response.headers.get("Content-Type"), response.text]


@activity.defn
async def asks_async(client: str, method: str, url: str, value: Any = None) -> list[Any]:
    return await _ask(client, method, url, value)


@activity.defn
async def downloads_async(client: str, url: str) -> list[Any]:
    async with ASYNCHRONOUS[client].AsyncClient() as asking, asking.stream("GET", url, timeout=TIMEOUT) as response:
        return _digest([part async for part in response.aiter_bytes()])


@activity.defn
async def uploads_async(client: str, url: str) -> str:
    async def parts() -> AsyncIterator[bytes]:
        for part in PARTS:
            yield part
            await asyncio.sleep(0)

    async with ASYNCHRONOUS[client].AsyncClient() as asking:
        return (await asking.put(url, content=parts(), timeout=TIMEOUT)).text


@activity.defn
async def fails_async(client: str, url: str, timeout: float = TIMEOUT) -> str:
    try:
        async with ASYNCHRONOUS[client].AsyncClient(timeout=timeout) as asking:
            return f"no error: {(await asking.get(url)).status_code}"
    except Exception as error:
        return _shown(error)


@activity.defn
async def overlaps(first: str, second: str) -> list[str]:
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        answers = await asyncio.gather(client.get(first), client.get(second))
    return [answer.text for answer in answers]


@activity.defn
async def times_out(url: str) -> str:
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        try:
            async with asyncio.timeout(0.05):
                await client.get(url)
        except TimeoutError:
            return "timed out"
    return "answered"


@activity.defn
async def waits_async(url: str) -> str:
    try:
        async with httpx.AsyncClient(timeout=None) as client:
            await client.get(url)
    except asyncio.CancelledError:
        return "cancelled"
    return "answered"


@activity.defn
def raises(client: str, url: str) -> None:
    SYNCHRONOUS[client].ask("GET", url)


@activity.defn
def refuses_to_weaken_tls() -> list[str]:
    def said(work: Callable[[], Any]) -> str:
        try:
            return repr(work())
        except ssl.SSLError as error:
            return str(error)

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return [
        f"verifies: {context.verify_mode == ssl.CERT_REQUIRED}, {context.check_hostname}",
        said(lambda: context.load_verify_locations("ca.pem")),
        said(lambda: context.load_cert_chain("client.pem")),
        said(lambda: httpx.Client(verify=False) and "made"),
    ]

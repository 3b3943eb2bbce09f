"""The same with aiohttp, which has another way of asking."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from clients import TIMEOUT
from requesting import PARTS, _digest, _shown
from temporalio import activity


def _session(timeout: float = TIMEOUT) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_read=timeout))


@activity.defn
async def aiohttp_asks(method: str, url: str, value: Any = None) -> list[Any]:
    async with _session() as session, session.request(method, url, json=value) as response:
        return [response.status, response.headers.get("Content-Type"), await response.text()]


@activity.defn
async def aiohttp_downloads(url: str) -> list[Any]:
    async with _session() as session, session.get(url) as response:
        return _digest([part async for part in response.content.iter_any()])


@activity.defn
async def aiohttp_uploads(url: str) -> str:
    async def parts() -> AsyncIterator[bytes]:
        for part in PARTS:
            yield part

    async with _session() as session, session.put(url, data=parts()) as response:
        return await response.text()


@activity.defn
async def aiohttp_sends_a_form(url: str) -> str:
    form = aiohttp.FormData({"name": "Ada"})
    form.add_field("file", b"x" * 600_000, filename="file.bin")
    async with _session() as session, session.post(url, data=form) as response:
        return await response.text()


@activity.defn
async def aiohttp_fails(url: str, timeout: float = TIMEOUT, proxy: str | None = None) -> str:
    try:
        async with _session(timeout) as session, session.get(url, proxy=proxy) as response:
            return f"no error: {len(await response.read())} bytes"
    except Exception as error:
        return _shown(error)


@activity.defn
async def aiohttp_overlaps(first: str, second: str) -> list[str]:
    async def ask(url: str) -> str:
        async with session.get(url) as response:
            return await response.text()

    async with _session() as session:
        return list(await asyncio.gather(ask(first), ask(second)))


@activity.defn
async def aiohttp_asks_often(url: str, times: int) -> int:
    done = 0
    async with _session() as session:
        for _ in range(times):
            # Not read to its end.
            async with session.get(url) as response:
                done += response.status == 200
    return done


@activity.defn
async def aiohttp_waits(url: str) -> str:
    try:
        async with _session() as session, session.get(url) as response:
            await response.read()
    except asyncio.CancelledError:
        return "cancelled"
    return "answered"


@activity.defn
async def aiohttp_weakens_tls(url: str) -> list[str]:
    said = []
    for given in (False, aiohttp.Fingerprint(bytes(32)), ssl.create_default_context()):
        try:
            async with _session() as session, session.get(url, ssl=given) as response:
                said.append(f"no error: {response.status}")
        except Exception as error:
            said.append(_shown(error))
    return said

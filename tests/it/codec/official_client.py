"""A client and a workflow of Temporal's own Python SDK, with the codecs of its samples: `official_client.py ADDRESS QUEUE
CODEC…`.

Calls activities on the queue, and prints what comes back as one JSON object. Of codecs, `zlib` needs nothing, and
`encryption` the package `cryptography`; without it, the answer is `{"missing": "cryptography"}`.
"""

import asyncio
import json
import os
import sys
import uuid
import zlib
from datetime import timedelta
from typing import Any, Iterable, Sequence

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes, PayloadCodec
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

KEY_ID = b"sample"
KEY = b"test-key-test-key-test-key-test!"

# Long enough to be worth compressing.
TEXT = "Ada, " * 200


class Wrapping(PayloadCodec):
    """Puts the whole payload into another one, and counts what it gets back."""

    encoding: bytes
    metadata: dict[str, bytes] = {}

    def __init__(self) -> None:
        self.unwrapped = 0

    def wrap(self, message: bytes) -> bytes:
        raise NotImplementedError

    def unwrap(self, message: bytes) -> bytes:
        raise NotImplementedError

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        metadata = {"encoding": self.encoding, **self.metadata}
        return [Payload(metadata=metadata, data=self.wrap(payload.SerializeToString())) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self.decoded(payload) for payload in payloads]

    def decoded(self, payload: Payload) -> Payload:
        # What is too small to be compressed comes as it is.
        if payload.metadata.get("encoding") != self.encoding:
            return payload
        assert all(payload.metadata[name] == value for name, value in self.metadata.items()), payload.metadata
        self.unwrapped += 1
        return Payload.FromString(self.unwrap(payload.data))


class Compression(Wrapping):
    encoding = b"binary/zlib"

    def wrap(self, message: bytes) -> bytes:
        return zlib.compress(message)

    def unwrap(self, message: bytes) -> bytes:
        return zlib.decompress(message)


class Encryption(Wrapping):
    encoding = b"binary/encrypted"
    metadata = {"encryption-key-id": KEY_ID}

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        super().__init__()
        self.cipher = AESGCM(KEY)

    def wrap(self, message: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self.cipher.encrypt(nonce, message, None)

    def unwrap(self, message: bytes) -> bytes:
        return self.cipher.decrypt(message[:12], message[12:], None)


class Chain(PayloadCodec):
    """One codec after the other."""

    def __init__(self, codecs: list[Wrapping]) -> None:
        self.codecs = codecs

    async def encode(self, payloads: Iterable[Payload]) -> list[Payload]:
        coded = list(payloads)
        for codec in self.codecs:
            coded = await codec.encode(coded)
        return coded

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        coded = list(payloads)
        for codec in reversed(self.codecs):
            coded = await codec.decode(coded)
        return coded


@workflow.defn
class Calls:
    @workflow.run
    async def run(self, queue: str, activity: str, arguments: list[Any]) -> Any:
        options = {"task_queue": queue, "start_to_close_timeout": timedelta(seconds=30)}
        return await workflow.execute_activity(activity, args=arguments, **options)


def told(error: BaseException) -> dict[str, Any]:
    """The application failure at the end of a chain of causes."""
    while not isinstance(error, ApplicationError):
        assert error.__cause__ is not None, repr(error)
        error = error.__cause__
    return {"type": error.type, "message": error.message, "details": list(error.details)}


async def main(address: str, queue: str, names: list[str]) -> dict[str, Any]:
    try:
        codecs = [{"zlib": Compression, "encryption": Encryption}[name]() for name in names]
    except ImportError as error:
        return {"missing": error.name.partition(".")[0]}
    converter = DataConverter(
        payload_codec=Chain(codecs), failure_converter_class=DefaultFailureConverterWithEncodedAttributes
    )
    client = await Client.connect(address, data_converter=converter)
    own_queue = f"{queue}-workflows"

    async def standalone(activity: str, *arguments: Any) -> Any:
        options = {"task_queue": queue, "start_to_close_timeout": timedelta(seconds=30)}
        return await client.execute_activity(activity, args=arguments, id=str(uuid.uuid4()), **options)

    async def by_workflow(activity: str, *arguments: Any) -> Any:
        arguments = [queue, activity, list(arguments)]
        return await client.execute_workflow(Calls.run, args=arguments, id=str(uuid.uuid4()), task_queue=own_queue)

    seen: dict[str, Any] = {}
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=own_queue, workflows=[Calls], workflow_runner=runner):
        for name, call in (("standalone", standalone), ("workflow", by_workflow)):
            greeting = await call("greet", TEXT)
            assert greeting == f"Hello, {TEXT}!", greeting
            try:
                await call("fail_application", "OutOfStock", True, None)
            except Exception as error:
                seen[name] = told(error)
        # The second attempt goes on with the heartbeat details of the first.
        seen["resumed"] = await by_workflow("heartbeat_then_fail", 3)
    return {**seen, "unwrapped": {name: 0 < codec.unwrapped for name, codec in zip(names, codecs)}}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))))

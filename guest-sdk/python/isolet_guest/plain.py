"""Values that are plain JSON, or become it by the official code, to and from the contract's payloads.

The official converter goes by way of Temporal's messages, which Python's protobuf takes longer for than most activities
take. What is converted here comes out as it does there; whatever is not as plain is left to it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import temporalio.converter
from google.protobuf.message import Message
from temporalio.common import RawValue
from temporalio.converter import (
    AdvancedJSONEncoder,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    WithSerializationContext,
)
from temporalio.converter._payload_converter import _get_transfer_type_converter
from wit_world.imports import types as wit

from . import messages

_JSON = [("encoding", b"json/plain")]
_NULL = [("encoding", b"binary/null")]
_BYTES = [("encoding", b"binary/plain")]
_ENCODINGS = (_JSON, _NULL, _BYTES)

# Values of these types are what they are converted to.
_SCALARS = (str, int, float, bool)
_PLAIN = {str, int, float, bool, list, dict, tuple, bytes, type(None)}

# The official converters make something else of these than JSON; of bytes of another type, too.
_OTHERS = (RawValue, Message, bytes)

_encode = AdvancedJSONEncoder(separators=(",", ":"), sort_keys=True).encode
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def is_known(converter: temporalio.converter.DataConverter) -> bool:
    """Whether this is what the converter does: the official one, with nothing before or behind it."""
    inner: Any = getattr(converter.payload_converter, "_inner_payload_converter", None)
    if type(inner) is not DefaultPayloadConverter or type(converter) is not temporalio.converter.DataConverter:
        return False
    official = temporalio.converter.DefaultPayloadConverter.default_encoding_payload_converters
    json_converter = inner.converters.get(b"json/plain")
    return (
        converter.payload_codec is None
        and not isinstance(converter.failure_converter, WithSerializationContext)
        and converter.external_storage is None
        and tuple(map(type, inner.converters.values())) == tuple(map(type, official)) == _OFFICIAL
        and type(json_converter) is JSONPlainPayloadConverter
        and json_converter._encoder is AdvancedJSONEncoder
        and json_converter._decoder is None
        and not json_converter._custom_type_converters
    )


_OFFICIAL = (
    temporalio.converter.BinaryNullPayloadConverter,
    temporalio.converter.BinaryPlainPayloadConverter,
    temporalio.converter.JSONProtoPayloadConverter,
    temporalio.converter.BinaryProtoPayloadConverter,
    temporalio.converter.JSONPlainPayloadConverter,
)


class Converter(temporalio.converter.DataConverter):
    """The official converter, where it is all there is, without the messages that it makes on the way."""

    def with_context(self, context: Any) -> Converter:
        # None of its parts takes one.
        return self

    def _with_contexts(self, serialization_ctx: Any, store_ctx: Any) -> Converter:
        return self

    async def encode(self, values: Sequence[Any]) -> list[Any]:
        if all(map(_is_plain, values)):
            return [messages.Payload.of(_payload(each)) for each in values]
        return await super().encode(values)


def of(converter: temporalio.converter.DataConverter) -> Converter:
    """The same converter, which is known."""
    return Converter(**{each.name: getattr(converter, each.name) for each in dataclasses.fields(converter) if each.init})


def arguments_from_wit(payloads: list[wit.Payload], hints: list[type] | None) -> list[Any] | None:
    """The arguments, or none where one of them is not plain."""
    values = []
    for at, payload in enumerate(payloads):
        data = payload.data
        if payload.metadata != _JSON or not data.isascii() or b"\0" in data:
            return None
        document = data.decode()
        try:
            value, end = _scan(document, 0)
        except (StopIteration, ValueError, RecursionError):
            return None
        if end != len(document):
            return None
        hint: Any = hints[at] if hints else Any
        if hint is not Any and (hint not in _SCALARS or type(value) is not hint):
            return None
        values.append(value)
    return values


def has_plain(payloads: list[wit.Payload], hints: list[type] | None) -> bool:
    """Whether the official converters need no more of these payloads than `messages.Payload` has."""
    return all(each.metadata in _ENCODINGS for each in payloads) and not any(
        hint is RawValue or _get_transfer_type_converter(hint) for hint in hints or ()
    )


def result_to_wit(value: Any) -> wit.Payload | None:
    """The result's payload, or none where it is not plain. Raises what the official converter would raise of it."""
    return _payload(value) if type(value) in _PLAIN or _is_plain(value) else None


def _is_plain(value: Any) -> bool:
    """Whether the official converter would make JSON of it, or bytes, or nothing."""
    kind = type(value)
    return kind in _PLAIN or not (
        isinstance(value, _OTHERS) or _get_transfer_type_converter(kind) or hasattr(value, "parse_obj")
    )


def _payload(value: Any) -> wit.Payload:
    if value is None:
        return wit.Payload(_NULL, b"")
    if type(value) is bytes:
        return wit.Payload(_BYTES, value)
    return wit.Payload(_JSON, _encode(value).encode())

"""Arguments and results that are plain JSON, to and from the contract's payloads.

The official converter goes by way of Temporal's messages, which Python's protobuf takes longer for than most activities
take. What is converted here comes out as it does there; whatever is not as plain is left to it.
"""

from __future__ import annotations

import json
from typing import Any

import temporalio.converter
from temporalio.converter import AdvancedJSONEncoder, DefaultPayloadConverter, JSONPlainPayloadConverter
from wit_world.imports import types as wit

_JSON = [("encoding", b"json/plain")]
_NULL = [("encoding", b"binary/null")]

# Values of these types are what they are converted to.
_SCALARS = (str, int, float, bool)
_PLAIN = {str, int, float, bool, list, dict}

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


def result_to_wit(value: Any) -> wit.Payload | None:
    """The result's payload, or none where it is not plain. Raises what the official converter would raise of it."""
    if value is None:
        return wit.Payload(_NULL, b"")
    if type(value) not in _PLAIN:
        return None
    return wit.Payload(_JSON, _encode(value).encode())

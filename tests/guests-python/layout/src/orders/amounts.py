"""A data converter of the project's own, which makes texts of amounts."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from temporalio import activity
from temporalio.converter import (
    AdvancedJSONEncoder,
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)
from temporalio.exceptions import ApplicationError


class _Encoder(AdvancedJSONEncoder):
    def default(self, o: Any) -> Any:
        return f"{o} EUR" if isinstance(o, Decimal) else super().default(o)


class _PayloadConverter(CompositePayloadConverter):
    def __init__(self) -> None:
        default = DefaultPayloadConverter.default_encoding_payload_converters
        others = [each for each in default if not isinstance(each, JSONPlainPayloadConverter)]
        super().__init__(*others, JSONPlainPayloadConverter(encoder=_Encoder))


converter = dataclasses.replace(DataConverter.default, payload_converter_class=_PayloadConverter)


@activity.defn
def halves(amount: str) -> Decimal:
    return Decimal(amount) / 2


@activity.defn
def owes(amount: str) -> str:
    payload = activity.payload_converter().to_payload(Decimal(amount))
    raise ApplicationError(f"{payload.data.decode()} are missing", Decimal(amount))

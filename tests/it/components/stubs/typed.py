"""Activities of typed.wasm, as isolet inspect --stubs python writes them."""

import builtins
from dataclasses import dataclass
from typing import Any, Literal, Optional, TypedDict, Union, cast

from temporalio import workflow

# A whole number of 64 bits. The worker returns those beyond 2**53 - 1 as a text of their digits, and takes both.
Long = Union[int, str]
# A number; those that JSON has not are texts.
Float = Union[float, Literal["NaN", "Infinity", "-Infinity"]]


@dataclass(kw_only=True)
class Item:
    sku: str
    unit_price: Float
    count: int


PaymentCard = TypedDict("PaymentCard", {"card": str})

PaymentOnAccount = TypedDict("PaymentOnAccount", {"on_account": Long})

Payment = Union[Literal["cash"], PaymentCard, PaymentOnAccount]


@dataclass(kw_only=True)
class Order:
    id: Long
    items: list[Item]
    payment: Payment
    note: Optional[str] = None


@dataclass(kw_only=True)
class Receipt:
    order: Long
    total: Float


@dataclass(kw_only=True)
class StockProblem:
    message: str
    non_retryable: bool
    left: int


OrderErrorNotPaid = TypedDict("OrderErrorNotPaid", {"not_paid": str})

OrderErrorOutOfStock = TypedDict("OrderErrorOutOfStock", {"out_of_stock": StockProblem})

OrderError = Union[Literal["empty"], OrderErrorNotPaid, OrderErrorOutOfStock]


Color = Literal["red", "dark_blue"]


Access = list[Literal["read", "write_all", "run"]]


ShapeCircle = TypedDict("ShapeCircle", {"circle": Float})

ShapeBoxOf = TypedDict("ShapeBoxOf", {"box_of": tuple[Float, Float]})

Shape = Union[Literal["point"], ShapeCircle, ShapeBoxOf]


@dataclass(kw_only=True)
class Everything:
    yes: builtins.bool
    tiny: builtins.int
    byte: builtins.int
    short: builtins.int
    unsigned_short: builtins.int
    int: builtins.int
    unsigned_int: builtins.int
    long: Long
    unsigned_long: Long
    single: Float
    double: Float
    letter: builtins.str
    text: builtins.str
    bytes: builtins.str
    texts: builtins.list[builtins.str]
    pair: builtins.tuple[builtins.int, builtins.str]
    color: Color
    access: Access
    shape: Shape
    maybe: Optional[builtins.int] = None
    maybe_maybe: Optional[builtins.dict[Literal["some"], Optional[builtins.int]]] = None
    outcome: Union[builtins.dict[Literal["ok"], builtins.int], builtins.dict[Literal["err"], builtins.str]]
    bare: Union[Literal["ok"], Literal["err"]]
    shapes: builtins.list[Optional[Shape]]


@dataclass(kw_only=True)
class Wide:
    a: Optional[str] = None
    b: Optional[str] = None
    c: Optional[str] = None
    d: Optional[str] = None
    e: Optional[str] = None
    f: Optional[str] = None
    g: Optional[str] = None
    h: Optional[str] = None
    i: Optional[str] = None
    j: Optional[str] = None
    k: Optional[str] = None
    l: Optional[str] = None


async def ping(name: str, **options: Any) -> str:
    """ping: func(name: string) -> string"""
    result: str = await workflow.execute_activity(
        "ping", args=[name], result_type=str, **options
    )
    return result


async def ship(order: Order, **options: Any) -> Receipt:
    """acme:shop/orders@1.2.0#ship: func(order: order) -> result<receipt, order-error>"""
    result: Receipt = await workflow.execute_activity(
        "ship", args=[order], result_type=Receipt, **options
    )
    return result


async def refuse_with_text(why: str, **options: Any) -> None:
    """acme:shop/orders@1.2.0#refuse-with-text: func(why: string) -> result<_, string>"""
    await workflow.execute_activity(
        "refuse-with-text", args=[why], result_type=None, **options
    )


async def refuse_with_record(why: str, **options: Any) -> int:
    """acme:shop/orders@1.2.0#refuse-with-record: func(why: string) -> result<u32, stock-problem>"""
    result: int = await workflow.execute_activity(
        "refuse-with-record", args=[why], result_type=int, **options
    )
    return result


async def refuse(**options: Any) -> None:
    """acme:shop/orders@1.2.0#refuse: func() -> result"""
    await workflow.execute_activity(
        "refuse", args=[], result_type=None, **options
    )


async def echo(it: Everything, **options: Any) -> Everything:
    """acme:shop/every-type@1.2.0#echo: func(it: everything) -> everything"""
    result: Everything = await workflow.execute_activity(
        "echo", args=[it], result_type=Everything, **options
    )
    return result


async def echo_bytes(it: bytes, **options: Any) -> bytes:
    """acme:shop/every-type@1.2.0#echo-bytes: func(it: list<u8>) -> list<u8>"""
    result: bytes = await workflow.execute_activity(
        "echo-bytes", args=[it], result_type=bytes, **options
    )
    return result


async def echo_maybe(it: Optional[dict[Literal["some"], Optional[Long]]], **options: Any) -> Optional[dict[Literal["some"], Optional[Long]]]:
    """acme:shop/every-type@1.2.0#echo-maybe: func(it: option<option<s64>>) -> option<option<s64>>"""
    result: Optional[dict[Literal["some"], Optional[Long]]] = await workflow.execute_activity(
        "echo-maybe", args=[it], result_type=cast(Any, Optional[dict[Literal["some"], Optional[Long]]]), **options
    )
    return result


async def concatenate(first: str, second: str, third: Optional[str], **options: Any) -> str:
    """acme:shop/every-type@1.2.0#concatenate: func(first: string, second: string, third: option<string>) -> string"""
    result: str = await workflow.execute_activity(
        "concatenate", args=[first, second, third], result_type=str, **options
    )
    return result


async def nothing(**options: Any) -> None:
    """acme:shop/every-type@1.2.0#nothing: func()"""
    await workflow.execute_activity(
        "nothing", args=[], result_type=None, **options
    )


async def many_bytes(count: int, **options: Any) -> bytes:
    """acme:shop/hostile@1.2.0#many-bytes: func(count: u32) -> list<u8>"""
    result: bytes = await workflow.execute_activity(
        "many-bytes", args=[count], result_type=bytes, **options
    )
    return result


async def many_numbers(count: int, **options: Any) -> list[Long]:
    """acme:shop/hostile@1.2.0#many-numbers: func(count: u32) -> list<u64>"""
    result: list[Long] = await workflow.execute_activity(
        "many-numbers", args=[count], result_type=list[Long], **options
    )
    return result


async def count_wide(all: list[Wide], **options: Any) -> Long:
    """acme:shop/hostile@1.2.0#count-wide: func(all: list<wide>) -> u64"""
    result: Long = await workflow.execute_activity(
        "count-wide", args=[all], result_type=cast(Any, Long), **options
    )
    return result


async def count_texts(all: list[list[str]], **options: Any) -> Long:
    """acme:shop/hostile@1.2.0#count-texts: func(all: list<list<string>>) -> u64"""
    result: Long = await workflow.execute_activity(
        "count-texts", args=[all], result_type=cast(Any, Long), **options
    )
    return result


async def spin(**options: Any) -> None:
    """acme:shop/hostile@1.2.0#spin: func()"""
    await workflow.execute_activity(
        "spin", args=[], result_type=None, **options
    )


async def trap(**options: Any) -> None:
    """acme:shop/hostile@1.2.0#trap: func()"""
    await workflow.execute_activity(
        "trap", args=[], result_type=None, **options
    )


async def exhaust(**options: Any) -> None:
    """acme:shop/hostile@1.2.0#exhaust: func()"""
    await workflow.execute_activity(
        "exhaust", args=[], result_type=None, **options
    )
"""Activities of typed.wasm, as isolet inspect --stubs python writes them."""

from dataclasses import dataclass
from typing import Any, Literal, Optional, TypedDict, Union

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
    yes: bool
    tiny: int
    byte: int
    short: int
    unsigned_short: int
    int: int
    unsigned_int: int
    long: Long
    unsigned_long: Long
    single: Float
    double: Float
    letter: str
    text: str
    bytes: str
    texts: list[str]
    pair: tuple[int, str]
    color: Color
    access: Access
    shape: Shape
    maybe: Optional[int] = None
    maybe_maybe: Optional[dict[Literal["some"], Optional[int]]] = None
    outcome: Union[dict[Literal["ok"], int], dict[Literal["err"], str]]
    bare: Union[Literal["ok"], Literal["err"]]
    shapes: list[Optional[Shape]]


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
    return await workflow.execute_activity(
        "ping", args=[name], result_type=str, **options
    )


async def ship(order: Order, **options: Any) -> Receipt:
    """acme:shop/orders@1.2.0#ship: func(order: order) -> result<receipt, order-error>"""
    return await workflow.execute_activity(
        "ship", args=[order], result_type=Receipt, **options
    )


async def refuse_with_text(why: str, **options: Any) -> None:
    """acme:shop/orders@1.2.0#refuse-with-text: func(why: string) -> result<_, string>"""
    return await workflow.execute_activity(
        "refuse-with-text", args=[why], result_type=None, **options
    )


async def refuse_with_record(why: str, **options: Any) -> int:
    """acme:shop/orders@1.2.0#refuse-with-record: func(why: string) -> result<u32, stock-problem>"""
    return await workflow.execute_activity(
        "refuse-with-record", args=[why], result_type=int, **options
    )


async def refuse(**options: Any) -> None:
    """acme:shop/orders@1.2.0#refuse: func() -> result"""
    return await workflow.execute_activity(
        "refuse", args=[], result_type=None, **options
    )


async def echo(it: Everything, **options: Any) -> Everything:
    """acme:shop/every-type@1.2.0#echo: func(it: everything) -> everything"""
    return await workflow.execute_activity(
        "echo", args=[it], result_type=Everything, **options
    )


async def echo_bytes(it: bytes, **options: Any) -> bytes:
    """acme:shop/every-type@1.2.0#echo-bytes: func(it: list<u8>) -> list<u8>"""
    return await workflow.execute_activity(
        "echo-bytes", args=[it], result_type=bytes, **options
    )


async def echo_maybe(it: Optional[dict[Literal["some"], Optional[Long]]], **options: Any) -> Optional[dict[Literal["some"], Optional[Long]]]:
    """acme:shop/every-type@1.2.0#echo-maybe: func(it: option<option<s64>>) -> option<option<s64>>"""
    return await workflow.execute_activity(
        "echo-maybe", args=[it], result_type=Optional[dict[Literal["some"], Optional[Long]]], **options
    )


async def concatenate(first: str, second: str, third: Optional[str], **options: Any) -> str:
    """acme:shop/every-type@1.2.0#concatenate: func(first: string, second: string, third: option<string>) -> string"""
    return await workflow.execute_activity(
        "concatenate", args=[first, second, third], result_type=str, **options
    )


async def nothing(**options: Any) -> None:
    """acme:shop/every-type@1.2.0#nothing: func()"""
    return await workflow.execute_activity(
        "nothing", args=[], result_type=None, **options
    )


async def many_bytes(count: int, **options: Any) -> bytes:
    """acme:shop/hostile@1.2.0#many-bytes: func(count: u32) -> list<u8>"""
    return await workflow.execute_activity(
        "many-bytes", args=[count], result_type=bytes, **options
    )


async def many_numbers(count: int, **options: Any) -> list[Long]:
    """acme:shop/hostile@1.2.0#many-numbers: func(count: u32) -> list<u64>"""
    return await workflow.execute_activity(
        "many-numbers", args=[count], result_type=list[Long], **options
    )


async def count_wide(all: list[Wide], **options: Any) -> Long:
    """acme:shop/hostile@1.2.0#count-wide: func(all: list<wide>) -> u64"""
    return await workflow.execute_activity(
        "count-wide", args=[all], result_type=Long, **options
    )


async def count_texts(all: list[list[str]], **options: Any) -> Long:
    """acme:shop/hostile@1.2.0#count-texts: func(all: list<list<string>>) -> u64"""
    return await workflow.execute_activity(
        "count-texts", args=[all], result_type=Long, **options
    )


async def spin(**options: Any) -> None:
    """acme:shop/hostile@1.2.0#spin: func()"""
    return await workflow.execute_activity(
        "spin", args=[], result_type=None, **options
    )


async def trap(**options: Any) -> None:
    """acme:shop/hostile@1.2.0#trap: func()"""
    return await workflow.execute_activity(
        "trap", args=[], result_type=None, **options
    )


async def exhaust(**options: Any) -> None:
    """acme:shop/hostile@1.2.0#exhaust: func()"""
    return await workflow.execute_activity(
        "exhaust", args=[], result_type=None, **options
    )
"""Recursions, with an end and without."""

import copy
import functools
import json
import pickle
from typing import Any, Callable

from temporalio import activity


class Endless:
    """Asks itself."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self, name + "x")

    def __eq__(self, other: Any) -> bool:
        return self == other

    def __lt__(self, other: Any) -> bool:
        return self < other

    def __hash__(self) -> int:
        return hash(self)

    def __repr__(self) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self)

    def __call__(self) -> Any:
        return self()

    def __add__(self, other: Any) -> Any:
        return self + other

    def __contains__(self, other: Any) -> bool:
        return other in self

    def __getitem__(self, key: Any) -> Any:
        return self[key]


def _again(how: "Callable[[Callable[[Any], Any]], Any]") -> Any:
    def one(_: Any = None) -> Any:
        return how(one)

    return one()


@activity.defn
def recurses_without_end() -> list:
    endless = Endless()
    told: list = []
    for what in (
        lambda: endless.missing,
        lambda: endless == endless,
        lambda: endless < endless,
        lambda: hash(endless),
        lambda: repr(endless),
        lambda: f"{endless}",
        lambda: bool(endless),
        lambda: endless(),
        lambda: endless + 1,
        lambda: 1 in endless,
        lambda: endless[1],
        lambda: {endless: 1},
        lambda: max(endless, endless),
        lambda: _again(lambda one: sorted([1, 2], key=one)),
        lambda: _again(lambda one: list(map(one, [1]))),
        lambda: _again(lambda one: functools.partial(one)()),
        lambda: _again(lambda one: functools.reduce(lambda *_: one(), [1, 2])),
        lambda: _again(lambda one: json.dumps(object(), default=one)),
        lambda: _again(lambda one: "".join(one() for _ in range(1))),
    ):
        try:
            what()
            told.append("no error")
        except RecursionError as error:
            told.append(type(error).__name__)
    return told


def _nested(depth: int, of: "Callable[[Any], Any]" = lambda inner: [inner]) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = of(value)
    return value


DEEP: "dict[str, Callable[[int], Any]]" = {
    "read lists": lambda depth: json.loads("[" * depth + "]" * depth),
    "read objects": lambda depth: json.loads('{"a":' * depth + "1" + "}" * depth),
    "write lists": lambda depth: json.dumps(_nested(depth)),
    "write objects": lambda depth: json.dumps(_nested(depth, lambda inner: {"a": inner})),
    "write lists in lines": lambda depth: json.dumps(_nested(depth), indent=1),
    "repr": lambda depth: repr(_nested(depth)),
    "repr of objects": lambda depth: repr(_nested(depth, lambda inner: {"a": inner})),
    "pickle": lambda depth: pickle.loads(pickle.dumps(_nested(depth))),
    "deepcopy": lambda depth: copy.deepcopy(_nested(depth)),
    "compare": lambda depth: _nested(depth) == _nested(depth),
    "isinstance": lambda depth: isinstance(1, _nested(depth, lambda inner: (inner if isinstance(inner, tuple) else str,))),
    "call": lambda depth: (lambda call: call(call, depth))(lambda call, left: left and call(call, left - 1)),
    "source": lambda depth: eval("(" * depth + ")" * depth),
    "expression": lambda depth: eval("+".join(["1"] * depth)),
    "sign": lambda depth: eval("-" * depth + "1"),
}


@activity.defn
def recurses(what: str, depth: int) -> str:
    try:
        DEEP[what](depth)
    except RecursionError:
        return "too deep"
    except (MemoryError, SyntaxError):
        # The compiler has limits of its own.
        return "too complex"
    return "done"

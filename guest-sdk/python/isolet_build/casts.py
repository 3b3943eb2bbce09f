"""Functions in C that are taken for others: what other machines let pass, and WebAssembly does not.

A call says how many arguments it passes, and a function that takes another number of them is not called: the attempt ends.
Python's own tables of functions are where this happens, such as one of getters whose functions leave out the last argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CAST = re.compile(
    r"(?P<place>\S+:\d+):\d+: warning: cast from '(?P<short>[^']*)'(?: \(aka '(?P<long>[^']*)'\))? to '(?P<type>\w+)' \(aka '(?P<other>[^']*)'\)"
)
# Python calls those with three arguments and more in these tables as what they are.
_CALLED_BY_FLAGS = "PyCFunction"


def found(said: str) -> list[str]:
    """Where what a compiler said has such functions that Python would call."""
    return list(dict.fromkeys(_found(said)))


def warning(name: str, places: list[str]) -> str:
    """What to say of a package that has some."""
    more = f" and {len(places) - 1} others" if len(places) > 1 else ""
    return (
        f"the native code of {name} has functions with fewer or more arguments than Python calls them with, "
        f"which ends an attempt with SandboxTrap where it happens ({places[0]}{more})"
    )


def _found(said: str) -> Iterator[str]:
    for match in _CAST.finditer(said):
        taken, given = _count(match["long"] or match["short"]), _count(match["other"])
        if match["type"] == _CALLED_BY_FLAGS and taken > given:
            continue
        if taken != given:
            yield match["place"]


def _count(function: str) -> int:
    """How many arguments a type of functions has."""
    arguments = function.partition("(*)(")[2].removesuffix(")")
    depth, count = 0, 1
    for each in arguments:
        depth += (each in "([<") - (each in ")]>")
        count += each == "," and depth == 0
    return 0 if arguments in ("", "void") else count

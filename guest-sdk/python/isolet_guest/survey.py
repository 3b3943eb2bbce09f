"""Where the objects are that the build leaves behind.

Python counts the references to an object in the object itself. So an instance writes to every object that it only looks
at, and what an instance writes to it no longer shares with others: each page is copied when it is first written. The
builder therefore makes these objects immortal, as PEP 683 calls it: references to them are not counted. Where they are
only Python knows, which says it here; making them immortal is no business of Python code, and `isolet_build.image` does
it.
"""

from __future__ import annotations

import array
import gc
from pathlib import Path
from types import CodeType
from typing import Any

from . import constants

# The builder and this agree on them: a bit for every place where an object may begin, the addresses of all types, and
# that of the type of text.
OBJECTS, TYPES, TEXT = "objects.bits", "types.u32", "text.u32"
_ALIGNMENT = 8

# Few enough for a list of what they refer to.
_MANY = 1_000


def write(folder: Path) -> Places:
    """Writes to `folder` where all objects are, where their types are, and where code loads constants."""
    places = Places()
    types: set[type] = set()
    loads = constants.Constants()
    waiting: list[Any] = gc.get_objects()
    while waiting:
        # Asked for many at once: there are half a million.
        each = places.add(waiting[-_MANY:])
        del waiting[-_MANY:]
        types.update(map(type, each))
        for code in each:
            if type(code) is CodeType:
                loads.add(code)
        waiting += _referents(each)
    (folder / OBJECTS).write_bytes(places.bits)
    (folder / TYPES).write_bytes(array.array("I", map(id, types)).tobytes())
    (folder / TEXT).write_bytes(array.array("I", [id(str)]).tobytes())
    (folder / constants.CONSTANTS).write_bytes(loads.found.tobytes())
    return places


def _referents(values: list[Any]) -> list[Any]:
    referents = gc.get_referents(*values)
    # Neither of these tells the collector of what can't be part of a cycle. `isinstance` would ask what stands in for
    # another object for that one's class.
    for value in values:
        if type(value) is dict:
            referents += value
        elif type(value) is CodeType:
            referents += (value.co_consts, value.co_names, value.co_name, value.co_qualname, value.co_filename)
            referents += (value.co_linetable, value.co_exceptiontable)
    return referents


class Places:
    """A set of objects that takes a bit for each place, and keeps none of them alive."""

    def __init__(self) -> None:
        self.bits = bytearray()

    def add(self, values: list[Any]) -> list[Any]:
        """Returns those that are new."""
        new = []
        bits = self.bits
        for value in values:
            index = id(value) // _ALIGNMENT
            byte, bit = index >> 3, 1 << (index & 7)
            if len(bits) <= byte:
                bits.extend(bytes(byte + 1 - len(bits)))
            if not bits[byte] & bit:
                bits[byte] |= bit
                new.append(value)
        return new

    def __contains__(self, value: Any) -> bool:
        index = id(value) // _ALIGNMENT
        byte, bit = index >> 3, 1 << (index & 7)
        return byte < len(self.bits) and bool(self.bits[byte] & bit)

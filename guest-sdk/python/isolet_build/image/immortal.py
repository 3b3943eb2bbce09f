"""Makes objects immortal, as PEP 683 calls it: see `isolet_guest.survey` for why."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from .heap import HEAD, OVERHEAD, Heap
from .memory import Changes, Memory, Unrecognised

# What the component's part of the build has written, see `isolet_guest.survey`.
_OBJECTS, _TYPES, _TEXT = "objects.bits", "types.u32", "text.u32"
_ALIGNMENT = 8

# An object begins with the number of its references and the address of its type; CPython on 32 bits takes the former,
# if it is as large as this, for that of an immortal object. Addresses of what has been freed meanwhile, which also
# stand there, are larger than the numbers that occur.
_IMMORTAL, _MOST = 5 << 28, 1 << 19

# A text that has its characters behind its head: the number of them, the hash, and the state, in which these bits are
# the size of a character, whether they lie there, and whether they are ASCII.
_TEXT_HEAD, _ASCII_HEAD = 28, 20
_KIND, _COMPACT, _ASCII = 7 << 2, 1 << 5, 1 << 6


def is_immortal(memory: Memory, address: int) -> bool:
    """Whether the object at `address` is."""
    return _IMMORTAL <= memory.word(address) < 1 << 31


def objects(changes: Changes, survey: Path) -> str:
    """Makes those objects immortal that the survey has seen and that are still there."""
    types = {address for (address,) in struct.iter_unpack("<I", (survey / _TYPES).read_bytes())}
    memory, count = changes.memory, 0
    for address in _addresses((survey / _OBJECTS).read_bytes()):
        if address + 8 <= memory.end and 0 < memory.word(address) < _MOST and memory.word(address + 4) in types:
            changes.put(address, _IMMORTAL)
            count += 1
    return f"{count} objects"


def texts(heap: Heap, changes: Changes, survey: Path) -> str:
    """Makes all text immortal.

    The survey does not see what only the interpreter's caches hold; an entry that is replaced frees its text, whose
    place is then used for something else.
    """
    (type_,) = struct.unpack("<I", (survey / _TEXT).read_bytes())
    memory, count = changes.memory, 0
    for start, size, in_use in heap.chunks:
        if in_use and _is_text(memory, start + HEAD, size - OVERHEAD, type_):
            changes.put(start + HEAD, _IMMORTAL)
            count += 1
    if not count:
        raise Unrecognised("there is no text")
    return f"{count} texts"


def _is_text(memory: Memory, address: int, room: int, type_: int) -> bool:
    words, at = memory.words, address >> 2
    if words[at + 1] != type_ or not 0 < words[at] < _MOST or room < _ASCII_HEAD:
        return False
    length, state = words[at + 2], words[at + 4]
    kind = (state & _KIND) >> 2
    head = _ASCII_HEAD if state & _ASCII else _TEXT_HEAD
    return bool(state & _COMPACT) and kind in (1, 2, 4) and head + (length + 1) * kind <= room


def _addresses(bits: bytes) -> Iterator[int]:
    for index, byte in enumerate(bits):
        while byte:
            lowest = byte & -byte
            yield (index * 8 + lowest.bit_length() - 1) * _ALIGNMENT
            byte ^= lowest

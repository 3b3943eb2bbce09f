"""The memory with which instances of a component begin, as the builder leaves it.

Recursions are bounded here, too: where Python takes its stack for used up is a number in that memory.

What an instance writes to it no longer shares with others, so nothing should be written without need: see
`isolet_guest.survey` for why objects are made immortal. Whatever is not exactly as it should be is left alone.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

# What the component's part of the build has written, see `isolet_guest.survey`.
_OBJECTS, _TYPES = "objects.bits", "types.u32"
_ALIGNMENT = 8

# An object begins with the number of its references and the address of its type; CPython on 32 bits takes the former,
# if it is as large as this, for that of an immortal object. Addresses of what has been freed meanwhile, which also
# stand there, are larger than the numbers that occur.
_HEAD = struct.Struct("<II")
_IMMORTAL, _MOST = 5 << 28, 1 << 19

_MODULE, _MEMORY, _DATA = 1, 5, 11
_I32_CONST, _END = 0x41, 0x0B


# The top of Python's stack in memory, and the addresses at which it takes it for used up: softly, and in any case.
_STACK = struct.Struct("<III")
_STACK_TOP, _MARGIN = 1 << 20, 8 << 10
_WHOLE_STACK = _STACK.pack(_STACK_TOP, 2 * _MARGIN, _MARGIN)

# How much of it Python may use. Every call that does also uses the host's stack, 40 times as much at most (objects
# within objects, when JSON is read), and that has 16 MiB: here a recursion ends in an error, there it would be fatal.
_USED_STACK = 320 << 10

# The beginning of `_Py_Dealloc`, which looks how much of the stack is used before it lets an object free what it holds,
# and that again by `_Py_Dealloc`. It takes none of that stack itself, so it would never find it used: now it takes 16
# bytes, which it gives back already. With the padding left out of two numbers, it is as long as before.
_LOOKS_AT_TYPE = bytes.fromhex("200041046a28020022 0241d4006a2802004180800171 2103")
_FREES = bytes.fromhex("238080808000 2101") + _LOOKS_AT_TYPE + bytes.fromhex("238a83808000")
_FREES_COUNTED = bytes.fromhex("2300 2201 4110 6b 2400") + _LOOKS_AT_TYPE + bytes.fromhex("238a838000")


def finish(component: Path, survey: Path) -> None:
    """Makes the objects immortal that the folder `survey` tells of, and bounds recursions."""
    image = _Image(bytearray(component.read_bytes()))
    _make_immortal(image, survey)
    _bound_recursion(image)
    component.write_bytes(image.file)


def _bound_recursion(image: _Image) -> None:
    at = image.file.find(_WHOLE_STACK)
    if 0 <= at and image.file.find(_WHOLE_STACK, at + 1) < 0:
        low = _STACK_TOP - _USED_STACK
        _STACK.pack_into(image.file, at, _STACK_TOP, low, low - _MARGIN)
    at = image.file.find(_FREES)
    if 0 <= at and image.file.find(_FREES, at + 1) < 0:
        image.file[at : at + len(_FREES)] = _FREES_COUNTED


def _make_immortal(image: _Image, survey: Path) -> None:
    types = {address for (address,) in struct.iter_unpack("<I", (survey / _TYPES).read_bytes())}
    for address in _addresses((survey / _OBJECTS).read_bytes()):
        at = image.find(address, _HEAD.size)
        if at is None:
            continue
        references, type_ = _HEAD.unpack_from(image.file, at)
        if 0 < references < _MOST and type_ in types:
            _HEAD.pack_into(image.file, at, _IMMORTAL, type_)


def _addresses(bits: bytes) -> Iterator[int]:
    for index, byte in enumerate(bits):
        while byte:
            lowest = byte & -byte
            yield (index * 8 + lowest.bit_length() - 1) * _ALIGNMENT
            byte ^= lowest


class _Image:
    """The parts of a component's file that are the first contents of its memory."""

    def __init__(self, file: bytearray) -> None:
        self.file = file
        # Address, place in the file, and size of each.
        self._parts = sorted(self._segments())
        self._addresses = [address for address, _, _ in self._parts]

    def find(self, address: int, size: int) -> int | None:
        """Where in the file `size` bytes of memory at `address` are."""
        index = bisect_right(self._addresses, address) - 1
        if index < 0:
            return None
        start, at, length = self._parts[index]
        offset = address - start
        return at + offset if offset + size <= length else None

    def _segments(self) -> Iterator[tuple[int, int, int]]:
        # After the magic number and the version.
        for kind, start, end in self._sections(8, len(self.file)):
            if kind != _MODULE:
                continue
            sections = {kind: start for kind, start, _ in self._sections(start + 8, end)}
            # The module that brings the memory along brings its contents.
            if _MEMORY in sections and _DATA in sections:
                yield from self._data(sections[_DATA])

    def _sections(self, at: int, end: int) -> Iterator[tuple[int, int, int]]:
        while at < end:
            kind = self.file[at]
            size, at = self._unsigned(at + 1)
            yield kind, at, at + size
            at += size

    def _data(self, at: int) -> Iterator[tuple[int, int, int]]:
        count, at = self._unsigned(at)
        for _ in range(count):
            flags, at = self._unsigned(at)
            if flags != 0 or self.file[at] != _I32_CONST:
                return
            address, at = self._unsigned(at + 1)
            if self.file[at] != _END:
                return
            size, at = self._unsigned(at + 1)
            yield address, at, size
            at += size

    def _unsigned(self, at: int) -> tuple[int, int]:
        """A number in LEB128, and the place after it. Addresses are signed there, but none has the highest bit."""
        value = shift = 0
        while True:
            byte = self.file[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value, at

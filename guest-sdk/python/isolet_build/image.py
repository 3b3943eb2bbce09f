"""The memory with which instances of a component begin, as the builder leaves it.

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


def make_immortal(component: Path, survey: Path) -> None:
    """Makes the objects immortal that the folder `survey` tells of."""
    image = _Image(bytearray(component.read_bytes()))
    types = {address for (address,) in struct.iter_unpack("<I", (survey / _TYPES).read_bytes())}
    for address in _addresses((survey / _OBJECTS).read_bytes()):
        at = image.find(address, _HEAD.size)
        if at is None:
            continue
        references, type_ = _HEAD.unpack_from(image.file, at)
        if 0 < references < _MOST and type_ in types:
            _HEAD.pack_into(image.file, at, _IMMORTAL, type_)
    component.write_bytes(image.file)


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

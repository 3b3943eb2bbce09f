"""A component's file, and where in it the first contents of its memory are."""

from __future__ import annotations

from collections.abc import Iterator

_MODULE, _MEMORY, _DATA = 1, 5, 11
_I32_CONST, _END = 0x41, 0x0B
_PASSIVE = 1


class ComponentFile:
    """The bytes of a component."""

    def __init__(self, contents: bytearray) -> None:
        self.contents = contents
        # Address in memory, place in the file, and size of each part, by address.
        self.parts = sorted(self._parts())

    def _parts(self) -> Iterator[tuple[int, int, int]]:
        # After the magic number and the version.
        for kind, start, end in self._sections(8, len(self.contents)):
            if kind != _MODULE:
                continue
            sections = {kind: start for kind, start, _ in self._sections(start + 8, end)}
            # The module that brings the memory along brings its contents.
            if _MEMORY in sections and _DATA in sections:
                yield from self._data(sections[_DATA])

    def _sections(self, at: int, end: int) -> Iterator[tuple[int, int, int]]:
        while at < end:
            kind = self.contents[at]
            size, at = self._unsigned(at + 1)
            yield kind, at, at + size
            at += size

    def _data(self, at: int) -> Iterator[tuple[int, int, int]]:
        count, at = self._unsigned(at)
        for _ in range(count):
            flags, at = self._unsigned(at)
            if flags == _PASSIVE:
                # Not of what the memory begins with.
                size, at = self._unsigned(at)
                at += size
                continue
            if flags != 0 or self.contents[at] != _I32_CONST:
                return
            address, at = self._unsigned(at + 1)
            if self.contents[at] != _END:
                return
            size, at = self._unsigned(at + 1)
            yield address, at, size
            at += size

    def _unsigned(self, at: int) -> tuple[int, int]:
        """A number in LEB128, and the place after it. Addresses are signed there, but none has the highest bit."""
        value = shift = 0
        while True:
            byte = self.contents[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value, at

"""What a WebAssembly module exports, and what it takes of others: as far as libraries that are linked late go."""

from __future__ import annotations

from collections.abc import Iterator

MAGIC = b"\0asm\1\0\0\0"

_CUSTOM, _IMPORT, _EXPORT = 0, 2, 7
_FUNCTION, _TABLE, _MEMORY, _GLOBAL, _TAG = range(5)
# How the tool conventions call what is looked up among the exports of all libraries, and what the linker itself provides.
_LOOKED_UP = ("env", "GOT.mem", "GOT.func")
_OF_THE_LINKER = {"memory", "__indirect_function_table", "__memory_base", "__table_base", "__stack_pointer", "__heap_base", "__heap_end"}
# Of the section "dylink.0": the part about imports, and the flag of those that need not be there.
_IMPORT_INFO, _WEAK = 4, 1


def exports(module: bytes) -> set[str]:
    """The names of what a module exports."""
    return {name for kind, reader in _sections(module) if kind == _EXPORT for name in _exports(reader)}


def missing(module: bytes, given: set[str]) -> list[str]:
    """What a module needs and neither has nor is given."""
    had = given | exports(module) | _OF_THE_LINKER
    weak: set[str] = set()
    needed: set[str] = set()
    for kind, reader in _sections(module):
        if kind == _IMPORT:
            needed |= set(_imports(reader))
        elif kind == _CUSTOM and reader.name() == "dylink.0":
            weak |= set(_weak(reader))
    return sorted(needed - had - weak)


class _Reader:
    """Numbers and names of a part of a module, one after the other."""

    def __init__(self, content: bytes, at: int, end: int) -> None:
        self._content, self.at, self.end = content, at, end

    def number(self) -> int:
        """In LEB128."""
        value = shift = 0
        while True:
            byte = self._content[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    def name(self) -> str:
        size = self.number()
        self.at += size
        return self._content[self.at - size : self.at].decode(errors="replace")

    def part(self) -> _Reader:
        """What is preceded by its size."""
        size = self.number()
        self.at += size
        return _Reader(self._content, self.at - size, self.at)


def _sections(module: bytes) -> Iterator[tuple[int, _Reader]]:
    reader = _Reader(module, len(MAGIC), len(module))
    while reader.at < reader.end:
        kind = reader.number()
        yield kind, reader.part()


def _exports(reader: _Reader) -> Iterator[str]:
    for _ in range(reader.number()):
        yield reader.name()
        reader.at += 1
        reader.number()


def _imports(reader: _Reader) -> Iterator[str]:
    for _ in range(reader.number()):
        module, name = reader.name(), reader.name()
        kind = reader.number()
        if kind in (_FUNCTION, _TAG):
            reader.at += kind == _TAG
            reader.number()
        elif kind == _GLOBAL:
            reader.at += 2
        else:
            # A table has the type of its elements first.
            reader.at += kind == _TABLE
            limits = reader.number()
            for _ in range(2 if limits & 1 else 1):
                reader.number()
        if module in _LOOKED_UP:
            yield name


def _weak(reader: _Reader) -> Iterator[str]:
    while reader.at < reader.end:
        kind = reader.number()
        part = reader.part()
        if kind == _IMPORT_INFO:
            for _ in range(part.number()):
                part.name()
                name, flags = part.name(), part.number()
                if flags & _WEAK:
                    yield name

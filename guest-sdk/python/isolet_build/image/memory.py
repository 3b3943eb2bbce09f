"""The memory in one piece, and changes to it that are made all or not at all."""

from __future__ import annotations

from bisect import bisect_right

from .file import ComponentFile


class Unrecognised(Exception):
    """Something is not as a step knows it, which then changes nothing."""


class Memory:
    """What a component's memory has at the beginning; zeros where its file has nothing."""

    def __init__(self, file: ComponentFile) -> None:
        self._file = file
        self._addresses = [address for address, _, _ in file.parts]
        # To a whole number of words, and some more, so that whoever looks a little further finds zeros.
        self.end = max((address + size for address, _, size in file.parts), default=0) + 67 & ~3
        self.bytes = bytearray(self.end)
        for address, at, size in file.parts:
            self.bytes[address : address + size] = file.contents[at : at + size]
        self.words = memoryview(self.bytes).cast("I")

    def word(self, address: int) -> int:
        """The number at `address`, which must be that of a word."""
        if address & 3 or not 0 <= address < self.end:
            raise Unrecognised(f"{address:#x} is no address of a word")
        return self.words[address >> 2]

    def is_in_file(self, address: int) -> bool:
        """Whether the file has a byte of its own for `address`. What it leaves out is zero and stays so."""
        index = bisect_right(self._addresses, address) - 1
        if index < 0:
            return False
        start, _, size = self._file.parts[index]
        return address < start + size

    def write_back(self) -> None:
        """Brings the changes into the file."""
        for address, at, size in self._file.parts:
            self._file.contents[at : at + size] = self.bytes[address : address + size]


class Changes:
    """Words that are to be changed."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self._words: dict[int, int] = {}

    def word(self, address: int) -> int:
        """The word as it is to be."""
        new = self._words.get(address)
        return self.memory.word(address) if new is None else new

    def put(self, address: int, value: int) -> None:
        """Changes the word at `address`, as far as `apply` is reached."""
        self.memory.word(address)
        self._words[address] = value

    def apply(self) -> None:
        """Makes the changes."""
        for address, value in self._words.items():
            changed = (self.memory.words[address >> 2] ^ value).to_bytes(4, "little")
            if any(byte and not self.memory.is_in_file(address + at) for at, byte in enumerate(changed)):
                raise Unrecognised(f"the file has no room for a number at {address:#x}")
        for address, value in self._words.items():
            self.memory.words[address >> 2] = value

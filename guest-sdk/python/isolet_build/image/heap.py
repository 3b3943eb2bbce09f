"""The C library's heap: dlmalloc, as wasi-libc has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .memory import Memory, Unrecognised

# Chunks begin 8 bytes before what they hold, which is aligned to 16 and reaches into the next one's first word. Their
# head has their size, and in the lowest bits whether the chunk before is in use, and whether this one is. A free one
# has its size behind its end, too.
HEAD, OVERHEAD, _ALIGNMENT = 8, 4, 16
BEFORE_IN_USE, IN_USE, _BITS = 1, 2, 7

# The allocator's state: maps of the bins that are not empty; sizes and places of the chunk that is split first and of
# the one at the top; then bins of 8, 16, 24 bytes and so on, each with two links; then the roots of trees of larger
# ones; then numbers about the whole; then the segment of the heap that was added last, which has
# the top: its place, its size, and the place of the one before.
SMALL_MAP, TREE_MAP, SPLIT_SIZE, _TOP_SIZE, _LEAST, SPLIT, _TOP = range(0, 28, 4)
SMALL_BINS, SMALL_BIN_COUNT, TREES, TREE_COUNT = 40, 32, 304, 32
_SEGMENT = 448

# Behind the last chunk of a segment that has not the top, up to its end: chunks of no size, in use.
_FENCE = BEFORE_IN_USE | IN_USE | 4

# A base has one segment, and a project that it loads adds another one. More are none of a heap that was just built up.
_MOST_SEGMENTS = 8

# Bins of sizes that don't occur, because chunks are multiples of 16, are always empty: their links lead to themselves.
_EMPTY_BINS = range(1, SMALL_BIN_COUNT, 2)

# A free chunk's links to others of its size, and of one in a tree to smaller trees.
NEXT, CHILDREN = 8, (16, 20)

# The state is among the static data, which is no larger than this.
_MOST_STATIC = 12 << 20


class Chunk(NamedTuple):
    """A piece of the heap: what it holds begins at `start` + `HEAD`, and is `OVERHEAD` smaller than it."""

    start: int
    size: int
    in_use: bool


class Heap:
    """All chunks, found to be in order."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.state = _find(memory)
        self.least, self.top = memory.word(self.state + _LEAST), memory.word(self.state + _TOP)
        top_size = memory.word(self.state + _TOP_SIZE)
        segments = list(self._segments())
        base, end = segments[0]
        if segments[-1][0] != self.least or not base < self.top < self.top + top_size <= end:
            raise Unrecognised("the heap is not in order")
        if self.top % 4 or memory.end < self.top + HEAD:
            raise Unrecognised("the top of the heap is not in the file")
        self.chunks = [chunk for base, end in reversed(segments) for chunk in self._walk(base, end)]

    def _segments(self) -> Iterator[tuple[int, int]]:
        """Begin and end of each, the last first."""
        at = self.state + _SEGMENT
        before = self._memory.end << 1
        for _ in range(_MOST_SEGMENTS):
            base, size, at = (self._memory.word(at + 4 * each) for each in range(3))
            if not 0 < base < base + size <= before:
                raise Unrecognised(f"there is no segment of the heap at {base:#x}")
            yield base, base + size
            before = base
            if not at:
                return
        raise Unrecognised("the heap is of too many pieces")

    def _walk(self, base: int, end: int) -> Iterator[Chunk]:
        words = self._memory.words
        has_top = base < self.top < end
        last = self.top if has_top else end - HEAD
        at, before_in_use = base + -(base + HEAD) % _ALIGNMENT, True
        while at < last:
            head = words[(at >> 2) + 1]
            if not has_top and head == _FENCE:
                break
            size, in_use = head & ~_BITS, bool(head & IN_USE)
            after = at + size
            if head & 4 or size < _ALIGNMENT or size % _ALIGNMENT or after > last:
                raise Unrecognised(f"there is no chunk at {at:#x}")
            if bool(head & BEFORE_IN_USE) != before_in_use or not (in_use or words[after >> 2] == size):
                raise Unrecognised(f"the chunk at {at:#x} does not fit the one beside it")
            yield Chunk(at, size, in_use)
            at, before_in_use = after, in_use
        if not before_in_use or not words[(at >> 2) + 1] & BEFORE_IN_USE:
            raise Unrecognised("what is before the end is free")

    def listed(self) -> set[tuple[int, int]]:
        """Places and sizes of the free chunks that the allocator knows of."""
        memory = self._memory
        found: set[tuple[int, int]] = set()

        def add(chunk: int) -> None:
            entry = chunk, memory.word(chunk + 4) & ~_BITS
            if entry in found:
                raise Unrecognised(f"the free chunk at {chunk:#x} is listed twice")
            found.add(entry)

        if memory.word(self.state + SPLIT_SIZE):
            add(memory.word(self.state + SPLIT))
        for index in range(SMALL_BIN_COUNT):
            # The links of an empty one that was not empty before may be old.
            if memory.word(self.state + SMALL_MAP) >> index & 1:
                bin_ = self.state + SMALL_BINS + 8 * index
                for chunk in self._ring(bin_):
                    add(chunk)
        roots = range(self.state + TREES, self.state + TREES + 4 * TREE_COUNT, 4)
        map_ = memory.word(self.state + TREE_MAP)
        waiting = [memory.word(root) for index, root in enumerate(roots) if map_ >> index & 1]
        while waiting:
            chunk = waiting.pop()
            add(chunk)
            for other in self._ring(chunk):
                add(other)
            waiting += (child for each in CHILDREN if (child := memory.word(chunk + each)))
        return found

    def _ring(self, start: int) -> Iterator[int]:
        """What is linked to `start`, in a ring."""
        chunk = self._memory.word(start + NEXT)
        while chunk != start:
            yield chunk
            chunk = self._memory.word(chunk + NEXT)


def _find(memory: Memory) -> int:
    """Where the allocator's state is."""
    found = []
    words, distance = memory.words, 16 >> 2
    first = SMALL_BINS + 8 * _EMPTY_BINS[0] + NEXT
    least, segment = (_LEAST - first) >> 2, (_SEGMENT - first) >> 2
    for index in range(first >> 2, min(len(words) - 64, _MOST_STATIC >> 2)):
        # The bin's two links are where those of a chunk that began at the bin would be.
        bin_ = (index << 2) - NEXT
        if (
            words[index] == bin_
            and 0 < words[index + least] <= words[index + segment]
            and all(
                words[index + distance * each] == words[index + distance * each + 1] == bin_ + 16 * each
                for each in range(len(_EMPTY_BINS))
            )
        ):
            found.append(bin_ - SMALL_BINS - 8 * _EMPTY_BINS[0])
    if len(found) != 1:
        raise Unrecognised(f"the allocator's state is found {len(found)} times")
    return found[0]

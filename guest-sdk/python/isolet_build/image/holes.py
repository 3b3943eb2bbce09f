"""What is free between what is used is given up.

The build leaves some ten thousand holes all over the heap. Attempts would fill them, each in a page of its own; without
them they take new memory in one piece. A large hole is such a piece, too, and stays.
"""

from __future__ import annotations

from .heap import (
    BEFORE_IN_USE,
    CHILDREN,
    IN_USE,
    NEXT,
    SMALL_BIN_COUNT,
    SMALL_BINS,
    SMALL_MAP,
    SPLIT,
    SPLIT_SIZE,
    TREE_COUNT,
    TREE_MAP,
    TREES,
    Chunk,
    Heap,
)
from .memory import Changes, Unrecognised

# What an ordinary attempt allocates fits into one such.
_LARGE = 64 << 10

# Behind a tree's links to smaller ones: the one above it, and the number of its bin.
_PARENT, _BIN = 24, 28


def give_up(heap: Heap, changes: Changes) -> str:
    """Counts every small hole as used, and tells the allocator of the large ones alone."""
    holes = [chunk for chunk in heap.chunks if not chunk.in_use]
    if {(chunk.start, chunk.size) for chunk in holes} != heap.listed():
        raise Unrecognised("free chunks are not those that the allocator knows of")
    kept = {chunk for chunk in holes if chunk.size >= _LARGE}
    for chunk in holes:
        if chunk not in kept:
            after = chunk.start + chunk.size + 4
            changes.put(chunk.start + 4, changes.word(chunk.start + 4) | IN_USE)
            changes.put(after, changes.word(after) | BEFORE_IN_USE)
    for index in range(SMALL_BIN_COUNT):
        bin_ = heap.state + SMALL_BINS + 8 * index
        changes.put(bin_ + NEXT, bin_)
        changes.put(bin_ + NEXT + 4, bin_)
    for index in range(TREE_COUNT):
        changes.put(heap.state + TREES + 4 * index, 0)
    for field in (SMALL_MAP, TREE_MAP, SPLIT_SIZE, SPLIT):
        changes.put(heap.state + field, 0)
    for chunk in sorted(kept):
        _plant(changes, heap.state, chunk)
    lost = sum(chunk.size for chunk in holes if chunk not in kept)
    return f"{len(holes) - len(kept)} of {lost >> 10} KiB given up, {len(kept)} kept"


def _plant(changes: Changes, state: int, chunk: Chunk) -> None:
    """Tells the allocator of a large chunk, as it would itself."""
    index = _bin(chunk.size)
    changes.put(state + TREE_MAP, changes.word(state + TREE_MAP) | 1 << index)
    changes.put(chunk.start + _BIN, index)
    for child in CHILDREN:
        changes.put(chunk.start + child, 0)
    # From the root on, the bits of the size, below those that its bin stands for, lead to the next one.
    above, link = state + TREES + 4 * index, state + TREES + 4 * index
    bits = chunk.size << (0 if index == TREE_COUNT - 1 else 25 - index // 2)
    while at := changes.word(link):
        if changes.word(at + 4) & ~7 == chunk.size:
            # Others of this size are in a ring, and in no tree.
            after = changes.word(at + NEXT)
            _link(changes, at, chunk.start)
            _link(changes, chunk.start, after)
            changes.put(chunk.start + _PARENT, 0)
            return
        above, link = at, at + CHILDREN[bits >> 31 & 1]
        bits <<= 1
    changes.put(link, chunk.start)
    changes.put(chunk.start + _PARENT, above)
    _link(changes, chunk.start, chunk.start)


def _link(changes: Changes, chunk: int, after: int) -> None:
    changes.put(chunk + NEXT, after)
    changes.put(after + NEXT + 4, chunk)


def _bin(size: int) -> int:
    """Two bins for each power of two from 256 on."""
    power = (size >> 8).bit_length() - 1
    return min(2 * power + (size >> power + 7 & 1), TREE_COUNT - 1)

"""Python's lists of freed objects to use again: emptied, because what is in them lies anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from .heap import HEAD, Heap
from .memory import Changes, Memory, Unrecognised

# CPython's lists lie side by side: of each the first object and how many there are; an object's first word leads to the
# next. No list is longer.
_LIST, _LONGEST = 8, 2000

# Fewer lists with something in them, or more side by side, are none of Python's.
_FEWEST, _MOST = 4, 100


def empty(heap: Heap, changes: Changes) -> str:
    """Forgets what is in the lists; it stays in use for ever."""
    # The head of an object that is collected is in front of it.
    places = {start + HEAD + before for start, _, in_use in heap.chunks if in_use for before in (0, 8)}
    memory = changes.memory
    groups = [group for group in _side_by_side(memory, _lists(memory, heap.least, places)) if _FEWEST <= len(group)]
    if len(groups) != 1:
        raise Unrecognised(f"the lists are found {len(groups)} times")
    for address in groups[0]:
        changes.put(address, 0)
        changes.put(address + 4, 0)
    return f"{len(groups[0])} lists"


def _lists(memory: Memory, end: int, places: set[int]) -> Iterator[int]:
    """Where lists could be that are not empty, in the static data in front of `end`."""
    words = memory.words
    for index, first in enumerate(words[: end >> 2]):
        if first in places and 0 < words[index + 1] <= _LONGEST:
            object_ = first
            for _ in range(words[index + 1]):
                if object_ not in places:
                    break
                object_ = words[object_ >> 2]
            else:
                if not object_:
                    yield index << 2


def _side_by_side(memory: Memory, lists: Iterator[int]) -> Iterator[list[int]]:
    """Lists with nothing between them but empty ones."""
    group: list[int] = []
    for address in lists:
        if group:
            gap = address - group[-1]
            between = memory.words[group[-1] + _LIST >> 2 : address >> 2]
            if gap % _LIST or address - group[0] > _MOST * _LIST or any(between):
                yield group
                group = []
        group.append(address)
    yield group

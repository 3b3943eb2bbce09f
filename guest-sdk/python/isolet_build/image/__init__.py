"""The memory with which instances of a component begin, as the builder leaves it.

What an instance writes to it no longer shares with others, and has to be put back before the next one: so nothing
should be written without need, and what is written should lie together. Each step does something for that, and
`recursion`, which is for the base, for the bound of recursions. A step knows how Python's and the C library's memory is laid out, verifies that it is, and changes
nothing unless all of it is as expected.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .. import events
from . import constants, free_lists, heap, holes, immortal
from .file import ComponentFile
from .memory import Changes, Memory, Unrecognised


def finish(component: Path, survey: Path) -> None:
    """Works on the component's file; the folder `survey` has what the component's part of the build has written."""
    file = ComponentFile(bytearray(component.read_bytes()))
    memory = Memory(file)
    _step(memory, "immortal objects", lambda changes: immortal.objects(changes, survey))
    _step(memory, "constants", lambda changes: constants.load_immortal(changes, survey))
    try:
        pieces = heap.Heap(memory)
    except Unrecognised as why:
        events.debug(f"heap: left alone: {why}")
    else:
        _step(memory, "immortal texts", lambda changes: immortal.texts(pieces, changes, survey))
        _step(memory, "free lists", lambda changes: free_lists.empty(pieces, changes))
        _step(memory, "holes", lambda changes: holes.give_up(pieces, changes))
    memory.write_back()
    component.write_bytes(file.contents)


def _step(memory: Memory, name: str, step: Callable[[Changes], str]) -> None:
    changes = Changes(memory)
    try:
        said = step(changes)
        changes.apply()
    except Unrecognised as why:
        said = f"left alone: {why}"
    events.debug(f"{name}: {said}")

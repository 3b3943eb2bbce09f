"""Lets the interpreter load immortal constants without counting.

An instruction that loads a constant is made to count references, or not to, when it first runs. What ran while the
component was built counts, because nothing was immortal then; and it would not look again.
"""

from __future__ import annotations

import struct
from pathlib import Path

from .immortal import is_immortal
from .memory import Changes, Unrecognised

# What `isolet_guest.constants` has written: three kinds of instructions, then where they are and what they load.
_CONSTANTS = "constants.u32"
_HEADER = struct.Struct("<III")
_PAIR = struct.Struct("<II")


def load_immortal(changes: Changes, survey: Path) -> str:
    """Changes the instructions that load an immortal constant."""
    written = (survey / _CONSTANTS).read_bytes()
    *counting, immortal = _HEADER.unpack_from(written)
    memory, count = changes.memory, 0
    pairs = memoryview(written)[_HEADER.size :]
    for place, constant in _PAIR.iter_unpack(pairs):
        if place % 2 or not 0 < place < memory.end or not is_immortal(memory, constant):
            continue
        # It may have changed since it was seen; anything else has no business there.
        operation = memory.bytes[place]
        if operation == immortal:
            continue
        if operation not in counting:
            raise Unrecognised(f"there is no instruction that loads a constant at {place:#x}")
        shift = 8 * (place & 3)
        word = changes.word(place & ~3)
        changes.put(place & ~3, word & ~(0xFF << shift) | immortal << shift)
        count += 1
    return f"{count} instructions of {len(pairs) // _PAIR.size}"

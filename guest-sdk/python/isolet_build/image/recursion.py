"""Bounds recursions: where Python takes its stack for used up is a number in its memory."""

from __future__ import annotations

import re
import struct

from .. import events

# The top of Python's stack in memory, and the addresses at which it takes it for used up: softly, and in any case.
_STACK = struct.Struct("<III")
_STACK_TOP, _MARGIN = 1 << 20, 8 << 10
_WHOLE_STACK = _STACK.pack(_STACK_TOP, 2 * _MARGIN, _MARGIN)

# How much of it Python may use. Every call that does also uses the host's stack, 40 times as much at most (objects
# within objects, when JSON is read), and that has 16 MiB: here a recursion ends in an error, there it would be fatal.
_USED_STACK = 320 << 10
_LOW = _STACK_TOP - _USED_STACK
_BOUNDED_STACK = _STACK.pack(_STACK_TOP, _LOW, _LOW - _MARGIN)

# What follows it in the state of Python's thread: neither a loop nor a task of asyncio's, and an empty list, of which the
# first and the last node are the same. The three numbers alone stand elsewhere, too, by chance.
_AFTER_STACK = rb"\0{8}(.{4})\1"

# The beginning of `_Py_Dealloc`, which looks how much of the stack is used before it lets an object free what it holds,
# and that again by `_Py_Dealloc`. It takes none of that stack itself, so it would never find it used: now it takes 16
# bytes, which it gives back already. With the padding left out of two numbers, it is as long as before.
_LOOKS_AT_TYPE = bytes.fromhex("200041046a28020022 0241d4006a2802004180800171 2103")
_FREES = bytes.fromhex("238080808000 2101") + _LOOKS_AT_TYPE + bytes.fromhex("238a83808000")
_FREES_COUNTED = bytes.fromhex("2300 2201 4110 6b 2400") + _LOOKS_AT_TYPE + bytes.fromhex("238a838000")


def bound(contents: bytearray) -> None:
    """Changes the component's file where both are found once."""
    for what, before, follows, after in (
        ("the stack", _WHOLE_STACK, _AFTER_STACK, _BOUNDED_STACK),
        ("how objects are freed", _FREES, b"", _FREES_COUNTED),
    ):
        found = [match.start() for match in re.finditer(re.escape(before) + follows, contents, re.DOTALL)]
        if len(found) == 1:
            contents[found[0] : found[0] + len(before)] = after
        else:
            # Without it such a recursion ends the attempt, as of no fault of its own.
            events.warning(
                f"very deep recursions may end in SandboxStackOverflow instead of RecursionError: {what} is found"
                f" {len(found)} times in Python's image, and once is expected"
            )

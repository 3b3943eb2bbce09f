"""Where code loads constants, and which: the builder lets it load immortal ones without counting references."""

from __future__ import annotations

import _opcode_metadata
import opcode
from array import array
from types import CodeType

# The builder and this agree on it: the numbers of the instructions that are changed, and of what they become; then
# pairs, of where an instruction is and where the constant is that it loads.
CONSTANTS = "constants.u32"

_SPECIAL = _opcode_metadata._specialized_opmap
_NUMBERS = {**_opcode_metadata.opmap, **_SPECIAL}
_EXTENDED = _opcode_metadata.opmap["EXTENDED_ARG"]
_COUNTING = (_opcode_metadata.opmap["LOAD_CONST"], _SPECIAL["LOAD_CONST_MORTAL"])
_GENERAL = {special: name for name, all_ in _opcode_metadata._specializations.items() for special in all_}

# How long an instruction is, with what the interpreter notes behind it.
_SIZES = {
    number: 2 + 2 * opcode._inline_cache_entries.get(_GENERAL.get(name, name), 0) for name, number in _NUMBERS.items()
}


class Constants:
    """What `CONSTANTS` has."""

    def __init__(self) -> None:
        self.found = array("I", [*_COUNTING, _SPECIAL["LOAD_CONST_IMMORTAL"]])

    def add(self, code: CodeType) -> None:
        """Adds the instructions of `code`, as far as it has none that is not known here."""
        instructions, consts = code._co_code_adaptive, code.co_consts
        first = id(code) + CodeType.__basicsize__
        at = upper = 0
        while at < len(instructions):
            operation, argument = instructions[at], instructions[at + 1] | upper
            size = _SIZES.get(operation)
            if size is None:
                return
            upper = argument << 8 if operation == _EXTENDED else 0
            if operation in _COUNTING:
                self.found.append(first + at)
                self.found.append(id(consts[argument]))
            at += size

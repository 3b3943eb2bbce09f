"""Places what instances write to side by side, so that few runs of pages are copied.

The interpreter writes to code: it counts in it how often it has tried to find a faster way for an instruction, and
notes of each branch which way it went. Nothing avoids that, but the code that runs can lie in one place.
"""

from __future__ import annotations

import _opcode_metadata
import gc
from collections.abc import Callable, Iterable
from types import CodeType, FunctionType
from typing import Any

from . import tracebacks
from .survey import Places

# What would be freed later than the build.
_kept: list[Any] = []

# Makes a copy of code that holds these constants.
_Copy = Callable[..., CodeType]

# More copies than this that come to lie elsewhere are given up on.
_MOST_FILLERS = 5_000

# What a copy takes beside its instructions, with the names of its variables, and what the allocator takes, at most.
_HEAD = 768

_HAS_RUN = _opcode_metadata._specialized_opmap["RESUME_CHECK"]
_BRANCHES = {number for name, number in _opcode_metadata.opmap.items() if name.startswith("POP_JUMP_IF")}


def gather(*works: Callable[[], None]) -> str:
    """Places the code side by side that runs during `works`, each's behind the one's before, and the project's."""
    _renew()
    running: dict[int, CodeType] = {}
    for work in works:
        work()
        new = [code for code in _every_code() if _has_run(code) and id(code) not in running]
        running |= {id(code): code for code in sorted(new, key=lambda code: not _has_branches(code))}
    for code in _every_code():
        if code.co_filename.startswith(tracebacks.PROJECT):
            running.setdefault(id(code), code)
    return _place(running)


def keep_unknown(known: Places) -> None:
    """Lets nothing go that the survey did not see, so that it leaves no hole."""
    _kept.append([each for each in gc.get_objects() if each not in known])


def _has_run(code: CodeType) -> bool:
    return _HAS_RUN in code._co_code_adaptive[::2]


def _has_branches(code: CodeType) -> bool:
    return not _BRANCHES.isdisjoint(code.co_code[::2])


def _functions() -> list[FunctionType]:
    return [each for each in gc.get_objects() if type(each) is FunctionType]


def _within(codes: Iterable[CodeType]) -> dict[int, CodeType]:
    """Those codes, and all that they hold among their constants, by their places."""
    waiting = list(codes)
    found: dict[int, CodeType] = {}
    while waiting:
        code = waiting.pop()
        if id(code) not in found:
            found[id(code)] = code
            waiting += (each for each in code.co_consts if type(each) is CodeType)
    return found


def _every_code() -> list[CodeType]:
    return list(_within(function.__code__ for function in _functions()).values())


def _renew() -> None:
    """Puts copies in the place of all code that has run: what has run begins differently from what has not."""
    functions: dict[int, list[FunctionType]] = {}
    for function in _functions():
        functions.setdefault(id(function.__code__), []).append(function)
    held = {id(each) for code in _every_code() for each in code.co_consts if type(each) is CodeType}
    outermost = {key: each[0].__code__ for key, each in functions.items() if key not in held}
    # One by one, so that the next copies take the place of what is dropped.
    while outermost:
        code = outermost.popitem()[1]
        old = _within([code])
        if any(map(_has_run, old.values())):
            new: dict[int, CodeType] = {}
            _copy(code, old, new, CodeType.replace)
            _set(new, (function for key in old for function in functions.get(key, ())))


def _place(codes: dict[int, CodeType]) -> str:
    """Puts copies of `codes` side by side in their place."""
    # Whatever holds one of them has to be made anew as well, to hold the new one.
    old = _with_holders(codes)
    functions = _functions()
    size = sum(len(code.co_code) + _HEAD for code in codes.values())
    # Where all of it fits, there it is made.
    start = id(bytes(size))
    place = range(start, start + size)
    elsewhere = 0
    # What comes to lie elsewhere fills the holes that are there, until it is done.
    fillers: list[CodeType] = []

    def copy(code: CodeType, co_consts: tuple[object, ...]) -> CodeType:
        nonlocal elsewhere
        made = code.replace(co_consts=co_consts)
        if id(code) in codes:
            while id(made) not in place and len(fillers) < _MOST_FILLERS:
                fillers.append(made)
                made = code.replace(co_consts=co_consts)
            elsewhere += id(made) not in place
        return made

    new: dict[int, CodeType] = {}
    for code in (*codes.values(), *old.values()):
        _copy(code, old, new, copy)
    _set(new, functions)
    return f"{len(codes)} pieces of code within {len(place) >> 10} KiB, {elsewhere} elsewhere, {len(fillers)} fillers"


def _with_holders(codes: dict[int, CodeType]) -> dict[int, CodeType]:
    """Those codes, and all that hold one of them among their constants."""
    held = dict(codes)
    every = _every_code()
    grown = True
    while grown:
        grown = False
        for code in every:
            if id(code) not in held and any(type(each) is CodeType and id(each) in held for each in code.co_consts):
                held[id(code)] = code
                grown = True
    return held


def _copy(code: CodeType, old: dict[int, CodeType], new: dict[int, CodeType], copy: _Copy) -> CodeType:
    """The copy of `code`, with copies of all that it holds of `old`; all of them are in `new`."""
    known = new.get(id(code))
    if known is None:
        consts = code.co_consts
        parts = (_copy(each, old, new, copy) if type(each) is CodeType and id(each) in old else each for each in consts)
        known = new[id(code)] = copy(code, co_consts=tuple(parts))
    return known


def _set(new: dict[int, CodeType], functions: Iterable[FunctionType]) -> None:
    for function in functions:
        if code := new.get(id(function.__code__)):
            function.__code__ = code

"""Tracebacks that show the user's code: its frames, its paths, its source lines."""

from __future__ import annotations

import dis
import linecache
import os
import re
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import google.protobuf.message
import temporalio.converter
import temporalio.exceptions

# Where the builder mounts the user's code, and where the packages that it depends on. What it mounts after them is the
# official worker and this.
PROJECT, PACKAGES = "/0/", "/1/"
_MOUNTED = re.compile(r'File "/\d/')
# What asks for more of a failure, and how much of each value is told then.
_DEBUG = "ISOLET_DEBUG"
_LONGEST_VALUE = 200
# What calls activities.
_CALLER = "/isolet_guest/calling.py"
_MOUNTED_AFTER = re.compile(r"/[2-9]/")


def cut(error: BaseException) -> None:
    """Cuts the tracebacks of an exception and of what caused it to what begins in the user's code.

    Nothing is left of one that the worker raised by itself, such as of an argument that does not fit.
    """
    for each in _chain(error):
        frames = each.__traceback__
        if users := _from_project(frames):
            each.__traceback__ = users
        elif frames and _MOUNTED_AFTER.match(frames.tb_frame.f_code.co_filename):
            each.__traceback__ = _from_activity(frames)


def text(error: BaseException) -> str:
    """The traceback for people, as Python prints it."""
    cut(error)
    return relative("".join(traceback.format_exception(error)).rstrip())


def stack(text: str) -> str:
    """Where a line is logged, as `logging` writes it: without the frames that called the user's code."""
    title, _, frames = text.partition("\n")
    start = frames.find(f'  File "{PROJECT}')
    return relative(f"{title}\n{frames[max(start, 0):]}")


def keep_sources() -> None:
    """Keeps the source lines of the project, for its failures; those of packages are read when they are asked for."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or not path.startswith(PROJECT):
            continue
        if lines := linecache.getlines(path):
            # Without a time of change nobody looks whether the file is still there.
            linecache.cache[path] = (sum(map(len, lines)), None, lines, path)


ran_out = False
"""Whether the attempt was told that there is no more memory, and left it at that."""


class _UsersFrames(temporalio.converter.FailureConverter):
    """Comes before another failure converter: stack traces show the user's code."""

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: temporalio.converter.PayloadConverter,
        failure: google.protobuf.message.Message,
    ) -> None:
        global ran_out
        ran_out |= _is_out_of_memory(exception)
        cut(exception)
        if _DEBUG in os.environ:
            print(_with_locals(exception), file=sys.stderr, flush=True)
        super().to_failure(_in_words(exception), payload_converter, failure)  # type: ignore[safe-super,arg-type]
        link: Any = failure
        link.stack_trace = relative(link.stack_trace)
        while link.HasField("cause"):
            link = link.cause
            link.stack_trace = relative(link.stack_trace)


def with_users_frames(kind: type[temporalio.converter.FailureConverter]) -> type[temporalio.converter.FailureConverter]:
    """A failure converter of this kind, with stack traces that show the user's code."""
    return type(kind.__name__, (_UsersFrames, kind), {})


def _with_locals(error: BaseException) -> str:
    """The traceback with what the variables of the functions are, each cut."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    waiting = [told]
    while waiting:
        each = waiting.pop()
        for frame in each.stack:
            values = (frame.locals or {}).items()
            frame.locals = {
                name: value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…" for name, value in values
            }
        waiting.extend(other for other in (each.__cause__, each.__context__, *(each.exceptions or ())) if other is not None)
    return relative("".join(told.format()).rstrip())


def _is_out_of_memory(error: BaseException) -> bool:
    """Whether it is the interpreter's own error, and not one that the activity's code raises."""
    if not isinstance(error, MemoryError) or error.args:
        return False
    frames = error.__traceback__
    while frames and frames.tb_next:
        frames = frames.tb_next
    return frames is None or frames.tb_frame.f_code.co_code[frames.tb_lasti] != _RAISE


_RAISE = dis.opmap["RAISE_VARARGS"]


def _in_words(error: BaseException) -> BaseException:
    """The exception; one that can't say what it is gets the words that Python's tracebacks have for such."""
    try:
        str(error)
        return error
    except Exception:
        told = temporalio.exceptions.ApplicationError("<exception str() failed>", type=type(error).__name__)
        told.__cause__ = error.__cause__
        return told.with_traceback(error.__traceback__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting.extend(other for other in (each.__cause__, each.__context__) if other is not None)
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(each.exceptions)


def _from_project(frames: TracebackType | None) -> TracebackType | None:
    while frames and not frames.tb_frame.f_code.co_filename.startswith(PROJECT):
        frames = frames.tb_next
    return frames


def _from_activity(frames: TracebackType | None) -> TracebackType | None:
    """What is below the call of an activity, which may be a package's."""
    below: TracebackType | None = None
    while frames:
        if frames.tb_frame.f_code.co_filename.endswith(_CALLER):
            below = frames.tb_next
        frames = frames.tb_next
    return below


def relative(text: str) -> str:
    """A traceback with paths as they are in the project, and below the folder of packages."""
    return _MOUNTED.sub('File "', text)

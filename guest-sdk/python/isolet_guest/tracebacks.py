"""Tracebacks that show the user's code: its frames, its paths, its source lines."""

from __future__ import annotations

import dis
import linecache
import re
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import google.protobuf.message
import temporalio.converter
import temporalio.exceptions

# Where the builder mounts the user's code, and where the packages that it depends on.
PROJECT, PACKAGES = "/0/", "/1/"
_MOUNTED = re.compile(r'File "/\d/')


def cut(error: BaseException) -> None:
    """Cuts the tracebacks of an exception and of what caused it to what begins in the user's code."""
    for each in _chain(error):
        if users := _from_user(each.__traceback__):
            each.__traceback__ = users


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


class FailureConverter(temporalio.converter.DefaultFailureConverter):
    """The default one, with stack traces that show the user's code."""

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: temporalio.converter.PayloadConverter,
        failure: google.protobuf.message.Message,
    ) -> None:
        global ran_out
        ran_out |= _is_out_of_memory(exception)
        cut(exception)
        super().to_failure(_in_words(exception), payload_converter, failure)  # type: ignore[arg-type]
        link: Any = failure
        link.stack_trace = relative(link.stack_trace)
        while link.HasField("cause"):
            link = link.cause
            link.stack_trace = relative(link.stack_trace)


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


def _from_user(frames: TracebackType | None) -> TracebackType | None:
    while frames and not frames.tb_frame.f_code.co_filename.startswith(PROJECT):
        frames = frames.tb_next
    return frames


def relative(text: str) -> str:
    """A traceback with paths as they are in the project, and below the folder of packages."""
    return _MOUNTED.sub('File "', text)

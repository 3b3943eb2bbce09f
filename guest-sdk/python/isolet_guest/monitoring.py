"""Interrupting activities that only compute, for those that ask for it.

Without it a cancellation waits for the activity's next safe point. With it every so many jumps backwards in the
activity's code are one, at the price of slower loops.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

from . import attempt, tracebacks

_TOOL, _EVENTS = sys.monitoring.DEBUGGER_ID, sys.monitoring.events

# How many jumps pass between two looks at the host.
_JUMPS = 1024

_monitored: set[str] = set()


def install(activities: list[str]) -> None:
    """Names the activities that are interrupted within loops."""
    _monitored.update(activities)


@contextmanager
def of(activity_type: str) -> Iterator[None]:
    """The activity's own code runs."""
    if activity_type not in _monitored:
        yield
        return
    watch = _Watch()
    sys.monitoring.use_tool_id(_TOOL, "isolet")
    sys.monitoring.register_callback(_TOOL, _EVENTS.JUMP, watch.jumped)
    sys.monitoring.register_callback(_TOOL, _EVENTS.LINE, watch.began_line)
    sys.monitoring.set_events(_TOOL, _EVENTS.JUMP)
    try:
        yield
    finally:
        sys.monitoring.set_events(_TOOL, _EVENTS.NO_EVENTS)
        sys.monitoring.free_tool_id(_TOOL)


class _Watch:
    """Looks at the host from within loops.

    A jump belongs to no `try` block, so what is raised at one can't be caught where it should be. The cancellation is
    raised at the beginning of the next line instead; or at a later jump, in a loop that has no line of its own.
    """

    def __init__(self) -> None:
        self._jumps = 0
        self._awaits_line = False

    def jumped(self, code: CodeType, offset: int, target: int) -> None:
        self._jumps += 1
        if self._jumps % _JUMPS or attempt.current is None:
            return
        attempt.current.look()
        if self._awaits_line:
            self._raise()
        elif attempt.current.has_pending:
            self._awaits_line = True
            sys.monitoring.set_events(_TOOL, _EVENTS.JUMP | _EVENTS.LINE)

    def began_line(self, code: CodeType, line: int) -> None:
        if code.co_filename.startswith((tracebacks.PROJECT, tracebacks.PACKAGES)):
            self._raise()

    def _raise(self) -> None:
        self._awaits_line = False
        sys.monitoring.set_events(_TOOL, _EVENTS.JUMP)
        attempt.safe_point()

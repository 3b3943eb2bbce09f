"""The running attempt: what the host has told it so far, and how it waits for more.

An instance runs one attempt and is dropped, so there is at most one, and `current` is it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import temporalio.activity
import temporalio.exceptions
from wit_world.imports import cancellation

from . import convert

CANCELLED = cancellation.Event.CANCELLED
WORKER_SHUTDOWN = cancellation.Event.WORKER_SHUTDOWN
_NOTHING = cancellation.Event(0)
_BOTH = CANCELLED | WORKER_SHUTDOWN
_NO_TIME = convert.seconds_to_wit(0)

current: Attempt | None = None
"""The running attempt; none at build time."""


class Running(Protocol):
    """What the official worker has of an attempt, as far as it is told of cancellations."""

    cancellation_details: temporalio.activity._ActivityCancellationDetailsHolder

    def cancel(self, *, cancelled_by_request: bool = False) -> None: ...


class Attempt:
    """Carries what the host tells to the official worker's own cancellation, and interrupts synchronous activities."""

    def __init__(self, running: Running, notify_shutdown: Callable[[], None]) -> None:
        self._running = running
        self._notify_shutdown = notify_shutdown
        # What has not been delivered yet. Nothing before the activity's own code runs: there is nobody to tell.
        self._awaited = _NOTHING
        self.interrupter: Interrupter | None = None

    def begin(self) -> None:
        """From here on the activity's own code runs, and is told."""
        self._awaited = _BOTH

    def expect_no_cancellation(self) -> None:
        """The activity was cancelled from within; the host has nothing to add."""
        self._awaited &= ~CANCELLED

    def wait(self, timeout: float | None, until: cancellation.Event | None = None) -> None:
        """Waits for something new, or for one of `until`, at most `timeout` seconds; and delivers it."""
        if timeout is None:
            limit = None
        elif timeout <= 0:
            limit = _NO_TIME
        else:
            limit = convert.seconds_to_wit(timeout)
        awaited = self._awaited if until is None else self._awaited & until
        self._deliver(cancellation.wait(awaited, limit))

    @property
    def has_pending(self) -> bool:
        """Whether a cancellation would be raised at a safe point."""
        return self.interrupter is not None and self.interrupter.has_pending

    def look(self) -> None:
        """Delivers what is new."""
        if self._awaited:
            self._deliver(cancellation.wait(self._awaited, _NO_TIME))

    def _deliver(self, happened: cancellation.Event) -> None:
        # Nearly always, and sooner found than by the operators of flags, which are Python's.
        if happened == _NOTHING:
            return
        new = happened & self._awaited
        if not new:
            return
        self._awaited &= ~new
        if WORKER_SHUTDOWN in new:
            self._notify_shutdown()
        if CANCELLED in new:
            details = details_from_host()
            self._running.cancellation_details.details = details
            by_request = details is not None and (details.cancel_requested or details.worker_shutdown)
            self._running.cancel(cancelled_by_request=by_request)


def details_from_host() -> temporalio.activity.ActivityCancellationDetails | None:
    """Why the attempt is cancelled, if it is."""
    details = cancellation.details()
    if details is None:
        return None
    return temporalio.activity.ActivityCancellationDetails(
        **{flag.name.lower(): flag in details for flag in cancellation.CancellationDetails}
    )


class Interrupter:
    """Raises a cancellation inside of a synchronous activity.

    On a worker another thread does that at any moment. Here there is one thread, so it happens when the activity comes
    by a safe point, unless a shield is up. Takes the place of the official worker's `_ThreadExceptionRaiser`.
    """

    def __init__(self) -> None:
        self._active = False
        self._pending: type[BaseException] | None = None
        self._shields = 0

    def raise_in_thread(self, exception: type[BaseException]) -> None:
        """Called by the official worker's cancellation."""
        self._pending = exception

    @property
    def is_open(self) -> bool:
        """Whether a cancellation would be raised now."""
        return self._active and self._shields == 0

    @property
    def has_pending(self) -> bool:
        """Whether a cancellation is to be raised now."""
        return self._pending is not None and self.is_open

    def check(self) -> None:
        """Raises what is pending."""
        if self._pending and self.is_open:
            pending, self._pending = self._pending, None
            raise pending

    @contextmanager
    def active(self) -> Iterator[None]:
        """The activity's own code runs."""
        self._active = True
        try:
            yield
        finally:
            self._active = False

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """A shield is up; what is pending is raised when the outermost one comes down."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            safe_point()


def safe_point() -> None:
    """Delivers what is new, and raises a pending cancellation in a synchronous activity."""
    attempt = current
    if attempt is None or attempt.interrupter is None or not attempt.interrupter.is_open:
        return
    attempt.look()
    attempt.interrupter.check()


def sleep(seconds: float | None, until: cancellation.Event = _NOTHING) -> None:
    """Blocks for `seconds`, until one of `until` happens, or until a cancellation is raised."""
    attempt = current
    if attempt is None:
        return
    interrupter = attempt.interrupter
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        if interrupter is not None:
            safe_point()
        if until and cancellation.wait(until, _NO_TIME) & until:
            return
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return
        if interrupter is not None and interrupter.is_open:
            _wait_either(attempt, left, until)
        else:
            cancellation.wait(until, None if left is None else convert.seconds_to_wit(left))


def _wait_either(attempt: Attempt, left: float | None, until: cancellation.Event) -> None:
    """Waits for `until` or for an undelivered cancellation, whichever comes first."""
    awaited = until | (attempt._awaited & CANCELLED)
    attempt._deliver(cancellation.wait(awaited, None if left is None else convert.seconds_to_wit(left)))


class HostEvent:
    """One of the host's events, for a synchronous activity that asks or waits for it."""

    def __init__(self, event: cancellation.Event) -> None:
        self._event = event
        # Set from inside: by a heartbeat that could not be encoded.
        self._set = False

    def set(self) -> None:
        self._set = True

    def is_set(self) -> bool:
        return self._set or bool(cancellation.wait(self._event, _NO_TIME) & self._event)

    def wait(self, timeout: float | None = None) -> bool:
        if not self._set:
            sleep(timeout, self._event)
        safe_point()
        return self.is_set()


class HostDetails:
    """Cancellation details as the host knows them, for a synchronous activity that asks."""

    def __init__(self) -> None:
        self._details: temporalio.activity.ActivityCancellationDetails | None = None

    @property
    def details(self) -> temporalio.activity.ActivityCancellationDetails | None:
        if self._details is None:
            self._details = details_from_host()
        return self._details

    @details.setter
    def details(self, details: temporalio.activity.ActivityCancellationDetails | None) -> None:
        self._details = details

"""Being told to stop, in synchronous activities."""

import time

from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError

from heartbeats import shown

BEAT = 0.1


def reasons() -> str:
    details = activity.cancellation_details()
    if details is None:
        return "none"
    names = ["not_found", "cancel_requested", "paused", "reset", "timed_out", "worker_shutdown"]
    return ",".join(name for name in names if getattr(details, name))


def beat() -> None:
    """Beats until a cancellation is raised."""
    while True:
        activity.heartbeat("waiting")
        time.sleep(BEAT)


def beat_until_cancelled() -> None:
    while not activity.is_cancelled():
        activity.heartbeat("waiting")
        time.sleep(BEAT)


def caught() -> str:
    text = f"caught: {reasons()}"
    activity.logger.base_logger.info(text)
    return text


@activity.defn
def wait_cancel_caught() -> str:
    try:
        beat()
    except CancelledError:
        pass
    return caught()


@activity.defn
def wait_cancel_uncaught() -> None:
    beat()


@activity.defn
def wait_cancel_first_attempt() -> list:
    info = activity.info()
    if info.attempt > 1:
        timeout = info.start_to_close_timeout
        return [info.attempt, None if timeout is None else int(timeout.total_seconds())]
    beat()
    return []


@activity.defn(no_thread_cancel_exception=True)
def wait_cancel_ignored() -> str:
    beat_until_cancelled()
    time.sleep(BEAT)
    activity.heartbeat("ignoring")
    activity.wait_for_cancelled_sync(BEAT)
    with activity.shield_thread_cancel_exception():
        pass
    return f"ignored: {shown(activity.is_cancelled())}"


@activity.defn
def wait_cancel_swallowed() -> str:
    try:
        beat()
    except CancelledError:
        pass
    activity.heartbeat("working on")
    time.sleep(BEAT)
    return f"swallowed: {shown(activity.is_cancelled())}"


@activity.defn
def wait_cancel_then_fail() -> None:
    try:
        beat()
    except CancelledError:
        raise ApplicationError("stopped halfway", type="Halfway") from None


@activity.defn
def wait_cancel_polling() -> None:
    while True:
        activity.heartbeat("polling")


@activity.defn
def wait_cancel_silent() -> str:
    try:
        activity.wait_for_cancelled_sync()
    except CancelledError:
        pass
    return caught()


@activity.defn
def wait_cancel_twice() -> list[str]:
    seen = [reasons()]
    try:
        beat()
    except CancelledError:
        pass
    seen.append(reasons())
    activity.logger.base_logger.info("cancelled once")
    activity.wait_for_worker_shutdown_sync()
    time.sleep(BEAT)
    return [*seen, reasons()]


@activity.defn
def wait_cancel_shielded() -> list[str]:
    steps = []
    try:
        with activity.shield_thread_cancel_exception():
            with activity.shield_thread_cancel_exception():
                beat_until_cancelled()
                time.sleep(BEAT)
                steps.append("slept on")
            steps.append("inner end passed")
            time.sleep(BEAT)
            steps.append("slept on")
        steps.append("never cancelled")
    except CancelledError:
        steps.append("cancelled after cleanup")
    return steps


@activity.defn
def shield_forever() -> None:
    with activity.shield_thread_cancel_exception():
        while True:
            time.sleep(BEAT)

"""The handler that carries every log record to the host."""

from __future__ import annotations

import json
import logging
from typing import Any

import temporalio.activity
from wit_world.imports import log

from . import attempt, convert, tracebacks

_LEVELS = [
    (logging.ERROR, log.Level.ERROR),
    (logging.WARNING, log.Level.WARN),
    (logging.INFO, log.Level.INFO),
    (logging.DEBUG, log.Level.DEBUG),
    (logging.NOTSET + 1, log.Level.TRACE),
]

# What every record has, and what therefore is no extra.
_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

# The extra by which `activity.logger` says which activity it is.
_CONTEXT = "temporal_activity"

# The logger of activities and of the official worker's lines about them, and loggers of no use to an activity's author.
_ACTIVITY = logging.getLogger("temporalio.activity")
_MACHINERY = [logging.getLogger(name) for name in ("temporalio.worker", "asyncio")]

# The level that the root logger has unless the activity's code has set another.
_level_of_root = logging.WARNING

# Whether the activity's own code runs.
_speaking = False


class HostHandler(logging.Handler):
    """Writes records to the host's log. A record that can't be written is no error of the activity."""

    def emit(self, record: logging.LogRecord) -> None:
        if attempt.current is None or _is_official(record):
            return
        try:
            context = temporalio.activity._current_context.get(None)
            # Made when `activity.logger` first asks for it.
            details = context._logger_details if context else None
            text, extras = _text(record, details), _extras(record, details)
            line = log.LogRecord(_level(record.levelno), convert.text(record.name), convert.text(text), extras)
            log.write(line)
        except Exception:
            self.handleError(record)
        attempt.safe_point()


def install() -> None:
    """Makes the handler that of every logger, before any module can bring its own."""
    logging.getLogger().addHandler(HostHandler())
    _ACTIVITY.isEnabledFor = _is_enabled  # type: ignore[method-assign]


def begin() -> None:
    """Lets records through that the host keeps, and spares the work for others."""
    global _level_of_root
    quiet()
    root = logging.getLogger()
    # A level that the activity's code has set is its own business.
    if root.level == _level_of_root:
        kept = (level for level, theirs in reversed(_LEVELS) if log.enabled(theirs))
        _level_of_root = next(kept, logging.CRITICAL)
        _set_level(root, _level_of_root)
    for logger in _MACHINERY:
        _set_level(logger, logging.WARNING)


def speak() -> None:
    """The activity's own code runs, and logs."""
    global _speaking
    _speaking = True


def quiet() -> None:
    """The official worker runs, which says of the attempt what the host knows and logs itself."""
    global _speaking
    _speaking = False


def _is_enabled(level: int) -> bool:
    return (_speaking or level >= logging.ERROR) and logging.Logger.isEnabledFor(_ACTIVITY, level)


def _set_level(logger: logging.Logger, level: int) -> None:
    # Setting one makes every logger forget what it has worked out.
    if logger.level != level:
        logger.setLevel(level)


def _is_official(record: logging.LogRecord) -> bool:
    """Whether it is a line of the official worker while the activity's code runs, such as of a heartbeat."""
    return record.levelno < logging.ERROR and record.module == "_activity" and record.name == _ACTIVITY.name


def _level(number: int) -> log.Level:
    return next((theirs for level, theirs in _LEVELS if level <= number), log.Level.TRACE)


def _text(record: logging.LogRecord, details: Any) -> str:
    text = record.getMessage()
    if details and text.endswith("})"):
        # Which activity it is, as `activity.logger` adds it; the host says so of every line.
        text = text.removesuffix(f" ({details})")
    if record.exc_info and record.exc_info[1] is not None:
        text = f"{text}\n{tracebacks.text(record.exc_info[1])}"
    if record.stack_info:
        text = f"{text}\n{tracebacks.stack(record.stack_info)}"
    return text


def _extras(record: logging.LogRecord, details: Any) -> list[tuple[str, str]]:
    extras = ((name, value) for name, value in record.__dict__.items() if name not in _STANDARD)
    return [(convert.text(name), _json(value)) for name, value in extras if name != _CONTEXT or value is not details]


def _json(value: Any) -> str:
    try:
        document = json.dumps(value, default=str, ensure_ascii=False)
    except (TypeError, ValueError):
        document = json.dumps(str(value), ensure_ascii=False)
    return convert.json_text(document)

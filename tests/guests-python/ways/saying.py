"""What activities log, and how."""

import asyncio
import logging
from typing import Any

from temporalio import activity

logger = logging.getLogger(__name__)
below = logging.getLogger(f"{__name__}.below").getChild("and.further")
quiet = logging.getLogger(f"{__name__}.quiet")
quiet.setLevel(logging.ERROR)


class Braces:
    """A message in the other style, as the documentation of `logging` has it."""

    def __init__(self, text: str, *args: Any) -> None:
        self.text, self.args = text, args

    def __str__(self) -> str:
        return self.text.format(*self.args)


class Prefixed(logging.LoggerAdapter):
    def process(self, msg: Any, kwargs: Any) -> Any:
        return f"[{self.extra['prefix']}] {msg}", kwargs


class Unprintable:
    def __repr__(self) -> str:
        raise ValueError("no words")


def drop_secrets(record: logging.LogRecord) -> bool:
    return "secret" not in record.getMessage()


@activity.defn
def says_at_every_level() -> None:
    for level in (5, logging.DEBUG, 15, logging.INFO, logging.WARNING, 35, logging.ERROR, logging.CRITICAL, 99):
        logger.log(level, "level %d", level)
    logger.debug("debug")
    logger.info("info")
    logger.warning("warning")
    logger.error("error")
    logger.critical("critical")


@activity.defn
def says_with_its_context() -> None:
    activity.logger.debug("debug")
    activity.logger.info("with %s and %d%%", "text", 5)
    activity.logger.warning("with extras", extra={"rows": 3})
    activity.logger.error("100% of it")


@activity.defn
async def says_with_its_context_asynchronously() -> None:
    activity.logger.info("before")
    await asyncio.sleep(0.01)
    activity.logger.info("after")
    await asyncio.gather(_says("one", 0.3), _says("two", 0.2), _says("three", 0.1))


async def _says(text: str, after: float) -> None:
    await asyncio.sleep(after)
    activity.logger.info("task %s", text)


@activity.defn
def says_with_extras() -> None:
    logger.info("simple", extra={"number": 1, "text": "ü", "truth": True, "nothing": None, "real": 1.5})
    logger.info("nested", extra={"mapping": {"b": [1, {"c": 2}], "a": ()}, "list": [[]]})
    logger.info("odd", extra={"object": ValueError("x"), "set": {1}, "bytes": b"\xff", "key": {(1, 2): 3}})
    logger.info("more", extra={"request.id": "7", "Umlaut ü": "ü", "_private": 1})


@activity.defn
def says_with_arguments() -> None:
    logger.info("%s, %r, %5.2f|%-5s|%05d|%x", "text", "text", 1.234, "left", 42, 255)
    logger.info("%(name)s is %(age)d", {"name": "Ada", "age": 36})
    logger.info("a lone %s and 100%")
    logger.info(Braces("{} in {!r} and {:>4}", "braces", "quotes", 7))
    logger.info({"not": "text"})
    logger.info(None)
    logger.info("")
    logger.info("two\nlines and \x1b[1mbold\x00")
    logger.info("%s", "x" * 2000)


@activity.defn
def says_what_can_not_be_said() -> str:
    logger.info("%d", "no number")
    logger.info("%s and %s", "one")
    logger.info("%r", Unprintable())
    logger.info("said")
    return "went on"


@activity.defn
def says_an_exception() -> None:
    try:
        try:
            {}["missing"]
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError as error:
        logger.exception("with its traceback")
        logger.error("with %s", "another", exc_info=error)
        activity.logger.warning("with its context", exc_info=True)
        logger.info("without")
    logger.error("with none", exc_info=True)


@activity.defn
def says_where() -> None:
    logger.info("with the stack", stack_info=True)


@activity.defn
def says_below() -> None:
    below.info("below")
    quiet.warning("too quiet")
    quiet.error("loud enough")
    logging.getLogger().warning("at the root")
    logging.warning("by the module")
    logging.getLogger("some.library").info("elsewhere")
    Prefixed(logger, {"prefix": "p"}).info("adapted %s", "text")


@activity.defn
def says_filtered() -> None:
    filtered = logging.getLogger(f"{__name__}.filtered")
    filtered.addFilter(drop_secrets)
    filtered.info("a secret")
    filtered.info("no longer hidden")
    filtered.removeFilter(drop_secrets)


@activity.defn
def says_with_adapters() -> None:
    adapter = activity.LoggerAdapter(logging.getLogger("adapted"), {"lost": 1})
    adapter.info("with both")
    adapter.activity_info_on_message = False
    adapter.info("without the suffix", extra={"own": 1})
    adapter.activity_info_on_extra = False
    adapter.info("with neither")
    activity.logger.base_logger.info("the base logger")


@activity.defn
async def says_in_a_thread() -> None:
    await asyncio.to_thread(activity.logger.info, "in a thread")
    await asyncio.to_thread(logger.info, "plainly in a thread")


@activity.defn
def says_then_raises(attempts: int) -> str:
    attempt = activity.info().attempt
    logger.info("attempt %d", attempt)
    if attempt < attempts:
        raise RuntimeError(f"attempt {attempt}")
    return "done"


@activity.defn
def says_what_it_would_say() -> list:
    levels = (logging.DEBUG, logging.INFO, logging.ERROR)
    return [[each.isEnabledFor(level) for level in levels] for each in (logger, quiet, activity.logger)]

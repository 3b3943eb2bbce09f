"""What the builder tells the program that runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Problem(Exception):
    """Something that ends the build, in words for the project's author.

    `kind` is `project` for what the author can mend in the project, `tools` for what the machine lacks.
    """

    def __init__(
        self, message: str, *, traceback: str = "", cure: str = "", kind: str = "project", lacks_native: bool = False
    ) -> None:
        super().__init__(message)
        self.message, self.traceback, self.cure, self.kind = message, traceback, cure, kind
        # Whether it is native code of a package that is missing.
        self.lacks_native = lacks_native


class NotBuilt(Exception):
    """Why a package could not be built, and what to do about it."""

    def __init__(self, why: str, cure: str = "", lines: str = "") -> None:
        super().__init__(why)
        self.why, self.cure, self.lines = why, cure, lines


def progress(message: str) -> None:
    _say(event="progress", message=message)


def warning(message: str) -> None:
    _say(event="warning", message=message)


def note(message: str) -> None:
    """Something that stays in view."""
    _say(event="note", message=message)


def debug(message: str) -> None:
    _say(event="debug", message=message)


def done(**fields: Any) -> None:
    _say(event="done", **fields)


def problem(problem: Problem) -> None:
    _say(
        event="problem",
        kind=problem.kind,
        message=problem.message,
        traceback=problem.traceback,
        cure=problem.cure,
    )


@contextmanager
def told(what: str) -> Iterator[None]:
    """Ends the program when something ends what is built, and tells what that is."""
    try:
        yield
    except Problem as error:
        problem(error)
    except OSError as error:
        problem(Problem(f"{error.filename or what}: {error.strerror or error}", kind="tools"))
    except RecursionError:
        problem(Problem("the project is nested too deep"))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    else:
        return
    raise SystemExit(1)


def _say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)

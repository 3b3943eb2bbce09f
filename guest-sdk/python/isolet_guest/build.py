"""What happens while the component is built: its memory then is what every instance begins with."""

from __future__ import annotations

import gc
import importlib
import json
import sys
import traceback
import warnings
from typing import Any

from . import base, blame, bridge, monitoring, placement, project, survey, tracebacks, warm_up
from .files import archive
from .runner import Runner

# What the builder says of the project; and for the builder: what went wrong, and what is worth knowing when something is odd.
CONFIGURATION, PROBLEM, NOTES = "isolet_build.json", "problem.json", "notes.txt"

# As they are before the project is imported, which may change them.
_open, _dumps = open, json.dumps

# Memory that an instance begins with beside what is in use.
_ROOM = 1 << 20

# What the component does without, in the words of its author.
_leave_out: list[str] = []

_IN_ACTIVITY = "Not in activity context"


def load() -> Runner:
    """Imports the user's project and returns what runs its activities.

    Ends the build on a problem.
    """
    settings = project.Project()
    try:
        # Its folders were others, or empty, when the interpreter last looked.
        importlib.invalidate_caches()
        settings = project.Project(**json.loads((base.APP / CONFIGURATION).read_text()))
        loaded = project.load(settings)
        monitoring.install(settings.interrupt_loops)
        bridge.strict_metrics = settings.strict_metrics
        _leave_out.extend(settings.leave_out)
        return Runner(*loaded)
    except project.BuildError as error:
        _give_up(str(error), "")
    except BaseException as error:
        # What ends a program elsewhere, too.
        if blamed := _blame_native(error, settings.native):
            _give_up(*blamed, lacks_native=True)
        _give_up(_explain(error), _users(error))


def freeze(runner: Runner, execute: warm_up.Execute) -> None:
    """Works out ahead what every instance would, and leaves nothing for a collection to find in what they share.

    Called when all else is done: what the build frees after it leaves holes that instances would fill.
    """
    try:
        _freeze(runner, execute)
    except BaseException as error:
        _give_up(
            f"attempts would fail: with the project imported, Python no longer works as it did: {_short_text(error)}",
            _users(error),
            cure="a module of the project replaces something of Python's or Temporal's, such as os.environ or open: leave it as it is",
        )


def _freeze(runner: Runner, execute: warm_up.Execute) -> None:
    every = warm_up.WarmUp(runner, execute)
    every.run()
    said = placement.gather(every.run_succeeding, every.run)
    (base.APP / NOTES).write_text(f"placement: {said}\n")
    # After what needs much memory for a while: it takes its place.
    archive.keep(_leave_out)
    every.run()
    gc.collect()
    known = survey.write(base.APP)
    # What it has asked for is not what instances will; and only the interpreter's cache holds some of the names.
    with warnings.catch_warnings(action="ignore"):
        sys._clear_type_cache()
    every.run()
    gc.collect()
    placement.keep_unknown(known)
    del known
    # Zeros at the end of the memory: instances take them without asking the host, and they take no room in the file.
    bytes(_ROOM)
    gc.collect()
    gc.freeze()
    base.forget_host()


def _give_up(message: str, trace: str, cure: str = "", lacks_native: bool = False) -> Any:
    told = {"message": message, "traceback": trace, "cure": cure, "lacks_native": lacks_native}
    with _open(base.APP / PROBLEM, "w") as file:
        file.write(_dumps(told))
    raise SystemExit(1)


def _blame_native(error: BaseException, native: dict[str, dict[str, Any]]) -> tuple[str, str, str] | None:
    """What to say of a package that could not be imported because its native code was left out, and the cure.

    Between them are the last lines of what failed to build it.
    """
    each: BaseException | None = error
    while each is not None:
        if isinstance(each, ImportError):
            paths = [frame.filename for frame in reversed(traceback.extract_tb(each.__traceback__))]
            inside = [path.removeprefix(tracebacks.PACKAGES) for path in paths if path.startswith(tracebacks.PACKAGES)]
            for name in [each.name or "", *(path.removesuffix(".py").replace("/", ".") for path in inside)]:
                if package := native.get(name.split(".")[0]):
                    return blame.native(_last_place(error), package)
        each = each.__cause__ or each.__context__
    return None


def _short_text(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]


def _explain(error: BaseException) -> str:
    text = _short_text(error)
    if isinstance(error, SyntaxError):
        return f"{_short(error.filename or '?')}:{error.lineno}: {text}"
    place = _last_place(error)
    if isinstance(error, ModuleNotFoundError):
        return f"{place}{text}; add it to the project's dependencies"
    if isinstance(error, RuntimeError) and _IN_ACTIVITY in str(error):
        return f"{place}{text}: this runs when the module is imported, which is at build time; move it into the activity"
    return f"{place}{text}"


def _last_place(error: BaseException) -> str:
    """File and line of the user's code where the error came up."""
    places = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(tracebacks.PROJECT)
    ]
    return f"{_short(places[-1].filename)}:{places[-1].lineno}: " if places else ""


def _users(error: BaseException) -> str:
    """The traceback with the frames of the project and its dependencies alone."""
    told = traceback.TracebackException.from_exception(error)
    waiting = [told]
    while waiting:
        each = waiting.pop()
        each.stack = traceback.StackSummary.from_list(
            [frame for frame in each.stack if frame.filename.startswith((tracebacks.PROJECT, tracebacks.PACKAGES))]
        )
        waiting.extend(other for other in (each.__cause__, each.__context__) if other is not None)
    return tracebacks.relative("".join(told.format()).rstrip())


def _short(path: str) -> str:
    return path.removeprefix(tracebacks.PROJECT)

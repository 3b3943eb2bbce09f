"""What Python's library has on any machine and lacks on WASI, or has there and is wrong.

What can't be there raises what code that asks for it expects: an `OSError`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

from wit_world.imports import environment

from . import derivation, user
from .files import system, tree
from .http import importing

# The processor's time is not told; the clock counted from the build's machine.
_begun = 0


def install() -> None:
    """Puts it in place, before any of the user's modules is imported."""
    time.process_time, time.process_time_ns = _seconds, _nanoseconds
    time.thread_time, time.thread_time_ns = _seconds, _nanoseconds  # type: ignore[attr-defined]
    os.times = _times
    os.kill = _kill
    os.getuid = os.geteuid = os.getgid = os.getegid = lambda: user.NUMBER
    sys.modules["pwd"] = user
    for name in ("system", "pipe", "waitpid", "execv", "execve", "getlogin", "dup2"):
        if not hasattr(os, name):
            setattr(os, name, _missing(name))
    hashlib.pbkdf2_hmac, hashlib.scrypt = derivation.pbkdf2_hmac, derivation.scrypt
    importing.install({"multiprocessing.process": _change_processes})


def begin() -> None:
    """The attempt begins: its time counts from here."""
    global _begun
    _begun = time.monotonic_ns()
    # componentize-py has asked when the project was loaded, and does not again.
    os.environ.update(environment.get_environment())
    tree.files.is_granted = system.is_granted


def _nanoseconds() -> int:
    return time.monotonic_ns() - _begun


def _seconds() -> float:
    return _nanoseconds() / 1_000_000_000


def _times() -> os.times_result:
    return os.times_result((_seconds(), 0.0, 0.0, 0.0, time.monotonic()))


def _kill(pid: int, sig: int) -> None:
    """Sends a signal to oneself: nobody else is there."""
    if pid not in (os.getpid(), 0, -1):
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    if sig == 0:
        return
    handler: Callable[[int, FrameType | None], Any] | int | None = signal.getsignal(sig)
    if handler is not signal.SIG_DFL:
        signal.raise_signal(sig)
    elif sig not in (signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH):
        # The system would end the process.
        raise SystemExit(128 + sig)


def _missing(name: str) -> Callable[..., Any]:
    def function(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSYS, f"{os.strerror(errno.ENOSYS)}: a sandbox has no other processes", name)

    function.__name__ = name
    return function


def _change_processes(module: ModuleType) -> None:
    module.BaseProcess.start = _missing("start")  # type: ignore[attr-defined]

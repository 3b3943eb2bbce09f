"""Open files: what `open` returns for a path in memory, and the numbers under which `os` knows them."""

from __future__ import annotations

import errno
import io
import os
import re
import time
from typing import Any

from .tree import File, Folder, Kept, Node, Null, files

_native_open = io.open

_OWNER = 1000

# Far from those of the system.
_FIRST = 1000

_MODE = re.compile(r"(?=[^rwxa]*[rwxa][^rwxa]*$)(?!.*(.).*\1)(?!.*b.*t)(?!.*t.*b)[rwxabt+]+")


class Description:
    """An open file: where in it one is, and what one may do."""

    def __init__(self, node: Node, flags: int) -> None:
        access = flags & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR)
        self.node = node
        self.at = 0
        self.is_readable = access != os.O_WRONLY
        self.is_writable = access in (os.O_WRONLY, os.O_RDWR)
        self.appends = bool(flags & os.O_APPEND)
        self._content = node.content() if isinstance(node, Kept) else b""

    def read(self, size: int) -> bytes:
        data = self.node.data if isinstance(self.node, File) else self._content
        end = len(data) if size < 0 else self.at + size
        taken = bytes(data[self.at : end])
        self.at += len(taken)
        return taken

    def write(self, data: Any) -> int:
        with memoryview(data) as view:
            added = view.tobytes()
        if isinstance(self.node, File) and added:
            held = self.node.data
            if self.appends:
                self.at = len(held)
            if len(held) < self.at:
                held.extend(bytes(self.at - len(held)))
            held[self.at : self.at + len(added)] = added
            self.at += len(added)
            self.node.changed = time.time_ns()
        return len(added)

    def seek(self, offset: int, whence: int) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.node.size}.get(whence)
        if base is None or base + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self.at = base + offset
        return self.at

    def truncate(self, size: int) -> None:
        if isinstance(self.node, File):
            held = self.node.data
            del held[size:]
            held.extend(bytes(size - len(held)))
            self.node.changed = time.time_ns()


descriptions: dict[int, Description] = {}
"""All that is open, by number."""


def number(description: Description) -> int:
    """Gives it a number."""
    free = max(descriptions, default=_FIRST - 1) + 1
    descriptions[free] = description
    return free


def begin(path: Any, flags: int) -> Description | None:
    """Opens what is at the path; none, if the path is not in memory."""
    text = os.fsdecode(path)
    parent, name, node = files.locate(text)
    if node is None:
        if parent is None or not flags & os.O_CREAT or text.endswith("/"):
            return None
        if not parent.is_writable:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        node = parent.entries[name] = File()
        node.changed = time.time_ns()
    elif flags & os.O_CREAT and flags & os.O_EXCL:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    writes = flags & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR) in (os.O_WRONLY, os.O_RDWR)
    if writes and isinstance(node, Folder):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if writes and isinstance(node, Kept):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
    description = Description(node, flags)
    if flags & os.O_TRUNC:
        description.truncate(0)
    return description


class Raw(io.RawIOBase):
    """An open file as `io.FileIO` has it."""

    def __init__(self, name: Any, mode: str, fd: int, closefd: bool) -> None:
        self.name = name
        self.mode = mode
        self.closefd = closefd
        self._fd = fd
        self._description = descriptions[fd]
        if isinstance(self._description.node, Folder):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)

    def readable(self) -> bool:
        return self._open().is_readable

    def writable(self) -> bool:
        return self._open().is_writable

    def seekable(self) -> bool:
        return self._open() is not None

    def fileno(self) -> int:
        self._open()
        return self._fd

    def isatty(self) -> bool:
        return self._open() is None

    def readall(self) -> bytes:
        return self.read(-1)

    def read(self, size: int | None = -1) -> bytes:
        if not self.readable():
            raise io.UnsupportedOperation("File not open for reading")
        return self._description.read(-1 if size is None else size)

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer).cast("B") as view:
            data = self.read(len(view))
            view[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        if not self.writable():
            raise io.UnsupportedOperation("File not open for writing")
        return self._description.write(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._open().seek(offset, whence)

    def tell(self) -> int:
        return self._open().at

    def truncate(self, size: int | None = None) -> int:
        if not self.writable():
            raise io.UnsupportedOperation("File not open for writing")
        size = self.tell() if size is None else size
        self._description.truncate(size)
        return size

    def close(self) -> None:
        if not self.closed and self.closefd:
            descriptions.pop(self._fd, None)
        super().close()

    def _open(self) -> Description:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        return self._description


def open(  # noqa: A001
    file: Any,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Any = None,
) -> Any:
    """Takes the place of `open`."""
    raw = _raw(file, mode, closefd, opener) if _is_sound(mode, encoding, errors, newline) else None
    if raw is None:
        return _native_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    try:
        return _layers(raw, mode, buffering, encoding, errors, newline)
    except BaseException:
        raw.close()
        raise


def open_code(path: str) -> Any:
    """Takes the place of `io.open_code`."""
    return open(path, "rb")


def _is_sound(mode: Any, *of_text: Any) -> bool:
    """Whether the original would not complain of the arguments, whatever the file is."""
    if not isinstance(mode, str) or not _MODE.fullmatch(mode):
        return False
    return "b" not in mode or all(each is None for each in of_text)


def _raw(file: Any, mode: str, closefd: bool, opener: Any) -> Raw | None:
    kind = mode.replace("b", "").replace("t", "")
    name = kind[0] + "b" + kind[1:] if kind[1:] else kind.replace("+", "") + "b"
    if opener is not None:
        fd = opener(file, _flags(mode))
        if fd in descriptions:
            return Raw(file, name, fd, closefd=True)
        return _native_raw(file, mode, fd)
    if isinstance(file, int):
        return Raw(file, name, file, closefd) if file in descriptions else None
    if not closefd:
        return None
    description = begin(file, _flags(mode)) if isinstance(file, (str, bytes, os.PathLike)) else None
    return None if description is None else Raw(file, name, number(description), closefd=True)


def _native_raw(file: Any, mode: str, fd: int) -> Any:
    raw = "".join(letter for letter in mode if letter not in "bt")
    return io.FileIO(file, raw, opener=lambda *_: fd)


def _flags(mode: str) -> int:
    access = os.O_RDWR if "+" in mode else os.O_RDONLY if "r" in mode else os.O_WRONLY
    making = {"w": os.O_CREAT | os.O_TRUNC, "x": os.O_CREAT | os.O_EXCL, "a": os.O_CREAT | os.O_APPEND}
    return access | next((flags for letter, flags in making.items() if letter in mode), 0)


def _layers(raw: Any, mode: str, buffering: int, encoding: Any, errors: Any, newline: Any) -> Any:
    if buffering == 0:
        if "b" in mode:
            return raw
        raise ValueError("can't have unbuffered text I/O")
    size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
    if "+" in mode:
        buffer: Any = io.BufferedRandom(raw, size)
    elif "r" in mode:
        buffer = io.BufferedReader(raw, size)
    else:
        buffer = io.BufferedWriter(raw, size)
    if "b" in mode:
        return buffer
    text = io.TextIOWrapper(buffer, encoding, errors, newline, line_buffering=buffering == 1)
    text.mode = mode  # type: ignore[misc]
    return text


def status(node: Node) -> os.stat_result:
    """What `os.stat` says of it."""
    folder = isinstance(node, Folder)
    kind = 0o040000 if folder else 0o020000 if isinstance(node, Null) else 0o100000
    writable = node.is_writable if isinstance(node, Folder) else not isinstance(node, Kept)
    mode = kind | (0o555 if folder else 0o444) | (0o222 if writable else 0)
    seconds = node.changed / 1_000_000_000
    whole = int(seconds)
    times = {f"st_{each}time": seconds for each in "amc"} | {f"st_{each}time_ns": node.changed for each in "amc"}
    return os.stat_result((mode, id(node), 0, 1, _OWNER, _OWNER, node.size, whole, whole, whole), times)

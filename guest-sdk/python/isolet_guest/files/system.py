"""The functions of `os` and `open`, for files in memory; what is not there they leave to the originals."""

from __future__ import annotations

import builtins
import errno
import io
import os
import posixpath
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from . import opened
from .opened import descriptions
from .tree import File, Folder, Kept, Node, Null, files

Function = Callable[..., Any]


def install() -> None:
    """Puts them in place: in `os`, in what it takes them from, and wherever else one was taken to."""
    ours: dict[int, Function] = {}
    for name, function in _functions().items():
        if original := getattr(os, name, None):
            ours[id(original)] = function
    ours |= {id(builtins.open): opened.open, id(io.open_code): opened.open_code}
    for module in list(sys.modules.values()):
        if module.__name__.startswith(__package__):
            continue
        for name, value in list(vars(module).items()):
            if function := ours.get(id(value)):
                setattr(module, name, function)
    # It would go by numbers of folders.
    shutil._use_fd_functions = False  # type: ignore[attr-defined]
    shutil._rmtree_impl = shutil._rmtree_unsafe  # type: ignore[attr-defined]


def _functions() -> dict[str, Function]:
    by_path = {"stat": _stat, "lstat": _stat, "listdir": _listdir, "scandir": _scandir, "access": _access}
    by_path |= {"mkdir": _mkdir, "rmdir": _rmdir, "unlink": _unlink, "remove": _unlink, "chmod": _chmod}
    by_path |= {"utime": _utime, "truncate": _truncate, "readlink": _readlink, "open": _open, "chdir": _chdir}
    by_number = {"close": _close, "read": _read, "write": _write, "lseek": _lseek, "fstat": _fstat, "isatty": _isatty}
    by_number |= {"fsync": _nothing, "fdatasync": _nothing, "ftruncate": _ftruncate, "fchmod": _nothing}
    functions = {name: _by_path(getattr(os, name, None), ours) for name, ours in by_path.items()}
    functions |= {name: _by_number(getattr(os, name, None), ours) for name, ours in by_number.items()}
    renames = {name: _rename(getattr(os, name)) for name in ("rename", "replace")}
    return functions | renames | {"getcwd": _getcwd}


_native_stat = os.stat


def is_granted(path: str) -> bool:
    """Whether there is something at the path that is not of the component."""
    try:
        _native_stat(path)
    except OSError:
        return False
    return True


class _Elsewhere(Exception):
    """The path is not in memory."""


def _by_path(original: Function | None, ours: Function) -> Function:
    """Asks `ours` first for paths, and what it does not know the original."""

    def function(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("dir_fd") is None and (not isinstance(path, int) or path in descriptions):
            try:
                return ours(path, *args, **{name: value for name, value in kwargs.items() if name != "dir_fd"})
            except _Elsewhere:
                pass
        return _original(original, path, *args, **kwargs)

    return function


def _by_number(original: Function | None, ours: Function) -> Function:
    def function(fd: Any, *args: Any) -> Any:
        if isinstance(fd, int) and fd in descriptions:
            return ours(fd, *args)
        return _original(original, fd, *args)

    return function


def _original(original: Function | None, *args: Any, **kwargs: Any) -> Any:
    if original is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    return original(*args, **kwargs)


def _text(path: Any) -> str:
    text = os.fsdecode(path)
    if "\0" in text:
        raise _Elsewhere
    return text


def _found(path: Any) -> Node:
    node = descriptions[path].node if isinstance(path, int) else files.find(_text(path))
    if node is None:
        raise _Elsewhere
    return node


def _error(number: int, path: Any) -> OSError:
    return OSError(number, os.strerror(number), path)


def _folder(path: Any) -> Folder:
    node = _found(path)
    if not isinstance(node, Folder):
        raise _error(errno.ENOTDIR, path)
    return node


def _writable(path: Any) -> tuple[Folder, str, Node | None]:
    """The folder in which something is to be made or removed, with the name and what has it."""
    parent, name, node = files.locate(_text(path))
    if parent is None:
        raise _Elsewhere
    if not parent.is_writable:
        raise _error(errno.EROFS, path)
    return parent, name, node


def _stat(path: Any, *, follow_symlinks: bool = True) -> os.stat_result:
    return opened.status(_found(path))


def _fstat(fd: int) -> os.stat_result:
    return opened.status(descriptions[fd].node)


def _listdir(path: Any = ".") -> list[Any]:
    names = list(_folder("." if path is None else path).entries)
    return [os.fsencode(name) for name in names] if isinstance(path, bytes) else names


class _Entry:
    """What `os.scandir` has of each."""

    def __init__(self, folder: Any, name: str, node: Node) -> None:
        self.name: Any = os.fsencode(name) if isinstance(folder, bytes) else name
        self.path = posixpath.join(folder, self.name)
        self._node = node

    def __fspath__(self) -> Any:
        return self.path

    def inode(self) -> int:
        return id(self._node)

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return isinstance(self._node, Folder)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return isinstance(self._node, (File, Kept))

    def is_symlink(self) -> bool:
        return False

    is_junction = is_symlink

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return opened.status(self._node)

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"


class _Entries:
    """What `os.scandir` returns."""

    def __init__(self, entries: Iterator[_Entry]) -> None:
        self._entries = entries

    def __iter__(self) -> _Entries:
        return self

    def __next__(self) -> _Entry:
        return next(self._entries)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._entries = iter(())


def _scandir(path: Any = ".") -> _Entries:
    path = "." if path is None else path
    folder = _folder(path)
    shown = "." if isinstance(path, int) else os.fspath(path)
    return _Entries(_Entry(shown, name, node) for name, node in list(folder.entries.items()))


def _access(path: Any, mode: int, **_: Any) -> bool:
    node = _found(path)
    writable = node.is_writable if isinstance(node, Folder) else not isinstance(node, Kept)
    runs = mode & os.X_OK and not isinstance(node, Folder)
    return not runs and bool(writable or not mode & os.W_OK)


def _mkdir(path: Any, mode: int = 0o777) -> None:
    parent, name, node = files.locate(_text(path))
    if node is not None:
        raise _error(errno.EEXIST, path)
    parent, name, node = _writable(path)
    made = parent.entries[name] = Folder(is_writable=True)
    made.changed = time.time_ns()


def _rmdir(path: Any) -> None:
    folder = _folder(path)
    parent, name, _ = _writable(path)
    if folder.entries:
        raise _error(errno.ENOTEMPTY, path)
    del parent.entries[name]


def _unlink(path: Any) -> None:
    if isinstance(_found(path), Folder):
        raise _error(errno.EISDIR, path)
    parent, name, _ = _writable(path)
    del parent.entries[name]


def _rename(original: Function) -> Function:
    def rename(src: Any, dst: Any, **kwargs: Any) -> None:
        try:
            moved = _found(src)
            (old, old_name, _), (new, new_name, there) = _writable(src), _writable(dst)
        except _Elsewhere:
            _original(original, src, dst, **kwargs)
            return
        if isinstance(there, Folder) and (there.entries or not isinstance(moved, Folder)):
            number = errno.ENOTEMPTY if isinstance(moved, Folder) else errno.EISDIR
            raise OSError(number, os.strerror(number), src, None, dst)
        if isinstance(moved, Folder) and f"{files.absolute(_text(dst))}/".startswith(f"{files.absolute(_text(src))}/"):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), src, None, dst)
        del old.entries[old_name]
        new.entries[new_name] = moved

    return rename


def _chmod(path: Any, mode: int, *, follow_symlinks: bool = True) -> None:
    _found(path)


def _utime(path: Any, times: Any = None, *, ns: Any = None, follow_symlinks: bool = True) -> None:
    node = _found(path)
    if isinstance(node, Kept):
        raise _error(errno.EROFS, path)
    changed = ns[1] if ns else int(times[1] * 1_000_000_000) if times else time.time_ns()
    if not isinstance(node, Null):
        node.changed = changed


def _truncate(path: Any, length: int) -> None:
    node = _found(path)
    if not isinstance(node, File):
        raise _error(errno.EISDIR if isinstance(node, Folder) else errno.EROFS, path)
    opened.Description(node, os.O_RDWR).truncate(length)


def _readlink(path: Any) -> str:
    _found(path)
    raise _error(errno.EINVAL, path)


def _open(path: Any, flags: int, mode: int = 0o777) -> int:
    description = opened.begin(path, flags)
    if description is None:
        raise _Elsewhere
    return opened.number(description)


def _close(fd: int) -> None:
    del descriptions[fd]


def _read(fd: int, length: int) -> bytes:
    if not descriptions[fd].is_readable:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return descriptions[fd].read(length)


def _write(fd: int, data: Any) -> int:
    if not descriptions[fd].is_writable:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return descriptions[fd].write(data)


def _lseek(fd: int, position: int, whence: int) -> int:
    return descriptions[fd].seek(position, whence)


def _ftruncate(fd: int, length: int) -> None:
    descriptions[fd].truncate(length)


def _isatty(fd: int) -> bool:
    return False


def _nothing(fd: int, *_: Any) -> None:
    pass


def _getcwd() -> str:
    return files.working_directory


def _chdir(path: Any) -> None:
    _folder(path)
    files.working_directory = files.absolute(_text(path))

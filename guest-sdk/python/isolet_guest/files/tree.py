"""Folders and files in memory, by their paths."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Callable

HOME = "/home/isolet"
TEMPORARY = "/tmp"
NULL = "/dev/null"

# When the files of the build were changed, in nanoseconds: what looks whether they have been since finds that not.
_BUILT = 1_577_836_800 * 1_000_000_000


class Node:
    """Something at a path."""

    __slots__ = ("changed",)

    def __init__(self) -> None:
        # In nanoseconds.
        self.changed = _BUILT

    @property
    def size(self) -> int:
        return 0


class Folder(Node):
    """A folder; new files are made in writable ones alone."""

    __slots__ = ("entries", "is_writable")

    def __init__(self, is_writable: bool = False) -> None:
        super().__init__()
        self.entries: dict[str, Node] = {}
        self.is_writable = is_writable


class Null(Node):
    """The file that is always empty."""

    __slots__ = ()


class Kept(Node):
    """A file of the build, to be read only."""

    __slots__ = ("_data", "_size")

    def __init__(self, data: bytes) -> None:
        super().__init__()
        packed = zlib.compress(data, 6, -zlib.MAX_WBITS)
        self._size = len(data)
        self._data = packed if len(packed) < len(data) else data

    @property
    def size(self) -> int:
        return self._size

    def content(self) -> bytes:
        if len(self._data) == self._size:
            return self._data
        return zlib.decompress(self._data, -zlib.MAX_WBITS, self._size)


class File(Node):
    """A file that the attempt has made."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()

    @property
    def size(self) -> int:
        return len(self.data)


class Tree:
    """All files. Until the component is built there are scratch folders alone, and the rest is where it always is."""

    def __init__(self) -> None:
        self.root = Folder()
        self.is_complete = False
        # Says in an attempt whether the host has something at a path: what it grants goes before a scratch folder.
        self.is_granted: Callable[[str], bool] | None = None
        self.working_directory = "/"
        for path in (TEMPORARY, HOME):
            self._put(path, Folder(is_writable=True))
        self._put(NULL, Null())

    def keep(self, path: str, data: bytes) -> None:
        """Keeps a file of the build."""
        self._put(path, Kept(data))

    def find(self, path: str) -> Node | None:
        """What is at the path."""
        return self.locate(path)[2]

    def locate(self, path: str) -> tuple[Folder | None, str, Node | None]:
        """The folder in which the path ends, the name there, and what has that name; where there are such."""
        parent, name, node = self._walk(path)
        if node is self.root and not self.is_complete:
            return None, name, None
        # What else is at the top is the host's business.
        return (None if parent is self.root else parent), name, node

    def absolute(self, path: str) -> str:
        """The path from the root, without dots."""
        return posixpath.normpath(posixpath.join(self.working_directory, path))

    def _walk(self, path: str) -> tuple[Folder | None, str, Node | None]:
        *folders, name = _parts(self.absolute(path)) or [""]
        if not name:
            return self.root, name, self.root
        if self.is_granted is not None:
            self._give_way(self.is_granted)
        here: Node | None = self.root
        for part in folders:
            here = here.entries.get(part) if isinstance(here, Folder) else None
        return (here, name, here.entries.get(name)) if isinstance(here, Folder) else (None, name, None)

    def _give_way(self, is_granted: Callable[[str], bool]) -> None:
        self.is_granted = None
        for path in (TEMPORARY, HOME):
            parent, name, _ = self._walk(path)
            if parent is not None and is_granted(path):
                del parent.entries[name]

    def _put(self, path: str, node: Node) -> None:
        *folders, name = _parts(path)
        here = self.root
        for part in folders:
            inner = here.entries.setdefault(part, Folder())
            if isinstance(inner, Folder):
                here = inner
        here.entries[name] = node


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


files = Tree()
"""Those of this instance."""

"""Stands for the module `pwd`: there is one user, who owns the files in memory."""

from __future__ import annotations

from typing import NamedTuple

from .files import tree

NAME, NUMBER = "isolet", 1000


class struct_passwd(NamedTuple):
    """What is known of a user."""

    pw_name: str
    pw_passwd: str
    pw_uid: int
    pw_gid: int
    pw_gecos: str
    pw_dir: str
    pw_shell: str


_USER = struct_passwd(NAME, "x", NUMBER, NUMBER, "", tree.HOME, "")


def getpwuid(uid: int, /) -> struct_passwd:
    if uid != NUMBER:
        raise KeyError(f"getpwuid(): uid not found: {uid}")
    return _USER


def getpwnam(name: str, /) -> struct_passwd:
    if name != NAME:
        raise KeyError(f"getpwnam(): name not found: {name!r}")
    return _USER


def getpwall() -> list[struct_passwd]:
    return [_USER]

"""The modules of Python's library in components, 3.14 for WASI: those that can be imported there, and those that can't."""

from __future__ import annotations

THERE = frozenset(
    """
    __future__ __main__ abc annotationlib antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins cProfile
    calendar cmath cmd code codecs codeop collections colorsys compileall compression concurrent configparser contextlib
    contextvars copy copyreg csv dataclasses datetime dbm decimal difflib dis doctest email encodings enum errno
    faulthandler filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib
    gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword linecache locale
    logging mailbox marshal math mimetypes modulefinder multiprocessing netrc ntpath nturl2path numbers opcode operator
    optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile pstats pwd
    py_compile pyclbr pydoc pyexpat queue quopri random re reprlib rlcompleter runpy sched secrets select selectors
    shelve shlex shutil signal site smtplib socket socketserver sqlite3 sre_compile sre_constants sre_parse ssl stat
    statistics string stringprep struct subprocess symtable sys sysconfig tabnanny tarfile tempfile textwrap this
    threading time timeit token tokenize tomllib trace traceback tracemalloc types typing unicodedata unittest urllib
    uuid warnings wave weakref webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
    """.split()
)

# On other machines they are there, or on some of them.
NOT_THERE = frozenset(
    """
    bz2 compression.bz2 compression.lzma compression.zstd concurrent.interpreters ctypes curses dbm.gnu dbm.ndbm
    ensurepip fcntl grp idlelib lzma mmap msvcrt multiprocessing.shared_memory multiprocessing.sharedctypes nt pty
    pydoc_data readline resource syslog termios tkinter tty turtle turtledemo venv winreg winsound
    """.split()
)

# Of Pythons before: who runs the check may have one of them.
GONE = frozenset(
    """
    aifc asynchat asyncore audioop cgi cgitb chunk crypt distutils imghdr imp lib2to3 mailcap msilib nis nntplib ossaudiodev
    pipes sndhdr smtpd spwd sunau telnetlib uu xdrlib
    """.split()
)


def has(name: str) -> bool:
    """Whether it is a module of Python's library, in components or not."""
    first = name.split(".")[0]
    return first in THERE or first in NOT_THERE or first.startswith("_")


def lacks(name: str) -> bool:
    """Whether it is one that components lack."""
    return any(name == each or name.startswith(f"{each}.") for each in NOT_THERE)

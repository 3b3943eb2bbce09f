"""What Python loads when it is first needed, and what else of its library needs files or the system."""

import codecs
import getpass
import hashlib
import importlib
import importlib.metadata
import importlib.resources
import io
import os
import pathlib
import pkgutil
import shutil
import signal
import tempfile
import time
import zipfile
from typing import Any, Callable

from temporalio import activity


def _told(what: "Callable[[], Any]") -> Any:
    try:
        return what()
    except Exception as error:
        return type(error).__name__


@activity.defn
def encodes(names: "list[str]") -> list:
    return [_told(lambda name=name: "Grüße"[:2].encode(name).hex()) for name in names]  # type: ignore[misc]


@activity.defn
def decodes_everything() -> list:
    """Every codec that the library has a module for, found as its users find it."""
    import encodings

    return [
        name
        for _, name, _ in pkgutil.iter_modules(encodings.__path__)
        if name not in ("aliases", "bz2_codec", "mbcs", "oem", "_win_cp_codecs") and _told(lambda name=name: codecs.lookup(name) and 1) != 1  # type: ignore[misc]
    ]


@activity.defn
def unpacks() -> list:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("plain.txt", "text")
    raw = packed.getvalue().replace(b"plain", b"pl\x84in")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return [archive.namelist(), archive.read(archive.namelist()[0]).decode()]


@activity.defn
def parses() -> list:
    import xml.sax

    told: list = []

    class Handler(xml.sax.ContentHandler):
        def startElement(self, name: str, attributes: Any) -> None:
            told.append(name)

    xml.sax.parseString(b"<a><b/></a>", Handler())
    return told


@activity.defn
def imports(names: "list[str]") -> list:
    return [_told(lambda name=name: importlib.import_module(name).__name__) for name in names]  # type: ignore[misc]


@activity.defn
def reads_of_packages() -> list:
    typed = importlib.resources.files("temporalio").joinpath("py.typed")
    return [
        importlib.metadata.version("temporalio"),
        importlib.metadata.metadata("temporalio")["Name"],
        typed.is_file(),
        typed.read_text(),
        pkgutil.get_data("temporalio", "py.typed") == b"",
        importlib.import_module("temporalio.testing").__name__,
    ]


@activity.defn
def writes_temporary_files() -> list:
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder) / "a" / "b"
        place.mkdir(parents=True)
        (place / "x.txt").write_text("Grüße\n", encoding="utf-8")
        shutil.copy(place / "x.txt", place / "y.txt")
        os.replace(place / "y.txt", place / "z.txt")
        shutil.copytree(place, pathlib.Path(folder) / "copy")
        with open(place / "x.txt", "ab") as file:
            file.write(b"more")
        found = sorted(str(each.relative_to(folder)) for each in pathlib.Path(folder).rglob("*"))
        told: list = [found, (place / "x.txt").read_bytes().decode(), (place / "x.txt").stat().st_size]
    with tempfile.NamedTemporaryFile("w+", suffix=".csv") as named:
        named.write("a,b\n")
        named.flush()
        told.append([pathlib.Path(named.name).read_text(), os.fstat(named.fileno()).st_size, named.name.endswith(".csv")])
    number, path = tempfile.mkstemp()
    os.write(number, b"abc")
    os.lseek(number, 0, os.SEEK_SET)
    told.append(os.read(number, 10).decode())
    os.close(number)
    os.unlink(path)
    with tempfile.SpooledTemporaryFile(max_size=2) as spooled:
        spooled.write(b"rolled over")
        spooled.seek(7)
        told.append(spooled.read().decode())
    return [*told, os.path.exists(folder), os.path.exists(path), os.path.exists(named.name)]


@activity.defn
def misuses_files() -> list:
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "file")
    with open(path, "x") as file:
        file.write("text")
    told = [
        _told(lambda: open(path, "x")),
        _told(lambda: open(folder)),
        _told(lambda: open(folder, "w")),
        _told(lambda: open(path, "rz")),
        _told(lambda: open(path, "rb", encoding="utf-8")),
        _told(lambda: open(path, "r", 0)),
        _told(lambda: open(path, "w").read()),
        _told(lambda: open(path + "\0")),
        _told(lambda: open(os.path.join(folder, "no", "such"), "w")),
        _told(lambda: os.rmdir(folder)),
        _told(lambda: os.mkdir(folder)),
        _told(lambda: os.listdir(path)),
        _told(lambda: os.unlink(os.path.join(folder, "none"))),
        _told(lambda: os.rename(os.path.join(folder, "none"), path)),
        _told(lambda: os.readlink(path)),
        _told(lambda: file.write("closed")),
        os.access(path, os.R_OK | os.W_OK),
        os.path.islink(path),
    ]
    shutil.rmtree(folder)
    return told


@activity.defn
def asks_the_system() -> list:
    before = time.process_time(), time.process_time_ns(), time.thread_time()
    sum(range(1000))
    got: list = []
    signal_ = _told(lambda: signal.signal(signal.SIGTERM, lambda *_: got.append("signalled")))
    return [
        all(0 <= each for each in before),
        0 <= time.process_time() - before[0] < 60,
        0 <= os.times().user < 1_000_000,
        open(os.devnull, "w").write("text"),
        open(os.devnull).read(),
        os.path.exists(os.devnull),
        pathlib.Path.home().is_absolute(),
        os.path.expanduser("~") == str(pathlib.Path.home()),
        bool(getpass.getuser()),
        os.kill(os.getpid(), 0),
        _told(lambda: os.kill(2**22 + 1, 0)),
        # On a worker process only the first thread may.
        signal_ == "ValueError" or [os.kill(os.getpid(), signal.SIGTERM), got] == [None, ["signalled"]],
        os.path.isabs(os.getcwd()),
        os.path.isdir(tempfile.gettempdir()),
    ]


@activity.defn
def derives_keys() -> list:
    return [
        hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 100).hex(),
        hashlib.pbkdf2_hmac("sha1", b"password" * 20, b"salt", 3, 50).hex(),
        hashlib.scrypt(b"password", salt=b"salt", n=16, r=2, p=2, dklen=40).hex(),
        _told(lambda: hashlib.scrypt(b"", salt=b"", n=3, r=8, p=1)),
        _told(lambda: hashlib.pbkdf2_hmac("sha256", b"", b"", 0)),
        _told(lambda: hashlib.pbkdf2_hmac("sha256", "text", b"", 1)),  # type: ignore[arg-type]
    ]


@activity.defn
def can_not_be_there(names: "list[str]") -> list:
    """Of a sandbox: the error is one that code expects."""
    import multiprocessing
    import socket
    import subprocess

    told: list = [_told(lambda: open("/no/such/file")), _told(lambda: open("written", "w")), _told(lambda: os.mkdir("/folder"))]
    for what in (
        lambda: subprocess.run(["true"]),
        lambda: os.popen("true"),
        lambda: os.system("true"),
        lambda: os.pipe(),
        lambda: multiprocessing.Process(target=print).start(),
        lambda: multiprocessing.Pool(1),
        lambda: socket.socket(),
        lambda: os.kill(1, signal.SIGTERM),
        *[lambda name=name: importlib.import_module(name) for name in names],
    ):
        try:
            what()
            told.append("no error")
        except (OSError, ImportError):
            told.append("expected")
    return told


@activity.defn
def uses_memory(kind: str) -> str:
    """Up to its limit."""
    if kind == "raised":
        raise MemoryError
    if kind == "result":
        return "x" * 40_000_000
    if kind == "own":
        return f"{len(bytes(56 << 20)) >> 20} MiB"
    held: list = []
    try:
        if kind == "file":
            with tempfile.TemporaryFile("wb") as file:
                while True:
                    file.write(bytes(1 << 20))
        while True:
            held.append({"list": lambda: [0] * 100_000, "bytes": lambda: bytes(1 << 22)}.get(kind, lambda: "x" * 1_000_000)())
    except MemoryError:
        held.clear()
        if kind != "caught":
            raise
    return "caught"

"""Run as the compiler, linker and archiver of C while a package is built: clang and LLD, told what components need.

Builds call it as they would call the compiler of the machine that they run on, with flags for that. What they say of
that machine is left out: its headers, its libraries, its processor. It stands alone: nothing but Python's library.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import floats, numpy_headers, wasm

TARGET = ["-target", "wasm32-wasi"]
SUPPORT = "libsupport.a"

# A variable of the environment: a library that is asked for and isn't there is an error, as builds expect that try out
# what there is.
STRICT = "ISOLET_STRICT_LIBRARIES"

# How clang calls what programs begin with: those that builds try have to have all that they call.
_MAIN = ("main", "__main_void", "__main_argc_argv", "__original_main")

# What Meson looks for in the answer of a linker that it knows.
_LINKER = "LLD 22.1.8 (compatible with GNU linkers)"
# Libraries that components have, or whose functions are C's own there.
_HAD = ("c", "m", "dl", "rt", "pthread", "util", "c++", "c++abi", "stdc++", "gcc", "gcc_s", "compiler_rt")

# It warns of nothing but functions that are taken for others, which WebAssembly does not call: see `casts.py`.
_COMPILE = [*TARGET, "-fPIC", "-fno-sanitize=undefined", "-g0", "-Wno-everything", "-Wcast-function-type-mismatch"]
# What parts of C's library ask for that others stand in for. Components have these.
_COMPILE += [f"-D_WASI_EMULATED_{name}" for name in ("SIGNAL", "GETPID", "PROCESS_CLOCKS", "MMAN")]

# C++'s library is the component's own, of the same version, whose names are these.
_COMPILE_CXX = [*_COMPILE, "-D_LIBCPP_ABI_VERSION=2", "-D_LIBCPP_ABI_NAMESPACE=__2"]

# A library that the component's Python can load. It exports no more than it must; what it takes of others is looked for
# when the component is made.
_LINK = ["-shared", "--experimental-pic", "-Bsymbolic", "--no-export-dynamic", "--gc-sections", "--strip-all"]
_LINK += ["--unresolved-symbols=import-dynamic"]

# Options with a value, as one word or two: those that are kept, and those that mean another machine.
_VALUED = ("-include", "-isystem", "-iquote", "-idirafter", "-imacros", "-MF", "-MT", "-MQ", "-x", "-D", "-U", "-I", "-o")
_VALUED_LEFT_OUT = ("-arch", "-isysroot", "--sysroot", "-target", "-undefined", "-framework", "-Xlinker", "-Xassembler", "-Xpreprocessor", "-z", "-install_name")
_OF_FOLDERS = ("-isystem", "-iquote", "-idirafter", "-I")
_KEPT = ("-c", "-E", "-S", "-M", "-MM", "-MD", "-MMD", "-MP", "-P", "-C", "-dM", "-ansi", "-pthread")
_KEPT_STARTS = ("-std=", "-O")
# Of those that say what C means.
_KEPT_OF_F = (
    "-fwrapv", "-fno-strict-aliasing", "-fstrict-aliasing", "-fno-strict-overflow", "-fno-common", "-fcommon", "-fno-exceptions",
    "-fno-rtti", "-funsigned-char", "-fsigned-char", "-fvisibility", "-ffast-math", "-fno-math-errno", "-ffp-contract", "-fno-builtin",
    "-fms-extensions", "-fno-delete-null-pointer-checks", "-ffunction-sections", "-fdata-sections",
)  # fmt: skip

# Folders of the machine's own headers and libraries.
_OF_THE_MACHINE = ("/usr/include", "/usr/local/include", "/usr/lib", "/usr/local/lib", "/lib", "/opt/homebrew", "/opt/local")
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C")


def main() -> int:
    kept, name, arguments = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    zig = str(kept / "zig" / "zig")
    if name == "ar":
        return subprocess.run([zig, "ar", "--format=gnu", *arguments], check=False).returncode
    if "--version" in arguments:
        return subprocess.run([zig, name, "--version"], check=False).returncode
    if "-Wl,--version" in arguments:
        print(_LINKER)
        return 0
    read = _Arguments([each for argument in arguments for each in _in_files(argument)], kept)
    always = _COMPILE if name == "cc" else _COMPILE_CXX
    if read.does_not_link or not (read.sources or read.objects):
        return subprocess.run([zig, name, *always, *read.kept, *read.output, *read.sources, *read.last], check=False).returncode
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for index, source in enumerate(read.sources):
            objects.append(str(Path(folder) / f"{index}.o"))
            done = subprocess.run([zig, name, *always, *read.kept, "-c", source, "-o", objects[-1], *read.last], check=False)
            if done.returncode:
                return done.returncode
        if read.missing and os.environ.get(STRICT):
            print(f"error: unable to find library -l{read.missing[0]}", file=sys.stderr)
            return 1
        return _link(zig, kept, [*objects, *read.objects], Path(read.output[1] if read.output else "a.out"))


def _link(zig: str, kept: Path, objects: list[str], output: Path) -> int:
    """Makes a library, unless it needs what components don't have."""
    module = output.name.split(".")[0]
    given = set((kept / "exports.txt").read_text(encoding="utf-8").split())
    entries = [f"--export-if-defined={each}" for each in (f"PyInit_{module}", *_MAIN)]
    if keeper := os.environ.get(floats.MODULE):
        given.add(floats.NAME)
        if module == keeper:
            entries.append(f"--export-if-defined={floats.NAME}")
            objects = [*objects, str(kept / floats.FOLDER / floats.OBJECT)]
    done = subprocess.run([zig, "wasm-ld", *_LINK, *entries, "-o", str(output), *objects, str(kept / SUPPORT)], check=False)
    if done.returncode:
        return done.returncode
    missing = wasm.missing(output.read_bytes(), given)
    for name in missing:
        print(f"{output.name}: error: undefined symbol: {name}", file=sys.stderr)
    if missing:
        output.unlink()
    return 1 if missing else 0


class _Arguments:
    """What of a call counts."""

    def __init__(self, arguments: list[str], kept: Path) -> None:
        self.kept: list[str] = []
        self.output: list[str] = []
        self.sources: list[str] = []
        self.objects: list[str] = []
        libraries: list[str] = []
        folders: list[str] = []
        if os.environ.get(floats.MODULE):
            self.kept += ["-I", str(kept / floats.FOLDER)]
        # After those of the package: numpy has headers of the same names.
        self.last = ["-I", str(kept / "include")]
        for option, value in _split(arguments):
            if option == "-o" and value is not None:
                self.output = ["-o", value]
            elif option == "-l" and value:
                libraries.append(value)
            elif option == "-L" and value:
                folders.append(value)
            elif value is not None:
                if option not in _OF_FOLDERS:
                    self.kept += [option, value]
                elif not _is_of_the_machine(value):
                    copies = Path(os.environ.get("ZIG_LOCAL_CACHE_DIR", kept))
                    self.kept += [option, numpy_headers.for_components(value, copies)]
            elif option == "-":
                # What comes by its input.
                self.sources.append(option)
            elif option.startswith("-"):
                self.kept += [option] if _is_kept(option) else []
            elif option.endswith(_SOURCES):
                self.sources.append(option)
            else:
                self.objects.append(option)
        # What the package itself has built; the machine's are of no use.
        own = [Path(folder) for folder in folders if not _is_of_the_machine(folder)]
        found = {name: [path for folder in own if (path := folder / f"lib{name}.a").is_file()] for name in libraries}
        self.objects += [str(path) for paths in found.values() for path in paths]
        self.missing = [name for name, paths in found.items() if not paths and name not in _HAD]

    @property
    def does_not_link(self) -> bool:
        return any(each in self.kept for each in ("-c", "-E", "-S", "-M", "-MM", "-dM"))


def _in_files(argument: str) -> list[str]:
    """What stands in a file that is named in place of arguments, where they are many."""
    if not argument.startswith("@") or not os.path.isfile(argument[1:]):
        return [argument]
    return shlex.split(Path(argument[1:]).read_text(encoding="utf-8"))


def _split(arguments: list[str]) -> Iterator[tuple[str, str | None]]:
    """Options with their values, and all else without."""
    waiting = iter(arguments)
    for each in waiting:
        if each in _VALUED_LEFT_OUT:
            next(waiting, None)
        elif each in _VALUED or each in ("-l", "-L"):
            yield each, next(waiting, "")
        elif option := next((option for option in (*_VALUED, "-l", "-L") if _is_joined(each, option)), None):
            yield option, each[len(option) :]
        else:
            yield each, None


def _is_joined(argument: str, option: str) -> bool:
    # `-include` and the like begin as `-i…` options of others do, which take no value in the same word.
    return argument.startswith(option) and (len(option) == 2 or option == "-isystem")


def _is_kept(option: str) -> bool:
    return option in _KEPT or option.startswith(_KEPT_STARTS) or option.startswith(_KEPT_OF_F)


def _is_of_the_machine(folder: str) -> bool:
    path = os.path.abspath(folder)
    if any(path == each or path.startswith(f"{each}/") for each in _OF_THE_MACHINE):
        return True
    # Python's own, wherever it is installed.
    return any((Path(path) / name).is_file() for name in ("Python.h", "pyconfig.h"))

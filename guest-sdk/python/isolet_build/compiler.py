"""The compiler of C for components: clang and its headers out of Zig's package, Python's headers, and what stands for them.

Each is fetched from Python's index when a package needs it first, once for all projects, and nothing is installed.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from . import clang, events, floats, numpy_headers, runtime, uv, wasm
from .events import Problem
from .making import making

# A compiler for every machine, with C's headers for WASI and all of C++'s; one wheel for each kind of machine.
_ZIG = """\
ziglang==0.17.1
 --hash=sha256:09953b6af7f64168b915180a42774f520f92d86ef6331b28e33915c7e1f0bb23
 --hash=sha256:27a8da5f8eaa0e76ebbc7c2594130ed4646c1101ada2ce0aa86fe580c74154b9
 --hash=sha256:4e0b4b9c02b8d0d220e9948010f860b62ff11d96abb39762eca5fa2ef3f7bc97
 --hash=sha256:69c3dfc3aff6a297ec4017aa904782c0e450eb988982d7f675d83edce27526fb
 --hash=sha256:7ec229ead4a08f3bc537ed33fa8c0f811739b81a0d05afbea89db30afb4df1cc
 --hash=sha256:87f24e5cdca55f5d47c1e20570eebb61a53957fafe4c35c69740e13affe407ba
 --hash=sha256:ae28f1f1150b95c8b1bb5e185d18e6c542877dc480e2476ccc81dac41f191b71
 --hash=sha256:b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e
 --hash=sha256:d0549d5db63961ad9ed83ef628a45e3309542410dbcb6010116f4f2a3274d966
 --hash=sha256:d3bf27478d4593f2df7daf5c59b616a543b8f9e2cc9235bef84d8e54862a4334
 --hash=sha256:d65ae4223b0c351cb3b4596262b8d9773acc9ca94ef8ea9b5fe3ddfa07dd204f
 --hash=sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54
"""
# It has the headers of CPython 3.14.4 among its files; versions of 3.14 have one ABI.
_HEADERS = """\
wasmpy-build==1.1.0
 --hash=sha256:9f08e69dc678b484261c88d5568c753b0d30005c9a3b79ccf6576daa0bda6726
"""
_ZSTD = "zstandard==0.25.0\n"

# Of C's libraries and headers for many systems, which take much room, those that are used begin so.
_USED = ("musl", "wasi", "wasm", "generic-musl", "include")

# What clang expects beside every program, such as multiplication of numbers with 128 bits, comes with any library of Zig's.
_NOTHING = "export fn isolet_unused() void {}\n"
# Nothing of C++'s can be caught in components, so their library of C++ has nothing to throw with.
_THROWING = """\
#include <stdio.h>
#include <stdlib.h>
void *__cxa_allocate_exception(size_t size) { return malloc(size); }
void __cxa_free_exception(void *exception) { free(exception); }
void __cxa_throw(void *exception, const char **type, void *destructor) {
    fprintf(stderr, "an exception of C++ was thrown, which nothing can catch in WebAssembly: %s\\n", type[1]);
    abort();
}
void *__cxa_begin_catch(void *exception) { abort(); }
void __cxa_end_catch(void) { abort(); }
void __cxa_rethrow(void) { abort(); }
"""


def version() -> str:
    """What tells what it makes from what another version makes."""
    programs = (Path(path or "").read_text(encoding="utf-8") for path in (clang.__file__, numpy_headers.__file__, __file__))
    return _digest([_parts(), *programs])


def environment(cache: Path, folder: Path) -> dict[str, str]:
    """Variables that make the builds of packages use it; its programs are written to a folder."""
    kept = _kept(cache)
    programs = {}
    for name in ("cc", "c++", "ar"):
        programs[name] = str(_program(folder / name, kept, name))
    return {
        "CC": programs["cc"],
        "CXX": programs["c++"],
        "AR": programs["ar"],
        "ARFLAGS": "rcs",
        "RANLIB": f"{programs['ar']} s",
        "LDSHARED": f"{programs['cc']} -shared",
        "LDCXXSHARED": f"{programs['c++']} -shared",
        "CFLAGS": "-O2 -DNDEBUG",
        # Clang's own caches go with the build.
        "ZIG_GLOBAL_CACHE_DIR": str(folder / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(folder / "zig"),
    }


def _parts() -> str:
    """What tells the kept files from those of another version."""
    read = (Path(module.__file__ or "").read_text(encoding="utf-8") for module in (runtime, wasm))
    texts = [_ZIG, _HEADERS, _ZSTD, _NOTHING, _THROWING, floats.HEADER, floats.SOURCE, metadata.version("componentize-py")]
    return _digest([*texts, *read])


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _kept(cache: Path) -> Path:
    """The folder with all of it."""
    folder = cache / f"c-{_parts()}"
    if not folder.is_dir():
        with making(folder) as target:
            _fetch(cache, target)
    return folder


def _fetch(cache: Path, target: Path) -> None:
    events.progress("fetching the compiler for C, of 100 MB")
    packages = target / "packages"
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        asked.write_text((_ZIG + _HEADERS).replace("\n --", " \\\n --") + _ZSTD, encoding="utf-8")
        try:
            # Not kept twice.
            uv.run(["install", "--target", str(packages), "--no-deps", "--no-cache", "--requirements", str(asked)], Path(folder), cache)
        except Problem as problem:
            raise Problem(
                "the compiler for C, of the packages ziglang, wasmpy-build and zstandard, can't be fetched",
                traceback=problem.traceback or problem.message,
                cure="check the connection to Python's package index; it is fetched once and kept",
                kind="tools",
            ) from None
    shutil.move(packages / "ziglang", target / "zig")
    headers = target / "include"
    shutil.move(packages / "wasmpy_build" / "include" / "cp314", headers)
    names, settings = runtime.read(packages)
    (target / "exports.txt").write_text("\n".join(sorted(names)), encoding="utf-8")
    template = (headers / "pyconfig.h").read_text(encoding="utf-8")
    (headers / "pyconfig.h").write_text(runtime.configured(template, settings), encoding="utf-8")
    shutil.rmtree(packages)
    libraries = target / "zig" / "lib" / "libc"
    for each in [*libraries.iterdir(), *(libraries / "include").iterdir()]:
        if not each.name.startswith(_USED):
            shutil.rmtree(each)
    _support(target)


def _support(target: Path) -> None:
    """Makes the library of what clang expects, and what keeps flags."""
    zig, library = str(target / "zig" / "zig"), target / clang.SUPPORT
    compile = ["cc", *clang.TARGET, "-fPIC", "-O2", "-fno-sanitize=undefined", "-c"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "nothing.zig").write_text(_NOTHING, encoding="utf-8")
        (Path(folder) / "throwing.c").write_text(_THROWING, encoding="utf-8")
        (Path(folder) / "flags.c").write_text(floats.SOURCE, encoding="utf-8")
        (target / floats.FOLDER).mkdir()
        (target / floats.FOLDER / "fenv.h").write_text(floats.HEADER, encoding="utf-8")
        for command in (
            ["build-lib", *clang.TARGET, "-fPIC", "-fcompiler-rt", "-OReleaseSmall", "nothing.zig", f"-femit-bin={library}"],
            [*compile, "throwing.c", "-o", "throwing.o"],
            [*compile, "flags.c", "-o", str(target / floats.FOLDER / floats.OBJECT)],
            ["ar", "rcs", "--format=gnu", str(library), "throwing.o"],
        ):
            environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": folder, "ZIG_LOCAL_CACHE_DIR": folder}
            done = subprocess.run([zig, *command], capture_output=True, text=True, check=False, cwd=folder, env=environment)
            if done.returncode:
                raise Problem("the compiler for C does not work here", traceback=done.stderr[-2000:], kind="tools")


def _program(path: Path, kept: Path, name: str) -> Path:
    """A program that others can run by its path alone."""
    sdk = Path(__file__).parents[1]
    start = f"import sys; sys.path.insert(0, {str(sdk)!r}); from isolet_build.clang import main; sys.exit(main())"
    command = shlex.join([sys.executable, "-I", "-S", "-c", start, str(kept), name])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    os.chmod(path, 0o755)
    return path

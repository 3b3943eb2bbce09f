"""Packages written in Rust, built for components by maturin or setuptools-rust.

Nothing is needed but cargo and its target `wasm32-wasip2`: the target's library can be relocated, and what a package
takes of Python and of C is in the component already. Those with code in C inside of them get a compiler for it, too.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from . import compiler, pip, settings, wheels
from .distribution import Toolchain
from .events import NotBuilt

TARGET = "wasm32-wasip2"

# What it takes to get there, in words for the author.
INSTALL = (
    "install Rust with `curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh` and its target with "
    f"`rustup target add {TARGET}`, and build again"
)

# What PyO3 and maturin are told of the component's Python, which isn't there to be asked.
_PYTHON = f"""\
implementation=CPython
version=3.14
shared=true
abi3=false
pointer_width=32
build_flags=
suppress_build_script_link_lines=true
ext_suffix={wheels.SUFFIXES[0]}
"""

# A library that the component's Python can load. What it does not define is in the component: C's library, whose place
# an empty archive takes, and Python's. It exports no more than it must.
_FLAGS = [
    "-Crelocation-model=pic",
    "-Ctarget-feature=-crt-static",
    "-Clink-self-contained=n",
    *(
        f"-Clink-arg={each}"
        for each in (
            "-shared",
            "--skip-wit-component",
            "--no-export-dynamic",
            "-Bsymbolic",
            "--unresolved-symbols=import-dynamic",
        )
    ),
]
_EMPTY_ARCHIVE = b"!<arch>\n"

# Stands for a compiler of C until one is asked for: few packages need one, and it takes some time to fetch.
_ASKED = "c-is-wanted"
_NO_COMPILER = """\
#!/bin/sh
touch {mark}
echo "a compiler of C is fetched" >&2
exit 1
"""

# Called by cargo in place of Rust's compiler, which it is given. PyO3 before 0.29 asks for the bytes of names of files in a
# way that Rust keeps for its own developers on this target, though it is the same as on others.
_COMPILER = f"""\
#!/bin/sh
case "$*" in
*"--crate-name pyo3 "*"--target {TARGET}"*) RUSTC_BOOTSTRAP=1 exec "$@" "-Zcrate-attr=feature(wasip2)" ;;
esac
exec "$@"
"""


class Rust(Toolchain):
    """cargo, with the target for components."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        alone = "\n".join([_toolchain(), _PYTHON, _COMPILER, *_FLAGS, "without C"])
        self.versions = [alone, f"{alone}\n{compiler.version()}"]

    def environment(self, folder: Path) -> dict[str, str]:
        (folder / "libc.a").write_bytes(_EMPTY_ARCHIVE)
        (folder / "python.cfg").write_text(_PYTHON, encoding="utf-8")
        lacking = folder / "no-compiler"
        lacking.write_text(_NO_COMPILER.format(mark=shlex.quote(str(folder / _ASKED))), encoding="utf-8")
        lacking.chmod(0o755)
        rustc = folder / "rustc"
        rustc.write_text(_COMPILER, encoding="utf-8")
        rustc.chmod(0o755)
        return {
            **pip.plain(),
            **_of_c(dict.fromkeys(("CC", "CXX", "AR"), str(lacking))),
            "PYO3_CONFIG_FILE": str(folder / "python.cfg"),
            "CARGO_BUILD_TARGET": TARGET,
            "RUSTC_WRAPPER": str(rustc),
            # Nothing is left in a folder of sources.
            "CARGO_TARGET_DIR": str(folder / "target"),
            "MATURIN_PEP517_ARGS": f"--target {TARGET}",
            "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS": " ".join([*_FLAGS, f"-Clink-arg=-L{folder}"]),
            "CARGO_TERM_COLOR": "never",
        }

    def more(self, folder: Path) -> dict[str, str] | None:
        # Some do without where there is none, and are the slower for it.
        if not (folder / _ASKED).exists():
            return None
        programs = folder / "c"
        programs.mkdir()
        given = compiler.environment(self._cache, programs)
        return {**_of_c(given), **{name: value for name, value in given.items() if name.startswith("ZIG_")}}


def is_rust(files: Iterable[Path]) -> bool:
    """Whether native code is that of Rust, which notes where its library's sources were."""
    return any(b"/rustc/" in file.read_bytes() for file in files)


def is_project(document: dict[str, Any]) -> bool:
    """Whether a package is built by maturin or setuptools-rust, by its `pyproject.toml`."""
    system = settings.table(document, "build-system")
    needs = system.get("requires", [])
    named = [system.get("build-backend"), *(needs if settings.is_texts(needs) else [])]
    return any(str(each).startswith(("maturin", "setuptools-rust", "setuptools_rust")) for each in named)


def _of_c(given: dict[str, str]) -> dict[str, str]:
    """The programs for C as the crate `cc` is told of them."""
    named = {f"{name}_{TARGET.replace('-', '_')}": given[name] for name in ("CC", "CXX", "AR")}
    return {**named, "CRATE_CC_NO_DEFAULTS": "1"}


def _toolchain() -> str:
    """Which Rust it is, with the target."""
    if not shutil.which("cargo"):
        raise NotBuilt("and to build it for WebAssembly takes Rust, of which there is none here", INSTALL)
    library = pip.asked("rustc", "--print", "target-libdir", "--target", TARGET)
    if not library or not Path(library.strip()).is_dir():
        version = pip.asked("rustc", "--version") or "Rust here"
        raise NotBuilt(f"and to build it takes Rust's target {TARGET}, which {version.strip()} does not have", INSTALL)
    return pip.asked("rustc", "-vV") or ""

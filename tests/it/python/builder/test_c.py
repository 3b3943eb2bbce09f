"""Packages in C: how builds call the compiler, what libraries take of others, and what is said where it can't be."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import unittest
from pathlib import Path
from unittest import mock

import index
from isolet_build import c, casts, clang, compiler, distribution, fetching, floats, numpy_headers, pip, runtime, wasm, wheels
from isolet_build.events import NotBuilt
from test_dependencies import DependencyTest

MEMORY = ("env", "memory", b"\2\0\1")
NATIVE = '[tool.isolet]\nnative = ["core"]\n'


def module(imports: list[tuple[str, str, bytes]], exports: list[str] = [], weak: list[str] = []) -> bytes:
    """A library that takes and gives such names; an import has its kind and type."""
    info = b"".join(_name("env") + _name(each) + b"\1" for each in weak)
    part = _number(len(weak)) + info
    dylink = _name("dylink.0") + b"\4" + _number(len(part)) + part
    taken = _number(len(imports)) + b"".join(_name(place) + _name(name) + kind for place, name, kind in imports)
    given = _number(len(exports)) + b"".join(_name(name) + b"\0\0" for name in exports)
    sections = ((0, dylink), (2, taken), (7, given))
    return wasm.MAGIC + b"".join(bytes([kind]) + _number(len(content)) + content for kind, content in sections)


def _number(value: int) -> bytes:
    """In LEB128, two bytes long."""
    return bytes([value & 0x7F | 0x80, value >> 7])


def _name(text: str) -> bytes:
    return _number(len(text)) + text.encode()


class Libraries(unittest.TestCase):
    """What a library needs is found whatever else it takes."""

    def test_what_is_missing(self) -> None:
        imports = [
            MEMORY,
            ("env", "memory_with_a_limit", b"\2\1\1\2"),
            ("env", "__indirect_function_table", b"\1\x70\0\1"),
            ("env", "__stack_pointer", b"\3\x7f\1"),
            ("env", "PyList_New", b"\0\3"),
            ("env", "SSL_new", b"\0\3"),
            ("GOT.mem", "PyExc_ValueError", b"\3\x7f\1"),
            ("GOT.mem", "optarg_of_another", b"\3\x7f\1"),
            ("GOT.func", "its_own", b"\3\x7f\1"),
            ("env", "an_exception", b"\4\0\1"),
            ("wasi:random/random@0.2.6", "get-random-u64", b"\0\1"),
        ]
        library = module(imports, ["its_own", "PyInit_core"])
        given = {"PyList_New", "PyExc_ValueError", "memory_with_a_limit", "an_exception"}
        self.assertEqual(wasm.exports(library), {"its_own", "PyInit_core"})
        self.assertEqual(wasm.missing(library, given), ["SSL_new", "optarg_of_another"])

    def test_what_need_not_be_there(self) -> None:
        library = module([MEMORY, ("env", "hook", b"\0\1"), ("env", "call", b"\0\1")], weak=["hook"])
        self.assertEqual(wasm.missing(library, set()), ["call"])

    def test_long_names_and_many(self) -> None:
        names = [f"a_function_of_a_library_with_a_long_name_{each}" for each in range(60)]
        library = module([("env", name, b"\0\1") for name in names])
        self.assertEqual(wasm.missing(library, set(names[1:])), names[:1])


class Calls(DependencyTest):
    """How the compiler is called for other machines, and what of it remains."""

    def read(self, call: str) -> clang._Arguments:
        return clang._Arguments(call.split(), self.folder)

    def test_compiling_on_linux(self) -> None:
        (self.folder / "python3.12").mkdir()
        (self.folder / "python3.12/Python.h").touch()
        read = self.read(
            "-fno-strict-overflow -Wsign-compare -Werror -DNDEBUG -g -O3 -Wall -fPIC -fstack-protector-strong -fcf-protection -specs=/x "
            f"-march=native -msse4.2 -I{self.folder}/python3.12 -I /usr/include -I/usr/local/include/x -Isrc -isystem vendor -DA=1 -D B "
            "-std=c11 -pthread -fopenmp -c core.c -o build/core.o -MMD"
        )
        self.assertEqual(
            read.kept,
            "-fno-strict-overflow -D NDEBUG -O3 -I src -isystem vendor -D A=1 -D B -std=c11 -pthread -c -MMD".split(),
        )
        self.assertEqual((read.sources, read.objects, read.output), (["core.c"], [], ["-o", "build/core.o"]))
        self.assertTrue(read.does_not_link)
        self.assertEqual(read.last, ["-I", str(self.folder / "include")])

    def test_compiling_on_macos(self) -> None:
        read = self.read("-arch arm64 -arch x86_64 -isysroot /Mac -mmacosx-version-min=11.0 -iwithsysroot/x -include config.h -c core.cpp -o core.o")
        self.assertEqual((read.kept, read.sources), (["-include", "config.h", "-c"], ["core.cpp"]))

    def test_linking(self) -> None:
        (self.folder / "temp").mkdir()
        (self.folder / "temp/libown.a").touch()
        read = self.read(
            "-shared -bundle -undefined dynamic_lookup -framework Core -Wl,-O1 -Wl,-Bsymbolic-functions -L/usr/lib -rdynamic "
            f"-L{self.folder}/temp core.o more.o -lown -lssl -lpthread -lm -o core.cpython-312-x86_64-linux-gnu.so"
        )
        self.assertEqual(read.objects, ["core.o", "more.o", f"{self.folder}/temp/libown.a"])
        self.assertEqual((read.kept, read.sources), ([], []))
        self.assertFalse(read.does_not_link)


    def test_trying_what_there_is(self) -> None:
        (self.folder / "libown.a").touch()
        read = self.read(f"-Wl,--start-group try.c -L{self.folder} -lown -lopenblas -lm -lpthread -o try")
        self.assertEqual(read.missing, ["openblas"])
        self.assertEqual(read.objects, [f"{self.folder}/libown.a"])

    def test_what_comes_by_the_input(self) -> None:
        read = self.read("-xc -E -dM -")
        self.assertEqual((read.kept, read.sources), (["-x", "c", "-E", "-dM"], ["-"]))

    def test_arguments_in_a_file(self) -> None:
        (self.folder / "many.rsp").write_text("one.o 'two words.o'\nthree.o")
        self.assertEqual(clang._in_files(f"@{self.folder}/many.rsp"), ["one.o", "two words.o", "three.o"])
        self.assertEqual(clang._in_files("@rpath"), ["@rpath"])

    def test_flags_of_a_package_of_its_own(self) -> None:
        with mock.patch.dict(os.environ, {floats.MODULE: "_core"}):
            self.assertEqual(self.read("-Iown -c core.c").kept, ["-I", str(self.folder / floats.FOLDER), "-I", "own", "-c"])

    def test_headers_of_numpy(self) -> None:
        theirs, kept = self.folder / "theirs", self.folder / "kept"
        (theirs / "numpy").mkdir(parents=True)
        (theirs / "numpy/arrayobject.h").write_text("// the same")
        configured = theirs / "numpy/_numpyconfig.h"
        configured.write_text("#define NPY_SIZEOF_INT 4\n#define NPY_SIZEOF_LONG 8\n#define NPY_SIZEOF_LONGDOUBLE 8\n#define NPY_ABI_VERSION 8\n")
        with mock.patch.dict(os.environ, {"ZIG_LOCAL_CACHE_DIR": str(kept)}):
            _, ours, _ = self.read(f"-I{theirs} -c").kept
        text = "#define NPY_SIZEOF_INT 4\n#define NPY_SIZEOF_LONG 4\n#define NPY_SIZEOF_LONGDOUBLE 16\n#define NPY_ABI_VERSION 8\n"
        self.assertEqual(Path(ours, "numpy/_numpyconfig.h").read_text(), text)
        self.assertTrue(Path(ours, "numpy/arrayobject.h").is_file())
        self.assertEqual(numpy_headers.for_components(ours, kept), ours)
        self.assertEqual(numpy_headers.for_components(str(self.folder), kept), str(self.folder))


class Casts(unittest.TestCase):
    def test_functions_that_can_t_be_called_are_found(self) -> None:
        self.assertEqual(self.found("PyObject *(*)(Own *)", "getter", "struct _object *(*)(struct _object *, void *)"), 1)
        self.assertEqual(self.found("int (*)(Own *, PyObject *)", "setter", "int (*)(struct _object *, struct _object *, void *)"), 1)
        self.assertEqual(self.found("PyObject *(*)(void)", "getter", "struct _object *(*)(struct _object *, void *)"), 1)
        self.assertEqual(self.found("PyObject *(*)(Own *)", "PyCFunction", "struct _object *(*)(struct _object *, struct _object *)"), 1)

    def test_and_no_others(self) -> None:
        one = "struct _object *(*)(struct _object *, struct _object *)"
        self.assertEqual(self.found("PyObject *(*)(Own *, PyObject *, PyObject *)", "PyCFunction", one), 0)
        self.assertEqual(self.found("PyObject *(*)(Own *, int (*)(int, int))", "PyCFunction", one), 0)
        self.assertEqual(casts.found("core.c:1:2: warning: unused variable 'x'\n"), [])

    def found(self, one: str, name: str, other: str) -> int:
        said = f"core.c:7:3: warning: cast from '{one}' (aka '{one}') to '{name}' (aka '{other}') converts to incompatible function type"
        return len(casts.found(f"{said}\n{said}\n"))


class Settings(unittest.TestCase):
    def test_python_s_are_those_of_components(self) -> None:
        template = "#define SIZEOF_LONG 8\n/* #undef HAVE_IT */\n#define HAVE_THREADS 1\n /* about */\n#define HAVE_NOT_ASKED 1\n#undef HAVE_OTHER\n"
        made = runtime.configured(template, {"SIZEOF_LONG": 4, "HAVE_IT": 1, "HAVE_THREADS": 0, "HAVE_OTHER": 1})
        lines = [line for line in made.splitlines() if line.startswith("#define ") and "_SOURCE" not in line]
        self.assertEqual(lines[1:], ["#define SIZEOF_LONG 4", "#define HAVE_IT 1", "#define HAVE_OTHER 1"])


# A package that builds itself, if it is told that there is a compiler.
BACKEND = """
import os, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    if "A_COMPILER" not in os.environ: raise SystemExit("no compiler")
    with zipfile.ZipFile(folder + "/core-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("core.cpython-311-x86_64-linux-gnu.so", b"\\0asm\\1\\0\\0\\0")
        wheel.writestr("core-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: core\\nVersion: 1.0\\n")
        wheel.writestr("core-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: py3-none-any\\n")
        wheel.writestr("core-1.0.dist-info/RECORD", "")
    return "core-1.0-py3-none-any.whl"
"""


class Lacking(distribution.Toolchain):
    """Finds out late what a build needs, as that of Rust does of C."""

    versions = ["without", "with"]

    def environment(self, folder: Path) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def more(self, folder: Path) -> dict[str, str]:
        return {"A_COMPILER": "1"}


class Kept(DependencyTest):
    def test_what_a_build_turns_out_to_need_is_had_and_its_wheel_kept(self) -> None:
        source = self.folder / "core"
        source.mkdir()
        (source / "backend.py").write_text(BACKEND)
        (source / "pyproject.toml").write_text('[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n')
        cache = self.folder / "cache"
        with contextlib.redirect_stdout(io.StringIO()):
            made = distribution.build(cache, "core", "1.0", source, [], set(), lambda _: Lacking())
            self.assertEqual(made.name, "core-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl")
            self.assertTrue(wheels.has_native(made))
            self.assertEqual(len(list(cache.glob("built-core-1.0-*"))), 1)
            with mock.patch.object(pip, "run", side_effect=AssertionError("built twice")):
                self.assertEqual(distribution.build(cache, "core", "1.0", source, [], set(), lambda _: Lacking()), made)


class Refusals(DependencyTest):
    """What is said of packages that can't be built, to those who asked for it."""

    def source(self, pyproject: str) -> None:
        """Adds a package with native code, and its sources."""
        index.wheel(self.index, "core", native=True)
        index.source(self.index, "core")
        files = {"core-1.0/PKG-INFO": "Metadata-Version: 2.1\nName: core\nVersion: 1.0\n", "core-1.0/pyproject.toml": pyproject}
        path = self.folder / "core-1.0.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for name, text in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
        patch = mock.patch.object(fetching, "source", return_value=path)
        patch.start()
        self.addCleanup(patch.stop)

    def why(self) -> str:
        return self.refused({"requirements.txt": "core\n", "pyproject.toml": NATIVE})

    def test_it_is_told_how_to_ask(self) -> None:
        index.wheel(self.index, "core", native=True)
        self.installed({"requirements.txt": "core\n"})
        self.assertEqual(self.native["core"]["cure"], 'have it built for WebAssembly: [tool.isolet] native = ["core"]')

    def test_what_others_build(self) -> None:
        for backend, requires, name in (
            ("scikit_build_core.build", "scikit-build-core", "scikit-build-core"),
            ("setuptools.build_meta", "cmake>=3.20", "CMake"),
            ("_own.backend", "scikit-build", "scikit-build"),
        ):
            with self.subTest(backend=backend, requires=requires):
                self.source(f'[build-system]\nbuild-backend = "{backend}"\nrequires = ["setuptools", "{requires}"]\n')
                self.assertIn(f"core 1.0 can't be had with its native code, it is built by {name}, which is not run for WebAssembly", self.why())

    def test_without_a_network(self) -> None:
        self.source('[build-system]\nrequires = ["setuptools"]\n')
        said = self.why()
        self.assertTrue(said.startswith("the compiler for C, of the packages ziglang, wasmpy-build and zstandard, can't be fetched\n"), said)
        self.assertTrue(said.endswith("=> check the connection to Python's package index; it is fetched once and kept"), said)

    def test_what_builds_without_native_code(self) -> None:
        index.wheel(self.index, "core", native=True)
        index.source(self.index, "core")
        with mock.patch.object(compiler, "environment", return_value={}):
            self.assertIn("core 1.0 can't be had with its native code, what its own build makes for WebAssembly has no native code", self.why())

    def test_the_lines_that_tell(self) -> None:
        said = """\
            building 'core._core' extension
            cc -c core.c -o core.o
            core.c:3:10: warning: unused variable
            core.c:7:10: fatal error: 'openssl/ssl.h' file not found
                7 | #include <openssl/ssl.h>
                  |          ^~~~~~~~~~~~~~~
            1 error generated.
            error: command 'cc' failed with exit code 1
            error: subprocess-exited-with-error
        """
        expected = "core.c:7:10: fatal error: 'openssl/ssl.h' file not found\n    7 | #include <openssl/ssl.h>\n      |          ^~~~~~~~~~~~~~~"
        self.assertEqual(pip.last(said), expected)
        toolchain = c.C(Path())
        self.assertEqual(toolchain.why(said), "and to build it takes openssl/ssl.h, of a library or system that components don't have")
        said = "".join(f"_core.cpython-312.so: error: undefined symbol: {name}\n" for name in ("fork", "pipe", "fork", "kill", "getrusage"))
        self.assertEqual(toolchain.why(said), "and it needs fork, pipe, kill and 1 others, which no library of components has")
        self.assertEqual(toolchain.why("error: expected ';'"), "and it can't be built for WebAssembly")

    def test_many_errors_are_cut(self) -> None:
        said = "\n".join(f"core.c:{line}:1: error: no\n    x\n    ^" for line in range(99))
        self.assertEqual(len(pip.last(said).splitlines()), 25)

    def test_sources_that_can_t_be_read(self) -> None:
        broken = self.folder / "core-1.0.tar.gz"
        broken.write_text("<html>")
        with self.assertRaises(NotBuilt) as raised:
            distribution.pyproject(broken)
        self.assertIn("its source distribution core-1.0.tar.gz can't be read", raised.exception.why)


if __name__ == "__main__":
    unittest.main()

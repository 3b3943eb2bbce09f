"""Packages of meson-python: what Meson is told of components, what of their sources is another, and what is left out of wheels."""

from __future__ import annotations

import configparser
import contextlib
import io
import json
import subprocess
import sys
import tarfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

import index
from isolet_build import compiler, distribution, meson, native, pip
from isolet_build.c import C
from isolet_build.events import NotBuilt
from isolet_build.rust import Rust
from test_dependencies import DependencyTest

PYPROJECT = """\
[build-system]
build-backend = "mesonpy"
backend-path = ["."]
requires = []
[project]
name = "{name}"
version = "1.0"
requires-python = ">=3.99"
"""

# Stands for meson-python: it notes what it is told.
BACKEND = """
import json, os, tomllib, zipfile
def get_requires_for_build_wheel(config_settings=None): return []
def build_wheel(folder, config_settings=None, metadata_directory=None):
    if "requires-python" in open("pyproject.toml").read(): raise SystemExit("another Python")
    print("[1/2] Compiling C object core.o")
    noted = {**config_settings, "strict": os.environ["ISOLET_STRICT_LIBRARIES"], "flags": os.environ["ISOLET_FLOAT_FLAGS"]}
    noted["cross"] = open(config_settings["setup-args"].partition("=")[2]).read()
    with zipfile.ZipFile(folder + "/NAME-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("NAME/_core.cpython-314-wasm32-wasi.so", b"\\0asm\\1\\0\\0\\0")
        wheel.writestr("NAME/_core_tests.cpython-314-wasm32-wasi.so", b"\\0asm\\1\\0\\0\\0")
        wheel.writestr("NAME/tests/test_core.py", "")
        wheel.writestr("NAME/sub/tests/data/large.npy", "")
        wheel.writestr("NAME/testing/__init__.py", "")
        wheel.writestr("NAME/noted.json", json.dumps(noted))
        wheel.writestr("NAME-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: NAME\\nVersion: 1.0\\n")
        wheel.writestr("NAME-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: meson\\nRoot-Is-Purelib: false\\nTag: py3-none-any\\n")
        wheel.writestr("NAME-1.0.dist-info/RECORD", "")
    return "NAME-1.0-py3-none-any.whl"
""".replace("tomllib, ", "")

COMPILERS = {"CC": "/c/cc", "CXX": "/c/c++", "AR": "/c/it's ar"}


class MesonTest(DependencyTest):
    def setUp(self) -> None:
        super().setUp()
        patch = mock.patch.object(compiler, "environment", return_value=COMPILERS)
        patch.start()
        self.addCleanup(patch.stop)

    def toolchain(self, name: str = "core") -> meson.Meson:
        return meson.Meson(self.folder / "cache", {"project": {"name": name}})

    def sources(self, name: str, **more: str) -> Path:
        """A package's sources in a folder."""
        files = {"pyproject.toml": PYPROJECT.format(name=name), "mesonpy.py": BACKEND.replace("NAME", name)}
        return self.write({**files, **{path.replace("__", "/"): text for path, text in more.items()}}, name)

    def archive(self, folder: Path, target: Path) -> Path:
        path = target / f"{folder.name}-1.0.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, f"{folder.name}-1.0")
        return path


class Building(MesonTest):
    def build(self, name: str) -> zipfile.ZipFile:
        source = self.archive(self.sources(name), self.folder)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            made = distribution.build(self.folder / "cache", name, "1.0", source, [], set(), lambda document: native.toolchain(Path(), document))
        self.assertIn(f"building {name}-1.0 for WebAssembly: [1/2]", said.getvalue())
        archive = zipfile.ZipFile(made)
        self.addCleanup(archive.close)
        return archive

    def test_what_it_is_told(self) -> None:
        noted = json.loads(self.build("core").read("core/noted.json"))
        cross = configparser.ConfigParser(interpolation=None)
        cross.read_string(noted["cross"])
        self.assertEqual(cross["host_machine"]["cpu_family"], "'wasm32'")
        self.assertEqual(cross["binaries"]["c"], "'/c/cc'")
        self.assertEqual(cross["binaries"]["ar"], r"'/c/it\'s ar'")
        self.assertEqual(dict(cross["project options"]), {})
        self.assertEqual((noted["strict"], noted["flags"]), ("1", ""))
        # Of a package that says of some files alone what they are for, the others would be missing.
        self.assertNotIn("install-args", noted)

    def test_what_numpy_is_told_beside(self) -> None:
        noted = json.loads(self.build("numpy").read("numpy/noted.json"))
        cross = configparser.ConfigParser(interpolation=None)
        cross.read_string(noted["cross"])
        self.assertEqual(cross["project options"]["blas"], "'none'")
        self.assertEqual(cross["properties"]["longdouble_format"], "'IEEE_QUAD_LE'")
        self.assertEqual((noted["install-args"], noted["flags"]), ("--tags=runtime,python-runtime", "_multiarray_umath"))

    def test_tests_are_left_out(self) -> None:
        names = [name for name in self.build("core").namelist() if not name.startswith("core-1.0")]
        self.assertEqual(names, ["core/_core.cpython-314-wasm32-wasi.so", "core/testing/__init__.py", "core/noted.json"])

    def test_it_needs_no_asking(self) -> None:
        index.wheel(self.index, "core", native=True, generator="meson")
        source = self.sources("core")
        with tarfile.open(self.index / "core-1.0.tar.gz", "w:gz") as archive:
            archive.add(source, "core-1.0")
            text = b"Metadata-Version: 2.1\nName: core\nVersion: 1.0\n"
            entry = tarfile.TarInfo("core-1.0/PKG-INFO")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
        self.assertEqual(self.installed({"requirements.txt": "core\n"}), ["core-1.0"])
        self.assertTrue((self.packages / "core/_core.cpython-314-wasm32-wasi.so").is_file())
        self.assertEqual((self.native, self.warnings), ({}, []))


class Sources(MesonTest):
    GETSET = "static int\narray_descr_set(PyArrayObject *self, PyObject *arg)\n{\n    return array_descr_set_internal(self, arg);\n}\n"

    def copied(self, source: Path, name: str) -> Path:
        place = self.folder / "place"
        place.mkdir()
        return self.toolchain(name).source(source, place)

    def test_functions_that_python_could_not_call(self) -> None:
        folder = self.sources("numpy", numpy___core__src__multiarray__getset=self.GETSET)
        (folder / "numpy/_core/src/multiarray/getset").rename(folder / "numpy/_core/src/multiarray/getset.c")
        copy = self.copied(self.archive(folder, self.folder), "numpy")
        expected = self.GETSET.replace("PyObject *arg)\n", "PyObject *arg, void *ignored)\n")
        self.assertEqual((copy / "numpy/_core/src/multiarray/getset.c").read_text(), expected)

    def test_a_folder_stays_as_it_is(self) -> None:
        folder = self.sources("core", src__core="int main() {}")
        copy = self.copied(folder, "core")
        self.assertNotIn("requires-python", (copy / "pyproject.toml").read_text())
        self.assertIn('requires-python = ">=3.99"', (folder / "pyproject.toml").read_text())
        self.assertEqual((copy / "src/core").read_text(), "int main() {}")

    def test_an_archive_that_can_t_be_unpacked(self) -> None:
        broken = self.folder / "core-1.0.tar.gz"
        broken.write_text("<html>")
        with self.assertRaises(NotBuilt) as raised:
            self.copied(broken, "core")
        self.assertIn("its source distribution core-1.0.tar.gz can't be unpacked", raised.exception.why)


class Telling(MesonTest):
    def test_the_component_s_python(self) -> None:
        self.toolchain().environment(self.folder)
        python = str(self.folder / "python")
        told = json.loads(subprocess.check_output([python, "/meson/mesonbuild/scripts/python_info.py"]))
        self.assertEqual((told["version"], told["suffix"]), ("3.14", ".cpython-314-wasm32-wasi.so"))
        self.assertEqual(subprocess.check_output([python, "-c", "import sys; print(sys.executable)"], text=True).strip(), sys.executable)

    def test_whose_packages_are_whose(self) -> None:
        cache = self.folder / "cache"
        chosen = {
            meson.Meson: {"build-backend": "mesonpy"},
            C: {"build-backend": "setuptools.build_meta"},
        }
        for kind, system in chosen.items():
            self.assertIs(type(native.toolchain(cache, {"build-system": system})), kind)
        self.assertIs(type(native.toolchain(cache, {"build-system": {"build-backend": "own", "requires": ["meson-python>=0.18"]}})), meson.Meson)
        with mock.patch.object(Rust, "__init__", return_value=None):
            self.assertIs(type(native.toolchain(cache, {"build-system": {"requires": ["setuptools-rust", "setuptools"]}})), Rust)

    def test_why_not(self) -> None:
        toolchain = self.toolchain()
        for said, why in (
            ("../meson.build:8:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang']]", "to build it takes a compiler for Fortran, of which there is none for WebAssembly"),
            ('x\n../scipy/meson.build:12:9: ERROR: Dependency "openblas" not found, tried pkgconfig', 'Meson can\'t build it for WebAssembly: Dependency "openblas" not found, tried pkgconfig (scipy/meson.build:12)'),
            ("../core.c:1:2: fatal error: 'zlib.h' file not found", "to build it takes zlib.h, of a library or system that components don't have"),
        ):
            self.assertEqual(toolchain.why(said), f"and {why}")

    def test_how_far_it_is(self) -> None:
        told: list[str] = []
        with mock.patch.object(sys, "executable", "/bin/sh"), mock.patch("subprocess.Popen") as started:
            started.return_value.__enter__.return_value = mock.Mock(stdout=["  [12/331] Compiling C object x.o\n", "  Compiling serde v1\n", "other\n"], wait=lambda: 0)
            pip.run([], {}, told.append)
        self.assertEqual(told, ["[12/331]", "Compiling serde v1"])


if __name__ == "__main__":
    unittest.main()

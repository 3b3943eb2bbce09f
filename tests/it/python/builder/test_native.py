"""Packages with native code: from wheels for components, wherever they lie, and what is said of those that don't fit."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
import zipfile
from unittest import mock

import index
from isolet_build import layout, pip, retagged, rust, wheels
from test_dependencies import PACK, DependencyTest, pyproject

FILE = "core/_core.cpython-314-wasm32-wasi.so"


class Without(DependencyTest):
    def test_it_is_told_who_asked_for_it(self) -> None:
        index.wheel(self.index, "core", native=True)
        index.wheel(self.index, "model", requires=("core",))
        self.assertEqual(self.installed({"requirements.txt": "model\n"}), ["core-1.0", "model-1.0"])
        told = {name: self.native["core"][name] for name in ("package", "files", "listed")}
        self.assertEqual(told, {"package": "core", "files": ["core/_core.cpython-314-x86_64-linux-gnu.so"], "listed": "model"})

    def test_a_version_without_it_is_preferred(self) -> None:
        index.wheel(self.index, "model", "2.0", native=True)
        index.wheel(self.index, "model", "1.0")
        self.assertEqual(self.installed({"requirements.txt": "model\n"}), ["model-1.0"])
        self.assertEqual(self.warnings, ["model 1.0 is used in place of 2.0, which has or needs native code"])
        self.assertEqual(self.native, {})

    def test_the_same_version_without_it_is_preferred(self) -> None:
        index.wheel(self.index, "model", "2.0", native=True)
        index.wheel(self.index, "model", "2.0")
        self.assertEqual(self.installed({"requirements.txt": "model==2.0\n"}), ["model-2.0"])
        self.assertEqual((self.native, self.warnings), ({}, []))


class NativeTest(DependencyTest):
    def setUp(self) -> None:
        super().setUp()
        self.wheels = self.folder / "project" / "wheels"

    def has_native(self, file: str = FILE) -> bool:
        return (self.packages / file).is_file()


class Places(NativeTest):
    """An unmodified list of requirements, and a wheel somewhere."""

    def check(self, files: dict) -> None:
        self.assertEqual(self.installed(files), ["core-1.0", "model-1.0"])
        self.assertTrue(self.has_native())
        self.assertEqual((self.native, self.warnings), ({}, []))

    def setUp(self) -> None:
        super().setUp()
        index.wheel(self.index, "core", native=True)
        index.wheel(self.index, "model", requires=("core",))

    def test_folder_of_the_project(self) -> None:
        index.webassembly(self.wheels, "core")
        self.check({"requirements.txt": "model\n"})

    def test_where_pip_is_configured_to_look(self) -> None:
        index.webassembly(self.index, "core")
        self.check({"requirements.txt": "model\n"})

    def test_find_links_of_requirements(self) -> None:
        index.webassembly(self.folder / "team", "core")
        self.check({"requirements.txt": "--find-links ../team\nmodel\n"})

    def test_find_links_of_uv(self) -> None:
        index.webassembly(self.folder / "team", "core")
        self.check({"pyproject.toml": pyproject('["model"]', '[tool.uv]\nfind-links = ["../team"]\n')})

    def test_find_links_of_ours(self) -> None:
        index.webassembly(self.folder / "team", "core")
        tool = '[tool.isolet]\nfind-links = ["../team"]\n'
        self.check({"pyproject.toml": tool, "requirements.txt": "model\n"})
        self.assertIn("find-links names gone, and there is no such folder", self.refused({"pyproject.toml": '[tool.isolet]\nfind-links = ["gone"]\n'}))

    def test_a_path(self) -> None:
        index.webassembly(self.folder / "team", "core")
        self.check({"requirements.txt": "model\n../team/core-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl\n"})

    def test_a_path_of_uv_s_sources(self) -> None:
        index.webassembly(self.folder / "team", "core")
        sources = '[tool.uv.sources]\ncore = { path = "../team/core-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl" }\n'
        self.check({"pyproject.toml": pyproject('["model", "core"]', sources)})

    def test_a_file_of_its_own(self) -> None:
        index.webassembly(self.wheels, "core")
        script = '# /// script\n# dependencies = ["model"]\n# ///\n' + PACK
        self.assertEqual(self.installed({"one.py": script}, path="one.py"), ["core-1.0", "model-1.0"])
        self.assertTrue(self.has_native())

    def test_one_that_comes_later(self) -> None:
        self.installed({"requirements.txt": "model\n"})
        self.assertFalse(self.has_native())
        index.webassembly(self.wheels, "core")
        self.check({"requirements.txt": "model\n"})

    def test_a_lock(self) -> None:
        files = {"pyproject.toml": pyproject('["model"]')}
        self.write(files)
        command = [sys.executable, "-m", "uv", "lock", "--no-index", "--find-links", str(self.index), "--quiet"]
        environment = {**os.environ, "UV_CACHE_DIR": str(self.folder / "cache/uv")}
        subprocess.run([*command, "--python", sys.executable], cwd=self.folder / "project", check=True, env=environment)
        index.webassembly(self.wheels, "core")
        self.check(files)


class Choice(NativeTest):
    def test_one_that_no_index_has(self) -> None:
        index.webassembly(self.wheels, "core")
        self.assertEqual(self.installed({"requirements.txt": "core\n"}), ["core-1.0"])
        self.assertTrue(self.has_native())

    def test_the_version_of_which_there_is_a_wheel(self) -> None:
        for version in ("1.0", "2.0"):
            index.wheel(self.index, "core", version, native=True)
        index.webassembly(self.wheels, "core")
        self.assertEqual(self.installed({"requirements.txt": "core\n"}), ["core-1.0"])
        self.assertTrue(self.has_native())

    def test_the_higher_build(self) -> None:
        for build in ("2", "10", "1"):
            index.webassembly(self.wheels, "core", build=build)
        self.installed({"requirements.txt": "core\n"})
        self.assertEqual((self.packages / "core/__init__.py").read_text(), "BUILD = '10'\n")

    def test_the_stable_abi(self) -> None:
        index.webassembly(self.wheels, "core", tag="cp39-abi3-wasi_0_0_0_wasm32", file="core/_core.abi3.so")
        index.wheel(self.index, "core", native=True)
        self.assertEqual(self.installed({"requirements.txt": "core\n"}), ["core-1.0"])
        self.assertTrue(self.has_native("core/_core.abi3.so"))

    def test_what_does_without_does(self) -> None:
        index.webassembly(self.wheels, "core")
        index.wheel(self.index, "core")
        self.installed({"requirements.txt": "core\n"})
        self.assertFalse(self.has_native())
        self.assertIn('core is used without its native code, which it does without: [tool.isolet] native = ["core"] takes it', self.warnings)

    def test_unless_it_is_asked_for(self) -> None:
        index.webassembly(self.wheels, "core")
        index.wheel(self.index, "core")
        self.installed({"requirements.txt": "core\n", "pyproject.toml": '[tool.isolet]\nnative = ["core"]\n'})
        self.assertTrue(self.has_native())
        self.assertEqual(self.warnings, [])

    def test_hashes(self) -> None:
        other = index.wheel(self.index, "core", native=True)
        good = index.webassembly(self.wheels, "core")
        self.installed({"requirements.txt": f"core==1.0 --hash={good} --hash={other}\n"})
        self.assertTrue(self.has_native())
        self.assertEqual(
            self.refused({"requirements.txt": f"--require-hashes\ncore==1.0 --hash={other}\n"}),
            "core-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl is not among the wheels of core 1.0 whose hashes requirements.txt lists\n"
            f"=> add --hash={good} to its line, or take the wheel away",
        )


class Unfit(NativeTest):
    def why(self, **wheel) -> str:
        """What is said of a wheel, where there is another machine's beside it."""
        index.wheel(self.index, "core", native=True)
        index.webassembly(self.wheels, "core", **wheel)
        self.installed({"requirements.txt": "core\n"})
        self.assertFalse(self.has_native())
        return self.native["core"]["why"]

    def test_another_python(self) -> None:
        self.assertEqual(
            self.why(tag="cp313-cp313-wasi_0_0_0_wasm32"),
            "and core-1.0-cp313-cp313-wasi_0_0_0_wasm32.whl is for another Python, cp313-cp313; components take cp314-cp314-wasi_0_0_0_wasm32",
        )

    def test_another_abi(self) -> None:
        self.assertIn("is for Emscripten, whose ABI is another one", self.why(tag="cp314-cp314-pyemscripten_2026_0_wasm32"))
        self.assertIn("is for Emscripten, whose ABI is another one", self.why(tag="cp314-cp314-emscripten_4_0_9_wasm32"))

    def test_native_code_of_another_machine(self) -> None:
        self.assertIn("is broken: core/_core.cpython-314-wasm32-wasi.so is no WebAssembly", self.why(content=b"\x7fELF"))

    def test_a_component(self) -> None:
        self.assertIn("is a component, and no library", self.why(content=b"\0asm\x0d\0\1\0"))

    def test_what_is_no_archive(self) -> None:
        self.wheels.mkdir(parents=True)
        (self.wheels / "core-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl").write_text("<html>")
        index.wheel(self.index, "core", native=True)
        self.installed({"requirements.txt": "core\n"})
        self.assertIn("is broken: File is not a zip file", self.native["core"]["why"])

    def test_where_there_is_no_other(self) -> None:
        index.webassembly(self.wheels, "core", tag="cp313-cp313-wasi_0_0_0_wasm32")
        said = self.refused({"requirements.txt": "core\n"})
        self.assertIn("core was not found", said)
        self.assertIn("core-1.0-cp313-cp313-wasi_0_0_0_wasm32.whl is for another Python", said)

    def test_a_path(self) -> None:
        index.webassembly(self.folder / "team", "core", tag="cp313-cp313-wasi_0_0_0_wasm32")
        said = self.refused({"requirements.txt": "../team/core-1.0-cp313-cp313-wasi_0_0_0_wasm32.whl\n"})
        self.assertIn("the project asks for core of a wheel that can't be used: ", said)
        self.assertIn("is for another Python, cp313-cp313", said)


class OfTheProject(NativeTest):
    def test_it_is_kept_or_told(self) -> None:
        files = {
            "work.py": PACK + "import fast\n",
            "fast.cpython-314-wasm32-wasi.so": index.LIBRARY,
            "slow.cpython-314-x86_64-linux-gnu.so": b"\x7fELF",
            "old.cpython-313-wasm32-wasi.so": index.LIBRARY,
        }
        found = layout.find(self.write(files))
        layout.stage(found, self.folder / "staged")
        self.assertEqual(sorted(each.name for each in (self.folder / "staged").iterdir()), ["fast.cpython-314-wasm32-wasi.so", "work.py"])
        told = [warning.split(" is left out")[0].rsplit("/", 1)[-1] for warning in found.warnings]
        self.assertEqual(told, ["old.cpython-313-wasm32-wasi.so", "slow.cpython-314-x86_64-linux-gnu.so"])


class Rust(NativeTest):
    """A package that would be built, where nothing can build it."""

    def test_what_it_takes_is_told(self) -> None:
        index.wheel(self.index, "core", native=True, content="/rustc/0123/library/core/src/panicking.rs")
        index.wheel(self.index, "model", requires=("core",))
        with mock.patch("shutil.which", return_value=None):
            self.installed({"requirements.txt": "model\n"})
        self.assertEqual(self.native["core"]["listed"], "model")
        self.assertEqual(self.native["core"]["why"], "and to build it for WebAssembly takes Rust, of which there is none here")
        self.assertIn("`rustup target add wasm32-wasip2`", self.native["core"]["cure"])

    def test_how_pyo3_is_compiled(self) -> None:
        wrapper = self.folder / "rustc"
        wrapper.write_text(rust._COMPILER)
        shown = 'echo "$RUSTC_BOOTSTRAP" "$@"'
        for arguments, expected in (
            ("--crate-name pyo3 src/lib.rs --target wasm32-wasip2", "1 --crate-name pyo3 src/lib.rs --target wasm32-wasip2 -Zcrate-attr=feature(wasip2)"),
            ("--crate-name pyo3_ffi src/lib.rs --target wasm32-wasip2", " --crate-name pyo3_ffi src/lib.rs --target wasm32-wasip2"),
            ("--crate-name pyo3 src/lib.rs", " --crate-name pyo3 src/lib.rs"),
        ):
            said = subprocess.check_output(["sh", str(wrapper), "sh", "-c", shown, "rustc", *arguments.split()], text=True)
            self.assertEqual(said.rstrip("\n"), expected)

    def test_the_last_lines_of_what_failed(self) -> None:
        said = """\
          Compiling libc v0.2.191
             Running `/rustc --crate-name libc`
          error[E0308]: mismatched types
            --> src/lib.rs:44:21
          error: could not compile `core` (lib) due to 1 previous error
          💥 maturin failed
            Caused by: Failed to build a native library through cargo
          │ exit code: 1
        Failed to build core
        """
        expected = "error[E0308]: mismatched types\n  --> src/lib.rs:44:21\nerror: could not compile `core` (lib) due to 1 previous error"
        self.assertEqual(pip.last(said), expected)

    def test_wheels_as_setuptools_names_them(self) -> None:
        index.wheel(self.index, "core", native=True, content=index.LIBRARY.decode())
        (made,) = self.index.glob("core-*.whl")
        wheel = retagged.for_components(made, self.folder)
        self.assertEqual(wheel.name, "core-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl")
        self.assertIsNone(wheels.broken(wheel))
        with zipfile.ZipFile(wheel) as archive:
            self.assertIn(FILE, archive.namelist())
            self.assertIn("\nTag: cp314-cp314-wasi_0_0_0_wasm32\n", archive.read("core-1.0.dist-info/WHEEL").decode())
            self.assertIn(f"{FILE},sha256=", archive.read("core-1.0.dist-info/RECORD").decode())


if __name__ == "__main__":
    unittest.main()

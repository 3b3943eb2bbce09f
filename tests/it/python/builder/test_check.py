"""What `isolet build --check` says of small projects, without the type checker, which is fetched."""

from __future__ import annotations

import contextlib
import io
import json
import unittest
from unittest import mock

import index
from isolet_build import packages, rust
from isolet_build.check import __main__ as program
from isolet_build.check import checker
from isolet_build.check.found import Problem
from isolet_build.events import NotBuilt
from test_dependencies import DependencyTest, pyproject

START = "from temporalio import activity\n"
PACK = "@activity.defn\ndef pack(): ...\n"


class CheckTest(DependencyTest):
    """A test that checks projects."""

    # What the type checker would say.
    typed: tuple = ()

    def setUp(self) -> None:
        super().setUp()
        for name in ("__init__", "activity", "client"):
            file = self.base / "temporalio" / f"{name}.py"
            file.parent.mkdir(exist_ok=True)
            file.touch()

    def check(self, files: dict, path: str = "", has_types: bool = True) -> list[str]:
        """The problems of a project."""
        project = self.write(files)
        official = mock.patch.object(packages, "official", return_value=self.base)
        types = mock.patch.object(checker, "problems", return_value=list(self.typed))
        with official, types, contextlib.redirect_stdout(io.StringIO()) as said:
            program.check(self.folder, self.folder / "cache", project / path, has_types=has_types)
        events = [json.loads(line) for line in said.getvalue().splitlines()]
        self.warnings = [event["message"] for event in events if event["event"] == "warning"]
        (done,) = (event["checked"] for event in events if event["event"] == "done")
        self.activities, self.modules = done["activities"], done["modules"]
        self.grants = ["{grant} {file}:{line}: {what}: {option}".format(**each) for each in done["grants"]]
        return ["{file}:{line}: {message}".format(**each) + (each["cure"] and f" => {each['cure']}") for each in done["problems"]]

    def check_module(self, text: str) -> list[str]:
        """The problems of a project of one module, which has an activity below some lines."""
        return self.check({"work.py": START + text + PACK})


class Imports(CheckTest):
    def test_what_is_there(self) -> None:
        files = {
            "pyproject.toml": pyproject('["alpha==1.0"]'),
            "work.py": "import alpha, json.decoder, shared.deep\nfrom shared import deep, VALUE\nfrom . import work\n" + START + PACK,
            "shared/__init__.py": "VALUE = 1\n",
            "shared/deep.py": "import beta\n",
        }
        self.assertEqual(self.check(files), [])
        self.assertEqual((self.activities, self.modules, self.warnings), (["pack"], ["work"], []))

    def test_what_is_missing(self) -> None:
        files = {
            "work.py": "import shared\nimport parcels.sizes\nfrom shared.gone import x\n" + START + PACK,
            "shared/__init__.py": "\nimport crates\n",
            "unused.py": "import of_no_interest\n",
        }
        cure = "add the package that has it to the project's dependencies"
        self.assertEqual(
            self.check(files),
            [
                f"shared/__init__.py:2: there is no module crates => {cure}",
                f"work.py:2: there is no module parcels.sizes => {cure}",
                "work.py:3: the project has no module shared.gone",
            ],
        )

    def test_what_does_without(self) -> None:
        optional = "try:\n    import parcels\nexcept ImportError:\n    parcels = None\nimport typing\nif typing.TYPE_CHECKING:\n    import crates\n"
        self.assertEqual(self.check_module(optional + "if __name__ == '__main__':\n    import worker\n"), [])
        self.assertEqual(self.warnings, [])

    def test_what_fails_when_it_is_called(self) -> None:
        self.assertEqual(self.check_module("def late():\n    import parcels\n"), [])
        self.assertEqual(self.warnings, ["work.py:3: there is no module parcels: what imports it fails when it is called"])

    def test_what_components_lack_of_python_s_library(self) -> None:
        self.assertEqual(
            self.check_module("import bz2\nfrom compression import zstd\nimport imp\nimport zoneinfo, annotationlib\n"),
            [
                "work.py:2: components have no module bz2 => do without bz2",
                "work.py:4: Python has no module imp since 3.13 or before => do without imp",
            ],
        )

    def test_what_a_dependency_lacks(self) -> None:
        index.wheel(self.index, "zipper", requires=("deeper",))
        index.wheel(self.index, "deeper", native=True)
        files = {"requirements.txt": "zipper\n", "work.py": "import json\nimport deeper\n" + START + PACK}
        (problem,) = self.check(files)
        self.assertTrue(problem.startswith("work.py:2: zipper needs deeper, which needs native code (such as deeper/_deeper.cpython-314-x86_64-linux-gnu.so), "), problem)

    def test_native_code_that_a_build_builds(self) -> None:
        index.wheel(self.index, "core", native=True, content="/rustc/")
        files = {"requirements.txt": "core\n", "work.py": "import core\n" + START + PACK}
        with mock.patch.object(rust, "_toolchain", return_value="rustc 1"), mock.patch.object(rust, "is_rust", return_value=True):
            self.assertEqual(self.check(files), [])
        self.assertEqual(self.warnings, [])

    def test_native_code_that_can_not_be_built(self) -> None:
        index.wheel(self.index, "core", native=True)
        files = {"requirements.txt": "core\n", "work.py": "import core\n" + START + PACK}
        lacks = NotBuilt("and to build it takes Rust", "install Rust")
        with mock.patch.object(rust, "_toolchain", side_effect=lacks), mock.patch.object(rust, "is_rust", return_value=True):
            (problem,) = self.check(files)
        self.assertIn("and to build it takes Rust => install Rust, or replace core", problem)

    def test_the_data_converter(self) -> None:
        files = {"pyproject.toml": pyproject("[]", '[tool.isolet]\ndata-converter = "converting:converter"\n'), "converting.py": "import parcels\n"}
        (problem,) = self.check({"work.py": START + PACK, **files})
        self.assertTrue(problem.startswith("converting.py:1: there is no module parcels"), problem)

    def test_a_module_that_is_named_and_not_there(self) -> None:
        (problem,) = self.check({"pyproject.toml": pyproject("[]", '[tool.isolet]\nmodules = ["gone"]\n'), "work.py": START + PACK})
        self.assertTrue(problem.startswith("pyproject.toml:1: [tool.isolet] modules names gone, and there is no such module"), problem)

    def test_what_is_left_out_and_not_there(self) -> None:
        more = '[tool.isolet]\nleave-out = ["*.md", "notes", "alpha.py", "gone/*"]\n'
        files = {"pyproject.toml": pyproject('["alpha"]', more), "README.md": "", "notes/one.txt": "", "work.py": START + PACK}
        (problem,) = self.check(files)
        self.assertTrue(problem.startswith("pyproject.toml:1: [tool.isolet] leave-out names 'gone/*', and neither"), problem)

    def test_a_file_of_its_own(self) -> None:
        script = '# /// script\n# dependencies = ["alpha==1.0"]\n# ///\nimport alpha, gamma\n' + START + PACK
        (problem,) = self.check({"one.py": script}, path="one.py")
        self.assertTrue(problem.startswith("one.py:4: there is no module gamma"), problem)


class Activities(CheckTest):
    def test_two_of_a_name(self) -> None:
        cure = "rename one, or give it a name of its own with @activity.defn(name=…)"
        self.assertEqual(
            self.check_module("@activity.defn(name='pack')\ndef wrap(): ...\n"),
            [f"work.py:5: there are two activities named 'pack': work.py:3 is the other => {cure}"],
        )
        self.assertEqual(self.activities, ["pack"])

    def test_two_of_a_name_that_are_one(self) -> None:
        again = "class Base:\n    @activity.defn\n    def wrap(self): ...\nclass Desk(Base):\n    @activity.defn\n    def wrap(self): ...\n"
        self.assertEqual(self.check_module(again), [])
        self.assertEqual(self.check_module(PACK), [])

    def test_two_of_a_name_of_which_a_list_says_which(self) -> None:
        self.assertEqual(self.check_module("@activity.defn(name='pack')\ndef wrap(): ...\nactivities = [wrap]\n"), [])

    def test_keyword_only_arguments(self) -> None:
        self.assertEqual(
            self.check_module("@activity.defn\ndef wrap(a, *, b): ...\n"),
            ["work.py:3: the activity wrap has keyword-only arguments, which no caller can give => take the `*` out of its arguments"],
        )


class Grants(CheckTest):
    def test_what_needs_some(self) -> None:
        index.wheel(self.index, "httpx")
        index.wheel(self.index, "llm", requires=("httpx",))
        body = "@activity.defn\nasync def ask():\n    activity.client()\n    open('/data/rates.csv')\n    open('/tmp/x')\n    return os.environ['KEY'], os.getenv('OTHER')\n"
        files = {"requirements.txt": "llm\n", "work.py": "import llm, os\n" + START + body + "URL = 'https://api.example.com:8443/v1'\n"}
        self.assertEqual(self.check(files), [])
        self.assertEqual(
            self.grants,
            [
                "client work.py:5: Temporal's client is used: --client methods=METHOD",
                "directories work.py:6: /data/rates.csv is named: --dir /data:/data",
                "environment work.py:8: KEY is read: --env KEY",
                "environment work.py:8: OTHER is read: --env OTHER",
                "http work.py:1: llm (with httpx) sends requests: --http https://HOST",
                "http work.py:9: https://api.example.com:8443 is named: --http https://api.example.com:8443",
            ],
        )
        files["work.py"] = "import llm\n" + START + PACK
        self.check(files)
        self.assertEqual(self.grants, ["http work.py:1: llm (with httpx) sends requests: --http https://HOST"])

    def test_variables_that_are_read_too_early(self) -> None:
        self.assertEqual(
            self.check_module("import os\nKEY = os.environ['KEY']\nOTHER = os.environ.get('OTHER')\n"),
            ["work.py:3: the variable KEY is read when the module is imported, which is at build time, where there is none => read it in the activity"],
        )
        self.assertEqual(
            self.warnings,
            ["work.py:4: the variable OTHER is read when the module is imported, which is at build time, where there is none: read it in the activity"],
        )


class Types(CheckTest):
    def setUp(self) -> None:
        super().setUp()
        work = str(self.folder / "project/work.py")
        self.typed = (
            Problem(work, 2, "found `int`", rule="invalid-return-type"),
            Problem(work, 3, "Cannot resolve", rule="import-not-found"),
        )

    def test_errors(self) -> None:
        self.assertEqual(self.check_module(""), ["work.py:2: found `int`"])

    def test_none_are_wanted(self) -> None:
        self.assertEqual(self.check({"work.py": START + PACK}, has_types=False), [])

    def test_what_this_python_can_not_read(self) -> None:
        work = str(self.folder / "project/work.py")
        self.typed += (Problem(work, 4, "unexpected EOF", rule="invalid-syntax"),)
        with mock.patch("sys.version_info", (3, 13)):
            said = self.check({"work.py": START + PACK + "(\n"}, has_types=False)
        self.assertEqual(said, ["work.py:3: Cannot resolve", "work.py:4: SyntaxError: unexpected EOF"])


if __name__ == "__main__":
    unittest.main()

"""Dependencies: what projects ask for in all the ways there are, and what is installed for it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import unittest
from unittest import mock

import index
from isolet_build import layout, packages, uv
from isolet_build.events import Problem
from projects import ProjectTest

PACK = "from temporalio import activity\n@activity.defn\ndef pack(): ...\n"


def pyproject(dependencies: str, more: str = "") -> str:
    return f'[project]\nname = "orders"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = {dependencies}\n{more}'


class DependencyTest(ProjectTest):
    """A test with an index of its own; nothing is fetched from elsewhere."""

    def setUp(self) -> None:
        super().setUp()
        self.index = self.folder / "index"
        self.base = self.folder / "base"
        for version in ("1.0", "1.5", "2.0"):
            index.wheel(self.index, "alpha", version, requires=("beta", "fast; extra == 'speed'"))
        for name in ("beta", "gamma", "fast", "trace"):
            index.wheel(self.index, name)
        metadata = self.base / "temporalio-1.35.0.dist-info" / "METADATA"
        metadata.parent.mkdir(parents=True)
        metadata.write_text("Name: temporalio\nRequires-Dist: beta\nRequires-Dist: trace>=1; extra == 'opentelemetry'\n")
        (self.folder / "cache").mkdir()
        environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), "HOME": str(self.folder)}
        for patch in (mock.patch.dict(os.environ, environment), mock.patch.dict(uv._environment, clear=True)):
            patch.start()
            self.addCleanup(patch.stop)

    def installed(self, files: dict, *, path: str = "") -> list[str]:
        """Names and versions of what is installed for a project."""
        project = self.write({"work.py": PACK, **files})
        found = layout.find(project / path)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.packages, self.native = packages.dependencies(self.folder / "cache", found.requirements, self.base)
        events = [json.loads(line) for line in said.getvalue().splitlines()]
        self.warnings = [event["message"] for event in events if event["event"] == "warning"]
        return sorted(each.name.removesuffix(".dist-info") for each in self.packages.glob("*.dist-info"))

    def refused(self, files: dict, path: str = "") -> str:
        with self.assertRaises(Problem) as raised:
            self.installed(files, path=path)
        problem = raised.exception
        said = "\n".join(filter(None, [problem.message, problem.traceback, problem.cure and f"=> {problem.cure}"]))
        self.assertNotIn("Traceback", said)
        return said.replace(str(self.folder), "")


class Lists(DependencyTest):
    def test_of_the_project(self) -> None:
        self.assertEqual(self.installed({"pyproject.toml": pyproject('["alpha<2", "temporalio"]')}), ["alpha-1.5", "beta-1.0"])

    def test_groups_and_extras(self) -> None:
        more = '[project.optional-dependencies]\nx = ["gamma"]\n[dependency-groups]\na = ["fast"]\nb = [{include-group = "a"}]\nc = ["gone"]\n'
        files = {"pyproject.toml": pyproject("[]", more + '[tool.isolet]\ngroups = ["b"]\nextras = ["x"]\n')}
        self.assertEqual(self.installed(files), ["fast-1.0", "gamma-1.0"])

    def test_a_group_that_is_not_there(self) -> None:
        self.assertIn("groups names 'b', and there is no such group", self.refused({"pyproject.toml": pyproject("[]", '[tool.isolet]\ngroups = ["b"]\n')}))

    def test_a_file_of_its_own(self) -> None:
        script = '# /// script\n# dependencies = ["alpha==1.0"]\n# ///\n' + PACK
        self.assertEqual(self.installed({"one.py": script}, path="one.py"), ["alpha-1.0", "beta-1.0"])

    def test_requirements_in_full(self) -> None:
        files = {
            "requirements.txt": "\ufeff# all\n-r more/base.txt  # the rest\n-c limits.txt\nalpha \\\n  <3\n"
            "gone; python_version < '3.14'\ngamma; python_version >= '3.14' and sys_platform == 'linux' \\\n",
            "more/base.txt": "-r ../requirements.txt\nfast\n",
            "limits.txt": "alpha<1.2\n",
        }
        self.assertEqual(self.installed(files), ["alpha-1.0", "beta-1.0", "fast-1.0", "gamma-1.0"])

    def test_requirements_as_windows_writes_them(self) -> None:
        self.assertEqual(self.installed({"requirements.txt": "gamma==1.0\r\n".encode("utf-16")}), ["gamma-1.0"])

    def test_places_in_requirements(self) -> None:
        with mock.patch.dict(os.environ, PIP_FIND_LINKS=""):
            self.assertEqual(self.installed({"requirements.txt": "--no-index\n--find-links ../index\nalpha[speed]==2.0\n"}), ["alpha-2.0", "beta-1.0", "fast-1.0"])

    def test_folders_in_requirements(self) -> None:
        self.write(index.project("common", '["gamma"]'), "common")
        self.write(index.project("other"), "other")
        files = {"requirements.txt": "-e ../common\n../other\n-e .\n", **index.project("itself", '["fast"]')}
        del files["pyproject.toml"]
        files["pyproject.toml"] = index.project("itself")["pyproject.toml"].replace("dependencies = []\n", 'dynamic = ["dependencies"]\n')
        files["pyproject.toml"] = files["pyproject.toml"].replace('dynamic = ["dependencies"]\n', "")
        self.assertEqual(self.installed(files), ["common-9.0", "gamma-1.0", "other-9.0"])
        (self.folder / "common/common.py").write_text("VERSION = 'new'\n")
        self.assertEqual(self.installed(files), ["common-9.0", "gamma-1.0", "other-9.0"])
        self.assertEqual((self.packages / "common.py").read_text(), "VERSION = 'new'\n")

    def test_hashes(self) -> None:
        good = index.wheel(self.index, "delta")
        other = "sha256:" + "0" * 64
        listed = f"delta==1.0 --hash={{}}\ntemporalio==1.9.0 \\\n    --hash={other}\n"
        self.assertEqual(self.installed({"requirements.txt": listed.format(good)}), ["delta-1.0"])
        self.assertEqual(self.warnings, ["the project asks for temporalio==1.9.0; components have temporalio 1.35.0"])
        self.assertIn("Hash mismatch for `delta==1.0`", self.refused({"requirements.txt": listed.format(other)}))

    def test_what_temporal_s_extras_need(self) -> None:
        self.assertEqual(self.installed({"requirements.txt": "temporalio[opentelemetry]\n"}), ["trace-1.0"])
        self.assertEqual(self.installed({"pyproject.toml": pyproject('["temporalio[opentelemetry]>=1.8"]')}), ["trace-1.0"])

    def test_sources_are_built(self) -> None:
        index.source(self.index, "delta")
        self.assertEqual(self.installed({"requirements.txt": "delta\n"}), ["delta-1.0"])

    def test_fewer_of_them(self) -> None:
        tool = '[tool.isolet]\ndependencies = ["gamma"]\n'
        self.assertEqual(self.installed({"pyproject.toml": pyproject('["gone", "gamma"]', tool)}), ["gamma-1.0"])
        self.assertEqual(self.installed({"pyproject.toml": tool, "requirements.txt": "gone==3\ngamma\n"}), ["gamma-1.0"])

    def test_nothing(self) -> None:
        self.assertEqual(self.installed({}), [])


class Uv(DependencyTest):
    def lock(self) -> None:
        command = [sys.executable, "-m", "uv", "lock", "--no-index", "--find-links", str(self.index), "--quiet"]
        environment = {**os.environ, "UV_CACHE_DIR": str(self.folder / "cache/uv")}
        subprocess.run([*command, "--python", sys.executable], cwd=self.folder / "project", check=True, env=environment)

    def test_a_folder_and_not_a_stranger_s_package_of_its_name(self) -> None:
        index.wheel(self.index, "common", "99.0")
        self.write(index.project("common"), "common")
        sources = '[tool.uv.sources]\ncommon = { path = "../common", editable = true }\n'
        self.assertEqual(self.installed({"pyproject.toml": pyproject('["common"]', sources)}), ["common-9.0"])
        (self.folder / "common").rename(self.folder / "moved")
        self.assertEqual(
            self.refused({"pyproject.toml": pyproject('["common"]', sources)}),
            "pyproject.toml: [tool.uv.sources] common names ../common, and there is no such folder",
        )

    def test_a_decorator_from_another_folder(self) -> None:
        text = "from temporalio.activity import defn\ndef task(name): return defn(name=name)\n"
        self.write({**index.project("common"), "common.py": text}, "common")
        sources = '[tool.uv.sources]\ncommon = { path = "../common" }\n'
        files = {"pyproject.toml": pyproject('["common"]', sources), "more.py": "import common\n@common.task('x')\ndef x(): ...\n"}
        self.assertEqual(layout.find(self.write({"work.py": PACK, **files})).modules, ["more", "work"])

    def test_a_workspace(self) -> None:
        index.wheel(self.index, "common", "99.0")
        self.write({"pyproject.toml": '[tool.uv.workspace]\nmembers = ["*"]\nexclude = ["index", "base", "cache"]\n'}, ".")
        self.write(index.project("common", '["gamma"]'), "common")
        sources = "[tool.uv.sources]\ncommon = { workspace = true }\n"
        self.assertEqual(self.installed({"pyproject.toml": pyproject('["common"]', sources)}), ["common-9.0", "gamma-1.0"])
        (self.folder / "common/pyproject.toml").unlink()
        self.assertIn("no member of it has this name", self.refused({"pyproject.toml": pyproject('["common"]', sources)}))

    def test_sources_of_what_requirements_list(self) -> None:
        self.write(index.project("common"), "common")
        tool = '[tool.uv.sources]\ncommon = { path = "../common" }\n'
        said = "requirements.txt asks for common, of which pyproject.toml says in [tool.uv.sources] where it is"
        self.assertIn(said, self.refused({"pyproject.toml": tool, "requirements.txt": "common\n"}))

    def test_a_member_without_a_source(self) -> None:
        index.wheel(self.index, "common", "99.0")
        self.write({"pyproject.toml": '[tool.uv.workspace]\nmembers = ["*"]\nexclude = ["index", "base", "cache"]\n'}, ".")
        self.write(index.project("common"), "common")
        said = "`common` is included as a workspace member, but is missing an entry in `tool.uv.sources`"
        self.assertIn(said, self.refused({"pyproject.toml": pyproject('["common"]')}))

    def test_folders_in_a_circle(self) -> None:
        for one, other in (("one", "two"), ("two", "one")):
            files = index.project(one, f'["{other}"]')
            files["pyproject.toml"] += f'[tool.uv.sources]\n{other} = {{ path = "../{other}" }}\n'
            self.write(files, one)
        sources = '[tool.uv.sources]\none = { path = "../one" }\n'
        self.assertEqual(self.installed({"pyproject.toml": pyproject('["one"]', sources)}), ["one-9.0", "two-9.0"])

    def test_git(self) -> None:
        sources = '[tool.uv.sources]\ncommon = { git = "https://example.com/common" }\n'
        said = "common comes from a repository of sources, and none is fetched from there"
        self.assertIn(said, self.refused({"pyproject.toml": pyproject('["common"]', sources)}))

    def test_a_lock_of_another_python(self) -> None:
        files = {"pyproject.toml": pyproject('["alpha<2"]').replace(">=3.9", ">=3.9,<3.14")}
        self.write(files)
        self.lock()
        self.assertEqual(self.installed(files), ["alpha-1.5", "beta-1.0"])
        self.assertEqual(self.warnings, ["the project is for Python <3.14,>=3.9; components have 3.14"])

    def test_a_lock(self) -> None:
        files = {"pyproject.toml": pyproject('["alpha", "temporalio"]')}
        index.wheel(self.index, "temporalio", "1.9.0")
        self.write({**files, "pyproject.toml": pyproject('["alpha<2", "temporalio"]')})
        self.lock()
        lock = self.folder / "project/uv.lock"
        self.assertEqual(self.installed(files), ["alpha-1.5", "beta-1.0"])
        lock.write_text(lock.read_text().replace("1.5", "1.0"))
        self.assertEqual(self.installed(files), ["alpha-1.0", "beta-1.0"])
        lock.write_text("nonsense")
        self.assertIn("uv.lock", self.refused(files))


class Poetry(DependencyTest):
    def project(self, dependencies: str, more: str = "") -> dict[str, str]:
        return {"pyproject.toml": f"[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = '^3.9'\n{dependencies}\n{more}"}

    def test_versions(self) -> None:
        for asked, expected in {"^1.0": "1.5", "~1.0": "1.0", "1.*": "1.5", "<2,>1": "1.5", "*": "2.0"}.items():
            self.assertEqual(self.installed(self.project(f"alpha = '{asked}'")), [f"alpha-{expected}", "beta-1.0"], asked)

    def test_tables(self) -> None:
        dependencies = "alpha = {version = '^1.2', extras = ['speed']}\ngamma = [{version = '*', python = '>=3.14'}, {version = '5', python = '<3.14'}]\nno = {version = '1', optional = true}"
        self.assertEqual(self.installed(self.project(dependencies)), ["alpha-1.5", "beta-1.0", "fast-1.0", "gamma-1.0"])

    def test_groups(self) -> None:
        groups = "[tool.poetry.group.dev.dependencies]\ngone = '*'\n[tool.poetry.group.acts.dependencies]\nfast = '*'\n"
        files = self.project("gamma = '*'", groups + "[tool.isolet]\ngroups = ['acts']\n")
        self.assertEqual(self.installed(files), ["fast-1.0", "gamma-1.0"])

    def test_folders(self) -> None:
        index.wheel(self.index, "common", "99.0")
        self.write(index.project("common", '["gamma"]'), "common")
        self.assertEqual(self.installed(self.project("common = {path = '../common', develop = true}")), ["common-9.0", "gamma-1.0"])
        self.assertEqual(
            self.refused(self.project("common = {path = '../elsewhere'}")),
            "pyproject.toml: [tool.poetry] common names ../elsewhere, and there is no such folder",
        )

    def test_git(self) -> None:
        said = "[tool.poetry]: common comes from a repository of sources"
        self.assertIn(said, self.refused(self.project("common = {git = 'https://example.com/common.git'}")))

    def test_what_poetry_does_not_read(self) -> None:
        self.assertIn("Poetry can't read", self.refused(self.project("alpha = 'newest'")))

    def test_a_lock(self) -> None:
        good = index.wheel(self.index, "alpha", "1.0", requires=("beta",))
        lock = "[[package]]\nname = '{}'\nversion = '1.0'\nfiles = [{{file = 'x', hash = '{}'}}]\n"
        beta = index.wheel(self.index, "beta")
        files = self.project("alpha = '^1.0'\ntemporalio = '^1.8'")
        text = lock.format("alpha", good) + lock.format("beta", beta) + lock.format("temporalio", good)
        self.assertEqual(self.installed({**files, "poetry.lock": text}), ["alpha-1.0", "beta-1.0"])
        wrong = text.replace(beta, "sha256:" + "0" * 64)
        self.assertIn("Hash mismatch for `beta==1.0`", self.refused({**files, "poetry.lock": wrong}))
        for odd in ("package = 3", "package = [1, {source = 3}]", "[[package]]\nname = 3\nversion = 4\nfiles = 5\n"):
            self.assertEqual(self.installed({**files, "poetry.lock": odd}), ["alpha-1.5", "beta-1.0"])
        self.assertIn("poetry.lock is no TOML", self.refused({**files, "poetry.lock": "["}))


class Mistakes(DependencyTest):
    def test_they_are_told(self) -> None:
        cases = {
            "pyproject.toml": {
                "[project": "pyproject.toml is no TOML: ",
                "tool = 3": "pyproject.toml: tool must be a table",
                "[tool]\nisolet = 3": "pyproject.toml: tool.isolet must be a table",
                "project = 3": "pyproject.toml: project must be a table",
                "[tool.isolet]\nmodule = ['a']": "[tool.isolet] has no 'module'; it has data-converter, dependencies, ",
                "[tool.isolet]\nmodules = 'a'": "[tool.isolet] modules must be a list of texts",
                "[tool.isolet]\nstrict-metrics = 1": "[tool.isolet] strict-metrics must be true or false",
                "[tool.isolet]\ndata-converter = 1": "[tool.isolet] data-converter must be a text",
                "[tool.isolet]\ndata-converter = 'one'": "[tool.isolet] data-converter is 'one', and must be module:name",
                "[tool.isolet]\npaths = ['gone']": "[tool.isolet] paths names 'gone', and there is no such folder in the project",
                "[tool.isolet]\npaths = ['..']": "[tool.isolet] paths names '..', and there is no such folder in the project",
                "[project]\ndynamic = 3": "[project] dynamic must be a list of texts",
                pyproject('["beta"]', "[tool.uv.workspace]\nmembers = ['/x']\n[tool.uv.sources]\nbeta = { workspace = true }\n"): "name folders below it",
                pyproject('["beta"]', "[tool.uv.workspace]\nmembers = 3\n[tool.uv.sources]\nbeta = { workspace = true }\n"): "no member of it",
                "[tool.isolet]\nextras = ['gone']": "[tool.isolet] extras names 'gone', and there is no such extra",
                pyproject("3"): "[project] dependencies must be a list of texts",
                pyproject('["alpha", "=="]'): "pyproject.toml: the dependency '==' can't be read: ",
                pyproject('["älpha"]'): "pyproject.toml: the dependency 'älpha' can't be read: ",
                "[tool.uv]\nsources = 3\n" + pyproject('["alpha"]'): "pyproject.toml: tool.uv.sources must be a table",
                "[tool.poetry.dependencies]\nalpha = 3": "Poetry can't read [tool.poetry]",
                "[tool.poetry]\ndependencies = 3": "pyproject.toml",
                b"\xff\xfe\xfa": "pyproject.toml: it is no UTF-8 at byte 0",
            },
            "requirements.txt": {
                "-r gone.txt": "requirements.txt, line 1: there is no file gone.txt",
                "alpha\n\n-e ../gone": "requirements.txt, line 3: there is no ../gone",
                "common @ git+https://example.com/common": "requirements.txt, line 1: common @ git+https://example.com/common comes from a repository",
                "alpha==7": "there is no version of alpha==7",
                "gone": "gone was not found",
                "alpha ==": "requirements.txt",
                "--nonsense": "requirements.txt",
                b"alpha\n\xff": "requirements.txt: it is no UTF-8",
            },
        }
        for file, mistakes in cases.items():
            for text, said in mistakes.items():
                with self.subTest(text):
                    refused = self.refused({file: text})
                    self.assertIn(said, refused)
                    (self.folder / "project" / file).unlink()


if __name__ == "__main__":
    unittest.main()

"""The base of components: when it is made, when it is made again, and what is said of what it can't load."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from isolet_build import base, component, componentize, reset, wasm
from isolet_build.events import Problem
from isolet_build.making import Lock
from isolet_build.tool import Answer
from projects import ProjectTest

LIBRARY = "core/_core.cpython-314-wasm32-wasi.so"


class Tool:
    """Stands for the program, which takes seconds."""

    def __init__(self, size: int = 0, **answer: Any) -> None:
        self.questions: list[dict[str, Any]] = []
        self._size, self._answer = size, {"is_done": True, "said": "", "why": "", "is_project": False} | answer

    def ask(self, **question: Any) -> Answer:
        self.questions.append(question)
        with Path(question.get("component") or question["base"]).open("wb") as file:
            file.truncate(self._size)
        return Answer(**self._answer)


def componentized(_sdk: Path, folders: list[Path], output: Path) -> None:
    """Stands for componentize-py: it leaves what the base's code leaves."""
    for name in base.LIBRARY:
        (folders[2] / name).mkdir()
    output.write_bytes(b"")


class Base(ProjectTest):
    def setUp(self) -> None:
        super().setUp()
        self.cache, self.sdk, self.dependencies = (self.folder / name for name in ("cache", "sdk-1", "dependencies"))
        for folder in (self.cache, self.sdk / "isolet_guest", self.dependencies / "core", self.folder / "official-1"):
            folder.mkdir(parents=True)
        (self.sdk / "isolet_app.py").touch()
        self.made = self.patched(componentize, "make")
        self.made.side_effect = componentized
        self.patched(base.recursion, "bound")

    def patched(self, of: Any, name: str) -> mock.MagicMock:
        patch = mock.patch.object(of, name)
        self.addCleanup(patch.stop)
        return patch.start()

    def base(self, library: str | None = None) -> str:
        if library is not None:
            (self.dependencies / LIBRARY).write_text(library)
        with base.at_hand(self.sdk, self.cache, self.dependencies, self.folder / "official-1", Tool()) as folder:
            self.assertTrue((folder / "python").is_dir())
            return folder.name

    def kept(self) -> set[str]:
        return {path.name for path in self.cache.glob("base-*")}

    def test_it_is_made_once_for_the_same_native_code(self) -> None:
        without = self.base()
        (self.dependencies / "core/__init__.py").touch()
        self.assertEqual(self.base(), without)
        self.assertEqual(self.made.call_count, 1)
        one = self.base("one")
        self.assertEqual(len({without, one, self.base("another")}), 3)
        self.assertEqual(self.base("one"), one)
        self.assertEqual(self.made.call_count, 3)

    def test_it_has_the_native_code_of_the_dependencies_and_no_more_of_them(self) -> None:
        (self.dependencies / "core/__init__.py").touch()

        def make(sdk: Path, folders: list[Path], output: Path) -> None:
            self.assertEqual([each.relative_to(folders[1]).as_posix() for each in folders[1].rglob("*.*")], [LIBRARY])
            componentized(sdk, folders, output)

        self.made.side_effect = make
        self.base("one")

    def test_those_that_were_not_used_for_long_are_forgotten(self) -> None:
        names = [self.base(str(number)) for number in range(6)]
        self.assertEqual(self.kept(), set(names[2:]))

    def test_one_in_use_is_not_forgotten(self) -> None:
        names = [self.base(str(number)) for number in range(4)]
        with Lock(self.cache / f".{names[0]}.lock") as lock:
            lock.share()
            names += [self.base("more"), self.base("another")]
        self.assertEqual(self.kept(), {names[0], *names[2:]})

    def test_one_that_fails_leaves_nothing(self) -> None:
        self.made.side_effect = Problem("no")
        with self.assertRaises(Problem):
            self.base()
        self.assertEqual([path.name for path in self.cache.iterdir() if not path.name.endswith(".lock")], [])


class Loading(ProjectTest):
    def problem(self, **answer: Any) -> Problem:
        tool = Tool(**answer)
        with self.assertRaises(Problem) as raised:
            component.make(self.folder, [self.folder] * 4, self.folder / "made.wasm", tool)
        writable = {mount["name"] for mount in tool.questions[0]["folders"] if mount["is_writable"]}
        self.assertEqual(writable, {"2"})
        return raised.exception

    def test_what_is_wrong_with_the_project_is_told(self) -> None:
        told = {"message": "activities.py:3: no", "traceback": "trace", "cure": "do", "lacks_native": True}
        (self.folder / "problem.json").write_text(json.dumps(told))
        problem = self.problem(is_done=False, is_project=True)
        self.assertEqual((problem.message, problem.traceback, problem.cure), ("activities.py:3: no", "trace", "do"))
        self.assertTrue(problem.lacks_native)

    def test_what_the_project_writes_in_its_place_is_no_trouble(self) -> None:
        for told in ("", "{", "1", "[]", "{}", '{"message": 1}', "[" * 100_000, '"\\ud800"'):
            (self.folder / "problem.json").write_text(told)
            self.assertIn("its code ends", self.problem(is_done=False, is_project=True, why="its code ends").message, told[:9])

    def test_a_trap_is_told_with_what_was_written_before(self) -> None:
        problem = self.problem(is_done=False, is_project=True, said="memory allocation failed", why="a trap")
        self.assertEqual((problem.kind, problem.traceback), ("project", "memory allocation failed"))

    def test_what_is_not_the_project_s_fault_is_none_of_it(self) -> None:
        problem = self.problem(is_done=False, why="no room on the disk")
        self.assertEqual((problem.kind, problem.message), ("tools", "the component can't be made: no room on the disk"))

    def test_a_component_that_grows_too_large(self) -> None:
        self.assertIn("more than the 128 MiB", self.problem(size=(128 << 20) + 1).message)


class Reset(unittest.TestCase):
    def test_it_is_a_library_that_takes_what_componentize_py_has(self) -> None:
        module = reset.module()
        self.assertEqual(wasm.exports(module), {"PyInit_isolet_reset"})
        self.assertEqual(wasm.missing(module, set()), ["PyBool_FromLong", "PyModule_Create2", "__wasilibc_reset_preopens"])


if __name__ == "__main__":
    unittest.main()

"""Projects to build, written to a folder, and what becomes of them."""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import textwrap
import traceback
import unittest
from pathlib import Path

from isolet_build import layout
from isolet_build.events import Problem
from isolet_guest import registration, tracebacks

def _register(root: Path, found: layout.Layout) -> list[str] | str:
    """Imports a staged project as the component does."""
    tracebacks.PROJECT = f"{root}/"
    sys.path[:0] = [*(f"{root}/{path}" for path in found.paths if path != "."), str(root)]
    try:
        activities = registration.activities([importlib.import_module(name) for name in found.modules])
        return sorted(registration.definition(each).name or "*" for each in activities)
    except BaseException as error:
        return str(error) if isinstance(error, registration.BuildError) else traceback.format_exc()


class ProjectTest(unittest.TestCase):
    """A test with a folder for projects."""

    maxDiff = None

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()

    def write(self, files: dict[str, str | bytes], name: str = "project") -> Path:
        """Writes files below a folder of the project's name."""
        project = self.folder / name
        project.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            target = project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
        return project

    def registered(self, project: Path) -> list[str] | str:
        """What the activities of a project are called, or what is wrong with them."""
        found = layout.find(project)
        target = Path(tempfile.mkdtemp(dir=self.folder)) / "staged"
        layout.stage(found, target)
        read, write = os.pipe()
        # Another process, as modules are imported once.
        if os.fork() == 0:
            os.write(write, json.dumps(_register(target, found)).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as said:
            return json.loads(said.read())

    def problem(self, project: Path) -> str:
        """What is wrong with a project, and the cure."""
        with self.assertRaises(Problem) as raised:
            layout.find(project)
        found = raised.exception
        said = f"{found.message} => {found.cure}" if found.cure else found.message
        return said.replace(str(self.folder), "")

"""The program that runs the builder: what it does with components, in a process of its own."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from .events import Problem


@dataclass
class Answer:
    """How it went."""

    is_done: bool
    # What the project's code wrote, and what ended it.
    said: str
    why: str
    # Whether it is the project that does not let itself be loaded.
    is_project: bool


class Tool:
    """The program, with the arguments that have it listen to this."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    def ask(self, **question: Any) -> Answer:
        """Has it do something."""
        done = subprocess.run(self._command, input=json.dumps(question), capture_output=True, text=True, check=False)
        if done.returncode:
            raise Problem("isolet can't make the component", traceback=done.stderr.strip()[-8000:], kind="tools")
        return Answer(**json.loads(done.stdout))

"""The component: what `isolet:activity/handler` is to the host. Imported once, when the component is built."""

from __future__ import annotations

from pathlib import Path

# Before anything else takes functions of files.
from isolet_guest.files import system

system.install()

import temporalio.worker  # noqa: E402,F401  The official worker, before anything of the user's.
from isolet_guest import build
from isolet_guest.runner import Runner
from wit_world import exports
from wit_world.exports import handler
from wit_world.imports import types

_runner = Runner(*build.load(Path(__file__).with_name("isolet_build.json")))


class Handler(exports.Handler):
    def __init__(self) -> None:
        # Made when the component is built, at the very end.
        build.freeze(_runner, self.execute)

    def list_activities(self) -> list[handler.ActivityDefinition]:
        return [
            handler.ActivityDefinition(
                handler.ActivityName_Named(each.name) if each.name else handler.ActivityName_Dynamic(),
                interruptible=not each.no_thread_cancel_exception,
            )
            for each in _runner.definitions()
        ]

    def execute(self, activity_type: str, input: list[types.Payload]) -> handler.Outcome:
        return _runner.run(activity_type, input)

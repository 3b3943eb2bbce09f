"""The component: what `isolet:activity/handler` is to the host, and how it gets the user's project.

Imported once, when the part of a component is made that all have in common. `load` is called in a copy of that when a
project is built.
"""

from __future__ import annotations

# Before anything else takes functions of files.
from isolet_guest.files import system

system.install()

import wit_world  # noqa: E402
from isolet_guest import base, build  # noqa: E402
from isolet_guest.runner import Runner  # noqa: E402
from wit_world import exports  # noqa: E402
from wit_world.exports import handler  # noqa: E402
from wit_world.imports import types  # noqa: E402

_runner: Runner

base.finish()


class WitWorld(wit_world.WitWorld):
    def load(self) -> None:
        global _runner
        _runner = build.load()
        build.freeze(_runner, Handler().execute)


class Handler(exports.Handler):
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

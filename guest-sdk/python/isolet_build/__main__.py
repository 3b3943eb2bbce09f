"""`python -m isolet_build SDK CACHE PROJECT OUTPUT PROGRAM…`: the last is what runs it, with arguments."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from . import base, component, events, image, layout, leaving, packages, reset
from .events import Problem
from .making import UNFINISHED, building
from .tool import Tool


def main() -> int:
    sdk, cache, project, output = (Path(argument) for argument in sys.argv[1:5])
    with events.told("the build"), building(cache):
        build(sdk, cache, project, output, Tool(sys.argv[5:]))
    return 0


def build(sdk: Path, cache: Path, project: Path, output: Path, tool: Tool) -> None:
    found = layout.find(project)
    for warning in found.warnings:
        events.warning(warning)
    official = packages.official(cache, sdk / "overlay")
    dependencies, native = packages.dependencies(cache, found.requirements, official)
    for name, each in native.items():
        events.warning(f"{name} is used without its native code: {', '.join(each['files'][:3])}")
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=cache) as folder:
        stage = Path(folder)
        layout.stage(found, stage / "project")
        for pattern in leaving.unmatched(found.settings.leave_out, [stage / "project", dependencies]):
            message, cure = leaving.complaint(pattern)
            raise Problem(message, cure=cure)
        app = stage / "app"
        app.mkdir()
        (app / reset.FILE).write_bytes(reset.module())
        (app / component.CONFIGURATION).write_text(component.configuration(found, native), encoding="utf-8")
        made = stage / "component.wasm"
        try:
            with base.at_hand(sdk, cache, dependencies, official, tool) as common:
                component.make(common, [stage / "project", dependencies, app, official], made, tool)
        except Problem as problem:
            if problem.lacks_native:
                packages.forget(dependencies)
            raise
        for note in (app / "notes.txt").read_text(encoding="utf-8").splitlines():
            events.debug(note)
        image.finish(made, app)
        shutil.move(made, output)
    events.done(modules=found.modules, without_native=sorted(native))


if __name__ == "__main__":
    sys.exit(main())

"""`python -m isolet_build SDK CACHE PROJECT OUTPUT`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from . import component, events, image, layout, leaving, packages
from .events import Problem
from .making import UNFINISHED, building


def main() -> int:
    sdk, cache, project, output = (Path(argument) for argument in sys.argv[1:5])
    with events.told("the build"), building(cache):
        build(sdk, cache, project, output)
    return 0


def build(sdk: Path, cache: Path, project: Path, output: Path) -> None:
    found = layout.find(project)
    for warning in found.warnings:
        events.warning(warning)
    base = packages.official(cache, sdk / "overlay")
    dependencies, native = packages.dependencies(cache, found.requirements, base)
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
        shutil.copytree(sdk / "isolet_guest", app / "isolet_guest")
        shutil.copy2(sdk / "isolet_app.py", app / "isolet_app.py")
        (app / "isolet_build.json").write_text(component.configuration(found, native), encoding="utf-8")
        made = stage / "component.wasm"
        try:
            component.make(sdk, [stage / "project", dependencies, app, base], made)
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

"""`python -m isolet_build.wheel CACHE REQUIREMENT FOLDER`: one package's wheel, for an index of one's own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from . import distribution, events, native
from .events import NotBuilt, Problem
from .making import building


def main() -> int:
    cache, asked, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    with events.told("the wheel"), building(cache):
        try:
            made = _make(cache, asked, folder)
        except NotBuilt as error:
            why = error.why.removeprefix("and ")
            raise Problem(f"there is no wheel of {asked}: {why}", traceback=error.lines, cure=error.cure) from None
        events.done(wheel=str(made))
    return 0


def _make(cache: Path, asked: str, folder: Path) -> Path:
    chosen = partial(native.toolchain, cache)
    path = Path(asked)
    if asked.startswith(".") or path.name != asked:
        if not path.exists():
            raise Problem(f"there is no {asked}")
        made = distribution.build(cache, path.resolve().name, "", path.resolve(), [], set(), chosen)
    else:
        name, version = _package(asked)
        made = distribution.build(cache, name, version, None, [], set(), chosen)
    for warning in distribution.warnings(made, made.name.split("-")[0]):
        events.note(f"warning: {warning}")
    folder.mkdir(parents=True, exist_ok=True)
    # There whole or not at all.
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        return Path(shutil.copyfile(made, Path(beside) / made.name)).replace(folder / made.name)


def _package(asked: str) -> tuple[str, str]:
    try:
        requirement = Requirement(asked)
    except InvalidRequirement:
        raise Problem(f"{asked!r} names no package", cure="ask for PACKAGE, PACKAGE==VERSION or a folder") from None
    exact = [each.version for each in requirement.specifier if each.operator == "=="]
    if len(exact) != len(requirement.specifier) or requirement.extras or requirement.url or requirement.marker:
        raise Problem(f"{asked!r} is no package with a version", cure="ask for PACKAGE, PACKAGE==VERSION or a folder")
    return canonicalize_name(requirement.name), exact[0] if exact else ""


if __name__ == "__main__":
    sys.exit(main())

"""`python -m isolet_build.check SDK CACHE PROJECT [--no-types]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .. import events, layout, leaving, packages, tree
from ..layout import Layout
from ..making import building
from . import activities, checker, grants, missing
from .found import Found, Problem
from .modules import Modules
from .reached import Reached


def main() -> int:
    sdk, cache, project = (Path(argument) for argument in sys.argv[1:4])
    with events.told("the check"), building(cache):
        check(sdk, cache, project.absolute(), has_types="--no-types" not in sys.argv[4:])
    return 0


def check(sdk: Path, cache: Path, project: Path, *, has_types: bool) -> None:
    of = layout.find(project)
    base = packages.official(cache, sdk / "overlay")
    folder, told = packages.for_checking(cache, of.requirements, base)
    roots = list(dict.fromkeys([*(of.base / path for path in of.paths), of.base]))
    reached = Reached(Modules(roots, set(_files(of)), folder, base))
    started = [*of.modules, *([of.settings.data_converter.partition(":")[0]] if of.settings.data_converter else [])]
    reached.add(started)
    found = Found(modules=of.modules, warnings=list(of.warnings))
    found.problems += [*_unknown(reached, of.modules), *_left_out(of, folder)]
    missing.look(reached, of.base, folder, told, found)
    activities.look(reached, of.modules, of.base, found)
    grants.look(reached, of.base, folder, found)
    if reached.files and (has_types or _has_unread(reached)):
        found.problems += _of_checker(cache, project, of, roots, [folder, base], reached, has_types)
    else:
        found.problems += [_syntax(reached.files[name], of.base, error) for name, error in reached.unread.items()]
    for each in dict.fromkeys(found.warnings):
        events.warning(each)
    events.done(checked=found.told())


def _files(of: Layout) -> Iterator[Path]:
    """What a component would have of the project."""
    for part in of.parts:
        yield from [part] if part.is_file() else tree.files(part)


def _unknown(reached: Reached, modules: list[str]) -> Iterator[Problem]:
    for name in modules:
        if reached.modules.find(name) is None:
            yield Problem("pyproject.toml", 1, f"[tool.isolet] modules names {name}, and there is no such module", "name another, or say by `paths` where imports start")


def _left_out(of: Layout, packages: Path) -> Iterator[Problem]:
    if not of.settings.leave_out:
        return
    with tempfile.TemporaryDirectory() as folder:
        layout.stage(of, Path(folder) / "project")
        for pattern in leaving.unmatched(of.settings.leave_out, [Path(folder) / "project", packages]):
            yield Problem("pyproject.toml", 1, *leaving.complaint(pattern))


def _has_unread(reached: Reached) -> bool:
    """Whether this Python can't read what that of components may be able to."""
    return bool(reached.unread) and sys.version_info < (3, 14)


def _of_checker(
    cache: Path, project: Path, of: Layout, roots: list[Path], search: list[Path], reached: Reached, has_types: bool
) -> Iterator[Problem]:
    unread = {str(reached.files[name]) for name in reached.unread}
    for each in checker.problems(cache, project, roots, search, reached.files.values()):
        # Imports of modules that could be read have been looked at.
        if checker.is_absent(each):
            is_wanted = each.file in unread
        else:
            is_wanted = has_types or checker.is_syntax(each)
        if is_wanted:
            file = Path(each.file).relative_to(of.base).as_posix()
            message = f"SyntaxError: {each.message}" if checker.is_syntax(each) else each.message
            yield Problem(file, each.line, message, rule="" if checker.is_syntax(each) else each.rule)


def _syntax(file: Path, base: Path, error: SyntaxError) -> Problem:
    return Problem(file.relative_to(base).as_posix(), error.lineno or 1, f"SyntaxError: {error.msg}")


if __name__ == "__main__":
    sys.exit(main())

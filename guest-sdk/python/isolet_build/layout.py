"""What a project consists of: its folders, its modules, its settings, and what it depends on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import discovery, requirements, settings, source, tree, wheels
from .events import Problem
from .requirements import Requirements
from .roots import Roots, has
from .settings import Settings
from .source import Source

# Results of builds, in which copies of the sources lie.
_BUILT = {"build", "dist"}


@dataclass
class Layout:
    """A project as it was found."""

    # The folder that the component has as the project's, what of it belongs there, and where below it imports start.
    base: Path
    parts: list[Path]
    paths: list[str]
    modules: list[str]
    settings: Settings
    requirements: Requirements
    # What the author should know.
    warnings: list[str] = field(default_factory=list)


def find(path: Path) -> Layout:
    """Reads the project at `path`: a file, a folder, or a folder with a pyproject.toml."""
    path = path.absolute()
    if path.is_file():
        return _file(path)
    if not path.is_dir():
        raise Problem(f"there is no {path}")
    document = settings.pyproject(path)
    asked = settings.load(document)
    wanted = requirements.of_folder(path, document, asked)
    # A folder that is a package itself is imported by its name.
    base = path.parent if (path / "__init__.py").is_file() else path
    for each in asked.paths:
        if Path(each).is_absolute() or ".." in Path(each).parts or not (path / each).is_dir():
            raise Problem(f"pyproject.toml: [tool.isolet] paths names {each!r}, and there is no such folder in the project")
    usual = path / "src" if base == path and (path / "src").is_dir() else base
    given = [path / each for each in asked.paths]
    found = _Sources(path, usual if usual != base else path, usual, wanted, given)
    if not found.modules and usual != base:
        # Sources lie beside it, too.
        found = _Sources(path, path, usual, wanted, given)
    roots, modules, warnings = found.roots, found.modules, found.warnings
    base = path if all(path == root or path in root.parents for root in roots) else path.parent
    paths = [_below(base, root) for root in roots]
    return Layout(
        base=base,
        parts=[path] if base in roots else roots,
        paths=paths,
        modules=asked.modules or modules or _complain(path, warnings),
        settings=asked,
        requirements=wanted,
        warnings=[*([] if asked.modules else warnings), *_native([path] if base in roots else roots)],
    )


def stage(layout: Layout, target: Path) -> None:
    """Copies what belongs to the project, as it lies there."""
    target.mkdir(parents=True)
    for part in layout.parts:
        if part.is_file():
            tree.copy_file(part, target / part.relative_to(layout.base))
        else:
            tree.copy(part, target / part.relative_to(layout.base))


def _file(path: Path) -> Layout:
    if path.suffix != ".py":
        raise Problem(f"{path} is neither a Python file nor a folder")
    if "." in path.stem:
        raise Problem(f"{path.name} can't be imported: its name has a dot", cure="rename the file")
    document = settings.script(path)
    asked = settings.load(document, path.name)
    base = _above(path)
    return Layout(
        base=base,
        parts=_beside(path) if base == path.parent else [base / path.relative_to(base).parts[0]],
        paths=["."],
        modules=asked.modules or [_module(base, path)],
        settings=asked,
        requirements=requirements.of_script(path, document, asked),
    )


def _above(path: Path) -> Path:
    """Where the imports of a file start: beside it, or above the package that it is a part of by its own imports."""
    base = path.parent
    while (base / "__init__.py").is_file():
        base = base.parent
    own = source.read(_text(path), path.stem, False)
    package = path.relative_to(base).parts[0]
    is_part = base != path.parent and (own.depth or any(name.split(".")[0] == package for name in own.imports))
    return base if is_part else path.parent


def _beside(path: Path) -> list[Path]:
    """The file, the modules beside it, and the packages beside it that these import."""
    files = [path, *(each for each in sorted(path.parent.glob("*.py")) if each != path and each.is_file())]
    imports: set[str] = set()
    for file in files:
        imports |= source.read(_text(file), file.stem, False).imports
    names = {name.split(".")[0] for name in imports}
    folders = [path.parent / name for name in sorted(names) if (path.parent / name).is_dir() and has(path.parent, name, path)]
    return files + folders


class _Sources:
    """The modules of a folder, where their imports start, and which of them have activities."""

    def __init__(self, project: Path, folder: Path, usual: Path, wanted: Requirements, given: list[Path]) -> None:
        self._project = project
        self._texts = {
            file: _text(file)
            for file in tree.files(folder)
            if file.suffix == ".py" and not tree.is_test(file) and file.relative_to(project).parts[0] not in _BUILT
        }
        self._depths = {}
        roots = Roots(usual, self._folders(), wanted.names)
        for file, text in self._texts.items():
            read = source.read(text, "", False)
            self._depths[file] = read.depth
            roots.vote(file, read.imports)
        self.roots = given or self._chosen(roots, usual)
        files, sources = self._named()
        self.modules = discovery.modules(sources, _of_folders(wanted.folders))
        self.warnings = [
            f"{files[module].relative_to(project)}: {function} makes activities, and nothing calls it while modules are imported"
            for module, function in discovery.uncalled(sources)
        ]
        if not given:
            roots.check({files[name] for name in self.modules})
        for name in self.modules:
            if "." in files[name].stem:
                raise Problem(f"{files[name].relative_to(project)} can't be imported: its name has a dot", cure="rename the file")

    def _folders(self) -> list[Path]:
        """Where imports may start."""
        below = {parent for file in self._texts for parent in file.parents if self._project in parent.parents}
        return [self._project, self._project / "src", *sorted(below)]

    def _chosen(self, roots: Roots, usual: Path) -> list[Path]:
        chosen = roots.chosen()
        # A module outside of all of them is imported from where they usually start.
        if any(_root(file, 0, chosen) is None for file in self._texts):
            chosen.append(usual if all(_root(file, 0, [*chosen, usual]) for file in self._texts) else self._project)
        # Relative imports need packages above the module.
        if any(_root(file, depth, chosen) is None for file, depth in self._depths.items()):
            chosen.append(usual)
        return list(dict.fromkeys(chosen))

    def _named(self) -> tuple[dict[str, Path], dict[str, Source]]:
        """All modules by the names that they are imported by."""
        files: dict[str, Path] = {}
        sources: dict[str, Source] = {}
        for file, text in self._texts.items():
            root = _root(file, self._depths[file], self.roots) or _root(file, 0, self.roots)
            if root and (name := _module(root, file)):
                files[name] = file
                sources[name] = source.read(text, name, file.name == "__init__.py")
        return files, sources


def _of_folders(folders: list[Path]) -> dict[str, Source]:
    """The modules of the project's own packages in other folders, which may have its decorators."""
    sources = {}
    for folder in folders:
        root = folder / "src" if (folder / "src").is_dir() else folder
        for file in tree.files(root):
            if file.suffix == ".py" and not tree.is_test(file):
                name = _module(root, file)
                sources[name] = source.read(_text(file), name, file.name == "__init__.py")
    return sources


def _native(parts: list[Path]) -> list[str]:
    """What to say of native code that components can't have."""
    found = (file for part in parts if part.is_dir() for file in tree.native(part))
    return [f"{file} is left out: it is native code for another machine; components take *{wheels.SUFFIXES[0]} of WebAssembly" for file in found]


def _complain(path: Path, warnings: list[str]) -> Any:
    if warnings:
        raise Problem(
            f"{path} has no activities: {warnings[0]}",
            cure="call it in its module and keep what it makes, such as `activities = make_activities(…)`",
        )
    raise Problem(
        f"no module of {path} has activities: none marks a function with @activity.defn",
        cure="name the modules in pyproject.toml: [tool.isolet] modules = [...]",
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise Problem(f"can't read {file}: {error.strerror}") from None


def _below(base: Path, root: Path) -> str:
    return root.relative_to(base).as_posix()


def _root(file: Path, depth: int, roots: list[Path]) -> Path | None:
    """The first of the folders that has a file, that many packages deep."""
    return next((root for root in roots if root in file.parents[depth:]), None)


def _parts(file: Path) -> tuple[str, ...]:
    return file.with_suffix("").parts


def _module(root: Path, file: Path) -> str:
    parts = _parts(file.relative_to(root))
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

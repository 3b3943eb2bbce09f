"""What a project consists of: its modules, its dependencies, its settings."""

from __future__ import annotations

import ast
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

from .events import Problem

try:
    import tomllib
except ImportError:  # Python 3.10 and older.
    from pip._vendor import tomli as tomllib  # type: ignore[no-redef]

# Folders that are no part of what runs.
_SKIPPED = {"__pycache__", "node_modules", "build", "dist", "venv", "env", "site-packages", "tests", "test"}
_KNOWN = {"modules", "interrupt-loops", "strict-metrics", "leave-out"}

# A file's own dependencies, as PEP 723 writes them.
_SCRIPT = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


@dataclass
class Layout:
    """A project as it was found."""

    # Where imports start, and what below it belongs to the project.
    root: Path
    files: list[Path]
    modules: list[str]
    requirements: list[str]
    interrupt_loops: list[str] = field(default_factory=list)
    strict_metrics: bool = False
    # What of the project's and its packages' files the component does without.
    leave_out: list[str] = field(default_factory=list)


def find(path: Path) -> Layout:
    """Reads the project at `path`: a file, a folder, or a folder with a pyproject.toml."""
    if path.is_file():
        return _file(path)
    if not path.is_dir():
        raise Problem(f"there is no {path}")
    settings = _pyproject(path / "pyproject.toml")
    tool = settings.get("tool", {}).get("isolet", {})
    if unknown := set(tool) - _KNOWN:
        raise Problem(f"pyproject.toml: [tool.isolet] has no {sorted(unknown)[0]!r}; it has {', '.join(sorted(_KNOWN))}")
    root = _root(path)
    files = [path] if root != path and root == path.parent else [root]
    sources = list(_sources(path if root == path.parent else root))
    modules = tool.get("modules") or [_module(root, source) for source in sources if _may_have_activities(source)]
    if not modules:
        raise Problem(
            f"no module of {path} has activities: none decorates a function with @activity.defn",
            cure="name the modules in pyproject.toml: [tool.isolet] modules = [...]",
        )
    return Layout(
        root=root,
        files=files,
        modules=modules,
        requirements=_requirements(path, settings),
        interrupt_loops=tool.get("interrupt-loops", []),
        strict_metrics=tool.get("strict-metrics", False),
        leave_out=tool.get("leave-out", []),
    )


def stage(layout: Layout, target: Path) -> None:
    """Copies what belongs to the project, without what is hidden, built or installed there."""
    target.mkdir(parents=True)
    for each in layout.files:
        if each.is_file():
            # What lies beside it may be imported by it.
            for source in each.parent.glob("*.py"):
                shutil.copy2(source, target / source.name)
        elif each == layout.root:
            shutil.copytree(each, target, ignore=_ignored, dirs_exist_ok=True)
        else:
            shutil.copytree(each, target / each.name, ignore=_ignored)


def _file(path: Path) -> Layout:
    if path.suffix != ".py":
        raise Problem(f"{path} is neither a Python file nor a folder")
    requirements: list[str] = []
    if match := _SCRIPT.search(path.read_text(encoding="utf-8", errors="replace")):
        lines = (line[2:] if line.startswith("# ") else line[1:] for line in match["content"].splitlines())
        requirements = tomllib.loads("\n".join(lines)).get("dependencies", [])
    if not path.stem.isidentifier():
        raise Problem(f"{path.name} can't be imported: its name is no Python identifier", cure="rename the file")
    if not _may_have_activities(path):
        raise Problem(f"{path.name} has no activities: mark at least one function with @activity.defn")
    return Layout(root=path.parent, files=[path], modules=[path.stem], requirements=requirements)


def _pyproject(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{path}: {error}") from None


def _root(path: Path) -> Path:
    """Where imports start: in `src` if there is one, above a package, else in the folder itself."""
    if (path / "src").is_dir():
        return path / "src"
    return path.parent if (path / "__init__.py").is_file() else path


def _requirements(path: Path, settings: dict[str, Any]) -> list[str]:
    if "project" in settings:
        return list(settings["project"].get("dependencies", []))
    listed = path / "requirements.txt"
    if not listed.is_file():
        return []
    lines = (line.split(" #")[0].strip() for line in listed.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in _SKIPPED and not path.name.startswith(".") and path.name.isidentifier():
                yield from _sources(path)
        elif path.suffix == ".py" and not path.name.startswith("test_") and path.name not in ("conftest.py", "setup.py"):
            yield path


def _may_have_activities(path: Path) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    if "defn" not in text or "temporalio" not in text:
        return False
    try:
        tree = ast.parse(text)
    except SyntaxError:
        # Whether it is one to the component's newer Python, that one says.
        return True
    decorated = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(_is_activity(mark) for node in ast.walk(tree) if isinstance(node, decorated) for mark in node.decorator_list)


def _is_activity(decorator: ast.expr) -> bool:
    """`activity.defn`, `defn`, or either with arguments; not `workflow.defn`."""
    mark = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(mark, ast.Attribute):
        owner = mark.value
        name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        return mark.attr == "defn" and name != "workflow"
    return isinstance(mark, ast.Name) and mark.id == "defn"


def _module(root: Path, source: Path) -> str:
    parts = list(source.relative_to(root).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _ignored(folder: str, names: list[str]) -> set[str]:
    skipped = _SKIPPED - {"build", "dist"}
    return {
        name
        for name in names
        if name in skipped or name.startswith(".") or name.endswith((".so", ".pyd", ".dylib", ".wasm", ".pyc"))
    }

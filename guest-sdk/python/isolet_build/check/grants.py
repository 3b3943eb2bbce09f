"""What the code asks for that only works where it is granted, and variables that it asks for too early."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.utils import canonicalize_name

from .. import installed, source
from .found import Found, Grant, Problem
from .reached import Reached

# What sends requests: modules of Python's, and packages that others are built on.
_MODULES = {"urllib.request", "http.client", "xmlrpc.client"}
_CLIENTS = {"requests", "urllib3", "httpx", "httpx2", "aiohttp"}

_OF_TEMPORAL = {"temporalio.activity.client", "temporalio.client.Client.connect"}
_OPENING = {"open", "io.open", "pathlib.Path", "os.listdir", "os.scandir", "os.walk", "os.makedirs", "os.mkdir", "os.stat"}

# What every attempt has without a grant.
_OWN = ("/tmp", "/dev/null")

_ORIGIN = re.compile(r"https?://(?:[\w-]+\.)*[\w-]+(?::\d+)?(?=[/?#]|$)")
_PATH = re.compile(r"(/[\w.@+-]+)+/?")


def look(reached: Reached, base: Path, packages: Path, found: Found) -> None:
    """Finds what the project's modules ask for."""
    sending = _sending(packages)
    # Each client once, where it is imported first.
    senders: dict[str, Grant] = {}
    origins = []
    for name, tree in reached.trees.items():
        file = reached.files[name]
        place = file.relative_to(base).as_posix()
        for each in reached.imports(name):
            modules = {each.module, *(f"{each.module}.{part}" for part in each.names)}
            if what := next(iter(modules & _MODULES), "") or sending.get(each.module.split(".")[0], ""):
                senders.setdefault(what, Grant("http", f"{what} sends requests", place, each.line, "--http https://HOST"))
        for origin, line in _origins(tree):
            origins.append(Grant("http", f"{origin} is named", place, line, f"--http {origin}"))
        names = source.names(tree, name, file.name == "__init__.py")
        _Reader(found, place, names, name in reached.certain).visit(tree)
    if senders:
        found.grants += [*senders.values(), *origins]


def _sending(packages: Path) -> dict[str, str]:
    """By what is imported of the dependencies: what of it sends requests, for those that do."""
    needs, tops = {}, {}
    for metadata in packages.glob("*.dist-info/METADATA"):
        name = canonicalize_name(metadata.parent.name[: -len(".dist-info")].rpartition("-")[0])
        needs[name] = {canonicalize_name(each.name) for each in installed.requires(metadata) if not each.marker or "extra" not in str(each.marker)}
        record = metadata.with_name("RECORD")
        lines = record.read_text(encoding="utf-8", errors="replace").splitlines() if record.is_file() else []
        tops[name] = {re.split(r"[/.,]", line)[0] for line in lines}
    return {top: f"{name} (with {client})" if client != name else name for name in needs for client in _clients(name, needs) for top in tops[name]}


def _clients(name: str, needs: dict[str, set[str]]) -> list[str]:
    """The first client that a package is, or needs."""
    waiting, seen = [name], set()
    while waiting:
        each = waiting.pop(0)
        if each in _CLIENTS:
            return [each]
        if each not in seen:
            seen.add(each)
            waiting += sorted(needs.get(each, ()))
    return []


def _origins(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Servers that texts name, but for those of documentation."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            if match := _ORIGIN.match(node.value):
                yield match[0], node.lineno


class _Reader(ast.NodeVisitor):
    """Walks through a module, and knows what of it happens when it is imported."""

    def __init__(self, found: Found, file: str, names: dict[str, str], is_certain: bool) -> None:
        self._found, self._file, self._names = found, file, names
        # Whether this waits for a call, and whether it happens in any case when the module is imported.
        self._is_called, self._is_certain = False, is_certain

    @contextmanager
    def _within(self, *, called: bool = False) -> Iterator[None]:
        before = self._is_called, self._is_certain
        self._is_called, self._is_certain = self._is_called or called, False
        yield
        self._is_called, self._is_certain = before

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for each in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(each)
        with self._within(called=True):
            for each in node.body:
                self.visit(each)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        with self._within(called=True):
            self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        # What a script does when it is run, it does not when it is imported.
        if not (isinstance(node.test, ast.Compare) and source.dotted(node.test.left) == "__name__"):
            self.visit_Try(node)

    def visit_Try(self, node: ast.AST) -> None:
        with self._within():
            self.generic_visit(node)

    visit_For = visit_While = visit_IfExp = visit_BoolOp = visit_ListComp = visit_DictComp = visit_SetComp = visit_GeneratorExp = visit_Try

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if self._full(node.value) == "os.environ" and isinstance(node.ctx, ast.Load):
            self._asks(node.slice, node, must=True)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._full(node.func)
        first = node.args[0] if node.args else None
        if name in ("os.getenv", "os.environ.get") and first:
            self._asks(first, node, must=False)
        elif name in _OF_TEMPORAL:
            self._grant("client", "Temporal's client is used", node, "--client methods=METHOD")
        elif name in _OPENING and isinstance(first, ast.Constant) and isinstance(first.value, str):
            self._opens(first.value, node)
        self.generic_visit(node)

    def _asks(self, name: ast.expr, node: ast.expr, *, must: bool) -> None:
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            return
        if self._is_called:
            self._grant("environment", f"{name.value} is read", node, f"--env {name.value}")
        elif must and self._is_certain:
            message = f"the variable {name.value} is read when the module is imported, which is at build time, where there is none"
            self._found.problems.append(Problem(self._file, node.lineno, message, "read it in the activity"))
        else:
            self._found.warnings.append(
                f"{self._file}:{node.lineno}: the variable {name.value} is read when the module is imported, which is at "
                "build time, where there is none: read it in the activity"
            )

    def _opens(self, path: str, node: ast.expr) -> None:
        if _PATH.fullmatch(path) and not path.startswith(_OWN):
            folder = path.rstrip("/") if path.endswith("/") or "." not in path.rpartition("/")[2] else path.rpartition("/")[0]
            self._grant("directories", f"{path} is named", node, f"--dir {folder or '/'}:{folder or '/'}")

    def _grant(self, grant: str, what: str, node: ast.expr, option: str) -> None:
        self._found.grants.append(Grant(grant, what, self._file, node.lineno, option))

    def _full(self, node: ast.expr) -> str:
        first, dot, rest = source.dotted(node).partition(".")
        return f"{self._names.get(first, first)}{dot}{rest}"

"""What a module's text says of it: what it imports, and what it asks for while it is imported and later."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

_DEFN = "defn"
_LISTS = {"activities", "ACTIVITIES"}

# Those of Temporal's modules that have a `defn` for something else.
_OTHERS = {"workflow", "nexus", "nexusrpc"}


@dataclass
class Source:
    """A module, as far as its text tells. Names with dots are those of modules, or of what they define."""

    # By `import a.b` and `from a.b import c`, relative ones resolved: `a.b`, and `a.b.c`, which may be a module.
    imports: set[str] = field(default_factory=set)
    # How many packages a module must be in for its relative imports.
    depth: int = 0
    # The modules of `from … import *`.
    stars: set[str] = field(default_factory=set)
    # What the names that it imports stand for, and those that it defines.
    names: dict[str, str] = field(default_factory=dict)
    # The names that it asks for while it is imported, decorators included.
    used: set[str] = field(default_factory=set)
    # The names that its functions ask for when they are called, its classes, and its variables, by their names.
    within: dict[str, set[str]] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    # What a list named `activities` has.
    listed: set[str] = field(default_factory=set)
    # It can't be read by this Python, and has the word.
    may_have_activities: bool = False


def read(text: str, module: str, is_package: bool) -> Source:
    """Reads a module's text."""
    source = Source()
    try:
        tree = ast.parse(text)
        _Reader(source, module, is_package).read(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The component's Python is a newer one, and says what is wrong if it does not read it either.
        return Source(may_have_activities=_DEFN in text)
    return source


def names(tree: ast.Module, module: str, is_package: bool) -> dict[str, str]:
    """What the names that a module imports stand for, and those that it defines."""
    source = Source()
    _Reader(source, module, is_package).read(tree)
    return source.names


def is_defn(name: str) -> bool:
    """Whether a full name is that of `temporalio.activity.defn`, as far as one can tell."""
    owner, _, last = name.rpartition(".")
    return last == _DEFN and not _OTHERS & set(owner.split("."))


class _Reader(ast.NodeVisitor):
    def __init__(self, source: Source, module: str, is_package: bool) -> None:
        self._source, self._module = source, module
        self._package = module if is_package else module.rpartition(".")[0]
        # What is defined at the top level there, and whether it waits for a call.
        self._owner, self._later = "", False

    def read(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._import(node)
            elif isinstance(node, ast.ImportFrom):
                self._import_from(node)
        for node in tree.body:
            self.visit(node)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            first = alias.name.split(".")[0]
            self._source.imports.add(alias.name)
            self._source.names[alias.asname or first] = alias.name if alias.asname else first

    def _import_from(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            self._source.depth = max(self._source.depth, node.level)
            parts = self._package.split(".") if self._package else []
            above = parts[: len(parts) - node.level + 1]
            base = ".".join([*above, *([base] if base else [])])
        if not base:
            return
        # A relative one says nothing of where imports start.
        if not node.level:
            self._source.imports.add(base)
        for alias in node.names:
            if alias.name == "*":
                self._source.stars.add(base)
                continue
            if not node.level:
                self._source.imports.add(f"{base}.{alias.name}")
            self._source.names[alias.asname or alias.name] = f"{base}.{alias.name}"

    def visit_If(self, node: ast.If) -> None:
        # What a script does when it is run, it does not when it is imported.
        if not (isinstance(node.test, ast.Compare) and dotted(node.test.left) == "__name__"):
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for each in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(each)
        if not self._owner:
            self._source.functions.add(node.name)
        self._within(node.name, node.body, later=True)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._within("", [node.body], later=True)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in node.decorator_list:
            self.visit(each)
        self._within(node.name, [*node.bases, *node.body])

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self._assign(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._assign(node.target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        name = dotted(target)
        if name in _LISTS and not self._owner:
            self._source.listed.update(filter(None, map(dotted, ast.walk(value))))
        self._within(name, [value])

    def _within(self, name: str, nodes: list, later: bool = False) -> None:
        before = self._owner, self._later
        if not self._owner and name:
            self._owner = name
            self._source.names[name] = f"{self._module}.{name}"
            self._source.within.setdefault(name, set())
        self._later = self._later or later
        for node in nodes:
            self.visit(node)
        self._owner, self._later = before

    def visit_Name(self, node: ast.Name) -> None:
        self._ask(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if name := dotted(node):
            self._ask(name)
        else:
            self.generic_visit(node)

    def _ask(self, name: str) -> None:
        if not self._later:
            self._source.used.add(name)
        if self._owner:
            self._source.within[self._owner].add(name)


def dotted(node: ast.AST) -> str:
    """A name, with dots or without; nothing if it is something else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""

"""What a module's text imports, and when."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# When an import happens: whenever the module is imported; perhaps, as where an error is caught; when a function is called.
ALWAYS, MAYBE, CALLED = "always", "maybe", "called"

# Who catches one of these does without what is missing.
_CAUGHT = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}

# What may leave out the statements within it.
_CHOICES = tuple(kind for name in ("For", "AsyncFor", "While", "Match", "TryStar") if (kind := getattr(ast, name, None)))


class Import(NamedTuple):
    """An import of a module, or of names that may be modules of it."""

    module: str
    names: tuple[str, ...]
    line: int
    when: str


def read(tree: ast.Module, module: str, is_package: bool) -> list[Import]:
    """The imports of a module, but for those that only type checkers and scripts see."""
    return list(_Reader(module, is_package).of(tree.body, ALWAYS))


class _Reader:
    def __init__(self, module: str, is_package: bool) -> None:
        self._package = module if is_package else module.rpartition(".")[0]

    def of(self, nodes: Iterable[ast.AST], when: str) -> Iterator[Import]:
        for node in nodes:
            yield from self._of(node, when)

    def _of(self, node: ast.AST, when: str) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, (), node.lineno, when) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if module := self._base(node):
                yield Import(module, tuple(alias.name for alias in node.names if alias.name != "*"), node.lineno, when)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from self.of(node.body, CALLED if when == ALWAYS else when)
        elif isinstance(node, ast.If):
            if not _names(node.test) & {"TYPE_CHECKING", "__name__"}:
                yield from self.of(node.body, MAYBE)
            yield from self.of(node.orelse, MAYBE)
        elif isinstance(node, ast.Try):
            caught = any(not each.type or _names(each.type) & _CAUGHT for each in node.handlers)
            yield from self.of([*node.body, *node.orelse], MAYBE if caught else when)
            yield from self.of([each for handler in node.handlers for each in handler.body], MAYBE)
            yield from self.of(node.finalbody, when)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            suppresses = any("suppress" in _names(item.context_expr) for item in node.items)
            yield from self.of(node.body, MAYBE if suppresses else when)
        elif isinstance(node, ast.ClassDef):
            yield from self.of(node.body, when)
        elif isinstance(node, _CHOICES):
            yield from self.of(_statements(node), MAYBE)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self._package.split(".") if self._package else []
        above = parts[: len(parts) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """The imports within a loop or a choice."""
    yield from (each for each in ast.walk(node) if isinstance(each, (ast.Import, ast.ImportFrom)))


def _names(node: ast.AST) -> set[str]:
    named = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return named | {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}

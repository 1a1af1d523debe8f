"""Which lines use what a module defines outside of its functions, such as a table or a pattern.

Names are matched without regard to their module, so what is found is rather too much than too little.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.cors.mutation.reached_lines import Lines, lines_of


class TableUsers:
    """The names of some files: who uses them, in functions and in other tables."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.files = sorted(files)
        self._lines: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
        self._tables: defaultdict[str, set[str]] = defaultdict(set)
        for path in self.files:
            self._note(path)

    def of(self, path: Path, node: ast.AST) -> Lines | None:
        """Return the lines inside functions that use the statement around a node, None when any may."""
        line = getattr(node, "lineno", 0)
        for statement in ast.parse(path.read_text()).body:
            if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
                names = set(_defined(statement, line))
                return self._users(names) | _own_lines(str(path), statement) if names else None
        return None

    def _users(self, names: set[str]) -> set[tuple[str, int]]:
        left, seen = list(names), set(names)
        while left:
            further = self._tables[left.pop()] - seen
            seen |= further
            left += further
        return {line for name in seen for line in self._lines[name]}

    def _note(self, path: Path) -> None:
        tree = ast.parse(path.read_text())
        inside = lines_of(tree)
        for statement in tree.body:
            defined = set(_defined(statement, None))
            for node in ast.walk(statement):
                lines = inside[id(node)]
                for name in _used(node):
                    if lines is None:
                        self._tables[name] |= defined
                    else:
                        self._lines[name] |= {(str(path), line) for line in lines}


def _used(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    if isinstance(node, ast.Attribute):
        yield node.attr
    if isinstance(node, ast.keyword) and node.arg:
        yield node.arg


def _defined(statement: ast.stmt, line: int | None) -> Iterator[str]:
    """The names that a statement outside of functions binds; of a class, those of the part at a line as well."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    if isinstance(statement, ast.ClassDef):
        for part in statement.body:
            if line is not None and part.lineno <= line <= (part.end_lineno or part.lineno):
                yield from _defined(part, line)
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for to in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
            for node in ast.walk(to):
                if isinstance(node, ast.Name):
                    yield node.id


def _own_lines(file: str, statement: ast.stmt) -> set[tuple[str, int]]:
    """The lines of a function or class, whose defaults and decorators are what is used."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {(file, line) for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)}
    return set()

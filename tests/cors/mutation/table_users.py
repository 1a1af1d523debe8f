"""Which lines use what a module defines outside of its functions, such as a table or a pattern.

Names are matched without regard to their module, so what is found is rather too much than too little.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

from tests.cors.mutation.reached_lines import Lines, lines_of


class TableUsers:
    """The names of some files: who uses them, in functions and in other tables."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.files = sorted(files)
        self._lines: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
        self._tables: defaultdict[str, set[str]] = defaultdict(set)
        self._importers: defaultdict[str, set[Path]] = defaultdict(set)
        for path in self.files:
            self._note(path)

    def lines(self, path: Path, node: ast.AST, inside: range | None) -> Lines | None:
        """Return the lines that a change of a node may show in, None when any may: its own, `inside` a function, and
        those inside functions that use the statement around it, or what is made of that when modules are imported.
        """
        own = {(str(path), line) for line in inside or ()}
        statement = _around(path, node)
        names = _names(statement, node)
        if inside is not None:
            return own | (self._users(names) if self._made_of(names) != names else set())
        return self._users(names) | _own_lines(str(path), statement) if names and statement else None

    def modules(self, path: Path, node: ast.AST) -> list[Path]:
        """Return the other modules of the rules that make something of the statement around a node when imported."""
        names = self._made_of(_names(_around(path, node), node))
        return sorted({user for name in names for user in self._importers[name]} - {path})

    def _made_of(self, names: Set[str]) -> set[str]:
        left, seen = list(names), set(names)
        while left:
            further = self._tables[left.pop()] - seen
            seen |= further
            left += further
        return seen

    def _users(self, names: Set[str]) -> set[tuple[str, int]]:
        return {line for name in self._made_of(names) for line in self._lines[name]}

    def _note(self, path: Path) -> None:
        tree = ast.parse(path.read_text())
        inside = lines_of(tree)
        for statement in tree.body:
            defined = set(_defined(statement, None))
            if isinstance(statement, ast.FunctionDef) and statement.decorator_list:
                # What its decorators use shows where it runs, such as a rule, whose name nothing else uses.
                self._lines[statement.name] |= _own_lines(str(path), statement)
            for node in _without_annotations(statement):
                lines = inside[id(node)]
                for name in _used(node):
                    if lines is None:
                        self._tables[name] |= defined
                        if "tests" not in path.parts:
                            self._importers[name].add(path)
                    else:
                        self._lines[name] |= {(str(path), line) for line in lines}


def _around(path: Path, node: ast.AST) -> ast.stmt | None:
    """The statement outside of functions that a node is part of."""
    line = getattr(node, "lineno", 0)
    statements = ast.parse(path.read_text()).body
    return next((one for one in statements if _first(one) <= line <= (one.end_lineno or one.lineno)), None)


def _first(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", None)
    return decorators[0].lineno if decorators else statement.lineno


def _names(statement: ast.stmt | None, node: ast.AST) -> set[str]:
    return set(_defined(statement, getattr(node, "lineno", 0))) if statement else set()


def _without_annotations(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement but its types, which use nothing when they are read."""
    yield node
    for name, inner in ast.iter_fields(node):
        if name not in ("annotation", "returns"):
            for one in inner if isinstance(inner, list) else [inner]:
                if isinstance(one, ast.AST):
                    yield from _without_annotations(one)


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

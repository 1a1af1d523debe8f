"""Which lines of some files each test reaches, so that a mutant is run only by the tests that can notice it."""

from __future__ import annotations

import ast
import gc
import sys
import time
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType

import pytest

Lines = Set[tuple[str, int]]
"""Lines of files."""

_TOOL = sys.monitoring.COVERAGE_ID


class ReachedLines:
    """The lines that each test reaches, and how long it takes."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = {str(path) for path in files}
        self._found: list[CodeType] = []
        self._now: set[tuple[str, int]] = set()
        self._tests: list[tuple[float, pytest.Item, frozenset[tuple[str, int]]]] = []

    @contextmanager
    def of(self, item: pytest.Item) -> Iterator[None]:
        """Record what runs inside as this test's."""
        self._now = set()
        sys.monitoring.use_tool_id(_TOOL, "reached lines")
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, self._line)
        for code in self._codes():
            sys.monitoring.set_local_events(_TOOL, code, sys.monitoring.events.LINE)
        sys.monitoring.restart_events()
        started = time.process_time()
        try:
            yield
        finally:
            sys.monitoring.free_tool_id(_TOOL)
        self._tests.append((time.process_time() - started, item, frozenset(self._now)))

    def _codes(self) -> list[CodeType]:
        """Return the code of every function in the files; watching these alone leaves all else at full speed."""
        if not self._found:
            waiting = [
                value.__code__ for value in gc.get_objects() if isinstance(value, FunctionType) and value.__code__
            ]
            found: dict[int, CodeType] = {}
            while waiting:
                code = waiting.pop()
                if code.co_filename in self._files and id(code) not in found:
                    found[id(code)] = code
                    waiting += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
            self._found = list(found.values())
        return self._found

    def items(self, lines: Lines | None) -> Sequence[pytest.Item]:
        """Return the tests that reach one of the lines, the quick ones first; for None, all tests."""
        found = sorted((took, at) for at, (took, _, reached) in enumerate(self._tests) if _meet(lines, reached))
        return [self._tests[at][1] for _, at in found]

    def _line(self, code: CodeType, line: int) -> object:
        if code.co_filename in self._files:
            self._now.add((code.co_filename, line))
        return sys.monitoring.DISABLE


def _meet(lines: Lines | None, reached: frozenset[tuple[str, int]]) -> bool:
    return lines is None or not lines.isdisjoint(reached)


def lines_of(tree: ast.Module) -> dict[int, range | None]:
    """Return for each node, by its id, the lines of its statement; None outside of functions."""
    found: dict[int, range | None] = {}

    def visit(node: ast.AST, lines: range | None, is_inside: bool) -> None:
        if is_inside and isinstance(node, ast.stmt):
            body = getattr(node, "body", None) or getattr(node, "cases", None)
            if isinstance(node, ast.FunctionDef | ast.Try):
                lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            else:
                last = (node.end_lineno or node.lineno) + 1
                first_inside = getattr(getattr(body[0], "pattern", body[0]), "lineno", last) if body else last
                lines = range(node.lineno, max(first_inside, node.lineno + 1))
        found[id(node)] = lines
        for inner in ast.iter_child_nodes(node):
            visit(inner, lines, is_inside or isinstance(node, ast.FunctionDef))

    visit(tree, None, is_inside=False)
    return found

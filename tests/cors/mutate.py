"""Break the rules one by one and see whether a test notices: `python -m tests.cors.mutate [options]`.

A mutant is one file of `apis/cors` with one thing changed: a comparison, an `and`, a constant, an entry of a table, a
statement left out. Each is put in place in a fork of its own, which runs the tests that reach the changed line, or for
a table or a decorator the lines that use what it makes, the quick ones first, until one fails. Prose that only people
read is left alone. Survivors are printed; the exit code is 1 when fewer than 95 % die.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType, NoneType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

from tests.cors.mutation.mutants import mutants
from tests.cors.mutation.reached_lines import ReachedLines, lines_of
from tests.cors.mutation.table_users import TableUsers

ROOT = Path(__file__).resolve().parents[2]
RULES = "browser call safelist fields origins judging messages reasons"
TESTS = "test_browser_verdict test_browser_preflight test_browser_redirects test_browser_origins test_browser_lifetime"
TESTS += " test_browser_messages test_judge_contract test_judge_properties test_recorded_verdicts"
ROOMS = {
    "paste": ["paste", "explain/test_explain.py", "explain/test_explain_fixes.py"],
    "explain": ["paste", "explain"],
    "formats": ["formats"],
    "lint": ["lint"],
}
"""The rooms of the rules, each with its tests."""
SLOW = "explain_work lint_command any_text linear contradiction recorded_exchanges slopes both_take mangled chromium"
"""Words in the names of tests that take seconds each: of crashes, of time, and of what others show more quickly."""
GOAL = 0.95
PATIENCE_S = 60
SURVIVES = 42


def transplant(module: ModuleType, code: CodeType) -> None:
    """Replace a loaded module's code. Functions keep their identity, so that importers see the change."""
    fresh: dict[str, Any] = {name: value for name, value in vars(module).items() if name.startswith("__")}
    exec(code, fresh)
    old = dict(vars(module))
    kept = {id(new): old[name] for name, new in fresh.items() if name in old and _same_record(old[name], new)}
    for name, new in fresh.items():
        if id(new) in kept and kept[id(new)] is old[name]:
            _replace_fields(old[name], new)
            continue
        if isinstance(new, tuple) and isinstance(old.get(name), tuple) and any(id(entry) in kept for entry in new):
            _replace_entries(old[name], tuple(kept.get(id(entry), entry) for entry in new))
            continue
        if name not in old or name.startswith("__"):
            vars(module)[name] = new
        elif isinstance(new, type) and new.__module__ == module.__name__:
            for part, function in vars(new).items():
                # What calls super() knows its class: with and without, they are not of one shape.
                if _replace_code(vars(old[name]).get(part), function) is None:
                    setattr(old[name], part, function)
        elif _replace_code(old[name], new) is False and not isinstance(new, ModuleType):
            _replace_everywhere(name, old[name], new)


def _replace_code(old: Any, new: Any) -> bool | None:
    """Whether these are functions of the module, whose code was replaced; None when they are, but it cannot be."""
    # Of properties and class methods, the function inside.
    old, new = getattr(old, "fget", old), getattr(new, "fget", new)
    old, new = getattr(old, "__func__", old), getattr(new, "__func__", new)
    if hasattr(old, "cache_clear"):
        old.cache_clear()
        old, new = old.__wrapped__, new.__wrapped__
    if isinstance(old, FunctionType) and isinstance(new, FunctionType) and old.__module__ == new.__module__:
        if old.__code__.co_freevars == new.__code__.co_freevars:
            old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
            _replace_enclosed(old, new)
            return True
        return None
    return False


def _replace_enclosed(old: FunctionType, new: FunctionType) -> None:
    """Give a function what its new form encloses: the function that a decorator wraps, for one."""
    for mine, theirs in zip(old.__closure__ or (), new.__closure__ or (), strict=True):
        # A class that is enclosed for `super()` stays the one whose instances call it.
        is_class = isinstance(mine.cell_contents, type)
        if not is_class and _replace_code(mine.cell_contents, theirs.cell_contents) is not True:
            mine.cell_contents = theirs.cell_contents


def _same_record(old: Any, new: Any) -> bool:
    """Whether these are the same dataclass instance before and after, such as a rule with its function."""
    return is_dataclass(new) and not isinstance(new, type) and type(old) is type(new)


def _replace_fields(old: Any, new: Any) -> None:
    """Give a record, which other modules hold, the changed fields; its functions keep their identity."""
    for field in fields(new):
        if not _replace_code(getattr(old, field.name), getattr(new, field.name)):
            object.__setattr__(old, field.name, getattr(new, field.name))


def _replace_entries(old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
    """Put a changed list of records in place wherever it is bound, whole or as part of a longer one."""
    lost = [entry for entry in old if not any(entry is kept for kept in new)]
    for place, module in list(sys.modules.items()):
        if place.startswith(("apis.", "tests.cors")):
            for bound, value in list(vars(module).items()):
                if value is old:
                    setattr(module, bound, new)
                elif isinstance(value, tuple) and any(value_entry is entry for value_entry in value for entry in lost):
                    setattr(module, bound, tuple(one for one in value if not any(one is entry for entry in lost)))


def _replace_everywhere(name: str, old: Any, new: Any) -> None:
    """Small values are shared by many names: of these, only those bound to the same name are meant."""
    small = isinstance(old, int | str | NoneType)
    for place, module in list(sys.modules.items()):
        if place.startswith(("apis.cors", "tests.cors")):
            for bound, value in list(vars(module).items()):
                if value is old and (not small or bound == name):
                    setattr(module, bound, new)


def _forget_answers() -> None:
    """Empty the caches of the rules: what they hold was found before the change."""
    for place, module in list(sys.modules.items()):
        if place.startswith("apis.cors"):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


class Run:
    """A pytest plugin that, instead of running the tests once, runs them on every mutant until the first failure."""

    def __init__(self, rules: Sequence[str], sample: int | None, seed: int, processes: int) -> None:
        self._processes = processes
        self._left: list[tuple[str, int]] = []
        for rule in rules:
            places = range(sum(1 for _ in mutants(_tree(rule))))
            if sample and sample < len(places):
                places = sorted(random.Random(f"{seed} {rule}").sample(places, sample))  # type: ignore[assignment]
            self._left += [(rule, place) for place in places]
        self._children: dict[int, tuple[str, str]] = {}
        self._users = TableUsers([*(ROOT / "apis" / "cors").rglob("*.py"), *Path(__file__).parent.rglob("*.py")])
        self._reached = ReachedLines(self._users.files)
        self.total = Counter(rule for rule, _ in self._left)
        self.survivors: Counter[str] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Fork a child for each mutant; the tests are collected already and come along."""
        wanted = set(self._left)
        rules = sorted({rule for rule, _ in wanted})
        # Some are imported only when a test needs them, and what a module has is watched from the first test on.
        for rule in rules:
            importlib.import_module(f"apis.cors.{rule}")
        for item in session.items:
            with self._reached.of(item):
                if not _passes(item):
                    raise pytest.UsageError(f"{item.nodeid} fails before anything is changed")
        gc.freeze()
        for rule in rules:
            tree = _tree(rule)
            inside = lines_of(tree)
            for place, (what, node, changed) in enumerate(mutants(tree)):
                if (rule, place) in wanted:
                    items = self._reached.items(self._users.lines(_path(rule), node, inside[id(node)]))
                    self._start(items, rule, what, changed(), self._users.modules(_path(rule), node))
        while self._children:
            self._wait()
        return True

    def _start(
        self, items: Sequence[pytest.Item], rule: str, what: str, tree: ast.Module, users: Sequence[Path]
    ) -> None:
        while len(self._children) >= self._processes:
            self._wait()
        child = os.fork()
        if child:
            self._children[child] = rule, what
            return
        survives = False
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            # One that never ends is ended, and counts as noticed; CPU time, as another program may slow it down.
            signal.setitimer(signal.ITIMER_PROF, PATIENCE_S)
            transplant(sys.modules[f"apis.cors.{rule}"], compile(tree, rule, "exec"))
            # What other modules made of a changed table or decorator when they were imported is made again.
            for name in _in_order_of_import(users):
                transplant(sys.modules[name], compile(_tree(name.removeprefix("apis.cors.")), name, "exec"))
            _forget_answers()
            survives = all(_passes(item) for item in items)
        finally:
            os._exit(SURVIVES if survives else 0)

    def _wait(self) -> None:
        child, status = os.wait()
        rule, what = self._children.pop(child)
        if os.waitstatus_to_exitcode(status) == SURVIVES:
            self.survivors[rule] += 1
            print(f"survives: {_path(rule).relative_to(ROOT)} {what}", flush=True)


def _in_order_of_import(paths: Iterable[Path]) -> list[str]:
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    return [name for name in sys.modules if name in names]


def _passes(item: pytest.Item) -> bool:
    return all(not report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def _tree(rule: str) -> ast.Module:
    return ast.parse(_path(rule).read_text())


def _path(rule: str) -> Path:
    return ROOT / "apis" / "cors" / f"{rule.replace('.', '/')}.py"


def _modules(name: str) -> list[str]:
    """The modules of a room that have anything to change, or the one that is named."""
    folder = ROOT / "apis" / "cors"
    if not (folder / name).is_dir():
        return [name]
    paths = sorted((folder / name).rglob("*.py"))
    return [
        ".".join(path.relative_to(folder).with_suffix("").parts)
        for path in paths
        if path.name != "__init__.py" and any(True for _ in mutants(ast.parse(path.read_text())))
    ]


def _tests_of(names: Sequence[str]) -> list[str]:
    folder = Path(__file__).parent
    rooms = {name.partition(".")[0] for name in names} & ROOMS.keys()
    return [str(folder / place) for room in sorted(rooms) for place in ROOMS[room]] or [
        str(folder / "browser" / f"{name}.py") for name in TESTS.split()
    ]


def main(arguments: Sequence[str]) -> int:
    """Run the mutants and print who survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.cors.mutate")
    parser.add_argument(
        "rules",
        nargs="*",
        default=RULES.split(),
        help=f"modules of apis/cors, paste.chrome for one of a room, paste for all of it (default: {RULES})",
    )
    parser.add_argument("--tests", nargs="*", help="test files (default: the room's, or those of the browser's rules)")
    parser.add_argument("--sample", type=int, help="only so many mutants of each module, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="what the sample is chosen by (default: 1)")
    parser.add_argument(
        "-k", dest="expression", default="", help="only the tests that match, as in pytest (default: not the slow)"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    rules = [rule for name in given.rules for rule in _modules(name)]
    tests = given.tests or _tests_of(given.rules)
    expression = given.expression or " and ".join(f"not {word}" for word in SLOW.split())
    run = Run(rules, given.sample, given.seed, given.processes)
    total = run.total.total()
    print(f"{total} mutants", flush=True)
    # Without the tests' own conftest: no time limit, which a busy machine exceeds, and the same examples each time.
    settings.register_profile(
        "mutants", deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    settings.load_profile("mutants")
    options = [
        "-q",
        f"-k{expression}",
        "--noconftest",
        f"-c{os.devnull}",
        f"--rootdir={ROOT}",
        "-pno:cacheprovider",
        "-pno:django",
        *(f"--ignore-glob=*_{word}.py" for word in SLOW.split()),
    ]
    if pytest.main([*options, "--capture=no", *tests], plugins=[run]) != pytest.ExitCode.OK:
        return 2
    for rule, count in run.total.items():
        print(f"{rule:<32} {count - run.survivors[rule]:>4} of {count:>4} die")
    killed = total - run.survivors.total()
    share = killed / total
    print(f"{killed} of {total} die: {share:.1%}")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

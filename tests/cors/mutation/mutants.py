"""Every way to change a module in one place; sentences, types and documentation are left alone."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from functools import partial

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_TYPES = frozenset(("Literal", "Callable", "dict", "list", "tuple", "set", "frozenset", "Mapping", "Sequence"))
"""What is subscripted only to name a type, in an alias or in `list[str]()`."""
_LIMIT = 1_000
"""Numbers from here on are limits of lengths and counts. One more is as good a limit, so they become 0 instead."""
Change = tuple[str, ast.AST, Callable[[], ast.Module]]
"""What is changed, the node, and what makes the changed tree."""
_SAID = frozenset(("why", "title", "todo", "what", "tell", "note", "harm"))
"""Names whose values are read by people."""
_SENTENCE = re.compile(r"[A-Z“{][^\\|]*\S [^\\|]*\S [^\\|]*[.?]\s*")
_NO_CODE = r"[^={}<>\[\]\\|$_@\n]*"
_WORDS = re.compile(rf"{_NO_CODE}\b[^\W\d_]+,? [^\W\d_]+,? [^\W\d_]+\b{_NO_CODE}")
"""Three words in a row, without a sign of code."""


def mutants(tree: ast.Module) -> Iterator[Change]:
    """Every way to change the tree in one place."""
    nodes = list(ast.walk(tree))
    skipped = {id(inner) for node in nodes for outer in _without_meaning(node) for inner in ast.walk(outer)}
    skipped |= {id(inner) for node in nodes for inner in _said(node)} | _prose(nodes)

    def changed(place: int, number: int) -> ast.Module:
        copied = copy.deepcopy(tree)
        _apply(list(ast.walk(copied))[place], number)
        return ast.fix_missing_locations(copied)

    for place, node in enumerate(nodes):
        if id(node) not in skipped:
            for number, what in enumerate(_changes(node)):
                place_in_file = f"line {node.lineno}: {what}"  # type: ignore[attr-defined]
                yield place_in_file, node, partial(changed, place, number)


def _said(node: ast.AST) -> Iterator[ast.AST]:
    """The words of sentences: a rule of the house lets at most one test assert a sentence, codes are asserted instead.

    These are the messages of errors, what is bound to a name like `why`, and whole sentences wherever they stand.
    """
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from _words(node.exc)
    if isinstance(node, ast.keyword) and node.arg in _SAID:
        yield from _words(node.value)
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(name, ast.Name) and name.id in _SAID for to in targets for name in ast.walk(to)):
            yield from _words(node.value)
    if isinstance(node, ast.Constant | ast.JoinedStr) and _SENTENCE.fullmatch("".join(_texts(node))):
        yield from _words(node)


def _prose(nodes: list[ast.AST]) -> set[int]:
    """The ids of string constants that only people read: words in a row that the program neither compares nor parses.

    What is bound to a name outside of functions may be compared anywhere. Inside of them, that is what stands in a
    comparison, in a set, in a `match`, in a loop's list, as a dict's key, as an argument unless of a record, and a text
    whose method is called.
    """
    read: set[int] = set()
    for node in nodes:
        parts: list[ast.AST | None] = []
        match node:
            case ast.Compare() | ast.Set() | ast.MatchValue() | ast.Subscript():
                parts = [node]
            case ast.Dict():
                parts = [*node.keys]
            case ast.For() | ast.comprehension():
                parts = [node.iter]
            case ast.Call() if ast.unparse(node.func)[0].isupper():
                parts = [node.func]
            case ast.Call():
                parts = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
            case ast.Assign() | ast.AnnAssign() if _at_top(node):
                parts = [node.value]
        read |= {id(inner) for part in parts if part for inner in ast.walk(part)}
    return {
        id(node)
        for node in nodes
        if id(node) not in read
        and isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _WORDS.fullmatch(node.value)
    }


def _words(node: ast.AST) -> Iterator[ast.AST]:
    """The string constants of an expression that have a blank, or are part of an f-string, but not a condition's."""
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        yield node
    for name, inner in ast.iter_fields(node):
        if not (name == "test" or isinstance(node, ast.Compare)):
            for one in inner if isinstance(inner, list) else [inner]:
                if isinstance(one, ast.AST):
                    yield from _words(one)


def _texts(node: ast.Constant | ast.JoinedStr) -> Iterator[str]:
    for part in node.values if isinstance(node, ast.JoinedStr) else [node]:
        yield str(part.value) if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"


def _without_meaning(node: ast.AST) -> Iterator[ast.AST]:
    """Parts that no test could tell apart: docstrings, annotations, imports, `__all__`, type aliases, cache sizes."""
    if isinstance(node, ast.TypeAlias):
        yield node
    if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "__all__" for to in node.targets):
        yield node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
        yield node.annotation
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield from node.decorator_list
    if isinstance(node, ast.FunctionDef) and node.returns is not None:
        yield node.returns
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) in _TYPES:
        yield node
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "cast":
        yield node


def _changes(node: ast.AST) -> list[str]:
    """What can be changed at a node; `_apply` does it by number."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
        return [f"swap the comparison in {ast.unparse(node)}"]
    if isinstance(node, ast.BoolOp):
        return [f"swap and/or in {ast.unparse(node)}"] + [f"drop {ast.unparse(part)}" for part in node.values]
    if isinstance(node, ast.BinOp) and type(node.op) in _SWAPS:
        return [f"swap the operator in {ast.unparse(node)}"]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [f"drop the not of {ast.unparse(node)}"]
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        return [f"negate {ast.unparse(node.test)}"]
    if isinstance(node, ast.Set | ast.Dict | ast.Tuple | ast.List) and isinstance(
        getattr(node, "ctx", None), ast.Store
    ):
        return []
    if isinstance(node, ast.Set | ast.Tuple | ast.List):
        return [f"drop the entry {ast.unparse(part)}" for part in node.elts]
    if isinstance(node, ast.Dict):
        return [f"drop the entry {ast.unparse(part)}" for part in node.keys if part]
    if isinstance(node, ast.Constant) and node.value is not None and node.value is not Ellipsis:
        return [f"change the constant {node.value!r}"]
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Raise):
        return [f"leave out {ast.unparse(node)}"] if not _at_top(node) else []
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        return [f"return nothing instead of {ast.unparse(node.value)}"]
    return []


def _at_top(node: ast.AST) -> bool:
    return getattr(node, "col_offset", 0) == 0


def _apply(node: ast.AST, number: int) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = _SWAPS[type(node.ops[0])]()  # type: ignore[call-overload]
    elif (isinstance(node, ast.BoolOp) and number == 0) or isinstance(node, ast.BinOp):
        node.op = _SWAPS[type(node.op)]()  # type: ignore[assignment]
    elif isinstance(node, ast.BoolOp):
        del node.values[number - 1]
    elif isinstance(node, ast.UnaryOp):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Set | ast.Tuple | ast.List):
        del node.elts[number]
        if isinstance(node, ast.Set) and not node.elts:
            node.elts.append(ast.Constant("\0"))
    elif isinstance(node, ast.Dict):
        del node.keys[number], node.values[number]
    elif isinstance(node, ast.Constant):
        node.value = _other(node.value)
    elif isinstance(node, ast.Return):
        node.value = None
    else:
        # A statement that does nothing takes the place of the one left out.
        node.__class__ = ast.Pass
        node.__dict__ = {name: value for name, value in vars(node).items() if "lineno" in name or "offset" in name}


def _other(value: object) -> str | bytes | int | float | bool:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1 if value < _LIMIT else 0
    # A letter, as what is neither letter nor digit is passed over where Python looks up an encoding, for one.
    return value + b"q" if isinstance(value, bytes) else f"{value}q"

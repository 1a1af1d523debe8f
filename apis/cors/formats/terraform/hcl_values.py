"""The values of a Terraform configuration's expressions, by its own variables' defaults and its locals."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Notes
from apis.cors.formats.terraform.hcl import read_template
from apis.cors.formats.terraform.hcl_functions import Missing, Unknown, call, number_of, text_of
from apis.cors.formats.terraform.hcl_syntax import Body, Node
from apis.cors.formats.terraform.hcl_types import with_optional
from apis.cors.formats.values import Object, Unresolved

_MOST_STEPS = 300_000  # values that are checked
_DEPTH = 100
_LONGEST = 20_000  # characters of a text, or entries of a list, that an expression makes
_MATHS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}

Scope = Mapping[str, Any]


class Evaluator:
    """Evaluates expressions of one configuration; what only Terraform knows becomes Unresolved, with a reason."""

    def __init__(self, root: Body) -> None:
        variables = [block for block in root.blocks if _is_variable(block.kind, block.labels)]
        self.variables = {block.labels[0]: block.body for block in variables}
        named = [f"var.{block.labels[0]}" for block in variables for _ in range(1 + ("default" in block.body.twice))]
        self.locals: dict[str, Node] = {}
        for block in root.blocks:
            if block.kind == "locals":
                self.locals.update(block.body.attributes)
                named += [f"local.{name}" for name in (*block.body.attributes, *block.body.twice)]
        self.twice = {name for name, count in Counter(named).items() if count > 1}
        self.notes: Notes = []
        self.done: dict[str, Any] = {}
        self.open: set[str] = set()
        self.steps = 0
        self.depth = 0

    def value(self, node: Node, scope: Scope | None = None) -> Any:
        """Evaluate an expression: a plain value, in which an Unresolved stands for each part that is unknown."""
        self.steps += 1
        self.depth += 1
        if self.steps > _MOST_STEPS or self.depth > _DEPTH:
            raise FormatError("This has too many values. Paste only the part about the API.", line=node.line)
        try:
            if node.kind == "list":
                return self._list(node, scope)
            if node.kind == "object":
                return self._object(node, scope)
            return _EVALUATED[node.kind](self, node, scope)
        except Unknown as unknown:
            return Unresolved(node.text, node.line, why=str(unknown), fails=isinstance(unknown, Missing))
        finally:
            self.depth -= 1

    def known(self, node: Node, scope: Scope | None) -> Any:
        """Evaluate a part that another value is made of. Raises Unknown."""
        value = self.value(node, scope)
        self.steps += len(value) if isinstance(value, list | dict) else 0
        missing = _unresolved_in(value)
        if missing:
            raise _reason(missing)
        return value

    def object(self, body: Body, scope: Scope | None = None) -> Object:
        """Return the attributes of a block."""
        found = Object()
        for key, node in body.attributes.items():
            found[key] = self.value(node, scope)
        found.lines.update(body.lines)
        found.twice.update(body.twice)
        return found

    def _list(self, node: Node, scope: Scope | None) -> list[Any]:
        return [self.value(part, scope) for part in node.parts]

    def _object(self, node: Node, scope: Scope | None) -> Object:
        found = Object()
        for key_node, value_node in node.parts:
            key = text_of(self.known(key_node, scope))
            if key in found:
                found.twice[key] = key_node.line
            found[key] = self.value(value_node, scope)
            found.lines[key] = key_node.line
        return found

    def _value(self, node: Node, scope: Scope | None) -> Any:
        return node.parts[0]

    def _template(self, node: Node, scope: Scope | None) -> Any:
        if len(node.parts) == 1:
            return self.known(node.parts[0], scope)
        text = "".join(part if isinstance(part, str) else text_of(self.known(part, scope)) for part in node.parts)
        if len(text) > _LONGEST:
            raise Unknown("this makes too long a text")
        return text

    def _heredoc(self, node: Node, scope: Scope | None) -> Any:
        return self.known(read_template(node.parts[0], node.line), scope)

    def _name(self, node: Node, scope: Scope | None) -> Any:
        name = node.parts[0]
        if scope and name in scope:
            return scope[name]
        raise Unknown(f"{name[:60]} is known to Terraform only")

    def _get(self, node: Node, scope: Scope | None) -> Any:
        inner, name = node.parts
        if inner.kind == "name" and not (scope and inner.parts[0] in scope):
            if inner.parts[0] == "var":
                return self._variable(name)
            if inner.parts[0] == "local":
                return self._local(name)
            raise Unknown("")
        value = self.value(inner, scope)
        if isinstance(value, Unresolved):
            raise _reason(value, value.why)
        return _member(value, name)

    def _index(self, node: Node, scope: Scope | None) -> Any:
        value = self.value(node.parts[0], scope)
        if isinstance(value, Unresolved):
            raise _reason(value, value.why)
        return _member(value, self.known(node.parts[1], scope))

    def _splat(self, node: Node, scope: Scope | None) -> Any:
        value = self.value(node.parts[0], scope)
        if isinstance(value, Unresolved):
            raise _reason(value, value.why)
        entries = value if isinstance(value, list) else [] if value is None else [value]
        keys = [key if isinstance(key, str) else self.known(key, scope) for key in node.parts[1]]
        self.steps += len(entries) * len(keys)
        for key in keys:
            entries = [_member(entry, key) for entry in entries]
        return entries

    def _variable(self, name: str) -> Any:
        body = self.variables.get(name)
        if body is None:
            raise Unknown(f"this text does not define var.{name[:60]}")
        if "default" not in body.attributes:
            raise Unknown(f"var.{name[:60]} has no default")
        value = self._once(f"var.{name}", body.attributes["default"])
        self._refuse_twice(f"var.{name}")
        if "type" in body.attributes:
            typed = f"the type of var.{name}"
            if typed not in self.done:
                self.done[typed] = with_optional(value, body.attributes["type"], self.value)
            value = self.done[typed]
        self._note(f"var.{name[:60]} is {_shown(value)}, its default.")
        return value

    def _local(self, name: str) -> Any:
        if name not in self.locals:
            raise Unknown(f"this text does not define local.{name[:60]}")
        self._refuse_twice(f"local.{name}")
        value = self._once(f"local.{name}", self.locals[name])
        self._note(f"local.{name[:60]} is {_shown(value)}.")
        return value

    def _refuse_twice(self, name: str) -> None:
        if name in self.twice:
            raise Unknown(f"{name[:60]} is defined twice")

    def _note(self, note: str) -> None:
        if note not in self.notes[-20:]:
            self.notes.append(note)

    def _once(self, name: str, node: Node) -> Any:
        if name in self.open:
            raise Unknown(f"{name[:60]} refers to itself")
        if name not in self.done:
            self.open.add(name)
            self.done[name] = self.value(node)
            self.open.discard(name)
        value = self.done[name]
        if isinstance(value, Unresolved):
            raise _reason(value)
        return value

    def _call(self, node: Node, scope: Scope | None) -> Any:
        name, arguments = node.parts
        if name in ("try", "can"):
            return self._tried(name, arguments, scope)
        given: list[Any] = []
        for one in arguments:
            if one.kind == "spread":
                value = self.known(one.parts[0], scope)
                given += value if isinstance(value, list) else []
            else:
                given.append(self.known(one, scope))
        return call(name, given)

    def _tried(self, name: str, arguments: list[Node], scope: Scope | None) -> Any:
        """Evaluate try(), or can(): the next argument counts when one is an error, not when it is unknown here."""
        for one in arguments:
            value = self.value(one, scope)
            missing = _unresolved_in(value)
            if missing is None:
                return value if name == "try" else True
            if not missing.fails:
                raise _reason(missing)
        if name == "can":
            return False
        raise Unknown("no argument of try() has a value")

    def _not(self, node: Node, scope: Scope | None) -> Any:
        return not _truth(self.known(node.parts[0], scope))

    def _minus(self, node: Node, scope: Scope | None) -> Any:
        return -number_of(self.known(node.parts[0], scope))

    def _binary(self, node: Node, scope: Scope | None) -> Any:
        value = self.known(node.parts[0], scope)
        for sign, part in zip(node.parts[1::2], node.parts[2::2], strict=True):
            if sign in ("&&", "||"):
                other = _truth(self.known(part, scope))
                value = (_truth(value) and other) if sign == "&&" else (_truth(value) or other)
            elif sign in ("==", "!="):
                value = _same(value, self.known(part, scope)) is (sign == "==")
            else:
                value = _computed(sign, number_of(value), number_of(self.known(part, scope)))
        return value

    def _if(self, node: Node, scope: Scope | None) -> Any:
        condition, yes, no = node.parts
        chosen = yes if _truth(self.known(condition, scope)) else no
        value = self.value(chosen, scope)
        if isinstance(value, Unresolved):
            raise _reason(value, value.why)
        return value

    def _for(self, node: Node, scope: Scope | None) -> Any:
        names, source, parts, condition = node.parts
        given = self.known(source, scope)
        pairs = list(given.items()) if isinstance(given, dict) else list(enumerate(given)) if _is_list(given) else None
        if pairs is None or len(pairs) > _LONGEST:
            raise Unknown("not a list")
        found: list[Any] = []
        for key, value in pairs:
            inner = {**(scope or {}), names[-1]: value} | ({names[0]: key} if len(names) > 1 else {})
            if condition is None or _truth(self.known(condition, inner)):
                found.append([self.known(part, inner) for part in parts])
        if len(parts) == 1:
            return [entry for (entry,) in found]
        return Object({text_of(key): value for key, value in found})

    def _directive(self, node: Node, scope: Scope | None) -> Any:
        raise Unknown("a template directive")


_EVALUATED: dict[str, Callable[[Evaluator, Node, Scope | None], Any]] = {
    "value": Evaluator._value,
    "template": Evaluator._template,
    "heredoc": Evaluator._heredoc,
    "name": Evaluator._name,
    "get": Evaluator._get,
    "index": Evaluator._index,
    "splat": Evaluator._splat,
    "call": Evaluator._call,
    "not": Evaluator._not,
    "minus": Evaluator._minus,
    "binary": Evaluator._binary,
    "if": Evaluator._if,
    "for": Evaluator._for,
    "directive": Evaluator._directive,
    "spread": Evaluator._directive,
}


def _is_variable(kind: str, labels: tuple[str, ...]) -> bool:
    return kind == "variable" and len(labels) == 1


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _unresolved_in(value: Any, depth: int = 0) -> Unresolved | None:
    """Return the first part of a value that is unknown."""
    if isinstance(value, Unresolved):
        return value
    parts = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return next((found for part in parts if depth < 8 and (found := _unresolved_in(part, depth + 1))), None)


def _reason(value: Unresolved, why: str | None = None) -> Unknown:
    """Return why a value is unknown, to raise for what is made of it."""
    why = (value.why or f"{value.text} is evaluated by Terraform") if why is None else why
    return Missing(why) if value.fails else Unknown(why)


def _member(value: Any, key: Any) -> Any:
    if isinstance(value, dict) and text_of(key) in value:
        return value[text_of(key)]
    if isinstance(value, list):
        place = key if isinstance(key, int) else int(key) if str(key)[:9].isdigit() else -1
        if isinstance(place, int) and 0 <= place < len(value):
            return value[place]
    raise Missing(f"there is no “{str(key)[:40]}” in it")


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise Unknown("not true or false")


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, bool) is not isinstance(other, bool):
        return False
    return bool(value == other)


def _computed(sign: str, value: Any, other: Any) -> Any:
    if sign in ("/", "%"):
        if not other:
            raise Unknown("a division by zero")
        result = value / other if sign == "/" else value % other
        return int(result) if float(result).is_integer() else result
    return _MATHS[sign](value, other)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(entry) for entry in value[:20])[:200]
    if isinstance(value, dict):
        return "an object"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)[:200]

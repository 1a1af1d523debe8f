"""What a variable's type adds to its value: the defaults of `optional(…)` attributes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from typing import Any

from apis.cors.formats.terraform.hcl_syntax import Node
from apis.cors.formats.values import Object

_DEPTH = 12
_ANY = Node("name", ("any",), 0)


def with_optional(value: Any, kind: Node, evaluate: Callable[[Node], Any], depth: int = 0) -> Any:
    """Return a value with the optional attributes that its type gives it: each with its default, else null."""
    if kind.kind != "call" or depth > _DEPTH or not kind.parts[1]:
        return value
    name, (inner, *rest) = kind.parts
    if name == "optional":
        chosen = evaluate(rest[0]) if value is None and rest else value
        return with_optional(chosen, inner, evaluate, depth + 1)
    if name == "object" and isinstance(value, dict) and inner.kind == "object":
        found = Object(value)
        for key_node, member in inner.parts:
            key = evaluate(key_node)
            is_optional = member.kind == "call" and member.parts[0] == "optional"
            if isinstance(key, str) and (key in found or is_optional):
                found[key] = with_optional(found.get(key), member, evaluate, depth + 1)
        return found
    if name in ("list", "set") and isinstance(value, list):
        return [with_optional(entry, inner, evaluate, depth + 1) for entry in value]
    if name == "tuple" and isinstance(value, list) and inner.kind == "list":
        kinds = [*inner.parts, *repeat(_ANY, len(value))]
        return [with_optional(entry, one, evaluate, depth + 1) for entry, one in zip(value, kinds, strict=False)]
    if name == "map" and isinstance(value, dict):
        return Object({key: with_optional(entry, inner, evaluate, depth + 1) for key, entry in value.items()})
    return value

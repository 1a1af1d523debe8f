"""Terraform in JSON: configurations (`.tf.json`, CDKTF's output), plans and states."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Document, Found, Kind, part
from apis.cors.formats.terraform import terraform
from apis.cors.formats.terraform.hcl_syntax import Block, Body, Node
from apis.cors.formats.terraform.terraform import FUNCTION_URL, RESOURCE
from apis.cors.formats.values import TERRAFORM_NAMES, Object, line_of, policy_from
from apis.cors.policy import CorsPolicy

_LABELS = {"resource": 2, "data": 2, "variable": 1, "module": 1, "locals": 0}
_BLOCKS = frozenset({"cors_configuration", "cors", "dynamic", "content"})
_MOST = 20_000
_KINDS: dict[str, tuple[Kind, str]] = {
    RESOURCE: ("http-api", "cors_configuration"),
    FUNCTION_URL: ("function-url", "cors"),
}


def read(document: Mapping[str, Any]) -> Document:
    """Return the APIs of a configuration in JSON. Raises FormatError."""
    root = Body()
    for kind, depth in _LABELS.items():
        for value in _each(document.get(kind)):
            root.blocks += _blocks(kind, (), value, depth)
    return terraform.read(root)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _blocks(kind: str, labels: tuple[str, ...], value: Any, depth: int) -> Iterator[Block]:
    if not isinstance(value, dict):
        return
    if depth:
        for label, inner in value.items():
            for one in _each(inner):
                yield from _blocks(kind, (*labels, label), one, depth - 1)
        return
    yield Block(kind, labels, _body(value, 0, blocks=kind == "resource"), None)


def _body(value: Mapping[str, Any], depth: int, blocks: bool) -> Body:
    found = Body()
    if isinstance(value, Object):
        found.twice.update({key: line or 1 for key, line in value.twice.items()})
        found.lines.update(value.lines)
    for key, inner in value.items():
        if key == "//":
            continue
        line = found.lines.get(key, 1)
        if blocks and key in _BLOCKS and depth < 3:
            for one in _each(inner):
                if key == "dynamic":
                    found.blocks += _blocks_of_dynamic(one, depth)
                elif isinstance(one, dict):
                    found.blocks.append(Block(key, (), _body(one, depth + 1, blocks), found.lines.get(key)))
                else:  # a text, which is evaluated or refused
                    found.attributes[key] = _node(one, 0, line)
            continue
        found.attributes[key] = _node(inner, 0, line)
    return found


def _blocks_of_dynamic(value: Any, depth: int) -> Iterator[Block]:
    for label, inner in value.items() if isinstance(value, dict) else ():
        for one in _each(inner):
            if isinstance(one, dict):
                yield Block("dynamic", (label,), _body(one, depth + 1, blocks=True), line_of(value, label))


def _node(value: Any, depth: int, line: int) -> Node:
    if depth > 40:
        raise FormatError("This is nested too deeply. Paste only the part about the API.")
    if isinstance(value, list):
        return Node("list", tuple(_node(entry, depth + 1, line) for entry in value), line)
    if isinstance(value, dict):
        lines = {key: line_of(value, key) or line for key in value}
        pairs = (
            (Node("value", (key,), lines[key]), _node(entry, depth + 1, lines[key]))
            for key, entry in value.items()
            if key != "//"
        )
        return Node("object", tuple(pairs), line)
    if isinstance(value, str) and ("${" in value or "%{" in value):
        return Node("heredoc", (value,), line, value[:80])
    return Node("value", (value,), line)


def read_state(document: Mapping[str, Any]) -> Document:
    """Return the APIs of a plan or a state. Raises FormatError."""
    found = []
    for name, kind, values in _resources(document):
        if kind not in _KINDS or values.get("protocol_type") == "WEBSOCKET":
            continue
        of_kind, key = _KINDS[kind]
        stated = values.get(key)
        stated = stated[0] if isinstance(stated, list) and stated else stated
        found.append(_found(name, of_kind, stated))
    if not found:
        raise FormatError(f"There is no {RESOURCE} in this plan or state.")
    return Document("terraform", found)


def _found(name: str, kind: Kind, stated: Any) -> Found:
    if stated is None or stated == []:
        return part(CorsPolicy.off, kind, name)
    if not isinstance(stated, dict):
        raise FormatError("must be an object with the six fields.", name[:64])
    given = {key: value for key, value in stated.items() if value is not None}
    return part(lambda: policy_from(given, TERRAFORM_NAMES), kind, name)


def _resources(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the address, type and values of each managed resource."""
    for resource in _each(document.get("resources")):
        for number, instance in enumerate(_each(resource.get("instances")) if isinstance(resource, dict) else ()):
            values = instance.get("attributes") if isinstance(instance, dict) else None
            if isinstance(values, dict) and resource.get("mode", "managed") == "managed":
                kind, key = str(resource.get("type")), instance.get("index_key")
                suffix = f"[{json.dumps(key)}]" if key is not None else f"[{number}]" if number else ""
                yield f"{kind}.{resource.get('name')}{suffix}"[:200], kind, values
    planned = document.get("planned_values") or document.get("values")
    pending = deque([planned.get("root_module")] if isinstance(planned, dict) else [])
    while pending:
        module = pending.popleft()
        if not isinstance(module, dict):
            continue
        pending += _each(module.get("child_modules"))[:_MOST]
        for resource in _each(module.get("resources")):
            values = resource.get("values") if isinstance(resource, dict) else None
            if isinstance(values, dict):
                kind = str(resource.get("type"))
                yield str(resource.get("address") or f"{kind}.{resource.get('name')}")[:200], kind, values

"""Check a response of AWS against its operation's shape; the SDK reads whatever it does not understand as empty."""

from __future__ import annotations

import json
from typing import Any

_LISTS = ("Items", "Events")
ODD = "OddItems"
"""The member of an answer that names the items which were left out of it."""


class UnexpectedShape(Exception):
    """A success whose body is not that of its operation: cut off, empty, or someone else's."""


def check(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Raise Misshapen for a JSON success without the expected shape (botocore's `before-parse` event).

    Items of a list that cannot be read are taken out of the body and named in the answer's OddItems.
    """
    shape = operation_model.output_shape
    if response_dict["status_code"] not in (200, 201) or shape is None:
        return
    if "json" not in operation_model.service_model.resolved_protocol:
        return
    try:
        body = json.loads(response_dict["body"])
    except (ValueError, RecursionError):
        raise UnexpectedShape from None
    if not isinstance(body, dict):
        raise UnexpectedShape
    member = next((name for name in _LISTS if name in shape.members), None)
    if member is None:
        if not _fits(shape, body):
            raise UnexpectedShape
        return
    inner = shape.members[member]
    name = inner.serialization.get("name", member)
    items = body.get(name)
    if not isinstance(items, list) or not _fits(shape, body | {name: []}):
        raise UnexpectedShape
    odd = [item for item in items if not isinstance(item, dict) or not _fits(inner.member, item)]
    if odd:
        customized_response_dict[ODD] = [_named(item) for item in odd]
        response_dict["body"] = json.dumps(body | {name: [item for item in items if item not in odd]}).encode()


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "character": str, "boolean": bool, "integer": int, "long": int, "float": (int, float),
    "double": (int, float), "blob": str,
}  # fmt: skip


def _fits(shape: Any, value: Any) -> bool:
    """Return whether a JSON value has the types of the SDK's model; the SDK itself takes a text for a list."""
    if value is None:
        return True
    if shape.type_name == "structure":
        members = shape.members.items()
        return isinstance(value, dict) and all(
            _fits(inner, value.get(inner.serialization.get("name", name))) for name, inner in members
        )
    if shape.type_name == "list":
        return isinstance(value, list) and all(one is not None and _fits(shape.member, one) for one in value)
    if shape.type_name == "map":
        return isinstance(value, dict) and all(_fits(shape.value, one) for one in value.values())
    if shape.type_name == "timestamp":
        return _is_time(value)
    wanted = _TYPES.get(shape.type_name, object)
    return isinstance(value, wanted) and (wanted in (bool, object) or not isinstance(value, bool))


def _is_time(value: Any) -> bool:
    from botocore.utils import parse_timestamp

    try:
        parse_timestamp(value)
    except (ValueError, TypeError, RuntimeError, OverflowError):
        return False
    return True


def _named(item: Any) -> str:
    names = ("name", "apiId", "domainName", "routeKey", "stageName") if isinstance(item, dict) else ()
    return next((str(item[name])[:100] for name in names if item.get(name)), "an item without a name")

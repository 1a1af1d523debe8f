"""Lists in pages: `{"items": […], "next": url|null}`, by keys and not by offsets, so that deep pages cost no more."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from apis.rest.problems import Problem

DEFAULT, MOST = 50, 200


def page[R: Model | dict[str, Any]](
    request: HttpRequest,
    rows: QuerySet[Any, R],
    keys: tuple[str, ...],
    show: Callable[[R], dict[str, Any]],
    limit: int = DEFAULT,
    cursor: str = "",
) -> dict[str, Any]:
    """One page of `rows` ordered by `keys` ("-at", "-id"; the last one unique), continued after `cursor`.

    Raises a 422 problem for a cursor that this API did not hand out.
    """
    if cursor:
        rows = rows.filter(_after(keys, _read(cursor, len(keys))))
    found = list(rows.order_by(*keys)[: limit + 1])
    follow = None
    if len(found) > limit:
        found = found[:limit]
        values = [_plain(_value_of(found[-1], key.lstrip("-"))) for key in keys]
        mark = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
        query = request.GET.copy()
        query["cursor"] = mark
        follow = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return {"items": [show(row) for row in found], "next": follow}


def _after(keys: tuple[str, ...], values: list[Any]) -> Q:
    """Rows behind the given one: (a, b) > (x, y) spelled out, each key in its own direction."""
    rule, same = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        name = key.lstrip("-")
        rule |= same & Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        same &= Q(**{name: value})
    return rule


def _value_of(row: Model | dict[str, Any], key: str) -> Any:
    return row[key] if isinstance(row, dict) else getattr(row, key)


def _plain(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _read(cursor: str, count: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(values, list) and len(values) == count:
            return [_value(value) for value in values]
    except (ValueError, TypeError, KeyError, binascii.Error):
        pass
    message = "is not a cursor of this list; follow the `next` of a page instead"
    raise Problem(422, f"cursor: {message}", [{"field": "cursor", "message": message}])


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["at"])
    if isinstance(value, str | int):
        return value
    raise TypeError(type(value))

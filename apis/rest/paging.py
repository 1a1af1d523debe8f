"""Lists in pages: `{"items": […], "next": url|null}`, by keys and not by offsets, so that deep pages cost the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from apis.errors import InvalidInput
from apis.rest.problems import Problem
from apis.rest.schemas import Listing


def page(request: HttpRequest, rows: QuerySet[Any, Any], keys: tuple[str, ...], listing: Listing) -> dict[str, Any]:
    """Return one page of `rows` ordered by `keys` ("-at", "-id"; the last one unique), continued after the cursor.

    Raises a 422 problem for a cursor that this API did not hand out.
    """
    limit, cursor = listing.limit, listing.cursor
    if cursor:
        rows = rows.filter(_after(keys, _read(cursor, _list_of(request, keys))))
    found = list(rows.order_by(*keys)[: limit + 1])
    follow = None
    if len(found) > limit:
        found = found[:limit]
        values = [_plain(_value_of(found[-1], key.lstrip("-"))) for key in keys]
        query = request.GET.copy()
        query["cursor"] = signing.dumps(values, salt=_list_of(request, keys))
        follow = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return {"items": found, "next": follow}


def in_state[Row: Model](
    rows: QuerySet[Row], state: str, known: Sequence[str], open_states: Collection[str]
) -> QuerySet[Row]:
    """Return the rows in a known state, with "open" in any of several, with "" all. Raises InvalidInput for another."""
    if state and state not in ("open", *known):
        raise InvalidInput(f"is one of open, {', '.join(known)}", "state")
    return rows.filter(state__in=open_states if state == "open" else [state]) if state else rows


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


def _list_of(request: HttpRequest, keys: tuple[str, ...]) -> str:
    """Return what a cursor belongs to: signed together with it, so that no list reads another one's."""
    return f"rest.cursor {request.path} {' '.join(keys)}"


def _plain(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _read(cursor: str, of: str) -> list[Any]:
    try:
        return [_value(value) for value in signing.loads(cursor, salt=of)]
    except signing.BadSignature:
        message = "is not a cursor of this list; follow the `next` of a page instead"
        raise Problem(422, f"cursor: {message}", [{"field": "cursor", "message": message}]) from None


def _value(value: Any) -> Any:
    return datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value

"""The past: which changes a list, a download or a program asks for, and what was in force at any moment."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from apis.access.page_request import number_of
from apis.errors import InvalidInput
from apis.inventory.models import Change, ChangeOrigin, HttpApi
from apis.inventory.search import origin_of

FILTERS = ("api", "account", "region", "person", "kind", "status", "origin", "since", "until", "group")
COLUMNS = (
    "id", "at", "api", "api_id", "account", "region", "kind", "status", "actor", "note", "summary", "before", "after",
    "group",
)  # fmt: skip


def changes_matching(given: Mapping[str, str]) -> QuerySet[Change]:
    """Return the changes that pass every filter given, newest first. Raises InvalidInput.

    `api`: its number. `account`: a name, or its number. `person`: the name in the history, or a part of the user that
    CloudTrail names. `origin`: those that added or removed this entry of AllowOrigins. `since`, `until`: days
    (2027-01-31, both included) or times, in UTC. `group`: those made together.
    """
    rows = Change.objects.all()
    if api := given.get("api", ""):
        rows = rows.filter(api=_number("api", api))
    if account := given.get("account", ""):
        number = number_of(account)
        rows = rows.filter(api__account__name=account) if number is None else rows.filter(api__account=number)
    if region := given.get("region", ""):
        rows = rows.filter(api__region=region)
    if person := given.get("person", ""):
        rows = rows.filter(Q(actor_name=person) | Q(kind=Change.Kind.DRIFT, attribution__user__icontains=person))
    if kind := given.get("kind", ""):
        rows = rows.filter(kind=_one_of("kind", kind, Change.Kind.values))
    if status := given.get("status", ""):
        rows = rows.filter(status=_one_of("status", status, Change.Status.values))
    if origin := given.get("origin", ""):
        touched = ChangeOrigin.objects.filter(change=OuterRef("pk"), value__in={origin, origin_of(origin)})
        rows = rows.filter(Exists(touched))
    if since := given.get("since", ""):
        rows = rows.filter(at__gte=_moment("since", since, timedelta()))
    if until := given.get("until", ""):
        # A day ends where the next begins; a time is meant with its whole second.
        more = timedelta(days=1) if len(until) <= len("2027-01-31") else timedelta(seconds=1)
        rows = rows.filter(at__lt=_moment("until", until, more))
    if group := given.get("group", ""):
        rows = rows.filter(group=_group(group))
    return rows


def lines(rows: QuerySet[Change]) -> Iterator[dict[str, Any]]:
    """Changes for a download, read in portions; the keys are COLUMNS."""
    related = ("api__account", "before", "after", "attribution")
    for row in rows.select_related(*related).order_by("-at", "-id").iterator(chunk_size=500):
        yield {
            "id": row.pk,
            "at": row.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "api": row.api.name,
            "api_id": row.api.api_id,
            "account": row.api.account.name,
            "region": row.api.region,
            "kind": row.kind,
            "status": row.status,
            "actor": row.who,
            "note": row.note,
            "summary": row.summary,
            "before": row.before.cors if row.before else None,
            "after": row.after.cors if row.after else None,
            "before_known": row.before is not None,
            "after_known": row.after is not None,
            "group": str(row.group) if row.group else None,
        }


def as_text(line: Mapping[str, Any]) -> list[str]:
    """Return a line for a spreadsheet; a configuration that is off says so, one that is not known is empty."""
    found = {name: line[name] for name in COLUMNS}
    for name in ("before", "after"):
        if found[name] is None and line[f"{name}_known"]:
            found[name] = "off"
    return [
        value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
        for value in found.values()
    ]


def first_after(api: HttpApi, moment: datetime) -> Change | None:
    """Return the first change of an API that took effect after a moment: what was before it was in force then."""
    return api.changes.filter(status=Change.Status.APPLIED, at__gt=moment).order_by("at", "id").first()


def first_seen(api: HttpApi) -> datetime | None:
    """Since when an API's configuration is known."""
    return api.changes.filter(status=Change.Status.APPLIED).order_by("at", "id").values_list("at", flat=True).first()


def _number(field: str, text: str) -> int:
    number = number_of(text)
    if number is None:
        raise InvalidInput("must be a number", field)
    return number


def _one_of(field: str, text: str, values: list[str]) -> str:
    if text not in values:
        raise InvalidInput(f"must be one of {', '.join(values)}", field)
    return text


def _group(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise InvalidInput("must be the id of a group", "group") from None


def _moment(field: str, text: str, more: timedelta) -> datetime:
    """Return a day's beginning, or a time, and `more` after it."""
    try:
        if len(text) <= len("2027-01-31"):
            return datetime.combine(date.fromisoformat(text), time(), UTC) + more
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC) + more
    except (ValueError, OverflowError):
        raise InvalidInput("must be a day such as 2027-01-31, or a time", field) from None

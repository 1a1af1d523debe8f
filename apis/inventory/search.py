"""Which APIs a list is about: the one place where pages, REST and bulk edits turn filters into a query."""

from __future__ import annotations

import re
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Length, Lower
from django.shortcuts import get_object_or_404

from apis.access.page_request import number_of
from apis.cors.origin_match import matching_entries
from apis.cors.origins import parse_url
from apis.errors import InvalidInput
from apis.inventory.history.drift import open_drift
from apis.inventory.models import AllowedOrigin, Baseline, BaselineViolation, HttpApi

ORDERS = {
    "name": (Lower("name"), "id"),
    "account": (Lower("account__name"), "region", Lower("name"), "id"),
    "region": ("region", Lower("name"), "id"),
    "state": ("state", Lower("name"), "id"),
    "findings": (F("errors").desc(), F("warnings").desc(), Lower("name"), "id"),
    "-name": (Lower("name").desc(), "-id"),
    "-account": (Lower("account__name").desc(), F("region").desc(), Lower("name"), "id"),
    "-region": (F("region").desc(), Lower("name"), "id"),
    "-state": (F("state").desc(), Lower("name"), "id"),
    "-findings": ("errors", "warnings", Lower("name"), "id"),
}
"""The orders in which APIs can be listed; each is total, so that pages do not overlap."""

_MOST_ROWS = 2**62
"""More than a table has; databases refuse to skip more."""


def apis_matching(
    *,
    search: str = "",
    account: str = "",
    region: str = "",
    origin: str = "",
    entry: str = "",
    state: str = "",
    problems: str = "",
    standing: str = "",
) -> QuerySet[HttpApi]:
    """Return the APIs that pass every filter given; APIs that are gone from AWS only with `state="gone"`.

    `search`: part of the name, id, endpoint or an allowed origin, in any case. `account`: a name, or its number.
    `origin`: those that allow it, as API Gateway compares: the very entry, `*`, or `https://*`; each row then has
    `through` (the entry that allows it) and `since`. `entry`: those whose AllowOrigins has this very text.
    `state`: off, empty, set or gone.
    `problems`: error, warning (either), none. `standing`: drift (some waits for an answer), locked, departed.
    """
    rows = HttpApi.objects.filter(gone_at__isnull=state != "gone")
    if search := search.strip():
        rows = rows.filter(_text(search))
    if account:
        number = number_of(account)
        rows = rows.filter(account__name=account) if number is None else rows.filter(account_id=number)
    if region:
        rows = rows.filter(region=region)
    if state in {"off", "empty", "set"}:
        rows = rows.filter(state=state)
    if problems == "error":
        rows = rows.filter(errors__gt=0)
    elif problems == "warning":
        rows = rows.filter(Q(errors__gt=0) | Q(warnings__gt=0))
    elif problems == "none":
        rows = rows.filter(errors=0, warnings=0)
    if standing == "drift":
        rows = rows.filter(Exists(open_drift().filter(api=OuterRef("pk"))))
    elif standing == "locked":
        rows = rows.filter(Exists(Baseline.objects.filter(api=OuterRef("pk"), ended_at=None)))
    elif standing == "departed":
        rows = rows.filter(Exists(BaselineViolation.objects.filter(api=OuterRef("pk"), ended_at=None)))
    if entry:
        rows = rows.filter(Exists(AllowedOrigin.objects.filter(api=OuterRef("pk"), value=entry)))
    return _allowing(rows, origin) if origin.strip() else rows


def origin_of(text: str) -> str:
    """Return the origin that a browser would send for what a person typed: a URL's origin, else the text itself."""
    url = parse_url(text.strip())
    return url.origin if url and url.origin != "null" else text.strip()


def api_or_404(pk: int) -> HttpApi:
    """Return the API of a page's address, with what its pages need. Raises Http404."""
    return get_object_or_404(HttpApi.objects.select_related("account", "current"), pk=pk)


def named(text: str, account: int = 0, gone_ids: bool = False) -> HttpApi:
    """Return the API of this name, id, both (`named_fully`), or number, in an account or any. Raises InvalidInput.

    One that is gone from AWS is meant by its number only, or by its id where `gone_ids` are looked for.
    """
    text = text.replace("\0", "").strip()[:500]
    rows = HttpApi.objects.select_related("account", "current")
    if account:
        rows = rows.filter(account=account)
    there = rows.filter(gone_at=None)
    number, ids = number_of(text), re.findall(r"\(([a-z0-9]+)\)$", text)
    found = list(rows.filter(pk=number)) if number is not None else []
    by_id = (rows if gone_ids else there).filter(api_id__in=[text, *ids])
    found = found or list(by_id[:2]) or list(there.filter(name__iexact=text)[:2])
    if not found:
        raise InvalidInput(f"No API has the name or id “{text[:60]}”.", "api")
    if len(found) > 1:
        raise InvalidInput(f"Several APIs are called “{text[:60]}”. Enter an id.", "api")
    return found[0]


def named_fully(api: HttpApi) -> str:
    """Return what `named` reads again, and a person too: `orders (abc123def4)`."""
    return f"{api.name} ({api.api_id})"


def _text(search: str) -> Q:
    url = parse_url(search)
    host = url.host if url and url.host else search
    # Looked through once, not once for each API.
    letting_in = AllowedOrigin.objects.filter(value__icontains=search).order_by().values("api")
    return Q(name__icontains=search) | Q(api_id__icontains=search) | Q(endpoint__icontains=host) | Q(pk__in=letting_in)


def _allowing(rows: QuerySet[HttpApi], text: str) -> QuerySet[HttpApi]:
    entries = matching_entries(origin_of(text))
    # The entry itself before `https://*` before `*`: the longest says most.
    matching = AllowedOrigin.objects.filter(api=OuterRef("pk"), value__in=entries).order_by(Length("value").desc())
    return rows.filter(Exists(matching)).annotate(
        through=Subquery(matching.values("value")[:1]), since=Subquery(matching.values("since")[:1])
    )


class Pages(Paginator):
    """Pages of rows. The database sorts and cuts ids, and reads whole rows, joined and annotated, for one page only."""

    by = ""
    """The field of the time by which a table is kept in partitions: only those of the page's rows are searched."""

    def page(self, number: int | str) -> Page:
        """Return one page. Raises as Paginator does."""
        at = self.validate_number(number)
        return Page(self._rows((at - 1) * self.per_page, at * self.per_page), at, self)

    def _rows(self, start: int, end: int) -> list[Any]:
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", self.by or "pk")[start:end])
        if self.by and keys:
            times = [time for _, time in keys]
            rows = rows.filter(**{f"{self.by}__range": (min(times), max(times))})
        found = {row.pk: row for row in rows.order_by().filter(pk__in=[pk for pk, _ in keys])}
        return [found[pk] for pk, _ in keys if pk in found]


class LogPages(Pages):
    """Pages of a log, in the order of an index. Nothing is counted: a page asks for one row more than it shows.

    `count` is that of the rows up to the first one of the next page, and of all when `is_counted`; `estimate` is about
    how many there are, 0 when that is not known.
    """

    by = "at"
    is_counted = True
    estimate = 0

    def get_page(self, number: float | str | None) -> Page:
        """Return one page; the first one where that is no number, the last one where there are fewer."""
        at = number_of(str(number)) or 1
        start, end = (at - 1) * self.per_page, at * self.per_page
        rows = self._rows(start, end + 1) if end < _MOST_ROWS else []
        if start and not rows:
            return super().get_page(number)
        self.is_counted = len(rows) <= self.per_page
        self.count = start + len(rows)
        return Page(rows[: self.per_page], at, self)

    def _rows(self, start: int, end: int) -> list[Any]:
        # The first rows of an index are read as fast as their ids.
        return super()._rows(start, end) if start else list(self.object_list[:end])

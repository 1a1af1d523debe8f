"""Origins in use: which, in how many APIs, since when, by whom, and what the rules say of them.

All of it comes from the table of allowed origins, which `history` keeps in step with each API's configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from apis.access.page_request import number_of
from apis.cors.lint import Finding, findings
from apis.cors.origins import is_origin, parse_url
from apis.cors.policy import CorsPolicy
from apis.inventory.lint_context import context_of
from apis.inventory.models import AllowedOrigin, Change, HttpApi


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at in a list of origins: a word, its gravity, and the rules that raise it."""

    name: str
    label: str
    kind: str
    codes: frozenset[str]


def _flag(name: str, label: str, kind: str, codes: str) -> Flag:
    return Flag(name, label, kind, frozenset(f"origin-{code}" for code in codes.split()))


_MALFORMED = (
    "empty padded several-in-one wildcard-part without-scheme other-scheme user trailing-slash path upper-case "
    "default-port bad-port unicode not-canonical invalid"
)
_LIST = (
    _flag("null", "null", "error", "null"),
    _flag("never", "Never matches", "error", _MALFORMED),
    _flag(
        "any",
        "Every site",
        "warning",
        "any any-with-credentials any-beside-others scheme-wildcard scheme-wildcard-with-credentials",
    ),
    _flag("look-alike", "Look-alike", "warning", "look-alike"),
    _flag("http", "Unencrypted", "warning", "http http-twin"),
    _flag("port", "Localhost without port", "warning", "local-without-port"),
    _flag("local", "Localhost in production", "info", "local-in-production"),
    _flag("third-party", "Shared platform", "info", "third-party"),
)
FLAGS = {flag.name: flag for flag in _LIST}
"""The flags, gravest first."""

ORDERS = {
    "origin": ("value",),
    "-origin": ("-value",),
    "apis": ("-apis", "value"),
    "-apis": ("apis", "value"),
    "since": ("first", "value"),
    "-since": ("-first", "value"),
}
"""The orders in which origins can be listed; each is total."""


@dataclass(frozen=True, slots=True)
class Origin:
    """An entry of AllowOrigins in use, and the change that first brought it in where it still is."""

    value: str
    apis: int
    accounts: int
    since: datetime
    flags: tuple[Flag, ...] = ()
    change: Change | None = None
    api: HttpApi | None = None

    @property
    def is_origin(self) -> bool:
        """Whether a browser could send it; an entry such as `*` or one with a path is none."""
        return is_origin(self.value)


def flag(api: HttpApi, found: Iterable[Finding]) -> None:
    """Write down what the findings of an API say of each of its origins."""
    raised: dict[str, set[str]] = {}
    for finding in found:
        if finding.field == "AllowOrigins" and finding.value is not None:
            names = {name for name, flag in FLAGS.items() if finding.code in flag.codes}
            raised.setdefault(finding.value[:500], set()).update(names)
    changed = []
    for row in AllowedOrigin.objects.filter(api=api):
        ours = [name for name in FLAGS if name in raised.get(row.value, ())]
        flags = f" {' '.join(ours)} " if ours else ""
        if row.flags != flags:
            row.flags = flags
            changed.append(row)
    AllowedOrigin.objects.bulk_update(changed, ["flags"])


def entries(*, search: str = "", flag: str = "", account: str = "") -> QuerySet[AllowedOrigin]:
    """Return the entries that APIs have now, one row for each API.

    `search`: part of the entry. `flag`: a name of FLAGS. `account`: a name, or its number.
    """
    rows = AllowedOrigin.objects.filter(api__gone_at=None)
    if search := search.strip():
        rows = rows.filter(value__icontains=search)
    if flag:
        rows = rows.filter(flags__contains=f" {flag} ")
    if account:
        number = number_of(account)
        rows = rows.filter(api__account__name=account) if number is None else rows.filter(api__account=number)
    return rows


def in_use(*, search: str = "", flag: str = "", account: str = "", sort: str = "apis") -> QuerySet[AllowedOrigin, Any]:
    """Return the same, one row for each entry with `value`, `apis`, `accounts` and `first` (since when)."""
    grouped = (
        entries(search=search, flag=flag, account=account)
        .values("value")
        .annotate(apis=Count("id"), accounts=Count("api__account", distinct=True), first=Min("since"))
    )
    return grouped.order_by(*ORDERS.get(sort, ORDERS["apis"]))


def entry(value: str) -> QuerySet[AllowedOrigin, Any]:
    """Return the row of `in_use` for one entry; empty when no API has it."""
    return in_use().filter(value=value)


def findings_of(value: str) -> list[Finding]:
    """Return the findings of an entry, alone and in the list of the first API where it is flagged."""
    if not value:
        return []
    alone = findings(CorsPolicy.from_aws({"AllowOrigins": [value], "AllowMethods": ["GET"]}))
    flagged = AllowedOrigin.objects.filter(value=value, api__gone_at=None).exclude(flags="")
    row = flagged.select_related("api__current").order_by("since", "pk").first()
    listed = findings(row.api.policy, context_of(row.api)) if row else []
    found = {one.code: one for one in (*alone, *listed) if one.field == "AllowOrigins" and one.value == value}
    return list(found.values())


def described(rows: Sequence[dict[str, Any]]) -> list[Origin]:
    """Return a page of `in_use` with its flags and the changes that brought each in; two queries."""
    values = [row["value"] for row in rows]
    flags: dict[str, set[str]] = {}
    flagged = AllowedOrigin.objects.filter(value__in=values, api__gone_at=None).exclude(flags="")
    for value, names in flagged.order_by().values_list("value", "flags").distinct():
        flags.setdefault(value, set()).update(names.split())
    earliest = Q(pk__in=())
    for row in rows:
        earliest |= Q(value=row["value"], since=row["first"])
    firsts = {
        one.value: one
        for one in AllowedOrigin.objects.filter(earliest, api__gone_at=None)
        .select_related("change__attribution", "api")
        .order_by("-pk")
    }
    return [
        Origin(
            value=row["value"],
            apis=row["apis"],
            accounts=row["accounts"],
            since=row["first"],
            flags=tuple(one for name, one in FLAGS.items() if name in flags.get(row["value"], ())),
            change=firsts[row["value"]].change if row["value"] in firsts else None,
            api=firsts[row["value"]].api if row["value"] in firsts else None,
        )
        for row in rows
    ]


def related(text: str, limit: int = 8) -> list[str]:
    """Return other entries in use that have the same host in them, for a person who may have mistyped."""
    url = parse_url(text)
    host = url.host if url and url.host else text.strip().partition("://")[2] or text.strip()
    if len(host) < 4:
        return []
    rows = AllowedOrigin.objects.filter(api__gone_at=None, value__icontains=host).exclude(value=text)
    return list(rows.order_by("value").values_list("value", flat=True).distinct()[:limit])

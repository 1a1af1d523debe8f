"""Compare: the six fields of several APIs side by side, and what one would be with fields of another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apis.cors.policy import FIELDS, HEADER_OF_FIELD, LIST_FIELDS, CorsPolicy, diff
from apis.errors import AppError
from apis.inventory.models import HttpApi

MOST = 8
"""APIs that fit side by side."""
ENVIRONMENTS = frozenset(
    [
        "dev",
        "develop",
        "development",
        "test",
        "testing",
        "qa",
        "int",
        "integration",
        "uat",
        "stg",
        "stage",
        "staging",
        "preprod",
        "pre",
        "preview",
        "sandbox",
        "demo",
        "canary",
        "beta",
        "prod",
        "prd",
        "production",
        "live",
        "main",
    ]
)
"""Parts of a name that say where an API runs, not what it is."""
_READ_AT_MOST = 500
SHOWN = 30
"""Entries of a list that one cell shows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of one API besides that of the first: its entries, those that only it has, and those it lacks."""

    api: HttpApi
    value: Any
    same: bool = True
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def shown(self) -> list[str]:
        """The entries of a list that a page shows: those that only this API has, and some of the others."""
        own = set(self.added)
        return sorted(self.value, key=lambda entry: entry not in own)[:SHOWN]

    @property
    def lacking(self) -> list[str]:
        """The entries of the first API that this one lacks, as far as a page shows them."""
        return list(self.removed[:SHOWN])

    @property
    def more(self) -> int:
        """How many of both a page does not show."""
        return len(self.value) - len(self.shown) + len(self.removed) - len(self.lacking)


@dataclass(frozen=True, slots=True)
class Row:
    """One field over all the APIs."""

    name: str
    label: str
    is_list: bool
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether any API differs from the first."""
        return not all(cell.same for cell in self.cells)


def grid(apis: Sequence[HttpApi]) -> list[Row]:
    """Return the six fields as rows; each cell says how it differs from the first API's."""
    diffs = [{part.field: part for part in diff(apis[0].policy, api.policy).fields} for api in apis]
    rows = []
    for name in FIELDS:
        cells = []
        for api, parts in zip(apis, diffs, strict=True):
            part = parts.get(name)
            value = api.policy.get(name)
            if part is None:
                cells.append(Cell(api, value))
            else:
                cells.append(Cell(api, value, same=False, added=part.added, removed=part.removed))
        rows.append(Row(name, HEADER_OF_FIELD[name], name in LIST_FIELDS, tuple(cells)))
    return rows


def with_fields(policy: CorsPolicy, other: CorsPolicy, names: Iterable[str] = ()) -> CorsPolicy:
    """`policy` with the named fields of `other`, or with all that differ when none is named.

    It ends switched on, unless all of one that is off is taken. Raises AppError for fields of that.
    """
    if not other.on:
        if set(names):
            raise AppError("CORS is off: no fields to copy.")
        return other
    chosen = [name for name in FIELDS if name in set(names)] or [part.field for part in diff(policy, other).fields]
    for name in chosen:
        policy = policy.with_field(name, other.get(name))
    return policy if policy.on else CorsPolicy.from_aws({})


def stem(name: str) -> str:
    """Return a name without the parts that say where it runs: `Orders-API_prod` → `orders-api`."""
    parts = [part for part in re.split(r"[^a-z0-9]+", name.lower()) if part]
    return "-".join(part for part in parts if part not in ENVIRONMENTS)


def siblings(api: HttpApi, but: Iterable[int] = (), limit: int = 6) -> list[HttpApi]:
    """Return APIs that seem to be the same one elsewhere: named alike but for the environment, or identical."""
    wanted = stem(api.name)
    if not wanted:
        return []
    longest = max(wanted.split("-"), key=len)
    rows = HttpApi.objects.filter(gone_at=None, name__icontains=longest).exclude(pk__in=[api.pk, *but])
    found = rows.select_related("account").order_by("name", "id")[:_READ_AT_MOST]
    return [row for row in found if stem(row.name) == wanted][:limit]

"""The probes of the demo: suggested ones, on routes that its APIs serve."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from apis.probing.sets import bulk_edits, in_step
from apis.probing.sets.suggestions import Group, Row, suggestions_for

INTERVAL = 600
"""Seconds from run to run: a day's results are made while a person waits."""
WATCHED = {
    "shop-checkout": {Group.ALLOWED: 2, Group.METHOD: 1, Group.ADDRESS: 1, Group.BLOCKED: 2},
    "shop-catalog": {Group.ALLOWED: 1},
    "orders-api": {Group.ALLOWED: 2, Group.METHOD: 1, Group.BLOCKED: 1},
    "analytics-collector": {Group.ALLOWED: 1},
    "preview-backend": {Group.ALLOWED: 2, Group.BLOCKED: 1},
    "payments-api": {Group.ALLOWED: 1, Group.BLOCKED: 1},
    "partner-portal": {Group.ALLOWED: 1, Group.BLOCKED: 1},
    "store-locator": {Group.ALLOWED: 1},
}
"""How many suggestions of each group an API's probes are made from."""
FOLLOWED = "preview-backend"
"""The API whose probes are kept in step with its configuration."""
EXPECTED: dict[str, dict[str, Any]] = {"shop-catalog": {"max_latency": 500}}
"""What the probes of an API expect besides the verdict."""


def add_probes(admin: User) -> list[Probe]:
    """Create the probes of all watched APIs; return them."""
    rows = suggestions_for(list(HttpApi.objects.filter(name__in=WATCHED).select_related("account", "current")))
    chosen: list[Row] = []
    for name, groups in WATCHED.items():
        for group, count in groups.items():
            fitting = (row for row in rows if row.api.name == name and row.suggestion.group == group)
            chosen += [row for row in fitting if not row.suggestion.warning][:count]
    bodies = [
        (row.api, {**row.suggestion.as_json(), "interval": INTERVAL, **EXPECTED.get(row.api.name, {})})
        for row in chosen
    ]
    probes = bulk_edits.create(bodies, admin).probes
    followed = [row for row in chosen if row.api.name == FOLLOWED and row.suggestion.group == Group.ALLOWED]
    calls = list(dict.fromkeys(row.suggestion.call for row in followed))
    in_step.follow(followed[0].api, calls, INTERVAL, admin, [one for one in probes if one.api.name == FOLLOWED])
    return probes

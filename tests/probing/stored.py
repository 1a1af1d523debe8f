"""Runs of probes as the prober stores them, without a network."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Exchange, Headers
from apis.inventory.models import Account, HttpApi
from apis.probing.models import Probe, Result
from apis.probing.runs.calls import Outcome, request_of
from apis.probing.runs.storage import store

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ORIGIN = "https://app.example.com"
ALLOWED: Headers = (("access-control-allow-origin", ORIGIN), ("vary", "origin"))


def make_api(name: str = "orders") -> HttpApi:
    """Make an API in an account of its own name."""
    account, _ = Account.objects.get_or_create(name=f"account of {name}", defaults={"regions": ["us-east-1"]})
    return HttpApi.objects.create(
        account=account, region="us-east-1", api_id=name, name=name, endpoint=f"https://{name}.example.com"
    )


def make_probe(api: HttpApi, **values: Any) -> Probe:
    """Make a probe of GET /items."""
    return Probe.objects.create(api=api, **{"name": "items", "origin": ORIGIN, "path": "/items"} | values)


def outcome(probe: Probe, *headers: tuple[str, str], total: float = 20.0) -> Outcome:
    """What a run gets whose response has these headers."""
    exchange = Exchange(request_of(probe), None, Answer(200, headers))
    phases = {"resolve": 0.52, "connect": 0.0, "tls": 3.3, "first_byte": 9.99, "total": total}
    return Outcome(exchange, judge(exchange), {"request": phases})


def ran(probe: Probe, at: datetime, *headers: tuple[str, str], total: float = 20.0, cause: str = "schedule") -> Result:
    """Store one run; without headers it passes."""
    [result] = store([probe], [outcome(probe, *(headers or ALLOWED), total=total)], at, cause)
    return Result.objects.get(pk=result.pk)


def ran_often(probe: Probe, runs: Iterable[tuple[datetime, Outcome]]) -> list[Result]:
    """Store many runs at once, in their order."""
    times, outcomes = zip(*runs, strict=True)
    return store([probe] * len(times), outcomes, times, "schedule")

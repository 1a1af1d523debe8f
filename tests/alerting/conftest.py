"""An API with a probe, runs of it as the prober stores them, and somewhere to send messages to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.alerting import channels
from apis.alerting.models import Channel
from apis.cors.exchange import Verdict
from apis.inventory.models import Account, Change, HttpApi
from apis.probing.models import Probe, Result
from apis.probing.runs import runner as probing
from apis.probing.runs.calls import Outcome
from tests.support.sinks import HttpSink, SmtpSink

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BLOCKED = Verdict(True, False, "PreflightMissingAllowOriginHeader", "The preflight's answer allows no origin.")
ALLOWED = Verdict(True, True, None, "Every check passed.")


def ran(probe: Probe, *passes: bool, at: datetime | None = None, every: int = 30) -> datetime:
    """Store one run of the probe per value, `every` seconds apart; returns the last one's time.

    The first is at `at`, else now, but after the last one before. A probe that fails first has passed a while ago:
    one that never passed opens no incident.
    """
    before = Result.objects.filter(probe=probe).order_by("-at").values_list("at", flat=True).first()
    last = at or max(timezone.now(), before + timedelta(seconds=every) if before else timezone.now())
    at = last
    if before is None and not passes[0]:
        probing.store([probe], [Outcome(verdict=ALLOWED)], at - timedelta(seconds=every), "schedule")
    for number, passed in enumerate(passes):
        last = (at or last) + timedelta(seconds=every * number)
        probing.store([probe], [Outcome(verdict=ALLOWED if passed else BLOCKED)], last, "schedule")
    probe.refresh_from_db()
    return last


@pytest.fixture
def account(db: None) -> Account:
    """An account."""
    return Account.objects.create(name="production", regions=["eu-central-1"])


@pytest.fixture
def make_api(account: Account) -> Callable[..., HttpApi]:
    """Makes an API."""

    def make(name: str = "orders", api_id: str = "abcdefghij") -> HttpApi:
        return HttpApi.objects.create(
            account=account,
            region="eu-central-1",
            api_id=api_id,
            name=name,
            endpoint=f"https://{api_id}.execute-api.eu-central-1.amazonaws.com",
        )

    return make


@pytest.fixture
def api(make_api: Callable[..., HttpApi]) -> HttpApi:
    """One API."""
    return make_api()


@pytest.fixture
def make_probe(api: HttpApi) -> Callable[..., Probe]:
    """Makes a probe that is down after two failures."""

    def make(name: str = "items", **fields: Any) -> Probe:
        values = {"origin": "https://app.example.com", "path": f"/{name}", "failures": 2, "api": api} | fields
        return Probe.objects.create(name=name, **values)

    return make


@pytest.fixture
def probe(make_probe: Callable[..., Probe]) -> Probe:
    """One probe."""
    return make_probe()


@pytest.fixture
def changed(api: HttpApi) -> Callable[..., Change]:
    """Notes an applied change of the API."""

    def note(at: datetime, kind: str = Change.Kind.PANEL, status: str = Change.Status.APPLIED) -> Change:
        return Change.objects.create(
            api=api, kind=kind, status=status, at=at, settled_at=at, actor_name="alice", summary="removed an origin"
        )

    return note


@pytest.fixture
def inbox(webhook_sink: HttpSink, loopback_allowed: None) -> HttpSink:
    """A web server that webhooks may go to."""
    return webhook_sink


@pytest.fixture
def webhook(db: None, inbox: HttpSink) -> Channel:
    """A webhook channel to it."""
    return channels.create(None, "webhook", "pager", url=f"{inbox.url}/hook")


@pytest.fixture
def mail(db: None, smtp_sink: SmtpSink) -> Channel:
    """An e-mail channel to a mail server."""
    return channels.create(None, "email", "on call", address="oncall@example.com")

"""Alerts about what happened once: each is one message, and old news is none."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apis.alerting.alerts import happenings
from apis.alerting.models import Channel, Delivery
from apis.alerting.rules import edits
from apis.alerting.rules.models import Rule
from apis.alerting.sending.wording import message_of
from apis.editing.grants.models import Grant
from apis.inventory.models import Account, Change, HttpApi, SyncRegion, SyncRun


def announced(now: datetime | None = None) -> list[str]:
    """The events of the messages that a sweep writes."""
    before = set(Delivery.objects.values_list("pk", flat=True))
    happenings.announce_happenings(now)
    return list(Delivery.objects.exclude(pk__in=before).order_by("pk").values_list("event", flat=True))


@pytest.mark.parametrize(
    ("kind", "status", "event", "alert"),
    [
        ("drift", "applied", "change.drifted", "drift"),
        ("panel", "failed", "change.failed", "change"),
        ("guard", "applied", "change.reverted", "change"),
    ],
)
def test_a_change_is_announced_once(
    webhook: Channel, changed: Callable[..., Change], kind: str, status: str, event: str, alert: str
) -> None:
    change = changed(timezone.now(), kind, status)
    assert announced() == [event]
    assert announced() == []
    delivery = Delivery.objects.get()
    assert delivery.data["kind"] == alert
    message = message_of(delivery)
    assert message.title.startswith("orders (production, eu-central-1): ")
    assert message.url.endswith(change.get_absolute_url())


def test_the_list_of_deliveries_names_the_api(
    webhook: Channel, changed: Callable[..., Change], signed_in: Client
) -> None:
    changed(timezone.now(), "drift")
    assert announced() == ["change.drifted"]
    page = signed_in.get("/settings/deliveries/").content.decode()
    assert re.search(r'<td data-label="About">\s*orders\s*</td>', page)


@pytest.mark.parametrize(("kind", "status"), [("panel", "applied"), ("discovered", "applied"), ("panel", "pending")])
def test_what_went_well_is_no_news(webhook: Channel, changed: Callable[..., Change], kind: str, status: str) -> None:
    changed(timezone.now(), kind, status)
    assert announced() == []


def test_what_happened_long_ago_is_no_news(webhook: Channel, changed: Callable[..., Change]) -> None:
    changed(timezone.now() - timedelta(hours=3), "drift")
    assert announced() == []


def test_a_bulk_change_that_fails_for_many_is_one_message(webhook: Channel, changed: Callable[..., Change]) -> None:
    group = uuid.uuid4()
    for _ in range(5):
        change = changed(timezone.now(), "bulk", "failed")
        Change.objects.filter(pk=change.pk).update(group=group)
    assert announced() == ["change.failed"]
    assert announced() == []


def test_more_than_a_sweep_takes_are_all_announced(
    webhook: Channel, changed: Callable[..., Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(happenings, "AT_ONCE", 2)
    for _ in range(5):
        changed(timezone.now(), "drift")
    assert [len(announced()) for _ in range(4)] == [2, 2, 1, 0]


def test_a_region_is_unreadable_once_until_it_was_readable(webhook: Channel, account: Account) -> None:
    def synced(state: str) -> None:
        run = SyncRun.objects.create(started_at=timezone.now())
        SyncRegion.objects.create(
            run=run, account=account, region="eu-central-1", state=state, error="No access.", finished_at=timezone.now()
        )

    states = [("done", []), ("failed", ["region.unreadable"]), ("failed", []), ("done", [])]
    for state, events in [*states, ("failed", ["region.unreadable"])]:
        synced(state)
        assert announced() == events, state
    assert "production, eu-central-1: cannot be read" in message_of(Delivery.objects.latest("pk")).title


def test_a_grant_that_could_not_be_ended(webhook: Channel, api: HttpApi) -> None:
    now = timezone.now()
    Grant.objects.create(
        api=api,
        origin="https://a.example",
        state=Grant.State.ENDING,
        lasts=60,
        granted_by_name="ada",
        at=now - timedelta(hours=2),
        ends_at=now - timedelta(minutes=5),
        error="AWS refused UpdateApi.",
    )
    assert announced() == ["grant.not_ended"]
    assert "https://a.example is still allowed" in message_of(Delivery.objects.get()).title


def test_a_rule_chooses_among_them(webhook: Channel, changed: Callable[..., Change]) -> None:
    edits.change_rule(None, Rule.objects.get(is_default=True), {"kinds": ["change"]})
    changed(timezone.now(), "drift")
    changed(timezone.now(), "panel", "failed")
    assert announced() == ["change.failed"]

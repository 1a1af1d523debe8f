"""Maintenance windows: probes go on, no one is notified, and nothing that lasts is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.alerting.models import Channel
from apis.alerting.rules import clock, edits
from apis.alerting.rules.models import Maintenance
from apis.errors import InvalidFields
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import NOON
from tests.alerting.rules.test_rules import MINUTE, fails, outcomes, recovers, send
from tests.support.sinks import HttpSink

WINDOW = {"name": "upgrade", "starts_at": NOON - MINUTE, "ends_at": NOON + 60 * MINUTE}


@pytest.fixture
def window(db: None) -> Maintenance:
    """An hour from noon."""
    return edits.create_maintenance(None, WINDOW, NOON)


def test_no_one_is_notified_until_it_is_over(
    probe: Probe, webhook: Channel, inbox: HttpSink, window: Maintenance
) -> None:
    incident = fails(probe)
    assert [outcome for _, outcome in outcomes(incident)] == ["deferred"]
    send(NOON + 59 * MINUTE)
    assert inbox.received == []
    send(NOON + 60 * MINUTE)
    assert len(inbox.received) == 1, "it still fails"


def test_what_ends_before_it_is_not_notified_at_all(
    probe: Probe, webhook: Channel, inbox: HttpSink, window: Maintenance
) -> None:
    incident = fails(probe)
    recovers(probe, NOON + 20 * MINUTE)
    send(NOON + 90 * MINUTE)
    assert inbox.received == []
    assert incident.decisions.filter(outcome="dropped").count() == 2


def test_a_window_that_begins_later_holds_what_is_being_retried(
    probe: Probe, webhook: Channel, inbox: HttpSink
) -> None:
    fails(probe)
    edits.create_maintenance(None, WINDOW, NOON)
    send(NOON + 30 * MINUTE)
    assert inbox.received == []
    send(NOON + 60 * MINUTE)
    assert len(inbox.received) == 1


def test_ending_it_early_lets_messages_go(probe: Probe, webhook: Channel, inbox: HttpSink, window: Maintenance) -> None:
    fails(probe)
    edits.delete_maintenance(None, window)

    send(timezone.now())
    assert len(inbox.received) == 1


@pytest.mark.parametrize("scope", ["api", "account", "tag"])
def test_others_are_notified(probe: Probe, webhook: Channel, inbox: HttpSink, make_api: Any, scope: str) -> None:
    other = make_api("billing", "bbbbbbbbbb")
    if scope == "account":
        other.account = type(other.account).objects.create(name="staging", regions=["eu-central-1"])
        other.save()
    values = {"api": {"api": other.pk}, "account": {"account": other.account_id}, "tag": {"tag": "team=search"}}
    edits.create_maintenance(None, WINDOW | values[scope], NOON)
    send(fails(probe).opened_at)
    assert len(inbox.received) == 1


def test_an_api_is_covered_by_its_tag(probe: Probe, webhook: Channel, inbox: HttpSink) -> None:
    HttpApi.objects.filter(pk=probe.api_id).update(tags={"team": "search"})
    edits.create_maintenance(None, WINDOW | {"tag": "team=search"}, NOON)
    send(fails(probe).opened_at)
    assert inbox.received == []


@pytest.mark.once
class TestRepeats:
    """Weekly and cron windows, in a time zone."""

    def test_weekly_past_midnight(self) -> None:
        friday_night = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
        for hours, inside in ((-0.1, False), (0, True), (3.9, True), (4, False)):
            now = friday_night + timedelta(hours=hours)
            end = clock.weekly_end([4], time(23), 4 * 3600, "UTC", now)
            assert (end is not None) is inside
            assert end in (None, friday_night + timedelta(hours=4))

    def test_cron_in_its_zone(self) -> None:
        start = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)  # 02:00 in Berlin in summer
        for minutes, inside in ((-1, False), (0, True), (29, True), (30, False)):
            end = clock.cron_end("0 2 * * *", 1800, "Europe/Berlin", start + timedelta(minutes=minutes))
            assert (end is not None) is inside


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": NOON - 2 * MINUTE}, "ends_at"),
        ({"ends_at": datetime(2026, 12, 1)}, "ends_at"),
        ({"repeat": "daily"}, "repeat"),
        ({"repeat": "weekly", "time": "02:00", "duration": 600}, "weekdays"),
        ({"repeat": "weekly", "weekdays": [7], "time": "02:00", "duration": 600}, "weekdays"),
        ({"repeat": "weekly", "weekdays": [0], "duration": 600}, "time"),
        ({"repeat": "weekly", "weekdays": [0], "time": "02:00"}, "duration"),
        ({"repeat": "cron", "cron": "0 2 * *", "duration": 600}, "cron"),
        ({"repeat": "cron", "cron": "0 0 30 2 *", "duration": 600}, "cron"),
        ({"repeat": "cron", "cron": "0 2 * * *", "duration": 600, "zone": "Mars"}, "zone"),
        ({"api": 4711}, "api"),
    ],
)
def test_a_window_that_cannot_work_is_refused(db: None, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        edits.create_maintenance(None, WINDOW | values, NOON)
    assert field in caught.value.errors

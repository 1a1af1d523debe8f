"""What is held back leaves as soon as nothing holds it back any more, whatever was changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User

from apis.alerting.incidents import incident_actions, incidents, reminders
from apis.alerting.models import Channel, Incident
from apis.alerting.rules import edits
from apis.alerting.rules.models import Rule
from apis.alerting.sending import deliveries, outbox
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import NOON, ran
from tests.alerting.rules.test_rules import default, fails
from tests.alerting.test_pages import browser
from tests.support.sinks import HttpSink

__all__ = ["default"]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUIET = {"quiet_from": "10:00", "quiet_until": "20:00", "quiet_zone": "UTC"}
"""They hold at noon."""


@pytest.fixture
def arrived(webhook: Channel, inbox: HttpSink) -> Callable[[datetime], int]:
    """Sweeps at a time, and says how many messages have arrived since the last one."""
    seen = 0

    def sweep(at: datetime) -> int:
        nonlocal seen
        with time_machine.travel(at, tick=False):
            incidents.settle_flips()
            reminders.write_reminders()
            while due := outbox.due():
                for pk in due:
                    deliveries.send(pk)
        new, seen = len(inbox.received) - seen, len(inbox.received)
        return new

    return sweep


@pytest.fixture
def do() -> Callable[..., Any]:
    """Does something at a time."""

    def call(at: datetime, what: Callable[..., Any], *given: Any) -> Any:
        with time_machine.travel(at, tick=False):
            return what(*given)

    return call


def test_a_deleted_rules_message_waits_for_maintenance(
    probe: Probe, arrived: Callable[[datetime], int], do: Callable[..., Any], default: Rule
) -> None:
    edits.change_rule(None, default, {"enabled": False})
    rule = edits.create_rule(None, {"name": "mine", "all_channels": True} | QUIET)
    fails(probe)
    values = {"name": "upgrade", "starts_at": NOON, "ends_at": NOON + 10 * HOUR}
    do(NOON + HOUR, edits.create_maintenance, None, values)
    do(NOON + HOUR, edits.delete_rule, None, Rule.objects.get(pk=rule.pk))
    assert arrived(NOON + HOUR + MINUTE) == arrived(NOON + 9 * HOUR) == 0
    assert arrived(NOON + 10 * HOUR) == 1


@pytest.mark.parametrize("change", ["end", "delete"])
def test_quiet_hours_that_are_ended(
    probe: Probe, arrived: Callable[[datetime], int], do: Callable[..., Any], default: Rule, change: str
) -> None:
    edits.change_rule(None, default, {"enabled": False})
    rule = edits.create_rule(None, {"name": "mine", "all_channels": True} | QUIET)
    fails(probe)
    assert arrived(NOON + 2 * MINUTE) == 0
    if change == "end":
        do(NOON + HOUR, edits.change_rule, None, rule, {"quiet_from": None, "quiet_until": None})
    else:
        do(NOON + HOUR, edits.delete_rule, None, rule)
    assert arrived(NOON + HOUR + MINUTE) == 1


def test_a_snooze_that_is_made_shorter(
    probe: Probe, arrived: Callable[[datetime], int], do: Callable[..., Any], editor: User
) -> None:
    incident = fails(probe)
    do(NOON + 2 * MINUTE, incident_actions.snooze, incident, editor, NOON + 9 * HOUR)
    assert arrived(NOON + 3 * MINUTE) == 0
    do(NOON + 4 * MINUTE, incident_actions.snooze, incident, editor, NOON + HOUR)
    assert arrived(NOON + 59 * MINUTE) == 0
    assert arrived(NOON + HOUR) == 1


def test_a_clock_that_is_set_back(probe: Probe, arrived: Callable[[datetime], int], default: Rule) -> None:
    """To before the quiet hours by whose end the message was to leave."""
    edits.change_rule(None, default, QUIET)
    fails(probe)
    assert arrived(NOON + 2 * MINUTE) == 0
    assert arrived(NOON - 5 * HOUR) == 1


class TestReminders:
    """They are about what is open and not acknowledged."""

    @pytest.fixture
    def waiting(self, probe: Probe, arrived: Callable[[datetime], int], default: Rule) -> Incident:
        """An incident with a reminder that waits for the end of quiet hours."""
        edits.change_rule(None, default, QUIET | {"reminder": 3600, "quiet_from": "13:00"})
        incident = fails(probe)
        assert arrived(NOON + 2 * MINUTE) == 1
        assert arrived(NOON + 2 * HOUR) == 0
        assert incident.deliveries.filter(event="incident.reminder", state="waiting").exists()
        return incident

    def test_none_after_an_acknowledgement(
        self, waiting: Incident, arrived: Callable[[datetime], int], do: Callable[..., Any], editor: User
    ) -> None:
        do(NOON + 3 * HOUR, incident_actions.acknowledge, waiting, editor)
        assert arrived(NOON + 9 * HOUR) == 0
        assert not waiting.deliveries.filter(state="waiting").exists()

    def test_the_end_does_not_wait_for_one(
        self, waiting: Incident, probe: Probe, arrived: Callable[[datetime], int], default: Rule
    ) -> None:
        edits.create_rule(None, {"name": "a rule without quiet hours", "all_channels": True})
        ran(probe, True, at=NOON + 3 * HOUR)
        assert arrived(NOON + 3 * HOUR) == 1
        assert arrived(NOON + 9 * HOUR) == 0
        assert set(waiting.deliveries.values_list("event", "state")) == {
            ("incident.opened", "sent"),
            ("incident.closed", "sent"),
        }


def test_an_api_that_is_back_after_the_clock_was_set_back(
    probe: Probe, api: HttpApi, arrived: Callable[[datetime], int]
) -> None:
    fails(probe)
    HttpApi.objects.filter(pk=api.pk).update(gone_at=NOON + HOUR)
    arrived(NOON + HOUR)
    assert not Incident.objects.filter(state="open").exists()
    HttpApi.objects.filter(pk=api.pk).update(gone_at=None)
    earlier = NOON - 5 * HOUR
    arrived(earlier)
    assert not Incident.objects.filter(state="open").exists(), "nothing has run since"
    with time_machine.travel(earlier + MINUTE, tick=False):
        ran(probe, False, at=earlier + MINUTE)
    arrived(earlier + MINUTE)
    arrived(earlier + MINUTE)
    assert Incident.objects.filter(state="open").exists()


@pytest.mark.once
def test_the_pages_say_that_it_waits_and_why(
    probe: Probe, webhook: Channel, default: Rule, arrived: Callable[[datetime], int]
) -> None:
    """Not "Sending" for hours, nor that no worker has picked it up."""
    edits.change_rule(None, default, QUIET)
    incident = fails(probe)
    assert arrived(incident.opened_at) == 0
    delivery = incident.deliveries.get()
    with time_machine.travel(incident.opened_at + HOUR, tick=False):
        client = browser("admin")
        for path in ("/settings/deliveries/", f"/settings/deliveries/{delivery.pk}/", webhook.get_absolute_url()):
            page = client.get(path).content.decode()
            assert 'data-state="held"' in page, path
            assert "Quiet hours." in page and "No worker" not in page, path

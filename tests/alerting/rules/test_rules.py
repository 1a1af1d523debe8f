"""Rules: which alerts go to which channels, and when; what each decided is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from apis.alerting import channels
from apis.alerting.incidents import incidents, reminders
from apis.alerting.models import Channel, Delivery, Incident
from apis.alerting.rules import clock, edits
from apis.alerting.rules.models import Decision, Rule
from apis.alerting.sending import deliveries, outbox
from apis.errors import InvalidFields
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import NOON, ran
from tests.support.sinks import HttpSink

MINUTE = timedelta(minutes=1)


@pytest.fixture
def second(webhook: Channel, inbox: HttpSink) -> Channel:
    """Another channel."""
    return channels.create(None, "slack", "second", url=f"{inbox.url}/second")


@pytest.fixture
def default(db: None) -> Rule:
    """The default rule."""
    return Rule.objects.get(is_default=True)


def fails(probe: Probe, at: datetime = NOON) -> Incident:
    """Let a probe fail, and settle that at once."""
    last = ran(probe, True, False, False, at=at)
    incidents.settle_flips(last)
    return Incident.objects.get(members__probe=probe, state="open")


def recovers(probe: Probe, at: datetime) -> None:
    """Let a probe pass again, and settle that at once."""
    ran(probe, True, at=at)
    incidents.settle_flips(at)


def notified(event: str = "incident.opened") -> set[str]:
    """The channels for which a message is written."""
    return set(Delivery.objects.filter(event=event).values_list("channel__name", flat=True))


def outcomes(incident: Incident, event: str = "incident.opened") -> list[tuple[str, str]]:
    """What each rule decided."""
    return list(incident.decisions.filter(event=event).values_list("rule_name", "outcome"))


def send(now: datetime) -> None:
    """Send what is due."""
    for pk in outbox.due(now):
        deliveries.send(pk, now)


def test_without_any_setup_everything_goes_to_every_channel(probe: Probe, webhook: Channel, second: Channel) -> None:
    incident = fails(probe)
    assert notified() == {"pager", "second"}
    assert {outcome for _, outcome in outcomes(incident)} == {"notified"}


class TestConditions:
    """What a rule asks for."""

    @pytest.fixture(autouse=True)
    def _no_default(self, default: Rule) -> None:
        edits.change_rule(None, default, {"enabled": False})

    @pytest.mark.parametrize(
        ("values", "matches"),
        [
            ({}, True),
            ({"kinds": ["probe_down"]}, True),
            ({"kinds": ["drift"]}, False),
            ({"severity": "error"}, True),
            ({"severity": "critical"}, False),
            ({"tag": "team=payments"}, True),
            ({"tag": "team"}, True),
            ({"tag": "team=search"}, False),
            ({"tag": "stage"}, False),
        ],
    )
    def test_decides(self, probe: Probe, webhook: Channel, values: dict[str, Any], matches: bool) -> None:
        HttpApi.objects.filter(pk=probe.api_id).update(tags={"team": "payments"})
        edits.create_rule(None, {"name": "mine", "all_channels": True} | values)
        incident = fails(probe)
        assert (notified() == {"pager"}) is matches
        by_rule = dict(outcomes(incident))
        assert by_rule["mine"] == ("notified" if matches else "no_match")
        assert matches or incident.decisions.get(rule_name="mine").reason

    @pytest.mark.parametrize("field", ["api", "account"])
    def test_one_api_or_account(self, probe: Probe, webhook: Channel, make_api: Any, field: str) -> None:
        other = make_api("billing", "bbbbbbbbbb")
        if field == "account":
            other.account = type(other.account).objects.create(name="staging", regions=["eu-central-1"])
            other.save()
        edits.create_rule(
            None, {"name": "x", "all_channels": True, field: other.pk if field == "api" else other.account_id}
        )
        fails(probe)
        assert notified() == set()

    def test_only_chosen_channels(self, probe: Probe, webhook: Channel, second: Channel) -> None:
        edits.create_rule(None, {"name": "mine", "channels": [second.pk]})
        fails(probe)
        assert notified() == {"second"}

    def test_a_channel_gets_one_message_whatever_rules_match(self, probe: Probe, webhook: Channel) -> None:
        edits.create_rule(None, {"name": "slow", "all_channels": True, "delay": 600})
        edits.create_rule(None, {"name": "fast", "all_channels": True})
        incident = fails(probe)
        assert Delivery.objects.count() == 1
        by_rule = dict(outcomes(incident))
        assert (by_rule["fast"], by_rule["slow"]) == ("notified", "duplicate")

    def test_a_blocked_origin_that_is_allowed_is_more_severe(self, make_probe: Any, webhook: Channel) -> None:
        edits.create_rule(None, {"name": "severe", "all_channels": True, "severity": "critical"})
        # The verdict that passes is "blocked".
        incidents.settle_flips(ran(make_probe(expect="blocked"), False, True, True, at=NOON))
        delivery = Delivery.objects.get()
        assert (delivery.data["kind"], delivery.data["severity"]) == ("blocked_allowed", "critical")


class TestDelay:
    """Notify only of what lasts."""

    @pytest.fixture(autouse=True)
    def _delay(self, default: Rule) -> None:
        edits.change_rule(None, default, {"delay": 600})

    def test_what_lasts_is_notified(self, probe: Probe, webhook: Channel, inbox: HttpSink) -> None:
        incident = fails(probe)
        since = incident.opened_at
        send(since + 9 * MINUTE)
        assert inbox.received == []
        send(since + 11 * MINUTE)
        assert len(inbox.received) == 1

    def test_what_recovers_before_is_not(self, probe: Probe, webhook: Channel, inbox: HttpSink) -> None:
        incident = fails(probe)
        recovers(probe, incident.opened_at + 5 * MINUTE)
        send(incident.opened_at + 60 * MINUTE)
        assert inbox.received == []
        assert [outcome for _, outcome in outcomes(incident)] == ["dropped"]
        assert [outcome for _, outcome in outcomes(incident, "incident.closed")] == ["dropped"]


def test_a_rule_without_recovery_messages(probe: Probe, webhook: Channel, default: Rule) -> None:
    edits.change_rule(None, default, {"recovery": False})
    incident = fails(probe)
    send(incident.opened_at)
    recovers(probe, incident.opened_at + MINUTE)
    assert notified("incident.closed") == set()
    assert outcomes(incident, "incident.closed") == [(default.name, "dropped")]


def test_only_who_heard_of_the_beginning_hears_of_the_end(probe: Probe, webhook: Channel, inbox: HttpSink) -> None:
    incident = fails(probe)
    send(incident.opened_at)
    channels.create(None, "slack", "late", url=f"{inbox.url}/late")
    recovers(probe, incident.opened_at + MINUTE)
    assert notified("incident.closed") == {"pager"}


class TestQuietHours:
    """From 22:00 to 07:00 in Berlin, which is UTC+1 in November."""

    NIGHT = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    MORNING = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)

    @pytest.fixture
    def quiet(self, default: Rule) -> Rule:
        values = {"quiet_from": "22:00", "quiet_until": "07:00", "quiet_zone": "Europe/Berlin"}
        return edits.change_rule(None, default, values)

    def test_messages_wait_for_the_morning(self, probe: Probe, webhook: Channel, inbox: HttpSink, quiet: Rule) -> None:
        incident = fails(probe, self.NIGHT)
        decision = incident.decisions.get()
        assert (decision.outcome, decision.until) == ("deferred", self.MORNING)
        send(self.MORNING - MINUTE)
        assert inbox.received == []
        send(self.MORNING)
        assert len(inbox.received) == 1

    def test_what_began_and_ended_in_the_night_is_one_message(
        self, probe: Probe, webhook: Channel, inbox: HttpSink, quiet: Rule
    ) -> None:
        fails(probe, self.NIGHT)
        recovers(probe, self.NIGHT + 60 * MINUTE)
        send(self.MORNING - MINUTE)
        assert inbox.received == []
        send(self.MORNING)
        assert len(inbox.received) == 1
        assert b"incident.closed" in inbox.received[0].body

    def test_or_are_dropped(self, probe: Probe, webhook: Channel, quiet: Rule) -> None:
        edits.change_rule(None, quiet, {"quiet_mode": "drop"})
        incident = fails(probe, self.NIGHT)
        assert notified() == set()
        assert outcomes(incident) == [(quiet.name, "dropped")]

    def test_a_retry_is_not_made_in_them(self, probe: Probe, webhook: Channel, inbox: HttpSink, quiet: Rule) -> None:
        fails(probe, datetime(2026, 11, 20, 20, 58, tzinfo=UTC))
        delivery = Delivery.objects.get()
        deliveries.send(delivery.pk, self.NIGHT)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.hold, delivery.next_attempt_at) == ("waiting", "quiet", self.MORNING)
        assert inbox.received == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-03-28T21:00Z", "2026-03-29T05:00Z"),  # the night in which an hour is skipped
        ("2026-10-24T20:30Z", "2026-10-25T06:00Z"),  # the night in which an hour comes twice
        ("2026-11-20T21:00Z", "2026-11-21T06:00Z"),
        ("2026-11-21T05:59:59Z", "2026-11-21T06:00Z"),
        ("2026-11-21T06:00Z", None),
        ("2026-11-20T20:59:59Z", None),
    ],
)
def test_quiet_hours_follow_the_clocks_of_their_zone(now: str, end: str | None) -> None:
    found = clock.quiet_end(time(22), time(7), "Europe/Berlin", datetime.fromisoformat(now))
    assert found == (datetime.fromisoformat(end) if end else None)


class TestReminders:
    """Until someone acknowledges."""

    @pytest.fixture
    def sent(self, probe: Probe, webhook: Channel, default: Rule) -> Incident:
        edits.change_rule(None, default, {"reminder": 1800})
        incident = fails(probe)
        send(incident.opened_at)
        return incident

    def test_come_again_and_again(self, sent: Incident, inbox: HttpSink) -> None:
        assert reminders.write_reminders(sent.opened_at + 29 * MINUTE) == 0
        for number in (1, 2):
            at = sent.opened_at + number * 30 * MINUTE
            assert reminders.write_reminders(at) == 1
            assert reminders.write_reminders(at) == 0, "one waits already"
            send(at)
        assert [b"incident.reminder" in got.body for got in inbox.received] == [False, True, True]

    def test_come_by_a_rule_that_was_not_the_first_to_notify(
        self, probe: Probe, webhook: Channel, second: Channel, default: Rule, inbox: HttpSink
    ) -> None:
        """The default rule has sent the message; a rule for one channel repeats it there, and nowhere else."""
        edits.create_rule(None, {"name": "repeat", "channels": [webhook.pk], "all_channels": False, "reminder": 600})
        incident = fails(probe)
        assert ("repeat", "duplicate") in outcomes(incident)
        send(incident.opened_at)
        assert reminders.write_reminders(incident.opened_at + 9 * MINUTE) == 0
        for number in (1, 2):
            at = incident.opened_at + number * 10 * MINUTE
            assert reminders.write_reminders(at) == 1
            send(at)
        assert notified("incident.reminder") == {webhook.name}

    def test_end_with_an_acknowledgement(self, sent: Incident, admin_user: User) -> None:
        incidents.acknowledge(sent, admin_user)
        assert reminders.write_reminders(sent.opened_at + 60 * MINUTE) == 0

    def test_end_with_the_incident(self, sent: Incident, probe: Probe) -> None:
        recovers(probe, sent.opened_at + MINUTE)
        assert reminders.write_reminders(sent.opened_at + 60 * MINUTE) == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "EVERYTHING to every channel"}, "name"),
        ({"kinds": ["weather"]}, "kinds"),
        ({"severity": "fatal"}, "severity"),
        ({"account": 4711}, "account"),
        ({"api": 4711}, "api"),
        ({"tag": "=x"}, "tag"),
        ({"channels": [4711]}, "channels"),
        ({"delay": -1}, "delay"),
        ({"reminder": 10**9}, "reminder"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"quiet_from": "late", "quiet_until": "07:00"}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_until": "07:00", "quiet_zone": "Berlin"}, "quiet_zone"),
        ({"quiet_mode": "maybe"}, "quiet_mode"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(db: None, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        edits.create_rule(None, {"name": "mine"} | values)
    assert field in caught.value.errors
    assert Rule.objects.count() == 1


def test_the_default_rule_stays(default: Rule) -> None:
    with pytest.raises(InvalidFields):
        edits.delete_rule(None, default)


def test_what_a_deleted_rule_decided_is_kept(probe: Probe, webhook: Channel) -> None:
    rule = edits.create_rule(None, {"name": "mine", "all_channels": True})
    fails(probe)
    edits.delete_rule(None, rule)
    assert Decision.objects.filter(rule_name="mine", rule=None).exists()


def test_many_incidents_read_the_rules_once(
    make_api: Callable[..., HttpApi], webhook: Channel, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        api = make_api(f"api {number}", f"api{number}")
        ran(Probe.objects.create(api=api, name="p", origin="https://a.example", failures=2), True, False, False)
    with django_assert_max_num_queries(60):
        incidents.settle_flips()
    assert Decision.objects.count() == Delivery.objects.count() == 30

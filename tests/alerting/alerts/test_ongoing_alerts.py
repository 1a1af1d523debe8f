"""corsdash notices what is wrong with itself: one alert when it begins, and one message when it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.alerting import channels, tasks
from apis.alerting.alerts.channel_health import announce_channels
from apis.alerting.alerts.scheduler_health import LASTS, SchedulerHealth
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery
from apis.alerting.rules.dry_run import dry_run
from apis.alerting.sending import deliveries, outbox
from apis.alerting.sending.wording import message_of
from apis.probing.models import Probe, Result, Tick
from apis.probing.runs import schedule
from tests.alerting.conftest import ran
from tests.support.sinks import Give, Got, HttpSink, SmtpSink

HOUR = timedelta(hours=1)


def sent_events(channel: Channel) -> list[str]:
    """The events of a channel's messages about ongoing alerts, oldest first."""
    return list(channel.deliveries.exclude(alert=None).order_by("pk").values_list("event", flat=True))


def send_alert(probe: Probe) -> None:
    """Let a probe fail and send the messages about it."""
    ran(probe, False, False)
    incidents.settle_flips()
    for delivery in outbox.due():
        deliveries.send(delivery)


@pytest.fixture
def failed(probe: Probe, webhook: Channel, mail: Channel, inbox: HttpSink, smtp_sink: SmtpSink) -> Channel:
    """A channel whose message failed just now; the other one has delivered it."""
    inbox.answer_in_turn(Give(500))
    send_alert(probe)
    webhook.refresh_from_db()
    return webhook


def deliver_test(channel: Channel, user: User) -> None:
    """Send a test message now."""
    deliveries.send(channels.test(channel, user).pk)
    channel.refresh_from_db()


class TestChannel:
    """A channel that delivers nothing for an hour."""

    def test_raises_one_alert_on_the_others_and_one_recovery(
        self, failed: Channel, mail: Channel, inbox: HttpSink, admin_user: User
    ) -> None:
        now = timezone.now()
        assert announce_channels(now + HOUR / 2) == 0
        assert announce_channels(now + HOUR) == 1
        assert announce_channels(now + 2 * HOUR) == 0
        assert sent_events(mail) == ["channel.failing"]
        opened = mail.deliveries.exclude(alert=None).get()
        assert opened.data["kind"] == "channel"
        message = message_of(opened)
        assert (message.status, message.severity, message.source) == ("problem", "error", "pager")
        assert message.reason == "The receiver answered HTTP 500."
        inbox.answer_in_turn(Give(200))
        deliver_test(failed, admin_user)
        assert announce_channels(now + 3 * HOUR) == 1
        assert announce_channels(now + 3 * HOUR) == 0
        assert sent_events(mail) == ["channel.failing", "channel.recovered"]
        closed = message_of(mail.deliveries.latest("pk"))
        assert (closed.status, closed.key) == ("resolved", message.key)
        assert sent_events(failed) == [], "never on itself"

    def test_one_that_delivers_meanwhile_raises_none(self, failed: Channel, inbox: HttpSink, admin_user: User) -> None:
        inbox.answer_in_turn(Give(200))
        deliver_test(failed, admin_user)
        assert failed.failing_since is None
        assert announce_channels(timezone.now() + 2 * HOUR) == 0

    def test_a_test_that_fails_is_for_its_sender_alone(
        self, webhook: Channel, mail: Channel, inbox: HttpSink, admin_user: User
    ) -> None:
        inbox.answer_in_turn(Give(403))
        deliver_test(webhook, admin_user)
        assert announce_channels(timezone.now() + 2 * HOUR) == 0

    @pytest.mark.parametrize(("end", "state"), [("disable", "off"), ("delete", "deleted")])
    def test_ends_when_a_person_disables_or_deletes_it(
        self, failed: Channel, mail: Channel, end: str, state: str
    ) -> None:
        later = timezone.now() + HOUR
        announce_channels(later)
        if end == "delete":
            channels.delete(None, failed)
        else:
            channels.enable(None, failed, False)
        announce_channels(later)
        assert sent_events(mail) == ["channel.failing", "channel.recovered"]
        assert mail.deliveries.latest("pk").data["channel"]["state"] == state

    def test_one_that_wants_no_more_messages_raises_it_at_once(
        self, probe: Probe, webhook: Channel, mail: Channel, inbox: HttpSink, smtp_sink: SmtpSink, admin_user: User
    ) -> None:
        inbox.answer_in_turn(Give(410))
        send_alert(probe)
        now = timezone.now()
        assert announce_channels(now) == 1
        webhook.refresh_from_db()
        channels.enable(None, webhook, True)
        assert announce_channels(now) == 0, "it has to deliver first"
        inbox.answer_in_turn(Give(200))
        deliver_test(webhook, admin_user)
        assert announce_channels(now) == 1
        assert sent_events(mail) == ["channel.failing", "channel.recovered"]

    def test_its_page_shows_it(self, failed: Channel, admin_client: Client) -> None:
        announce_channels(timezone.now() + HOUR)
        page = admin_client.get(failed.get_absolute_url()).content.decode()
        assert "Failing since" in page
        assert "The receiver answered HTTP 500." in page
        assert "The other channels were notified" in page

    def test_the_sweep_raises_it(self, failed: Channel, mail: Channel) -> None:
        Channel.objects.filter(pk=failed.pk).update(failing_since=timezone.now() - HOUR)
        tasks.sweep()
        assert sent_events(mail) == ["channel.failing"]


class TestScheduler:
    """The web process raises the alert and sends it, with every worker dead."""

    def test_one_that_stands_still(self, mail: Channel, smtp_sink: SmtpSink) -> None:
        schedule.beat()
        health, now = SchedulerHealth(), timezone.now()
        assert health.check(now) == 0
        stopped = now + timedelta(minutes=1)
        assert health.check(stopped) == 0
        assert health.check(stopped + LASTS / 2) == 0
        assert smtp_sink.received == []
        assert health.check(stopped + LASTS) == 1
        assert len(smtp_sink.received) == 1, "sent without a worker"
        assert health.check(stopped + 2 * LASTS) == 0
        other = SchedulerHealth()
        other.check(stopped)
        assert other.check(stopped + LASTS) == 0, "another process raised it"
        opened = mail.deliveries.get()
        assert (opened.event, opened.state, opened.data["kind"]) == ("scheduler.late", "sent", "scheduler")
        assert message_of(opened).status == "problem"
        back = stopped + 3 * LASTS
        Tick.objects.update(at=back)
        assert health.check(back) == 1
        assert health.check(back) == 0
        assert sent_events(mail) == ["scheduler.late", "scheduler.recovered"]
        assert message_of(mail.deliveries.latest("pk")).status == "resolved"

    def test_its_channels_are_sent_to_at_the_same_time(self, db: None, inbox: HttpSink) -> None:
        for number in range(3):
            channels.create(None, "webhook", f"hook {number}", url=f"{inbox.url}/{number}")
        together = threading.Barrier(3)

        def answer(got: Got) -> Give:
            # Passes when all three requests are under way.
            together.wait(timeout=8)
            return Give(204)

        inbox.answer = answer
        schedule.beat()
        health, stopped = SchedulerHealth(), timezone.now() + timedelta(minutes=1)
        health.check(stopped)
        assert health.check(stopped + LASTS) == 3
        assert not together.broken
        assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}

    def test_a_start_after_a_night_off_raises_none(self, mail: Channel, probe: Probe) -> None:
        ran(probe, True, at=timezone.now() - timedelta(hours=9))
        Tick.objects.create(name="probing", at=timezone.now() - timedelta(hours=9))
        health, now = SchedulerHealth(), timezone.now()
        assert health.check(now) == 0
        schedule.beat()
        ran(probe, True, at=now)
        assert health.check(now + timedelta(seconds=15)) == 0
        assert health.check(now + timedelta(seconds=20)) == 0
        assert sent_events(mail) == []

    def test_probes_that_run_late(self, mail: Channel, make_probe: Callable[..., Probe]) -> None:
        now = timezone.now()
        on_time, late, off = (make_probe(name, interval=60) for name in ("on-time", "late", "off"))
        for probe in (on_time, late, off):
            ran(probe, True, at=now - timedelta(minutes=1))
        Probe.objects.filter(pk=off.pk).update(enabled=False)
        health = SchedulerHealth()

        def at(minutes: int) -> int:
            """Check then, with the scheduler alive and the first probe on time."""
            moment = now + timedelta(minutes=minutes)
            Tick.objects.update_or_create(name="probing", defaults={"at": moment})
            Result.objects.filter(probe=on_time).update(at=moment)
            return health.check(moment)

        assert [at(minutes) for minutes in range(7)] == [0, 0, 0, 0, 0, 0, 1]
        assert mail.deliveries.get().data["scheduler"]["late_probes"] == 1
        Result.objects.filter(probe=late).update(at=now + timedelta(minutes=7))
        assert at(7) == 1
        assert sent_events(mail) == ["scheduler.late", "scheduler.recovered"]


@pytest.mark.parametrize("kind", ["channel", "scheduler"])
def test_a_dry_run_knows_them(webhook: Channel, kind: str) -> None:
    steps = dry_run(None, kind, None, timezone.now())
    assert [step.channel for step in steps if step.due] == [webhook]

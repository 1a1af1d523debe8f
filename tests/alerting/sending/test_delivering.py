"""A message is claimed by one sender, tried again while it fails, and its every attempt is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.alerting import channels
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import deliveries, outbox
from apis.jobs import lease
from apis.probing.models import Probe
from tests.alerting.conftest import ran
from tests.support.sinks import Give, HttpSink, SmtpSink


@pytest.fixture
def opened(probe: Probe, webhook: Channel) -> Delivery:
    """A message that is to be sent."""
    ran(probe, False, False)
    incidents.settle_flips()
    return Delivery.objects.get(channel=webhook)


def again(delivery: Delivery, later: timedelta = timedelta()) -> Delivery:
    """Send it when it is next due."""
    delivery.refresh_from_db()
    assert delivery.next_attempt_at is not None
    deliveries.send(delivery.pk, delivery.next_attempt_at + later)
    delivery.refresh_from_db()
    return delivery


def test_a_message_that_arrives_is_done(opened: Delivery, inbox: HttpSink) -> None:
    assert outbox.due() == [opened.pk]
    again(opened)
    assert (opened.state, opened.next_attempt_at) == ("sent", None)
    assert [attempt.status for attempt in opened.attempts.all()] == [204]
    assert len(inbox.received) == 1
    assert outbox.due() == []
    assert deliveries.send(opened.pk) is None
    assert len(inbox.received) == 1


def test_a_receiver_that_is_down_gets_it_when_it_is_up_again(opened: Delivery, inbox: HttpSink) -> None:
    inbox.answer_in_turn(Give(500))
    again(opened)
    assert opened.state == "waiting"
    assert opened.next_attempt_at is not None
    pause = opened.next_attempt_at - opened.attempts.get().at
    assert timedelta(seconds=10) <= pause <= timedelta(seconds=12)
    assert outbox.due(opened.next_attempt_at - timedelta(seconds=1)) == []
    assert outbox.due(opened.next_attempt_at) == [opened.pk]
    inbox.answer_in_turn(Give(200))
    again(opened)
    assert opened.state == "sent"
    assert [attempt.error for attempt in opened.attempts.all()] == ["The receiver answered HTTP 500.", ""]
    ids = {post.headers["webhook-id"] for post in inbox.received}
    assert len(ids) == 1, "the receiver can tell the repetition"


def test_it_gives_up_after_24_hours(opened: Delivery, inbox: HttpSink, admin_client: Client) -> None:
    inbox.answer_in_turn(Give(500))
    while opened.state == "waiting":
        again(opened)
    assert opened.state == "failed"
    times = list(opened.attempts.values_list("at", flat=True))
    assert times[-1] - times[0] == timedelta(hours=24)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    # Each pause is its base and up to a fifth more; the bases triple up to an hour.
    bases = [min(10 * 3**number, 3600) for number in range(len(pauses))]
    for pause, base in list(zip(pauses, bases, strict=True))[:-1]:
        assert timedelta(seconds=base) <= pause <= timedelta(seconds=base * 1.2)
    assert len({pause.total_seconds() / base for pause, base in zip(pauses[:-1], bases, strict=False)}) > 1, "jitter"
    assert b"Failed" in admin_client.get(f"/settings/deliveries/{opened.pk}/").content


def test_a_day_without_attempts_is_no_reason_to_give_up(opened: Delivery, inbox: HttpSink) -> None:
    """For example, corsdash was off, or the clock was set ahead."""
    inbox.answer_in_turn(Give(500))
    again(opened)
    again(opened, later=timedelta(hours=25))
    assert opened.state == "waiting"
    inbox.answer_in_turn(Give(200))
    again(opened)
    assert opened.state == "sent"


def test_no_one_there(opened: Delivery, webhook: Channel) -> None:
    channels.change(None, webhook, webhook.name, url="http://127.0.0.1:9/hook")
    again(opened)
    assert opened.state == "waiting"
    assert "127.0.0.1" in opened.attempts.get().error


def test_a_receiver_may_ask_for_more_time(opened: Delivery, inbox: HttpSink) -> None:
    inbox.answer_in_turn(Give(429, (("Retry-After", "120"),)))
    again(opened)
    assert opened.next_attempt_at is not None
    assert opened.next_attempt_at - opened.attempts.get().at == timedelta(seconds=120)


def test_but_not_for_ever(opened: Delivery, inbox: HttpSink) -> None:
    inbox.answer_in_turn(Give(503, (("Retry-After", "99999999"),)))
    again(opened)
    assert opened.next_attempt_at is not None
    assert opened.next_attempt_at - opened.attempts.get().at == timedelta(hours=1)


def test_gone_switches_the_channel_off_and_says_why(opened: Delivery, inbox: HttpSink, webhook: Channel) -> None:
    inbox.answer_in_turn(Give(410))
    again(opened)
    assert opened.state == "failed"
    webhook.refresh_from_db()
    assert not webhook.enabled
    assert "410 Gone" in webhook.disabled_reason


def test_a_redirect_is_not_followed(opened: Delivery, inbox: HttpSink) -> None:
    inbox.answer_in_turn(Give(302, (("Location", inbox.url),)))
    again(opened)
    assert len(inbox.received) == 1
    assert "redirects are not followed" in opened.attempts.get().error


def test_a_private_address_is_not_called(opened: Delivery, inbox: HttpSink, settings: object) -> None:
    settings.CORSDASH_ALLOWED_NETWORKS = []  # type: ignore[attr-defined]
    again(opened)
    assert inbox.received == []
    assert "CORSDASH_ALLOWED_NETWORKS" in opened.attempts.get().error


def test_a_sender_that_died_loses_its_claim(opened: Delivery, inbox: HttpSink) -> None:
    now = timezone.now()
    Delivery.objects.filter(pk=opened.pk).update(leased_until=now + deliveries.CLAIMS.lasts)
    assert outbox.due(now) == []
    assert deliveries.send(opened.pk, now) is None
    assert outbox.due(now + deliveries.CLAIMS.lasts + timedelta(seconds=1)) == [opened.pk]
    deliveries.send(opened.pk, now + deliveries.CLAIMS.lasts + timedelta(seconds=1))
    opened.refresh_from_db()
    assert (opened.state, opened.leased_until) == ("sent", None)


def test_what_the_only_sender_held_is_free_for_its_successor(opened: Delivery, inbox: HttpSink) -> None:
    """As it is with all that a killed worker leased: no one waits for the lease to run out."""
    now = timezone.now()
    Delivery.objects.filter(pk=opened.pk).update(leased_until=now + deliveries.CLAIMS.lasts)
    assert lease.release("interactive") == 0, "that worker is alive"
    assert lease.release("celery") == 1
    assert deliveries.send(opened.pk) is not None
    opened.refresh_from_db()
    assert opened.state == "sent"


def test_a_channel_hears_of_an_incident_in_order(probe: Probe, opened: Delivery, inbox: HttpSink) -> None:
    inbox.answer_in_turn(Give(500))
    again(opened)
    ran(probe, True)
    incidents.settle_flips()
    closed = Delivery.objects.get(event="incident.closed")
    later = timezone.now() + timedelta(hours=1)
    assert outbox.due(later) == [opened.pk]
    inbox.answer_in_turn(Give(200))
    again(opened)
    assert outbox.due(later) == [closed.pk]


def test_what_waits_for_a_channel_that_is_switched_off_fails(
    opened: Delivery, webhook: Channel, inbox: HttpSink
) -> None:
    channels.enable(None, webhook, False)
    again(opened)
    assert opened.state == "failed"
    assert "disabled" in opened.attempts.get().error
    assert inbox.received == []


def test_one_channel_that_fails_does_not_hold_up_another(
    mail: Channel, opened: Delivery, probe: Probe, inbox: HttpSink, smtp_sink: SmtpSink
) -> None:
    inbox.answer_in_turn(Give(500))
    for delivery in outbox.due():
        deliveries.send(delivery)
    assert [message["To"] for message in smtp_sink.received] == ["oncall@example.com"]


class TestTesting:
    """The Test button goes the same way, once."""

    def test_arrives(self, webhook: Channel, inbox: HttpSink, admin_user: User) -> None:
        delivery = channels.test(webhook, admin_user)
        assert outbox.due() == [delivery.pk]
        again(delivery)
        assert delivery.state == "sent"
        assert b'"type":"test"' in inbox.received[0].body

    def test_says_what_is_wrong_at_once(self, webhook: Channel, inbox: HttpSink, admin_user: User) -> None:
        inbox.answer_in_turn(Give(403))
        delivery = again(channels.test(webhook, admin_user))
        assert delivery.state == "failed"
        assert delivery.attempts.get().error == "The receiver answered HTTP 403."

    def test_works_before_the_channel_is_switched_on(self, webhook: Channel, admin_user: User) -> None:
        channels.enable(None, webhook, False)
        assert again(channels.test(webhook, admin_user)).state == "sent"


def test_nothing_to_do_is_cheap(
    probe: Probe, webhook: Channel, django_assert_max_num_queries: Callable[..., object]
) -> None:
    ran(probe, True)
    incidents.settle_flips()
    # The first clears the flips that concern no incident.
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        incidents.settle_flips()
        outbox.due()

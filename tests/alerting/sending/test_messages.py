"""What is said: a webhook that its receiver can verify, and a mail that a person can act on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook, WebhookVerificationError

from apis.alerting import channels
from apis.alerting.alerts import happenings
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import deliveries, outbox
from apis.alerting.sending.wording import message_of
from apis.inventory.models import Change
from apis.probing.models import Probe
from tests.alerting.conftest import NOON, ran
from tests.support.sinks import HttpSink, SmtpSink, plain


def send_all() -> None:
    """Send what is due, as sweep after sweep does."""
    while due := outbox.due():
        for delivery in due:
            deliveries.send(delivery)


@pytest.fixture
def story(probe: Probe, changed: Callable[..., Change]) -> Callable[[], None]:
    """A change, a failing, and twelve minutes later a recovery."""

    def announce() -> None:
        changed(NOON + timedelta(seconds=10))
        ran(probe, True, False, False, at=NOON)
        incidents.settle_flips()
        send_all()
        ran(probe, True, at=NOON + timedelta(seconds=30, minutes=12))
        incidents.settle_flips()
        send_all()

    return announce


class TestWebhook:
    """Standard Webhooks."""

    def test_is_signed_so_that_any_library_can_verify_it(
        self, story: Callable[[], None], webhook: Channel, inbox: HttpSink
    ) -> None:
        story()
        for post in inbox.received:
            assert Webhook(webhook.secret).verify(post.body, dict(post.headers)) == json.loads(post.body)
        with pytest.raises(WebhookVerificationError):
            Webhook("whsec_" + "A" * 32).verify(inbox.received[0].body, dict(inbox.received[0].headers))

    def test_says_what_and_when_and_which_change(
        self, story: Callable[[], None], webhook: Channel, inbox: HttpSink, probe: Probe
    ) -> None:
        story()
        opened, closed = (json.loads(post.body) for post in inbox.received)
        assert (opened["type"], closed["type"]) == ("incident.opened", "incident.closed")
        assert opened["timestamp"].endswith("Z")
        data = opened["data"]
        assert data["api"]["name"] == "orders"
        assert data["incident"]["state"] == "open"
        assert data["incident"]["failing_since"] == "2026-11-20T12:00:30.000Z"
        assert data["incident"]["down_seconds"] is None
        assert [(one["id"], one["reason"]) for one in data["probes"]] == [
            (probe.pk, "The preflight's answer allows no origin.")
        ]
        assert data["suspected_change"]["actor"] == "alice"
        assert closed["data"]["incident"]["state"] == "closed"
        assert closed["data"]["incident"]["down_seconds"] == 720

    def test_of_many_probes_stays_small(
        self, make_probe: Callable[..., Probe], webhook: Channel, inbox: HttpSink
    ) -> None:
        for number in range(25):
            ran(make_probe(f"probe {number}"), False, False)
        incidents.settle_flips()
        send_all()
        (post,) = inbox.received
        data = json.loads(post.body)["data"]
        assert (len(data["probes"]), data["probes_total"]) == (20, 25)
        assert len(post.body) < 20_000


class TestMail:
    """Plain text, tidy."""

    def test_says_what_fails_why_and_what_changed(
        self, story: Callable[[], None], mail: Channel, smtp_sink: SmtpSink
    ) -> None:
        story()
        opened, closed = smtp_sink.received
        assert opened["Subject"] == "[corsdash] Failing: orders: https://app.example.com → GET /items"
        assert opened["To"] == "oncall@example.com"
        text = plain(opened)
        assert "orders (production, eu-central-1) has been failing since 20 November 2026, 12:00:30 UTC." in text
        assert "The preflight's answer allows no origin." in text
        assert "alice" in text
        assert "removed an origin" in text
        assert "&#" not in text
        assert closed["Subject"].startswith("[corsdash] Recovered after 12 minutes: orders")
        ended = plain(closed)
        assert "It was down for 12 minutes, from 20 November 2026, 12:00:30 UTC to" in ended
        assert opened["References"] == closed["References"], "mail programs keep them together"
        assert opened["Message-ID"] != closed["Message-ID"]

    def test_cannot_be_given_headers_by_a_name(
        self, make_probe: Callable[..., Probe], mail: Channel, smtp_sink: SmtpSink
    ) -> None:
        probe = make_probe()
        probe.api.name = "orders\r\nBcc: everyone@example.com"
        probe.api.save()
        ran(probe, False, False)
        incidents.settle_flips()
        send_all()
        assert smtp_sink.received[0]["Bcc"] is None
        assert smtp_sink.received[0]["Subject"].startswith("[corsdash] Failing: orders Bcc: everyone@example.com")

    def test_is_refused_permanently(self, story: Callable[[], None], mail: Channel, smtp_sink: SmtpSink) -> None:
        smtp_sink.refuses = "550 no such user"
        story()
        delivery = Delivery.objects.filter(event="incident.opened").get()
        assert delivery.state == "failed"
        assert delivery.attempts.get().status == 550

    def test_is_refused_for_now(self, story: Callable[[], None], mail: Channel, smtp_sink: SmtpSink) -> None:
        smtp_sink.refuses = "450 try later"
        story()
        assert Delivery.objects.filter(event="incident.opened").get().state == "waiting"

    def test_server_is_away(self, story: Callable[[], None], mail: Channel, settings: Settings) -> None:
        settings.MAILERS = {
            "default": {
                "BACKEND": "apis.outbound.smtp.EmailBackend",
                "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 2},
            }
        }
        story()
        delivery = Delivery.objects.filter(event="incident.opened").get()
        assert delivery.state == "waiting"
        assert "could not be reached" in delivery.attempts.get().error

    def test_without_a_mail_server_is_not_called_sent(
        self, story: Callable[[], None], mail: Channel, settings: Settings
    ) -> None:
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
        story()
        delivery = Delivery.objects.filter(event="incident.opened").get()
        assert delivery.state == "waiting"
        assert "CORSDASH_EMAIL_URL" in delivery.attempts.get().error


def test_the_end_of_watching_is_not_called_a_recovery(probe: Probe, mail: Channel, smtp_sink: SmtpSink) -> None:
    ran(probe, False, False, at=timezone.now() - timedelta(minutes=5))
    incidents.settle_flips()
    probe.delete()
    incidents.settle_flips()
    send_all()
    closed = smtp_sink.received[1]
    assert closed["Subject"].startswith("[corsdash] Closed without recovery: orders")


def test_a_secret_that_no_key_opens_any_more_says_so(probe: Probe, webhook: Channel, settings: Settings) -> None:
    ran(probe, False, False)
    incidents.settle_flips()
    settings.SECRET_KEY = "another key than the one that it was stored with"
    send_all()
    delivery = Delivery.objects.get()
    assert delivery.state == "failed"
    assert "Set them again" in delivery.attempts.get().error
    assert channels.kind_of(Channel.objects.get()).destination(Channel.objects.get()).startswith("The stored URL")


@pytest.mark.parametrize(("kind", "event"), [("drift", "change.drifted"), ("guard", "change.reverted")])
def test_a_mail_about_something_else_says_it(
    mail: Channel, smtp_sink: SmtpSink, changed: Callable[..., Change], kind: str, event: str
) -> None:
    changed(timezone.now(), kind)
    happenings.announce_happenings()
    send_all()
    [got] = smtp_sink.received
    message = message_of(Delivery.objects.get(event=event))
    assert got["Subject"] == f"[corsdash] {message.title}"
    assert message.url in plain(got)

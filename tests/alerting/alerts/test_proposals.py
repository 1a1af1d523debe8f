"""Channels that want to are mentioned proposals: what waits for approval, and what becomes of it, once each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from apis.access.roles import Role
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import deliveries, outbox
from apis.cors.policy import CorsPolicy
from apis.editing.review import proposals
from apis.editing.review.models import Proposal
from apis.editing.review.proposals import ProposalOptions
from apis.inventory.history import history
from apis.inventory.models import HttpApi
from tests.support.people import person
from tests.support.sinks import HttpSink, SmtpSink, plain

AFTER = CorsPolicy.from_aws({"AllowOrigins": ["https://a.example"]})


@pytest.fixture
def proposal(api: HttpApi, editor: User) -> Proposal:
    """A change that waits for approval."""
    history.record_live(api, {"AllowOrigins": []}, timezone.now())
    fresh = HttpApi.objects.select_related("account", "current").get(pk=api.pk)
    return proposals.propose(fresh, AFTER, fresh.version, editor, ProposalOptions(note="FE-412", review=True))


def send_all() -> None:
    outbox.announce_proposals()
    for delivery in outbox.due():
        deliveries.send(delivery)


def test_a_channel_that_wants_to_hears_of_it_once(proposal: Proposal, webhook: Channel, inbox: HttpSink) -> None:
    Channel.objects.update(proposals=True)
    send_all()
    send_all()
    [post] = inbox.received
    notified = Webhook(webhook.secret).verify(post.body, dict(post.headers))
    assert notified["type"] == "proposal.waiting"
    assert notified["data"]["proposal"]["by"] == "ed"
    assert notified["data"]["proposal"]["url"].endswith(proposal.get_absolute_url())
    proposals.comment(proposal, proposal.proposer, "hello?")  # type: ignore[arg-type]
    proposals.decline(proposal, person("cleo", Role.EDIT), "too wide")
    send_all()
    notified = Webhook(webhook.secret).verify(inbox.received[1].body, dict(inbox.received[1].headers))
    assert (notified["type"], notified["data"]["happened"]["text"]) == ("proposal.declined", "too wide")
    assert len(inbox.received) == 2


def test_others_hear_nothing(proposal: Proposal, webhook: Channel) -> None:
    assert outbox.announce_proposals() == 0
    assert not Delivery.objects.exists()


def test_what_happened_long_ago_is_no_news(proposal: Proposal, webhook: Channel) -> None:
    Channel.objects.update(proposals=True)
    assert outbox.announce_proposals(timezone.now() + timedelta(hours=2)) == 0


def test_a_mail_says_who_what_and_where(proposal: Proposal, mail: Channel, smtp_sink: SmtpSink) -> None:
    Channel.objects.update(proposals=True)
    send_all()
    [letter] = smtp_sink.wait_for(1)
    assert letter["Subject"] == "[corsdash] Approval requested: orders: add https://a.example"
    text = plain(letter)
    for words in ("orders (production, eu-central-1)", "“FE-412”", proposal.get_absolute_url()):
        assert words in text


def test_it_is_chosen_in_the_channels_form(signed_in: Client, webhook: Channel) -> None:
    page = signed_in.get(webhook.get_absolute_url()).content.decode()
    assert "Also send proposal notifications" in page
    signed_in.post(webhook.get_absolute_url(), {"name": webhook.name, "proposals": "on"})
    webhook.refresh_from_db()
    assert webhook.proposals
    signed_in.post(webhook.get_absolute_url(), {"name": webhook.name})
    webhook.refresh_from_db()
    assert not webhook.proposals

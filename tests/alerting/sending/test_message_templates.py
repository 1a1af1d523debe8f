"""A channel's own messages: checked when saved, previewed with the last real event, and never a reason for silence."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from apis.access.models import AuditEvent
from apis.alerting import channels
from apis.alerting.channels.registry import kinds
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import deliveries, message_templates, outbox
from apis.alerting.sending.safe_tags import FILTERS, MOST_ROUNDS, TAGS
from apis.errors import InvalidFields
from apis.inventory.models import Account
from apis.probing.models import Probe
from tests.alerting.conftest import ran
from tests.alerting.test_pages import browser
from tests.support.axe import accessible
from tests.support.sinks import HttpSink, SmtpSink, plain

pytestmark = pytest.mark.once

TITLE = "{{ api.name|upper }}: {{ probes|length }} fail"
BODY = "{% for probe in probes %}{{ probe.origin }}\n{% endfor %}{% if cause %}Because: {{ cause }}{% endif %}"


@pytest.fixture
def slack(db: None, inbox: HttpSink) -> Channel:
    """A Slack channel to a server."""
    return channels.create(None, "slack", "team", url=f"{inbox.url}/slack")


def fail_and_send(probe: Probe) -> None:
    """Let a probe fail and send the messages about it."""
    ran(probe, False, False)
    incidents.settle_flips()
    for delivery in outbox.due():
        deliveries.send(delivery)


def save(channel: Channel, title: str = "", body: str = "") -> None:
    """Store templates."""
    message_templates.save_templates(None, channel, title, body)


def refused(channel: Channel, title: str = "", body: str = "") -> dict[str, str]:
    """What is wrong with templates, by field."""
    with pytest.raises(InvalidFields) as caught:
        save(channel, title, body)
    return dict(caught.value.errors)


class TestSent:
    """What receivers get."""

    def test_a_chat_message_says_what_the_templates_say(self, slack: Channel, inbox: HttpSink, probe: Probe) -> None:
        save(slack, TITLE, BODY)
        fail_and_send(probe)
        body = json.loads(inbox.received[0].body)
        assert body["text"] == "ORDERS: 1 fail"
        assert body["blocks"][1]["text"]["text"].startswith("https://app.example.com\nBecause: ")
        assert Delivery.objects.get().template_error is None

    def test_a_mail_does_in_both_its_forms(self, mail: Channel, smtp_sink: SmtpSink, probe: Probe) -> None:
        save(mail, TITLE, "<b>{{ reason }}</b>\nsecond line")
        fail_and_send(probe)
        [got] = smtp_sink.received
        assert got["Subject"] == "ORDERS: 1 fail"
        assert "<b>The preflight's answer allows no origin.</b>\nsecond line\n" in plain(got).replace("\r\n", "\n")
        html = plain(got, "html")
        assert "&lt;b&gt;" in html and "<br>second line" in html

    def test_a_title_alone_keeps_the_usual_lines(self, slack: Channel, inbox: HttpSink, probe: Probe) -> None:
        save(slack, "Look: {{ title }}")
        fail_and_send(probe)
        body = json.loads(inbox.received[0].body)
        assert body["text"].startswith("Look: orders (production, eu-central-1): ")
        assert body["blocks"][1]["text"]["text"].startswith("*Reason:* ")

    def test_one_that_fails_sends_the_usual_message_and_says_so(
        self, slack: Channel, inbox: HttpSink, probe: Probe, admin_client: Client
    ) -> None:
        # Stored by an earlier version, which may have allowed it.
        Channel.objects.filter(pk=slack.pk).update(body_template="{{ title|divisibleby:0 }}")
        fail_and_send(probe)
        body = json.loads(inbox.received[0].body)
        assert body["blocks"][1]["text"]["text"].startswith("*Reason:* ")
        delivery = Delivery.objects.get()
        assert delivery.state == "sent"
        assert delivery.template_error
        page = admin_client.get(f"/settings/deliveries/{delivery.pk}/").content.decode()
        assert delivery.template_error in unescape(page)

    @pytest.mark.parametrize("kind", sorted(kinds()))
    def test_every_kind_for_people_sends_a_text_without_a_label(self, kind: str) -> None:
        """Render each kind's payload; kinds that take more arguments are tried by their own tests."""
        from importlib import import_module
        from inspect import signature

        about = kinds()[kind]
        if not about.is_for_people:
            return
        build = import_module(f"apis.alerting.channels.{kind}.payload").payload
        sample = next(message_templates._samples())
        message = message_templates._render(sample, "Own title", "Own text\nsecond line")
        got = build(message, *["x"] * (len(signature(build).parameters) - 1))
        text = json.dumps(got, default=str)
        assert "Own title" in text
        if kind != "sns":
            assert "Own text" in text
        assert ": Own text" not in text.replace('": "Own text', "") and "None" not in text


class TestSafe:
    """What templates must not do."""

    @pytest.mark.parametrize(
        "text",
        [
            "{% include 'base.html' %}", "{% extends 'base.html' %}", "{% load static %}", "{% debug %}",
            "{% url 'home' %}", "{% csrf_token %}", "{% lorem %}", "{{ title|safe }}", "{{ title|ljust:100000000 }}",
            "{{ title|add:title }}", "{{ probes|pprint }}", "{{ title", "{% if title %}", "{{ title.__class__ }}",
            "{{ settings }}", "{{ request.user }}", "{% for a in b %}{% endfor %}", "{{ title|default:secret }}",
            "{{ title|divisibleby:0 }}", "x" * 5001, "a\0b",
        ],
    )  # fmt: skip
    def test_is_refused_at_its_field(self, slack: Channel, text: str) -> None:
        assert refused(slack, body=text).keys() == {"body_template"}
        assert refused(slack, title=text).keys() == {"title_template"}
        slack.refresh_from_db()
        assert (slack.title_template, slack.body_template) == ("", "")

    def test_loops_end(self, slack: Channel) -> None:
        nested = "{% for a in title %}{% for b in title %}{% for c in title %}x{% endfor %}{% endfor %}{% endfor %}"
        assert str(MOST_ROUNDS) in refused(slack, body=nested)["body_template"]

    def test_an_empty_title_is_refused(self, slack: Channel) -> None:
        assert "title_template" in refused(slack, title="{% if incident.recovered %}Over{% endif %}")

    def test_an_error_says_its_line(self, slack: Channel) -> None:
        assert refused(slack, body="one\ntwo {% include 'x' %}")["body_template"].startswith("Line 2: ")

    def test_what_it_calls_changes_no_data(
        self, webhook: Channel, slack: Channel, inbox: HttpSink, probe: Probe
    ) -> None:
        save(slack, body="{{ api.clear }}{{ data.clear }}{{ title }}")
        fail_and_send(probe)
        assert all(delivery.data["api"]["name"] == "orders" for delivery in Delivery.objects.all())

    def test_names_that_it_makes_are_known(self, slack: Channel) -> None:
        save(
            slack,
            body="{% with first=probes|first %}{{ first.name }}{% endwith %}{% firstof cause action as x %}{{ x }}",
        )

    def test_kinds_that_send_data_have_none(self, webhook: Channel, admin_client: Client) -> None:
        assert refused(webhook, title="x").keys() == {"title_template"}
        assert admin_client.get(f"/settings/channels/{webhook.pk}/message/").status_code == 404

    def test_only_listed_tags_and_filters_exist(self) -> None:
        [library] = message_templates._ENGINE.template_builtins
        assert library.tags.keys() == {*TAGS, "for"}
        assert library.filters.keys() == set(FILTERS)


class TestPage:
    """Admins edit it."""

    def test_is_saved_previewed_and_reset(self, slack: Channel, probe: Probe, admin_client: Client) -> None:
        path = f"/settings/channels/{slack.pk}/message/"
        given = {"title_template": TITLE, "body_template": BODY}
        shown = admin_client.post(path, given | {"preview": "1"}).context["preview"]
        assert (shown.title, shown.is_sample) == ("ORDERS: 1 fail", True)
        ran(probe, False, False)
        incidents.settle_flips()
        shown = admin_client.post(path, given | {"preview": "1"}, headers={"HX-Request": "true"}).context["preview"]
        assert (shown.event, shown.is_sample) == ("incident.opened", False)
        assert shown.body.startswith("https://app.example.com\n")
        slack.refresh_from_db()
        assert slack.title_template == "", "a preview stores nothing"
        assert admin_client.post(path, given).status_code == 302
        slack.refresh_from_db()
        assert (slack.title_template, slack.body_template) == (TITLE, BODY)
        wrong = admin_client.post(path, given | {"body_template": "{% include 'x' %}"})
        assert wrong.context["form"].errors.keys() == {"body_template"}
        admin_client.post(path, {"reset": "1"})
        slack.refresh_from_db()
        assert (slack.title_template, slack.body_template) == ("", "")
        assert AuditEvent.objects.filter(target="team").count() == 3

    @pytest.mark.parametrize("role", ["view", "edit"])
    def test_is_for_admins(self, slack: Channel, role: str) -> None:
        client, path = browser(role), f"/settings/channels/{slack.pk}/message/"
        assert {client.get(path).status_code, client.post(path, {"title_template": "x"}).status_code} == {403}

    def test_in_a_browser(
        self, transactional_db: None, live_server: Any, signed_in_page: Page, slack: Channel, account: Account
    ) -> None:
        page = signed_in_page
        page.goto(f"{live_server.url}/settings/channels/{slack.pk}/message/")
        page.get_by_label("Title").fill("Own: {{ title }}")
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("#message-preview")).to_contain_text("Own: orders")
        accessible(page)

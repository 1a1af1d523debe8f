"""Channels and deliveries over REST: made, tried, and the result of each message; secrets are shown once."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from apis.access.models import AuditEvent
from apis.alerting import tasks
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import deliveries
from tests.rest.conftest import Program
from tests.support.servers import until
from tests.support.sinks import Give, HttpSink

HOOK = {"kind": "webhook", "name": "pager", "url": "https://hooks.example.com/secret-path"}


def test_a_webhook_is_made_with_a_secret_announced_once(ruler: Program) -> None:
    made = ruler.post("channels", HOOK).good(201)
    assert made["secret"].startswith("whsec_")
    assert {"kind": "webhook", "name": "pager", "enabled": True}.items() <= made.items()
    [[found]] = ruler.pages("channels")
    assert "secret" not in found
    assert "secret-path" not in str(found)
    assert Channel.objects.get().url == HOOK["url"]


def test_a_webhook_with_a_secret_of_ones_own(ruler: Program) -> None:
    given = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert ruler.post("channels", HOOK | {"secret": given}).good(201)["secret"] == given


def test_mail(ruler: Program) -> None:
    made = ruler.post("channels", {"kind": "email", "name": "ops", "address": "ops@example.com"}).good(201)
    assert made["address"] == "ops@example.com"
    assert made["secret"] is None


def test_making_one_is_in_the_audit_log(ruler: Program) -> None:
    ruler.post("channels", HOOK).good(201)
    event = AuditEvent.objects.get(target="pager")
    assert (event.actor.username if event.actor else "", event.target) == ("ada", "pager")
    assert "secret-path" not in str(event.detail)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "pigeon", "name": "x"}, "kind"),
        ({"kind": "webhook", "name": "x"}, "url"),
        ({"kind": "webhook", "name": "x", "url": "ftp://hooks.example.com"}, "url"),
        ({"kind": "webhook", "name": "x", "url": "http://"}, "url"),
        (HOOK | {"secret": "short"}, "secret"),
        (HOOK | {"address": "a@example.com"}, "address"),
        (HOOK | {"name": " "}, "name"),
        (HOOK | {"name": "x" * 101}, "name"),
        (HOOK | {"name": None}, "name"),
        ({"kind": "email", "name": "x"}, "address"),
        ({"kind": "email", "name": "x", "address": "nobody"}, "address"),
        ({"kind": "email", "name": "x", "address": "a@example.com", "url": "https://b.example"}, "url"),
        (HOOK | {"colour": "red"}, "colour"),
    ],
)
def test_names_the_field_at_fault(ruler: Program, body: dict[str, Any], field: str) -> None:
    ruler.post("channels", body).problem(422, field)
    assert not Channel.objects.exists()


def test_two_of_a_name(ruler: Program) -> None:
    ruler.post("channels", HOOK).good(201)
    ruler.post("channels", HOOK | {"name": "Pager"}).problem(422, "name")


def test_a_test_message_arrives_signed_and_is_among_the_deliveries(
    worker: Any, ruler: Program, webhook_sink: HttpSink, loopback_allowed: None
) -> None:
    made = ruler.post("channels", HOOK | {"url": f"{webhook_sink.url}/hook"}).good(201)
    sent = ruler.post(f"channels/{made['id']}/test").good(202)
    tasks.sweep()
    [got] = webhook_sink.wait_for(1)
    notified = Webhook(made["secret"]).verify(got.body, dict(got.headers))
    assert {"type", "data"} <= notified.keys()

    def row() -> Any:
        [[found]] = ruler.pages("deliveries")
        return found if found["state"] == "sent" else None

    found = until(row, "the delivery is marked sent")
    assert found["id"] == sent["id"]
    assert (found["channel"], found["incident"]) == (made["id"], None)
    assert found["message_id"] == got.headers["webhook-id"]
    assert [(one["status"], one["error"]) for one in found["attempts"]] == [(204, None)]
    assert found["sent_at"] and found["next_attempt_at"] is None


def test_deliveries_are_paged_newest_first(ruler: Program) -> None:
    made = ruler.post("channels", HOOK).good(201)
    ids = [ruler.post(f"channels/{made['id']}/test").good(202)["id"] for _ in range(3)]
    assert [one["id"] for page in ruler.pages("deliveries?limit=2") for one in page] == ids[::-1]
    assert Delivery.objects.count() == 3


def test_of_a_channel_that_is_not_there(ruler: Program) -> None:
    ruler.post("channels/4711/test").problem(404)


def test_one_is_changed_switched_and_deleted(ruler: Program) -> None:
    made = ruler.post("channels", HOOK).good(201)
    path = f"channels/{made['id']}"
    assert ruler.get(path).good()["name"] == "pager"
    changed = ruler.patch(path, {"name": "night pager", "enabled": False}).good()
    assert (changed["name"], changed["enabled"]) == ("night pager", False)
    assert Channel.objects.get().url == HOOK["url"], "what is left out stays"
    assert ruler.patch(path, {"enabled": True}).good()["enabled"]
    ruler.patch(path, {"url": "ftp://x"}).problem(422, "url")
    ruler.patch(path, {"address": "a@example.com"}).problem(422, "address")
    ruler.patch(path, {"kind": "email"}).problem(422, "kind")
    assert ruler.delete(path).good(204) is None
    for again in (ruler.get(path), ruler.patch(path, {"name": "x"}), ruler.delete(path), ruler.post(f"{path}/test")):
        again.problem(404)
    ruler.post("channels", HOOK | {"name": "night pager"}).good(201)


def test_a_failing_channel_says_since_when_and_why(
    ruler: Program, webhook_sink: HttpSink, loopback_allowed: None
) -> None:
    made = ruler.post("channels", HOOK | {"url": f"{webhook_sink.url}/hook"}).good(201)
    assert (made["failing_since"], made["last_error"]) == (None, None)
    now = timezone.now()
    channel = Channel.objects.get(pk=made["id"])
    webhook_sink.answer_in_turn(Give(500))
    data = {"message": "an alert"}
    row = Delivery.objects.create(channel=channel, event="other", data=data, created_at=now, next_attempt_at=now)
    deliveries.send(row.pk, now)
    shown = ruler.get(f"channels/{channel.pk}").good()
    assert shown["last_error"] == "The receiver answered HTTP 500."
    assert shown["failing_since"] is not None


def test_its_message_is_changed_and_previewed(ruler: Program) -> None:
    made = ruler.post("channels", {"kind": "slack", "name": "team", "url": "https://hooks.slack.com/x"}).good(201)
    path = f"channels/{made['id']}"
    assert (made["title_template"], made["body_template"]) == ("", "")
    assert ruler.patch(path, {"title_template": "{{ source }}!"}).good()["title_template"] == "{{ source }}!"
    changed = ruler.patch(path, {"body_template": "{{ reason }}"}).good()
    assert (changed["title_template"], changed["body_template"]) == ("{{ source }}!", "{{ reason }}")
    ruler.patch(path, {"name": "new", "body_template": "{{ nothing }}"}).problem(422, "body_template")
    assert ruler.get(path).good()["name"] == "team", "all or nothing"
    shown = ruler.post(f"{path}/preview", {"title_template": "{{ source }}!"}).good()
    assert (shown["title"], shown["event"], shown["is_sample"]) == ("orders!", "incident.opened", True)
    ruler.post(f"{path}/preview", {"title_template": "{{"}).problem(422, "title_template")


def test_one_is_made_with_its_message(ruler: Program) -> None:
    slack = {"kind": "slack", "name": "team", "url": "https://hooks.slack.com/x"}
    ruler.post("channels", slack | {"body_template": "{{ nothing }}"}).problem(422, "body_template")
    ruler.post("channels", HOOK | {"title_template": "{{ title }}"}).problem(422, "title_template")
    assert not Channel.objects.exists(), "all or nothing"
    assert not AuditEvent.objects.filter(action="added a channel").exists()
    made = ruler.post("channels", slack | {"title_template": "{{ source }}!", "body_template": "{{ reason }}"}).good(
        201
    )
    assert (made["title_template"], made["body_template"]) == ("{{ source }}!", "{{ reason }}")
    shown = ruler.get(f"channels/{made['id']}").good()
    assert (shown["title_template"], shown["body_template"]) == ("{{ source }}!", "{{ reason }}")


class TestApprise:
    """Off until an admin accepts that it does not pass the outbound guard."""

    PATH = "channel-kinds/apprise/acceptance"
    CHANNEL = {"kind": "apprise", "name": "home", "url": "gotify://gotify.example.com/token"}

    def test_is_accepted_and_turned_off(self, ruler: Program) -> None:
        assert ruler.get(self.PATH).good() == {"accepted": False, "at": None, "by": None}
        ruler.post("channels", self.CHANNEL).problem(422, "url")
        accepted = ruler.put(self.PATH, {"accepted": True}).good()
        assert (accepted["accepted"], accepted["by"]) == (True, "ada")
        assert ruler.get(self.PATH).good() == accepted
        ruler.post("channels", self.CHANNEL).good(201)
        assert ruler.put(self.PATH, {"accepted": False}).good()["accepted"] is False
        ruler.post("channels", self.CHANNEL | {"name": "other"}).problem(422, "url")
        actions = AuditEvent.objects.filter(action__contains="Apprise").order_by("pk")
        assert list(actions.values_list("action", flat=True)) == ["accepted Apprise", "turned Apprise off"]

    @pytest.mark.parametrize("body", [{}, {"accepted": None}, {"accepted": "maybe"}])
    def test_needs_a_decision(self, ruler: Program, body: dict[str, Any]) -> None:
        ruler.put(self.PATH, body).problem(422, "accepted")

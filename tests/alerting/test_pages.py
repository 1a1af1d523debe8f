"""The pages of incidents, channels and deliveries."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.access import people
from apis.access.models import AuditEvent
from apis.alerting import channels
from apis.alerting.incidents import incident_actions, incidents
from apis.alerting.models import Channel, Delivery, Incident, IncidentProbe
from apis.alerting.sending import deliveries, outbox
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import ran
from tests.support.sinks import Give, HttpSink

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}


def browser(role: str) -> Client:
    """A browser in which someone with this role is signed in."""
    client = Client()
    client.force_login(people.add(None, f"the {role}".replace(" ", "-"), role))
    return client


@pytest.fixture
def incident(probe: Probe, changed: Callable[..., Change], webhook: Channel) -> Incident:
    """An open incident after a change, with one channel notified."""
    now = timezone.now()
    changed(now - timedelta(minutes=4, seconds=50))
    ran(probe, True, False, False, at=now - timedelta(minutes=5))
    incidents.settle_flips()
    for delivery in outbox.due():
        deliveries.send(delivery)
    return Incident.objects.get()


class TestTheList:
    """Incidents."""

    def test_says_which_api_since_when_and_what_changed(self, incident: Incident) -> None:
        text = browser("view").get("/incidents/").content.decode()
        assert "orders" in text
        assert "https://app.example.com → GET /items" in text
        assert "Removed an origin" in text
        assert "for 4 minutes" in " ".join(text.split())

    @pytest.mark.parametrize(("query", "shown"), [("state=open", True), ("state=closed", False), ("search=ORD", True)])
    def test_can_be_narrowed(self, incident: Incident, query: str, shown: bool) -> None:
        assert (incident.summary in browser("view").get(f"/incidents/?{query}").content.decode()) is shown

    def test_without_any_says_so(self, db: None) -> None:
        assert "No incidents" in browser("view").get("/incidents/").content.decode()

    def test_warns_when_no_one_is_reported(self, db: None) -> None:
        assert "No alert channel is set up" in browser("admin").get("/incidents/").content.decode()

    def test_of_thousands_stays_quick_and_small(
        self, make_api: Callable[..., HttpApi], django_assert_max_num_queries: Callable[..., object]
    ) -> None:
        now = timezone.now()
        api = make_api()
        probe = Probe.objects.create(api=api, name="items", origin="https://app.example.com")
        Incident.objects.bulk_create(
            Incident(api=api, state="closed", opened_at=now, closed_at=now, summary=f"call {number}")
            for number in range(2000)
        )
        IncidentProbe.objects.bulk_create(
            IncidentProbe(incident=row, probe=probe, down_at=now) for row in Incident.objects.all()
        )
        client = browser("view")
        with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
            page = client.get("/incidents/?page=3")
        assert page.content.decode().count("<tr>") == 51
        assert len(page.content) < 150_000


class TestOne:
    """An incident's page."""

    def test_shows_the_whole_story(self, incident: Incident, probe: Probe) -> None:
        ran(probe, True)
        incidents.settle_flips()
        text = browser("view").get(f"/incidents/{incident.pk}/").content.decode()
        found = re.findall(r'<div class="what">\s*(?:<a [^>]*>)?([^<]*)', text)
        assert [" ".join(one.split()) for one in found] == [
            "alice changed the configuration (suspected cause)",
            "First failure",
            "items is down",
            "Notified pager",
            "items is passing again",
            "Incident closed",
            "pager is not notified yet",
        ]
        assert "The preflight&#x27;s answer allows no origin." in text
        assert "It was down for" in text

    def test_keeps_itself_up_to_date_while_it_is_open(self, incident: Incident, probe: Probe) -> None:
        client = browser("view")
        part = client.get(f"/incidents/{incident.pk}/", headers=HTMX).content.decode()
        assert "<html" not in part
        assert 'hx-trigger="every 5s"' in part
        ran(probe, True)
        incidents.settle_flips()
        settled = client.get(f"/incidents/{incident.pk}/", headers=HTMX)
        assert settled.headers["HX-Refresh"] == "true", "its title and its actions are others now"
        assert 'hx-trigger="every 5s"' not in client.get(f"/incidents/{incident.pk}/").content.decode()

    def test_offers_other_actions_when_another_person_has_acted(self, incident: Incident, editor: User) -> None:
        client = browser("edit")
        page = client.get(f"/incidents/{incident.pk}/").content.decode()
        [address] = re.findall(r'hx-get="([^"]+seen=[^"]*)"', page)
        assert 'id="incident-actions"' in page
        assert 'id="incident-actions"' not in client.get(address, headers=HTMX).content.decode()
        incident_actions.acknowledge(incident, editor)
        part = client.get(address, headers=HTMX).content.decode()
        assert 'id="incident-actions" hx-swap-oob="true"' in part
        assert f'action="/incidents/{incident.pk}/acknowledge/"' not in part

    def test_offers_to_revert_to_those_who_may(self, incident: Incident, api: HttpApi) -> None:
        change = incident.suspected_change
        assert change is not None
        change.before = api.configurations.create(number=1, cors={}, at=change.at)
        change.save()
        path = f"/incidents/{incident.pk}/"
        assert f"/changes/{change.pk}/revert/" in browser("edit").get(path).content.decode()
        assert "/revert/" not in browser("view").get(path).content.decode()

    def test_escapes_what_others_wrote(self, incident: Incident, probe: Probe) -> None:
        incident.api.name = "<img src=x onerror=alert(1)>"
        incident.api.save()
        probe.name = "<script>alert(1)</script>"
        probe.save()
        text = browser("view").get(f"/incidents/{incident.pk}/").content.decode()
        assert "<img src=x" not in text
        assert "<script>alert" not in text

    def test_whose_probes_are_gone_is_still_there(self, incident: Incident, probe: Probe) -> None:
        probe.delete()
        incidents.settle_flips()
        page = browser("view").get(f"/incidents/{incident.pk}/")
        assert "without recovery" in page.content.decode()

    def test_shows_only_admins_why_a_channel_was_not_reached(self, incident: Incident) -> None:
        delivery = Delivery.objects.get()
        delivery.attempts.update(error="hooks.internal cannot be found.")
        Delivery.objects.update(state="failed")
        path = f"/incidents/{incident.pk}/"
        assert "hooks.internal" in browser("admin").get(path).content.decode()
        text = browser("view").get(path).content.decode()
        assert "pager could not be notified" in text
        assert "hooks.internal" not in text

    def test_that_does_not_exist(self, db: None) -> None:
        assert browser("view").get("/incidents/7/").status_code == 404


class TestAcknowledging:
    """Saying that one takes care."""

    def test_is_seen_by_all(self, incident: Incident) -> None:
        client = browser("edit")
        answer = client.post(f"/incidents/{incident.pk}/acknowledge/", {"note": "it is the CDN"}, follow=True)
        text = answer.content.decode()
        assert "it is the CDN" in text
        assert "the-edit" in text
        assert "Shows everyone" not in text
        assert AuditEvent.objects.get(action="acknowledged an incident").actor_name == "the-edit"

    def test_is_for_editors(self, incident: Incident) -> None:
        assert browser("view").post(f"/incidents/{incident.pk}/acknowledge/").status_code == 403
        assert Incident.objects.get().acknowledged_at is None

    def test_twice_says_who_was_first(self, incident: Incident) -> None:
        incidents.acknowledge(incident, User.objects.create_user("bob"))
        answer = browser("edit").post(f"/incidents/{incident.pk}/acknowledge/", follow=True)
        assert "bob has already acknowledged this incident." in answer.content.decode()

    def test_needs_a_post(self, incident: Incident) -> None:
        assert browser("edit").get(f"/incidents/{incident.pk}/acknowledge/").status_code == 405


class TestChannels:
    """Settings, channels."""

    def test_a_webhook_is_made_and_its_secret_shown_once(self, db: None) -> None:
        client = browser("admin")
        answer = client.post(
            "/settings/channels/add/?kind=webhook", {"name": "pager", "url": "https://example.com/T0KEN"}
        )
        channel = Channel.objects.get()
        assert channel.secret in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        for path in ("/settings/channels/", f"/settings/channels/{channel.pk}/"):
            text = client.get(path).content.decode()
            assert "https://example.com" in text
            assert "T0KEN" not in text
            assert channel.secret not in text
        event = AuditEvent.objects.get(action="added a channel")
        assert "T0KEN" not in str(event.detail)

    def test_an_e_mail_channel_is_made(self, db: None) -> None:
        answer = browser("admin").post(
            "/settings/channels/add/?kind=email", {"name": "ops", "address": "ops@example.com"}, follow=True
        )
        assert "ops@example.com" in answer.content.decode()

    def test_what_is_wrong_is_said_at_its_field(self, db: None) -> None:
        client = browser("admin")
        text = client.post(
            "/settings/channels/add/?kind=webhook", {"name": "pager", "url": "example.com"}
        ).content.decode()
        assert "Must begin with https://" in text
        assert 'value="example.com"' in text, "nothing typed is lost"
        assert not Channel.objects.exists()

    @pytest.mark.parametrize(("kind", "optional"), [("webhook", ["Signing secret"]), ("email", [])])
    def test_only_what_may_stay_empty_is_called_optional(self, db: None, kind: str, optional: list[str]) -> None:
        text = browser("admin").get(f"/settings/channels/add/?kind={kind}").content.decode()
        assert re.findall(r">([^<>]+)\s<span class=\"optional\">", text) == optional

    @pytest.mark.parametrize("kind", channels.kinds())
    def test_the_page_shows_how_a_kind_is_set_up(self, db: None, kind: str) -> None:
        text = browser("admin").get(f"/settings/channels/add/?kind={kind}").content.decode()
        readme = (Path(channels.__file__).parent / kind / "README.md").read_text()
        steps = re.findall(r"^[1-9]\. (.*)", readme, re.MULTILINE)
        assert len(steps) >= 2
        shown = text.partition('<ol class="setup-steps">')[2].partition("</ol>")[0]
        assert [html.unescape(step) for step in re.findall(r"<li>(.*?)</li>", shown)] == steps
        assert f'href="{readme.rpartition("Documentation: ")[2].strip()}"' in text

    def test_apprise_leads_to_where_it_is_turned_on(self, db: None) -> None:
        text = browser("admin").get("/settings/channels/add/?kind=apprise").content.decode()
        assert 'href="/settings/channels/apprise/"' in text

    def test_the_kinds_are_offered(self, db: None) -> None:
        text = browser("admin").get("/settings/channels/add/?kind=pigeon").content.decode()
        assert "?kind=webhook" in text
        assert "?kind=email" in text

    def test_is_changed_without_typing_the_secret_again(self, webhook: Channel) -> None:
        browser("admin").post(f"/settings/channels/{webhook.pk}/", {"name": "new name", "url": "", "secret": ""})
        stored = Channel.objects.get()
        assert (stored.name, stored.url, stored.secret) == ("new name", webhook.url, webhook.secret)

    def test_gets_a_new_secret(self, webhook: Channel) -> None:
        text = browser("admin").post(f"/settings/channels/{webhook.pk}/secret/").content.decode()
        stored = Channel.objects.get()
        assert stored.secret != webhook.secret
        assert stored.secret in text

    def test_is_switched_off_and_on(self, webhook: Channel) -> None:
        client = browser("admin")
        client.post(f"/settings/channels/{webhook.pk}/switch/")
        assert not Channel.objects.get().enabled
        client.post(f"/settings/channels/{webhook.pk}/switch/", {"on": "1"})
        assert Channel.objects.get().enabled

    def test_is_deleted(self, webhook: Channel) -> None:
        client = browser("admin")
        channels.test(webhook, User.objects.get())
        client.post(f"/settings/channels/{webhook.pk}/delete/")
        assert not Channel.objects.exists()
        assert client.get(f"/settings/channels/{webhook.pk}/").status_code == 404
        kept = Channel.all_objects.get()
        assert (kept.url, kept.secret, kept.enabled) == ("", "", False)
        assert "(deleted)" in client.get("/settings/deliveries/").content.decode(), "its deliveries stay"
        deliveries.send(Delivery.objects.get().pk)
        assert Delivery.objects.get().state == "failed"
        assert channels.create(None, "webhook", kept.name, url="https://hooks.example.com/new").enabled, (
            "its name is free again"
        )

    @pytest.mark.parametrize("action", ["", "test/", "switch/", "secret/", "delete/"])
    def test_is_for_admins(self, webhook: Channel, action: str) -> None:
        assert browser("edit").post(f"/settings/channels/{webhook.pk}/{action}").status_code == 403
        assert not Delivery.objects.exists()

    def test_list_says_how_the_last_message_went(
        self, webhook: Channel, mail: Channel, inbox: HttpSink, admin_user: User
    ) -> None:
        inbox.answer_in_turn(Give(500))
        deliveries.send(channels.test(webhook, admin_user).pk)
        text = browser("admin").get("/settings/channels/").content.decode()
        assert "The receiver answered HTTP 500." in text
        assert "None yet" in text


class TestTheTestButton:
    """It shows automatically what comes of it, and never what the receiver wrote."""

    def test_waits_then_says_delivered(self, webhook: Channel) -> None:
        client = browser("admin")
        asked = client.post(f"/settings/channels/{webhook.pk}/test/", headers=HTMX).content.decode()
        assert "Sending" in asked
        address = re.search(r'hx-get="([^"]+)"', asked)
        assert address is not None
        (delivery,) = outbox.due()
        deliveries.send(delivery)
        text = client.get(address[1], headers=HTMX).content.decode()
        assert "Delivered" in text
        assert "HTTP 204" in text
        assert "hx-get" not in text

    def test_says_the_kind_of_failure(self, webhook: Channel, inbox: HttpSink) -> None:
        inbox.answer_in_turn(Give(403))
        client = browser("admin")
        page = client.post(f"/settings/channels/{webhook.pk}/test/")
        deliveries.send(Delivery.objects.get().pk)
        text = client.get(page["Location"]).content.decode()
        assert "The receiver answered HTTP 403." in text
        assert "msg_" in text

    def test_wonders_where_the_worker_is(self, webhook: Channel, admin_user: User) -> None:
        delivery = channels.test(webhook, admin_user)
        Delivery.objects.update(created_at=timezone.now() - timedelta(seconds=20))
        text = browser("admin").get(f"/settings/deliveries/{delivery.pk}/", headers=HTMX).content.decode()
        assert "Check that a worker is running." in text


def test_deliveries_are_listed_with_their_errors(
    incident: Incident, inbox: HttpSink, webhook: Channel, django_assert_max_num_queries: Callable[..., object]
) -> None:
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(channel=webhook, incident=incident, event="incident.opened", data={}, created_at=now, state="failed")
        for _ in range(120)
    )
    client = browser("admin")
    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
        page = client.get("/settings/deliveries/")
    assert page.content.decode().count("<tr>") == 51
    assert len(page.content) < 150_000
    sent = client.get(f"/settings/deliveries/?state=sent&channel={webhook.pk}").content.decode()
    assert sent.count("<tr>") == 2
    assert '<option value="sent" selected>Delivered</option>' in sent, "the word of the table"
    assert client.get("/settings/deliveries/?state=x&channel=999999999999999999999&page=x").status_code == 200

"""Status pages: who sees what of them, badges, feeds, and the settings that make them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import Page, expect

from apis.access.models import AuditEvent
from apis.alerting.incidents import incidents
from apis.alerting.models import Incident
from apis.alerting.rules import edits as rule_edits
from apis.alerting.status_pages import edits
from apis.alerting.status_pages.models import StatusPage
from apis.alerting.status_pages.report import MOST_INCIDENTS
from apis.alerting.views import status_pages as views
from apis.errors import InvalidFields
from apis.inventory.models import Account, HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import ran
from tests.alerting.test_pages import browser
from tests.support.axe import accessible

pytestmark = pytest.mark.once

ATOM = "{http://www.w3.org/2005/Atom}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def other(make_api: Callable[..., HttpApi]) -> HttpApi:
    """An API that no page shows."""
    return make_api("internal-billing", "bbbbbbbbbb")


@pytest.fixture
def token(api: HttpApi, other: HttpApi) -> str:
    """The token of a public page of one API."""
    return edits.create_page(None, {"name": "Shop", "public": True, "apis": [api.pk]})[1]


def fails(probe: Probe) -> Incident:
    """Open the incident of a probe that has passed before."""
    ran(probe, True, False, False, at=timezone.now() - timedelta(minutes=4))
    incidents.settle_flips()
    return Incident.objects.get(members__probe=probe)


def text(client: Client, path: str) -> str:
    """Return a page as text."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


class TestThePage:
    """What visitors see."""

    def test_says_what_its_feeds_leave_out(self, client: Client, token: str) -> None:
        words = f"at most {MOST_INCIDENTS}"
        assert words in " ".join(text(client, f"/status/{token}/").split())
        assert words in text(client, f"/status/{token}/incidents.atom")
        assert words in str(Calendar.from_ical(text(client, f"/status/{token}/calendar.ics"))["x-wr-caldesc"])

    def test_shows_what_is_selected_and_nothing_else(
        self, client: Client, token: str, api: HttpApi, probe: Probe, make_probe: Callable[..., Probe], other: HttpApi
    ) -> None:
        api.current = api.configurations.create(
            number=1, cors={"AllowOrigins": ["https://secret.example"]}, at=timezone.now()
        )
        api.save()
        for one in (probe, make_probe("bills", api=other)):
            fails(one)
        rule_edits.create_maintenance(
            None, {"name": "upgrade", "api": api.pk, "ends_at": timezone.now() + timedelta(hours=1)}
        )
        rule_edits.create_maintenance(
            None, {"name": "rebuild", "api": other.pk, "ends_at": timezone.now() + timedelta(hours=1)}
        )
        page = text(client, f"/status/{token}/")
        for shown in ("orders", "upgrade", 'data-state="failing"', "orders: CORS probes failing", "33.33 % available"):
            assert shown in page, shown
        hidden = [
            other.name, "rebuild", "secret.example", api.api_id, api.endpoint, api.account.name, api.region,
            probe.origin, probe.path,
        ]  # fmt: skip
        assert [word for word in hidden if word in page] == []

    def test_shows_origins_only_where_its_owner_says_so(
        self, client: Client, token: str, probe: Probe, make_probe: Callable[..., Probe]
    ) -> None:
        blocked = make_probe("evil", origin="https://evil.example", expect="blocked")
        ran(probe, True)
        assert probe.origin not in text(client, f"/status/{token}/")
        edits.change_page(None, StatusPage.objects.get(), {"show_origins": True})
        page = text(client, f"/status/{token}/")
        assert probe.origin in page
        assert blocked.origin not in page

    def test_draws_the_availability_of_the_last_days(self, client: Client, token: str, probe: Probe) -> None:
        ran(probe, True, True, True, False, at=timezone.now() - timedelta(days=2))
        answer = client.get(f"/status/{token}/")
        [status] = answer.context["report"].apis
        assert (status.availability, len(status.chart.bars)) == ("75 %", 30)
        assert [bar.state for bar in status.chart.bars if bar.state != "none"] == ["error"]

    @pytest.mark.parametrize("given", ["cs_wrong", "x", "cd_x"])
    def test_a_wrong_token_opens_nothing(self, client: Client, token: str, api: HttpApi, given: str) -> None:
        for path in ("", "incidents.atom", "calendar.ics", f"badge/{api.pk}.svg"):
            assert client.get(f"/status/{given}/{path}").status_code == 404

    def test_an_old_token_opens_nothing(self, client: Client, token: str, api: HttpApi) -> None:
        page = StatusPage.objects.get()
        fresh = edits.regenerate_token(None, page)
        for path in ("", "incidents.atom", "calendar.ics", f"badge/{api.pk}.svg"):
            assert client.get(f"/status/{token}/{path}").status_code == 404
            assert client.get(f"/status/{fresh}/{path}").status_code == 200
        edits.change_page(None, page, {"public": False})
        assert client.get(f"/status/{fresh}/").status_code == 404
        edits.change_page(None, page, {"public": True})
        assert client.get(f"/status/{fresh}/").status_code == 404

    def test_without_a_token_it_needs_sign_in(self, client: Client, api: HttpApi) -> None:
        page, token = edits.create_page(None, {"name": "Shop", "apis": [api.pk]})
        assert token == ""
        viewer = browser("view")
        for path in ("", "incidents.atom", "calendar.ics", f"badge/{api.pk}.svg"):
            assert client.get(f"/status-pages/{page.pk}/{path}").status_code == 302
            assert viewer.get(f"/status-pages/{page.pk}/{path}").status_code == 200

    def test_its_address_stays_between_reader_and_server(self, client: Client, token: str, api: HttpApi) -> None:
        for path in ("", "incidents.atom", "calendar.ics", f"badge/{api.pk}.svg"):
            answer = client.get(f"/status/{token}/{path}")
            assert answer["Referrer-Policy"] == "no-referrer"
            assert answer["X-Robots-Tag"] == "noindex"
            assert "default-src 'none'" in answer["Content-Security-Policy"]
            assert answer["Cache-Control"] == ("public, max-age=60" if "badge" in path else "no-store")

    def test_one_address_cannot_ask_without_end(
        self, client: Client, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "PER_MINUTE", 0)
        answer = client.get(f"/status/{token}/")
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")


class TestSelection:
    """Which APIs a page shows."""

    def names(self, client: Client, **values: Any) -> list[str]:
        """Return the names of the APIs of a page made with these values."""
        _, token = edits.create_page(None, {"name": "x", "public": True} | values)
        return [one.name for one in client.get(f"/status/{token}/").context["report"].apis]

    def test_by_account(self, client: Client, api: HttpApi, other: HttpApi) -> None:
        other.account = Account.objects.create(name="staging", regions=["eu-central-1"])
        other.save()
        assert self.names(client, selection="account", account=api.account_id) == ["orders"]

    @pytest.mark.parametrize(
        ("tag", "found"),
        [("team", ["internal-billing", "orders"]), ("team=shop", ["orders"]), ("team=x", []), ("te.am'\"", [])],
    )
    def test_by_tag(self, client: Client, api: HttpApi, other: HttpApi, tag: str, found: list[str]) -> None:
        HttpApi.objects.filter(pk=api.pk).update(tags={"team": "shop"})
        HttpApi.objects.filter(pk=other.pk).update(tags={"team": "billing", "a=b": "c"})
        assert self.names(client, selection="tag", tag=tag) == found

    def test_never_widens(self, client: Client, api: HttpApi, other: HttpApi, token: str) -> None:
        HttpApi.objects.filter(pk=api.pk).update(gone_at=timezone.now())
        assert client.get(f"/status/{token}/").context["report"].apis == []
        assert client.get(f"/status/{token}/badge/{api.pk}.svg").status_code == 404
        api.delete()
        assert client.get(f"/status/{token}/").context["report"].apis == []

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "shop"}, "name"),
            ({"selection": "all"}, "selection"),
            ({"apis": []}, "apis"),
            ({"apis": [4711]}, "apis"),
            ({"selection": "account"}, "account"),
            ({"selection": "account", "account": 4711}, "account"),
            ({"selection": "tag"}, "tag"),
            ({"selection": "tag", "tag": "=x"}, "tag"),
        ],
    )
    def test_a_page_that_cannot_work_is_refused(
        self, token: str, api: HttpApi, values: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(InvalidFields) as caught:
            edits.create_page(None, {"name": "y", "apis": [api.pk]} | values)
        assert field in caught.value.errors


class TestABadge:
    """Its three states."""

    def state(self, client: Client, token: str, api: HttpApi) -> str:
        """Return what the badge says, as image and in words."""
        answer = client.get(f"/status/{token}/badge/{api.pk}.svg")
        assert answer["Content-Type"] == "image/svg+xml; charset=utf-8"
        image = ElementTree.fromstring(answer.content)
        word = image.findall(f".//{SVG}text")[1].text or ""
        assert image.get("aria-label") == f"cors: {word}"
        return word

    def test_follows_the_probes(self, client: Client, token: str, api: HttpApi, probe: Probe) -> None:
        assert self.state(client, token, api) == "unknown"
        last = ran(probe, True, False, at=timezone.now() - timedelta(minutes=5))
        assert self.state(client, token, api) == "passing", "one failure does not make it down"
        last = ran(probe, False, at=last + timedelta(seconds=30))
        assert self.state(client, token, api) == "failing"
        ran(probe, True, at=last + timedelta(seconds=30))
        assert self.state(client, token, api) == "passing"

    def test_is_unknown_when_nothing_runs(self, client: Client, token: str, api: HttpApi, probe: Probe) -> None:
        ran(probe, True, at=timezone.now() - timedelta(days=1))
        assert self.state(client, token, api) == "unknown"
        ran(probe, True)
        Probe.objects.update(enabled=False)
        assert self.state(client, token, api) == "unknown"

    def test_is_unknown_where_nothing_ever_passed(self, client: Client, token: str, api: HttpApi, probe: Probe) -> None:
        ran(probe, True)
        Probe.objects.update(last_passed_at=None, state=Probe.State.DOWN)
        assert self.state(client, token, api) == "unknown"

    def test_is_of_selected_apis_only(self, client: Client, token: str, other: HttpApi) -> None:
        assert client.get(f"/status/{token}/badge/{other.pk}.svg").status_code == 404


def test_everyone_can_read_it_in_a_browser(
    live_server: Any, page: Page, token: str, probe: Probe, make_api: Callable[..., HttpApi]
) -> None:
    fails(probe)
    StatusPage.objects.get().apis.add(make_api("a-long-name-without-any-blank-" * 3, "cccccccccc"))
    rule_edits.create_maintenance(None, {"name": "upgrade", "ends_at": timezone.now() + timedelta(hours=1)})
    edits.change_page(None, StatusPage.objects.get(), {"show_origins": True})
    page.goto(f"{live_server.url}/status/{token}/")
    accessible(page)
    expect(page.get_by_role("img", name="cors: failing")).to_be_visible()
    assert page.get_by_role("img", name="cors: failing").evaluate("image => image.naturalWidth") == 98


class TestFeeds:
    """Incidents as Atom; incidents and maintenance as a calendar."""

    def test_atom(
        self, client: Client, token: str, api: HttpApi, probe: Probe, make_probe: Callable[..., Probe], other: HttpApi
    ) -> None:
        HttpApi.objects.filter(pk=api.pk).update(name="orders \x07 & <co>")
        incident = fails(probe)
        fails(make_probe("bills", api=other))
        answer = client.get(f"/status/{token}/incidents.atom")
        assert answer["Content-Type"].startswith("application/atom+xml")
        feed = ElementTree.fromstring(answer.content)
        assert feed.tag == f"{ATOM}feed"
        for required in ("id", "title", "updated"):
            assert feed.findtext(f"{ATOM}{required}"), required
        [entry] = feed.findall(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}title") == "orders & <co>: CORS probes failing"
        link = entry.find(f"{ATOM}link")
        assert link is not None and link.get("href") == f"http://testserver/status/{token}/#incident-{incident.pk}"
        opened, entry_id = entry.findtext(f"{ATOM}updated"), entry.findtext(f"{ATOM}id")
        assert token not in str(entry_id)
        ran(probe, True)
        incidents.settle_flips()
        [entry] = ElementTree.fromstring(client.get(f"/status/{token}/incidents.atom").content).findall(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}id") == entry_id
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated") or "") > datetime.fromisoformat(opened or "")
        assert probe.origin not in ElementTree.tostring(feed, "unicode")

    def test_a_feed_without_incidents(self, client: Client, token: str) -> None:
        feed = ElementTree.fromstring(client.get(f"/status/{token}/incidents.atom").content)
        assert feed.findall(f"{ATOM}entry") == []

    def test_calendar(self, client: Client, token: str, api: HttpApi, probe: Probe, other: HttpApi) -> None:
        incident, now = fails(probe), timezone.now()
        window = {"name": "upgrade", "api": api.pk, "starts_at": now + timedelta(days=1), "ends_at": now + timedelta(2)}
        once = rule_edits.create_maintenance(None, window)
        nightly = {"repeat": "cron", "cron": "0 2 * * *", "duration": 600, "zone": "Europe/Berlin"}
        cron = rule_edits.create_maintenance(None, {"name": "nightly", "account": api.account_id} | nightly)
        weekly = {"repeat": "weekly", "weekdays": [5], "time": "22:00", "duration": 7200}
        rule_edits.create_maintenance(None, {"name": "weekend"} | weekly)
        rule_edits.create_maintenance(None, window | {"name": "rebuild", "api": other.pk})
        answer = client.get(f"/status/{token}/calendar.ics")
        assert answer["Content-Type"].startswith("text/calendar")
        calendar = Calendar.from_ical(answer.content)
        assert calendar["version"] == "2.0" and calendar["prodid"]
        events = list(calendar.walk("VEVENT"))
        for event in events:
            assert event["uid"] and event["dtstamp"] and event.decoded("dtend") >= event.decoded("dtstart")
        uids = [str(event["uid"]) for event in events]
        assert len(set(uids)) == len(uids)
        by_name: dict[str, list[Any]] = {}
        for event in events:
            by_name.setdefault(str(event["summary"]), []).append(event)
        assert len(by_name["Maintenance: nightly"]) in (30, 31)
        assert len(by_name["Maintenance: weekend"]) in (4, 5)
        assert "Maintenance: rebuild" not in by_name
        [upgrade] = by_name["Maintenance: upgrade"]
        assert once.starts_at is not None
        assert upgrade.decoded("dtstart") == once.starts_at.replace(microsecond=0)
        first = by_name["Maintenance: nightly"][0].decoded("dtstart")
        assert first.minute == 0 and str(cron.pk) in str(by_name["Maintenance: nightly"][0]["uid"])
        [ongoing] = by_name["orders: CORS probes failing"]
        assert str(ongoing["uid"]).startswith(f"incident-{incident.pk}-")


class TestSettings:
    """The pages that make them."""

    FORM = {"name": "Shop", "public": "yes", "selection": "apis"}

    def test_a_page_is_added_changed_and_deleted(self, client: Client, api: HttpApi) -> None:
        editor = browser("edit")
        assert editor.get("/settings/status-pages/add/").status_code == 200
        made = editor.post("/settings/status-pages/add/", self.FORM | {"apis": api.api_id})
        link = made.context["link"].removeprefix("http://testserver")
        assert link in made.content.decode() and "no-store" in made["Cache-Control"]
        assert "orders" in text(client, link)
        row = StatusPage.objects.get()
        path = f"/settings/status-pages/{row.pk}/"
        assert link not in text(editor, path) and api.api_id in text(editor, path)
        assert "Shop" in text(editor, "/settings/status-pages/")
        fresh = editor.post(f"{path}link/").context["link"].removeprefix("http://testserver")
        assert (client.get(link).status_code, client.get(fresh).status_code) == (404, 200)
        account = {"name": "Store", "public": "no", "selection": "account", "account": str(api.account_id)}
        assert editor.post(path, account).status_code == 302
        row.refresh_from_db()
        assert (row.name, row.is_public, row.apis.count()) == ("Store", False, 0)
        assert client.get(fresh).status_code == 404
        assert editor.post(f"{path}link/").status_code == 302, "it has no link to regenerate"
        assert editor.post(f"{path}delete/").status_code == 302
        assert not StatusPage.objects.exists()
        done = list(AuditEvent.objects.filter(action__contains="status page").values_list("action", flat=True))
        assert sorted(done) == [
            "added a status page",
            "changed a status page",
            "deleted a status page",
            "regenerated the link of a status page",
        ]

    def test_its_apis_are_chosen_by_name_or_id(self, api: HttpApi, other: HttpApi, make_api: Any) -> None:
        """A name may have spaces; one that several APIs have is refused."""
        checkout = make_api("Shop checkout", "cccccccccc")
        editor = browser("edit")
        given = f"{api.name}, Shop checkout\n{other.api_id} {api.api_id}"
        assert editor.post("/settings/status-pages/add/", self.FORM | {"apis": given}).status_code == 200
        assert set(StatusPage.objects.get().apis.all()) == {api, checkout, other}
        make_api(api.name, "dddddddddd")
        answer = editor.post("/settings/status-pages/add/", self.FORM | {"name": "2", "apis": api.name})
        assert "Several APIs have the name or id" in answer.content.decode()

    @pytest.mark.parametrize("values", [{"name": ""}, {"apis": "nowhere"}, {"apis": ""}, {"selection": "tag"}])
    def test_a_page_that_cannot_work_is_shown_again(self, api: HttpApi, values: dict[str, str]) -> None:
        answer = browser("edit").post("/settings/status-pages/add/", self.FORM | {"apis": api.api_id} | values)
        assert answer.status_code == 200
        assert 'aria-invalid="true"' in answer.content.decode()
        assert not StatusPage.objects.exists()

    def test_viewers_look_and_change_nothing(self, token: str) -> None:
        viewer, pk = browser("view"), StatusPage.objects.get().pk
        assert "Shop" in text(viewer, "/settings/status-pages/")
        for path in ("add/", f"{pk}/", f"{pk}/link/", f"{pk}/delete/"):
            assert viewer.post(f"/settings/status-pages/{path}", {}).status_code == 403, path

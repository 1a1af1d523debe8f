"""The pages about origins: the list of all in use, and who allows one."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import DjangoAssertNumQueries

from apis.inventory.models import AllowedOrigin, HttpApi
from apis.probing.models import Probe
from tests.inventory.mirror import an_account, an_api
from tests.inventory.test_apis_page import many
from tests.support.axe import accessible
from tests.support.pages import flat

pytestmark = pytest.mark.once

APP = "https://app.example.com"


def text(answer: Any) -> str:
    """A page's text without its tags."""
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def fleet(db: None) -> dict[str, HttpApi]:
    """APIs that let the app in, each in its own way, and one that does not."""
    one, two = an_account("one"), an_account("two")
    return {
        "exact": an_api(one, "exact", {"AllowOrigins": [APP, "http://localhost:3000"], "AllowCredentials": True}),
        "any": an_api(two, "anyone", {"AllowOrigins": ["*"]}),
        "scheme": an_api(two, "scheme", {"AllowOrigins": ["https://*", APP]}),
        "other": an_api(two, "other", {"AllowOrigins": ["https://other.example", f"{APP}/"]}),
        "off": an_api(two, "off", None),
    }


class TestTheList:
    """/origins/."""

    def test_shows_each_entry_with_where_and_what_to_look_at(
        self, signed_in: Client, fleet: dict[str, HttpApi]
    ) -> None:
        page = signed_in.get("/origins/")
        shown = text(page)
        assert f"{APP} 2 APIs in 2 accounts" in shown
        assert "Localhost in production" in shown
        assert "Never matches" in shown
        assert f'href="/origins/one/?origin={APP.replace(":", "%3A").replace("/", "%2F")}"' in page.content.decode()
        assert 'href="/origins/one/?entry=%2A"' in page.content.decode()

    def test_filters(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        shown = text(signed_in.get("/origins/?flag=local"))
        assert "http://localhost:3000" in shown
        assert "https://other.example" not in shown
        assert "No matches" in text(signed_in.get("/origins/?search=nowhere"))

    def test_says_what_to_do_when_there_is_none(self, signed_in: Client) -> None:
        assert "No origins yet" in text(signed_in.get("/origins/"))

    def test_shows_strange_entries_as_text(self, signed_in: Client) -> None:
        an_api(an_account(), "evil", {"AllowOrigins": ["<script>alert(1)</script>", "", "a&b=c#d"]})
        page = signed_in.get("/origins/").content.decode()
        assert "<script>alert" not in page
        assert "(empty)" in page
        assert "evil" in text(signed_in.get("/origins/one/?entry=a%26b%3Dc%23d"))

    def test_is_in_the_navigation(self, signed_in: Client) -> None:
        assert re.search(r'href="/origins/" aria-current="true"', signed_in.get("/origins/").content.decode())


class TestTheExport:
    """/origins/export/."""

    def rows(self, client: Client, query: str = "") -> list[dict[str, str]]:
        answer = client.get(f"/origins/export/{query}")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert "origins.csv" in answer["Content-Disposition"]
        body = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        return list(csv.DictReader(io.StringIO(body)))

    def test_has_a_line_for_each_entry_of_each_api(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        rows = self.rows(signed_in)
        assert len(rows) == 7
        found = next(row for row in rows if row["origin"] == APP and row["api"] == "exact")
        assert {
            "api_id": fleet["exact"].api_id,
            "account": "one",
            "region": "us-east-1",
            "credentials": "yes",
            "how": "Discovered",
            "by": "",
            "flags": "",
        }.items() <= found.items()
        assert found["since"].endswith("Z")

    def test_has_the_lists_filters(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        assert [row["origin"] for row in self.rows(signed_in, "?flag=local")] == ["http://localhost:3000"]
        page = flat(signed_in.get("/origins/?flag=local"))
        assert "/origins/export/?flag=local" in page

    def test_holds_no_formula(self, signed_in: Client) -> None:
        an_api(an_account(), "=HYPERLINK(1)", {"AllowOrigins": ["=1+1", 'a"b,c']})
        rows = self.rows(signed_in)
        assert sorted(row["origin"] for row in rows) == ["'=1+1", 'a"b,c']
        assert {row["api"] for row in rows} == {"'=HYPERLINK(1)"}


class TestOne:
    """/origins/one/."""

    def test_finds_who_allows_it_and_through_what(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        shown = text(signed_in.get(f"/origins/one/?origin={APP}"))
        assert "APIs that allow it (3)" in shown
        assert f"exact {fleet['exact'].api_id} one us-east-1 {APP} with credentials" in shown
        assert f"anyone {fleet['any'].api_id} two us-east-1 *" in shown
        assert f"{APP} https://*" in shown, "both of its entries, the narrower first"
        assert fleet["other"].api_id not in shown

    def test_takes_a_whole_address(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        assert "(3)" in text(signed_in.get(f"/origins/one/?origin={APP}/path?x=1"))

    def test_of_an_origin_that_only_wildcards_allow(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        shown = text(signed_in.get("/origins/one/?origin=http://new.example"))
        assert "APIs that allow it (1)" in shown
        assert "only wildcards allow it" in shown
        assert "Pages from “http://new.example” are unencrypted" in shown

    def test_of_what_is_no_origin(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        shown = text(signed_in.get("/origins/one/?origin=app.example.com"))
        assert "Browsers send scheme and host" in shown
        assert APP in shown, "what is like it"

    def test_of_null(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        assert "No API allows it" in text(signed_in.get("/origins/one/?origin=null"))

    def test_of_an_entry(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        assert "APIs with this entry (1)" in text(signed_in.get("/origins/one/?entry=*"))
        assert "APIs with this entry (1)" in text(signed_in.get(f"/origins/one/?entry={APP}/"))

    def test_of_one_account(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        assert "(1)" in text(signed_in.get(f"/origins/one/?origin={APP}&account=one"))

    def test_of_nothing_is_the_list(self, signed_in: Client) -> None:
        assert signed_in.get("/origins/one/")["Location"] == "/origins/"
        assert signed_in.get("/origins/one/?origin=%00")["Location"] == "/origins/"

    def test_shows_the_probes_from_it(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        api = fleet["exact"]
        for state, origin in (("up", APP), ("down", APP), ("down", "https://b.example")):
            Probe.objects.create(api=api, name=state, origin=origin, state=state)
        assert "1 of 2 down" in text(signed_in.get(f"/origins/one/?origin={APP}"))
        assert "2 of 3 down" in text(signed_in.get("/apis/?search=exact"))

    def test_says_why_it_is_flagged_in_the_list_that_it_is_in(
        self, signed_in: Client, fleet: dict[str, HttpApi]
    ) -> None:
        shown = text(signed_in.get("/origins/one/?origin=http://localhost:3000"))
        assert "allowed alongside https://app.example.com" in shown

    def test_offers_a_probe_where_there_is_none(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        page = signed_in.get(f"/origins/one/?origin={APP}").content.decode()
        way = re.search(rf'href="(/apis/{fleet["exact"].pk}/probes/add/[^"]+)"', page)
        assert way is not None
        assert f'value="{APP}"' in signed_in.get(way[1]).content.decode()

    def test_leads_to_the_changes_that_touched_it(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        page = signed_in.get("/origins/one/?origin=https://app.example.com").content.decode()
        link = re.search(r'href="(/changes/\?origin=[^"]+)"', page)
        assert link and link[1] == "/changes/?origin=https%3A%2F%2Fapp.example.com"
        assert signed_in.get(link[1]).status_code == 200

    def test_leads_to_a_bulk_edit_that_takes_it_away(self, signed_in: Client, fleet: dict[str, HttpApi]) -> None:
        page = signed_in.get(f"/origins/one/?origin={APP}").content.decode()
        form = page[page.index('<form id="choose"') :]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form>")]))
        assert fields == {"origin": APP, "verb": "remove", "field": "AllowOrigins", "entries": APP}
        planned = text(signed_in.post("/bulk/", fields))
        assert "2 of 3 will change" in planned
        assert f"Remove {APP}" in planned
        assert "1 of 1 will change" in text(signed_in.post("/bulk/", fields | {"origin": "", "entry": "https://*"}))

    def test_is_for_viewers_too_but_without_the_edit(
        self, client: Client, viewer: User, fleet: dict[str, HttpApi]
    ) -> None:
        client.force_login(viewer)
        page = client.get(f"/origins/one/?origin={APP}").content.decode()
        assert "exact" in page
        assert "Remove from" not in page
        assert 'type="checkbox"' not in page


def test_a_great_many_apis_cost_no_more_queries_or_bytes(
    signed_in: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many(2_000)
    now, apis = timezone.now(), list(HttpApi.objects.all())
    AllowedOrigin.objects.bulk_create(
        AllowedOrigin(api=api, value=f"https://a-rather-long-host-{n % 4000}.example.com", since=now, flags=" http ")
        for n, api in enumerate(apis)
    )
    Probe.objects.bulk_create(Probe(api=api, name="p", origin=APP, state="up") for api in apis[:2000])
    for address, most in (
        ("/origins/", 11),
        ("/origins/?sort=-since&page=30", 11),
        ("/origins/?search=host-1&flag=http&sort=origin", 11),
        (f"/origins/one/?origin={APP}&page=40", 17),
    ):
        with django_assert_max_num_queries(most):
            answer = signed_in.get(address)
        assert len(answer.content) < 150_000
        assert answer.content.count(b"<tr>") == 51


@pytest.mark.django_db(transaction=True)
def test_is_for_everyone(signed_in_page: Any, live_server: Any, fleet: dict[str, HttpApi]) -> None:
    page = signed_in_page
    for address in ("/origins/", f"/origins/one/?origin={APP}", "/origins/one/?entry=*"):
        page.goto(live_server.url + address)
        accessible(page)


@pytest.mark.django_db(transaction=True)
def test_by_keyboard_from_the_origin_to_the_plan_of_two(
    signed_in_page: Any, live_server: Any, fleet: dict[str, HttpApi]
) -> None:
    page = signed_in_page
    page.goto(live_server.url + "/origins/")
    page.get_by_label("Allows origin").fill(f"{APP}/some/page")
    page.keyboard.press("Enter")
    page.wait_for_url("**/origins/one/**")
    page.get_by_role("checkbox", name="Select exact").check()
    page.get_by_role("button", name="Remove from…").click()
    page.wait_for_url("**/bulk/**")
    assert "One operation on 1 API: exact" in page.inner_text("main")
    page.get_by_role("button", name="Review plan").click()
    page.get_by_text(f"remove {APP}").wait_for()


@pytest.mark.django_db(transaction=True)
def test_filtering_as_one_types(signed_in_page: Any, live_server: Any, fleet: dict[str, HttpApi]) -> None:
    page = signed_in_page
    page.goto(live_server.url + "/origins/")
    page.get_by_label("Search entries").press_sequentially("other.ex")
    page.get_by_text("Matching entries").wait_for()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("search=other.ex"))
    assert page.evaluate("document.activeElement.id") == "search"

"""The list of APIs: what it shows, how it is searched and filtered, and that it stays light with many."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import OuterRef, Subquery
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import DjangoAssertNumQueries

from apis.cors.policy import CorsPolicy
from apis.inventory.models import AllowedOrigin, CorsConfiguration, HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.browser import sign_in
from tests.support.pages import flat
from tests.support.servers import until

pytestmark = pytest.mark.once

ORIGIN = "https://app.example.com"


def names(client: Client, query: str = "") -> list[str]:
    """The names in the list's rows."""
    page = client.get(f"/apis/{query}").content.decode()
    return re.findall(r'<a class="name"[^>]*>(.*?)</a>', page)


@pytest.fixture
def mirror(db: None) -> dict[str, HttpApi]:
    """APIs that allow ORIGIN in each of the ways, and some that do not."""
    production, sandbox = an_account(), an_account("sandbox", regions=["eu-west-1"])
    policies: dict[str, dict[str, Any] | None] = {
        "exact": {"AllowOrigins": [ORIGIN]},
        "anyone": {"AllowOrigins": ["*"]},
        "any-https": {"AllowOrigins": ["https://*"]},
        "slash": {"AllowOrigins": [f"{ORIGIN}/"]},
        "other": {"AllowOrigins": ["https://app.example.com.evil.example", "http://app.example.com"]},
        "empty": {},
        "off": None,
    }
    apis = {name: an_api(production, name, cors) for name, cors in policies.items()}
    apis["far"] = an_api(
        sandbox, "far", {"AllowOrigins": ["http://localhost:3000"]}, region="eu-west-1", api_id="abc123def4"
    )
    return apis


def test_without_an_account_the_list_leads_to_adding_one(signed_in: Client) -> None:
    page = signed_in.get("/apis/").content.decode()
    assert "No AWS account yet" in page
    assert 'href="/accounts/add/"' in page


def test_an_account_without_apis_says_what_the_sync_found(signed_in: Client) -> None:
    an_account()
    assert "No HTTP APIs found" in signed_in.get("/apis/").content.decode()


def test_a_viewer_is_offered_nothing_that_changes(client: Client, viewer: User, mirror: dict[str, HttpApi]) -> None:
    client.force_login(viewer)
    page = client.get("/apis/").content.decode()
    assert "Sync now" not in page
    assert client.post("/sync/").status_code == 403


def test_off_empty_and_on_are_named(signed_in: Client, mirror: dict[str, HttpApi]) -> None:
    assert names(signed_in, "?state=off") == ["off"]
    assert names(signed_in, "?state=empty") == ["empty"]
    assert "exact" in names(signed_in, "?state=set")


def test_apis_that_admit_an_origin_are_found_through_each_kind_of_entry(
    signed_in: Client, mirror: dict[str, HttpApi]
) -> None:
    assert names(signed_in, f"?origin={ORIGIN}") == ["any-https", "anyone", "exact"]
    # What a person pastes is brought to the origin that a browser sends.
    assert names(signed_in, "?origin=HTTPS://App.example.com/cart?id=1") == ["any-https", "anyone", "exact"]
    assert names(signed_in, "?origin=http://localhost:3000") == ["anyone", "far"]
    assert names(signed_in, "?origin=null") == []


def test_the_entry_that_allows_and_its_age_are_shown(signed_in: Client, mirror: dict[str, HttpApi]) -> None:
    an_api(mirror["exact"].account, "both", {"AllowOrigins": ["*", "https://*", ORIGIN]})
    page = flat(signed_in.get(f"/apis/?origin={ORIGIN}&search=both"))
    assert re.search(rf'data-label="Matching entry">\s?<span class="chip">{re.escape(ORIGIN)}</span>', page)
    assert re.search(r'data-label="Since">\s?<time', page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?search=ABC123", ["far"]),
        ("?search=any", ["any-https", "anyone"]),
        ("?search=localhost:3000", ["far"]),
        ("?region=eu-west-1", ["far"]),
        ("?account=sandbox", ["far"]),
        ("?account=999999", []),
        ("?search=%25", []),
        ("?search=%00", None),
        ("?state=nonsense&sort=nonsense&page=nonsense", None),
    ],
)
def test_search_and_filters(
    signed_in: Client, mirror: dict[str, HttpApi], query: str, expected: list[str] | None
) -> None:
    everything = sorted(mirror)
    assert names(signed_in, query) == (everything if expected is None else expected)


def test_an_api_that_is_gone_is_listed_only_when_asked_for(signed_in: Client, mirror: dict[str, HttpApi]) -> None:
    HttpApi.objects.filter(name="exact").update(gone_at=timezone.now())
    assert "exact" not in names(signed_in)
    assert names(signed_in, "?state=gone") == ["exact"]


def test_names_from_aws_are_escaped(signed_in: Client) -> None:
    an_api(an_account(), "<img src=x onerror=alert(1)>", {"AllowOrigins": ["https://<script>.example"]})
    page = signed_in.get("/apis/").content.decode()
    assert "<img src=x" not in page
    assert "<script>." not in page


def test_sorting_keeps_the_filters(signed_in: Client, mirror: dict[str, HttpApi]) -> None:
    assert names(signed_in, "?sort=-name")[0] == "slash"
    page = signed_in.get("/apis/?state=set&sort=name").content.decode()
    assert 'aria-sort="ascending"><a href="?state=set&amp;sort=-name">' in page


def many(count: int) -> None:
    """`count` APIs with three origins each, in bulk."""
    account, now = an_account("many"), timezone.now()
    policy = CorsPolicy.from_aws({"AllowOrigins": [f"https://a-rather-long-host-{n}.example.com" for n in range(9)]})
    apis = HttpApi.objects.bulk_create(
        HttpApi(
            account=account, region="us-east-1", api_id=f"m{n:09d}", name=f"service-{n:05d}", state="set", version=1
        )
        for n in range(count)
    )
    CorsConfiguration.objects.bulk_create(
        CorsConfiguration(api=api, number=1, cors=policy.to_aws(), at=now) for api in apis
    )
    newest = CorsConfiguration.objects.filter(api=OuterRef("pk")).values("pk")[:1]
    HttpApi.objects.update(current=Subquery(newest), errors=2, warnings=3)
    AllowedOrigin.objects.bulk_create(
        AllowedOrigin(api=api, value="https://app.example.com", since=now) for api in apis
    )


def test_a_great_many_apis_cost_no_more_queries_or_bytes_than_a_page_of_them(
    signed_in: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many(2_000)
    for query in (
        "",
        "?page=30",
        "?search=service-01",
        f"?origin={ORIGIN}&sort=-findings",
        "?problems=error&state=set",
    ):
        with django_assert_max_num_queries(15):
            answer = signed_in.get(f"/apis/{query}")
        assert len(answer.content) < 150_000
        assert answer.content.count(b'class="name"') == 50


@pytest.mark.django_db(transaction=True)
def test_what_is_typed_before_the_scripts_are_there_is_searched_for(
    signed_in_page: Any, live_server: Any, mirror: dict[str, HttpApi]
) -> None:
    page = signed_in_page
    held: list[Any] = []
    page.route("**/htmx.min.js", lambda route: held.append(route))
    page.goto(live_server.url + "/apis/", wait_until="commit")
    page.locator("#search").press_sequentially("any-h")
    expect(page.locator("a.name")).to_have_count(len(mirror))
    until(lambda: held or page.wait_for_timeout(20), "the page asks for htmx")
    held[0].continue_()
    expect(page.locator("a.name")).to_have_text(["any-https"])


@pytest.mark.django_db(transaction=True)
def test_searching_as_one_types_keeps_focus_and_changes_the_address(
    signed_in_page: Any, live_server: Any, mirror: dict[str, HttpApi]
) -> None:
    page = signed_in_page
    page.goto(live_server.url + "/apis/")
    page.keyboard.press("/")
    page.keyboard.type("any-h")
    expect(page.locator("a.name")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "search"
    expect(page).to_have_url(live_server.url + "/apis/?search=any-h")
    page.reload()
    expect(page.locator("a.name")).to_have_text(["any-https"])


@pytest.mark.django_db(transaction=True)
def test_without_scripts_the_filters_are_a_plain_form(
    live_server: Any, browser: Any, mirror: dict[str, HttpApi], admin: User
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, admin)
    page.goto(live_server.url + "/apis/")
    page.fill("#origin", ORIGIN)
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("a.name")).to_have_text(["any-https", "anyone", "exact"])
    context.close()


@pytest.mark.django_db(transaction=True)
def test_the_list_is_accessible(signed_in_page: Any, live_server: Any, mirror: dict[str, HttpApi]) -> None:
    page = signed_in_page
    page.goto(live_server.url + "/apis/")
    accessible(page)

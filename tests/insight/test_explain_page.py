"""Explain over HTTP: a call to an API or to six pasted fields, a pasted error; every mistake is shown at its field."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from apis.inventory.models import HttpApi
from tests.insight.explaining import HOST, LIVE, PAGE, an_explained_api, asked, cause, chips, problem, verdict, words
from tests.inventory.mirror import an_api

pytestmark = pytest.mark.once


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API that allows PAGE to GET."""
    return an_explained_api()


def test_a_blocked_call_shows_what_decides_and_how_to_fix_it(signed_in: Client, api: HttpApi) -> None:
    answer = asked(signed_in, origin=PAGE, method="PUT", url=f"{HOST}/items", headers="Content-Type: application/json")
    assert answer.status_code == 200
    text = words(answer)
    assert (verdict(answer), cause(answer)) == ("error", "method-not-allowed")
    assert "Field to change AllowMethods PUT" in text and "MethodDisallowedByPreflightResponse" in text
    for part in (
        "Preflight",
        "OPTIONS /items",
        "Access-Control-Request-Method: PUT",
        "access-control-allow-methods GET",
    ):
        assert part.replace(": ", " ").lower() in text.lower(), part
    assert f"curl -i -X OPTIONS {HOST}/items" in text and f'await fetch("{HOST}/items"' in text
    link = re.search(rf'href="(/apis/{api.pk}/configure/\?[^"]+)">\s*Add the method PUT', answer.content.decode())
    assert link
    filled = signed_in.get(html.unescape(link[1])).content.decode()
    assert re.search(r'name="AllowMethods"[^>]*value="PUT"[^>]*checked', filled), "the panel has PUT ticked"


def test_an_allowed_call_says_so_and_offers_no_fix(signed_in: Client, api: HttpApi) -> None:
    answer = asked(signed_in, origin=PAGE, url=f"{HOST}/items")
    assert (verdict(answer), cause(answer)) == ("success", "")
    assert "configure/?" not in answer.content.decode()


@pytest.mark.parametrize("name", ["orders", "ORDERS", "abc123def4", "orders (abc123def4)", "{pk}"])
def test_an_api_is_chosen_by_name_id_or_number(signed_in: Client, api: HttpApi, name: str) -> None:
    an_api(api.account, "another", None)
    answer = asked(signed_in, api=name.format(pk=api.pk), origin=PAGE, url="/items")
    assert verdict(answer) == "success", "a path is below the API's own address"
    assert 'value="orders (abc123def4)"' in answer.content.decode()


def test_what_is_typed_is_looked_for(signed_in: Client, api: HttpApi) -> None:
    an_api(api.account, "another", None)
    found = signed_in.get("/apis/choices/", {"api": "rder"}).content.decode()
    assert found.strip() == '<option value="orders (abc123def4)">production · us-east-1</option>'
    assert signed_in.get("/apis/choices/", {"preset_api": ""}).content.decode().count("<option") == 2
    assert signed_in.get("/apis/choices/", {"api": "orders (abc123def4)"}).content.decode().strip() == found.strip()


def test_of_several_at_one_domain_it_is_the_one_at_the_path(signed_in: Client, api: HttpApi) -> None:
    def mapped(row: HttpApi, name: str, path: str) -> None:
        row.domains = [{"name": name, "path": path, "stage": "$default", "scheme": "https", "mutual_tls": False}]
        row.save()

    mapped(api, "api.example.com", "users")
    fields: dict[str, Any] = {"stages": [{"name": "$default", "auto_deploy": True}]}
    orders = an_api(api.account, "checkout", LIVE, **fields, endpoint="https://def.execute-api.example")
    mapped(orders, "api.example.com", "orders/v2")
    tenant = an_api(api.account, "tenants", LIVE, **fields, endpoint="https://ghi.execute-api.example")
    mapped(tenant, "*.example.org", "")
    for url, name in (
        ("https://api.example.com/orders/v2/items", "checkout"),
        ("https://api.example.com/users/items", "orders"),
        ("https://API.Example.com:443/users/items", "orders"),
        ("https://DEF.execute-api.example:443/items", "checkout"),
        ("https://one.example.org/items", "tenants"),
    ):
        page = asked(signed_in, origin=PAGE, url=url)
        assert (page.context["question"].api.name, verdict(page)) == (name, "success"), url
    # A label is one label, and an address that no mapping has is the cause.
    assert cause(asked(signed_in, origin=PAGE, url="https://a.b.example.org/items")) == "unknown-host"
    assert cause(asked(signed_in, origin=PAGE, url="https://api.example.com/x")) == "wrong-stage-or-mapping"


def test_an_authorizer_that_looks_elsewhere_is_not_taken_for_one_that_wants_a_token(
    signed_in: Client, api: HttpApi
) -> None:
    api.routes = [{"key": "GET /items", "authorization": "CUSTOM", "authorizer": "a1", "target": "t"}]
    api.authorizers = [
        {"id": "a1", "name": "keys", "type": "REQUEST", "identity_sources": ["$request.querystring.key"]}
    ]
    api.save()
    assert "has no parameter key" in words(asked(signed_in, origin=PAGE, url=f"{HOST}/items"))
    page = words(asked(signed_in, origin=PAGE, url=f"{HOST}/items?key=1"))
    assert "200 OK" in page and "401" not in page


def test_six_pasted_fields_need_no_api(signed_in: Client, db: None) -> None:
    """Anyone who has an API that corsdash does not know pastes what it has."""
    call = {"origin": PAGE, "url": "https://elsewhere.example/items"}
    for cors, outcome in (
        (f"AllowOrigins={PAGE}", "success"),
        ('{"AllowOrigins": ["https://www.example.com"]}', "error"),
    ):
        answer = asked(signed_in, cors=cors, **call)
        assert verdict(answer) == outcome
        assert html.escape(cors) in answer.content.decode(), "it stays in its field"
    assert f"Add the origin {PAGE}" in words(answer)
    assert f'"{PAGE}"' in html.unescape(answer.content.decode()).partition("Configuration with this fix")[2]


def test_other_six_fields_are_tried_on_an_api(signed_in: Client, api: HttpApi) -> None:
    call = {"origin": "https://www.example.com", "url": f"{HOST}/items"}
    assert verdict(asked(signed_in, **call)) == "error"
    assert verdict(asked(signed_in, cors='{"AllowOrigins": ["*"]}', api="orders", **call)) == "success"


@pytest.mark.parametrize("cors", [None, {}])
def test_an_api_that_allows_nothing_gets_a_fix_that_switches_it_on(
    signed_in: Client, api: HttpApi, cors: dict[str, Any] | None
) -> None:
    dark = an_api(api.account, "dark", cors, endpoint="https://dark567890.execute-api.us-east-1.amazonaws.com")
    answer = asked(signed_in, origin=PAGE, url=f"{dark.endpoint}/items")
    assert cause(answer) == ("cors-off" if cors is None else "cors-empty")
    link = re.search(rf'href="(/apis/{dark.pk}/configure/\?[^"]+)"', answer.content.decode())
    assert link
    assert f'name="AllowOrigins" value="{PAGE}"' in signed_in.get(html.unescape(link[1])).content.decode()


def test_the_address_is_the_question(signed_in: Client, api: HttpApi) -> None:
    given = {"origin": PAGE, "method": "PUT", "url": f"{HOST}/items", "headers": "X-One: s3cret", "credentials": "on"}
    page = asked(signed_in, **given)
    link = html.unescape(re.search(r'href="([^"]+)"><svg[^>]*>(?:<use[^>]*>)?</svg> Link', page.content.decode())[1])  # type: ignore[index]
    assert parse_qs(urlsplit(link).query) == {
        "origin": [PAGE], "method": ["PUT"], "url": [f"{HOST}/items"], "headers": ["X-One"], "credentials": ["include"],
    }  # fmt: skip
    again = signed_in.get(link)
    assert (chips(again), cause(again)) == (chips(page), cause(page))


def test_the_apis_own_tab_knows_its_api(signed_in: Client, api: HttpApi) -> None:
    answer = signed_in.get(f"/apis/{api.pk}/explain/", {"origin": PAGE, "url": "/items", "method": "POST"})
    assert verdict(answer) == "success", "POST needs no preflight"
    answer = signed_in.get(f"/apis/{api.pk}/explain/", {"origin": PAGE, "url": "/items", "method": "PUT"})
    assert cause(answer) == "method-not-allowed"
    assert 'id="api"' not in answer.content.decode()
    assert signed_in.get("/apis/9999/explain/").status_code == 404


GOOD = {"origin": PAGE, "method": "GET", "url": f"{HOST}/items", "headers": "", "cors": "", "api": ""}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("api", "nobody", "No API has the name or id “nobody”."),
        ("api", "twin", "Several APIs are called “twin”"),
        ("origin", "app.example.com", "Must be an origin such as https://app.example.com"),
        ("origin", f"{PAGE}/x\0", ""),
        ("origin", "x" * 2001, "at most 2,000"),
        ("url", "items", "Must be"),
        ("url", "ftp://x/", "Must be"),
        ("url", "https://x/" + "y" * 10_000, "at most 10,000"),
        ("method", "G E T", "Must be"),
        ("headers", "Bad Name: 1", "Must be"),
        ("headers", "a," * 201, "at most 200"),
        ("headers", "x" * 50_001, "at most 50,000"),
        ("cors", "{", "This is not JSON"),
        ("cors", '{"AllowOrigins": 7}', "AllowOrigins"),
    ],
)
def test_a_mistake_is_reported_at_its_field_and_nothing_is_lost(
    signed_in: Client, api: HttpApi, field: str, value: str, message: str
) -> None:
    an_api(api.account, "twin", LIVE)
    an_api(api.account, "twin", LIVE)
    answer = signed_in.post("/explain/", GOOD | {field: value})
    assert answer.status_code == 422
    notified = problem(answer, field)
    assert message in notified and notified, f"at {field}: {notified}"
    assert html.escape(value.strip()) in answer.content.decode()
    assert not verdict(answer)


def test_a_long_configuration_is_refused_and_never_cut(signed_in: Client, api: HttpApi) -> None:
    """A listed origin at the end of a long list is allowed."""
    origins = [f"https://{n:05}.example.com" for n in range(3000)]
    call = {"origin": origins[-1], "url": f"{HOST}/items"}
    assert verdict(signed_in.post("/explain/", call | {"cors": json.dumps({"AllowOrigins": origins})})) == "success"
    answer = signed_in.post("/explain/", call | {"cors": json.dumps({"AllowOrigins": origins * 4})})
    assert answer.status_code == 422 and "262,144" in problem(answer, "cors")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*GOOD, "credentials", "pasted", "answer", "read"]), st.text(max_size=30)))
def test_any_text_in_any_field_gets_a_page(signed_in: Client, api: HttpApi, given: dict[str, str]) -> None:
    sent = urlencode(given, errors="surrogatepass")
    for address in ("/explain/", f"/apis/{api.pk}/explain/"):
        assert signed_in.get(f"{address}?{sent}").status_code in (200, 422)


def test_ten_thousand_apis_cost_what_ten_do(
    signed_in: Client, api: HttpApi, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(14):
        asked(signed_in, **GOOD)
    HttpApi.objects.bulk_create(
        HttpApi(account=api.account, region="us-east-1", api_id=f"x{n:09}", name=f"n{n}", last_seen_at=api.last_seen_at)
        for n in range(500)
    )
    with django_assert_max_num_queries(14):
        page = asked(signed_in, **GOOD)
    assert verdict(page) == "success"
    assert len(page.content) < 100_000


def test_a_viewer_may_ask_and_request_the_fix(client: Client, viewer: User, api: HttpApi) -> None:
    client.force_login(viewer)
    page = asked(client, origin="https://www.example.com", url=f"{HOST}/items")
    text = page.content.decode()
    assert "Request: Add the origin https://www.example.com" in text
    assert "/explain/live/" not in text and "/probes/add/" not in text
    panel = html.unescape(re.search(rf'href="(/apis/{api.pk}/configure/[^"]+)"', text)[1])  # type: ignore[index]
    filled = client.get(panel).content.decode()
    assert 'value="https://www.example.com"' in filled
    plan = client.post(
        f"/apis/{api.pk}/plan/", {"AllowOrigins": [PAGE, "https://www.example.com"], "version": api.version}
    )
    assert f'formaction="/apis/{api.pk}/propose/"' in plan.content.decode()

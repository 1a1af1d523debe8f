"""What is pasted into the Explain page becomes the question."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from apis.inventory.models import HttpApi
from tests.editing.explaining import HOST, LIVE, PAGE, an_explained_api, asked, words
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible

CHROME = (
    f"Access to fetch at '{HOST}/items' from origin 'https://www.example.com' has been blocked by CORS policy: "
    "No 'Access-Control-Allow-Origin' header is present on the requested resource."
)
FIREFOX = (
    f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {HOST}/items. "
    "(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200."
)
SAFARI = (
    "Origin https://www.example.com is not allowed by Access-Control-Allow-Origin. Status code: 200\n"
    f"Fetch API cannot load {HOST}/items due to access control checks."
)
FETCH = f"""fetch("{HOST}/items", {{
  method: "PUT", credentials: "include",
  headers: {{"Content-Type": "application/json", "Authorization": "Bearer s3cret"}},
}})"""
CURL = f"curl -X DELETE '{HOST}/items' -H 'Origin: https://www.example.com' -H 'X-One: 1'"
HAR = json.dumps(
    {
        "log": {
            "entries": [
                {
                    "request": {
                        "method": "PATCH",
                        "url": f"{HOST}/items",
                        "headers": [{"name": "Origin", "value": "https://www.example.com"}],
                    },
                    "response": {"status": 0, "headers": [], "content": {}},
                }
            ]
        }
    }
)


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API that lets PAGE in to GET."""
    return an_explained_api()


@pytest.mark.parametrize(
    ("text", "read", "missing", "call"),
    [
        (CHROME, "chrome", "method,headers,credentials", {"origin": "https://www.example.com"}),
        (FIREFOX, "firefox", "origin,method,headers,credentials", {}),
        (SAFARI, "safari", "method,headers,credentials", {"origin": "https://www.example.com"}),
        (
            FETCH,
            "fetch",
            "origin",
            {
                "method": "PUT",
                "credentials": "on",
                "headers": "Content-Type: application/json\nAuthorization: 1",
            },
        ),
        (
            CURL,
            "curl",
            None,
            {"origin": "https://www.example.com", "method": "DELETE", "headers": "X-One: 1"},
        ),
        (HAR, "har", None, {"origin": "https://www.example.com", "method": "PATCH"}),
    ],
    ids=["chrome", "firefox", "safari", "fetch", "curl", "har"],
)  # fmt: skip
def test_a_pasted_error_becomes_the_question(
    signed_in: Client, api: HttpApi, text: str, read: str, missing: str | None, call: dict[str, str]
) -> None:
    answer = signed_in.post("/explain/", {"pasted": text})
    assert answer.status_code == 302
    address = urlsplit(answer["Location"])
    found = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.path == "/explain/"
    assert found["api"] == str(api.pk), "the API is found by the URL"
    assert (found["url"], found["read"]) == (f"{HOST}/items", read)
    assert {name: found.get(name) for name in call} == call
    if missing is not None:
        assert found.get("missing") == missing
    assert "s3cret" not in answer["Location"], "no token gets into an address"
    shown = words(signed_in.get(answer["Location"]))
    assert "As read from" in shown
    assert ("which did not tell" in shown) == bool(found.get("missing"))


def test_a_message_of_an_origin_that_is_not_let_in_is_answered_at_once(signed_in: Client, api: HttpApi) -> None:
    answer = signed_in.post("/explain/", {"pasted": CHROME}, follow=True)
    assert f"AllowOrigins lists {PAGE}, but not https://www.example.com" in words(answer)
    assert "Add the origin https://www.example.com in the panel" in words(answer)


def test_what_is_pasted_on_an_apis_tab_stays_there_unless_it_is_of_another(signed_in: Client, api: HttpApi) -> None:
    other = an_api(api.account, "another", None, endpoint="https://zyx987wvu6.execute-api.us-east-1.amazonaws.com")
    for text, page in (
        (CHROME, f"/apis/{api.pk}/explain/"),
        (CHROME.replace(HOST, "https://unknown.example"), f"/apis/{api.pk}/explain/"),
        (CHROME.replace(HOST, other.endpoint), "/explain/"),
    ):
        answer = signed_in.post(f"/apis/{api.pk}/explain/", {"pasted": text})
        assert urlsplit(answer["Location"]).path == page
    assert parse_qs(urlsplit(answer["Location"]).query)["api"] == [str(other.pk)]


@pytest.mark.parametrize("text", ["", "hello", "fetch(", "curl", "{", '{"log": 1}', "\0\ud800", "x" * 300_000])
def test_what_cannot_be_read_is_kept_and_told(signed_in: Client, api: HttpApi, text: str) -> None:
    for address in ("/explain/", f"/apis/{api.pk}/explain/"):
        sent = urlencode({"pasted": text}, errors="surrogatepass")
        answer = signed_in.post(address, sent, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 422
        page = answer.content.decode()
        assert 'id="pasted-problem"' in page and 'aria-describedby="pasted-problem"' in page
        if text.isprintable() and text:
            assert html.escape(text) in page


def test_a_har_longer_than_a_form_is_told_so(signed_in: Client, db: None) -> None:
    answer = signed_in.post("/explain/", f"pasted={'x' * 2_700_000}", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "copy only the entries of the call" in words(answer)


@pytest.mark.once
def test_an_error_is_pasted_and_mended_in_the_browser(
    live_server: Any, signed_in_page: Page, transactional_db: None
) -> None:
    api = an_api(an_account(), "orders", LIVE, endpoint=HOST, api_id="abc123def4")
    page = signed_in_page
    page.goto(f"{live_server.url}/explain/")
    page.get_by_label("API", exact=True).press_sequentially("ord")
    expect(page.locator("#api-choices option")).to_have_attribute("value", "orders (abc123def4)")
    page.get_by_label("Error, call or command").fill(CHROME)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", name="A browser blocks this call")).to_be_visible()
    expect(page.get_by_label("API", exact=True)).to_have_value("orders (abc123def4)")
    accessible(page)
    page.get_by_role("link", name="Add the origin https://www.example.com in the panel").click()
    page.wait_for_url(f"**/apis/{api.pk}/configure/**")
    held = page.locator("input[type=hidden][name=AllowOrigins]")
    assert held.evaluate_all("all => all.map(one => one.value)") == [PAGE, "https://www.example.com"]
    page.goto(f"{live_server.url}/apis/{api.pk}/explain/?origin={PAGE}&url=/items&method=PUT&credentials=on")
    expect(page.get_by_role("heading", name="A browser blocks this call")).to_be_visible()
    accessible(page)


def test_a_block_that_is_not_foreseen_is_owned_up_to(signed_in: Client, api: HttpApi) -> None:
    fine = CHROME.replace("https://www.example.com", PAGE)
    told = words(signed_in.post("/explain/", {"pasted": fine}, follow=True))
    assert "The text says that it was blocked" in told and "MissingAllowOriginHeader" in told
    preflight = fine.replace("No '", "Response to preflight request doesn't pass access control check: No '")
    told = words(signed_in.post("/explain/", {"pasted": preflight}, follow=True))
    assert "The text tells of a preflight" in told and "The text says that it was blocked" not in told
    assert "The text" not in words(asked(signed_in, origin=PAGE, url=f"{HOST}/items"))

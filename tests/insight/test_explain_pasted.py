"""What is pasted into the Explain page is read, answered, corrected and shared."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from apis.inventory.models import HttpApi
from tests.insight.explaining import (
    CHROME,
    HOST,
    PAGE,
    STRANGER,
    an_explained_api,
    cause,
    chips,
    problem,
    verdict,
    words,
)
from tests.inventory.mirror import an_api
from tests.support.axe import accessible

pytestmark = pytest.mark.once

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
    """An API that allows PAGE to GET."""
    return an_explained_api()


@pytest.mark.parametrize(
    ("text", "source", "read"),
    [
        (CHROME, "chrome", {"origin": STRANGER}),
        (FIREFOX, "firefox", {}),
        (SAFARI, "safari", {"origin": STRANGER}),
        (FETCH, "fetch", {"method": "PUT", "credentials": "include",
                          "headers": "Content-Type: application/json\nAuthorization"}),
        (CURL, "curl", {"origin": STRANGER, "method": "DELETE", "headers": "X-One"}),
        (HAR, "har", {"origin": STRANGER, "method": "PATCH"}),
    ],
    ids=["chrome", "firefox", "safari", "fetch", "curl", "har"],
)  # fmt: skip
def test_what_is_read_stands_in_chips_and_the_text_stays(
    signed_in: Client, api: HttpApi, text: str, source: str, read: dict[str, str]
) -> None:
    answer = signed_in.post("/explain/", {"pasted": text}, follow=True)
    asked = answer.context["question"]
    assert (asked.answer.reading.source, asked.api, asked.pasted) == (source, api, text)
    found = chips(answer)
    assert {name: found.get(name) for name in read} == read
    assert set(found) - set(read) <= {"url", "method", "credentials", "headers"}
    assert html.escape(text) in answer.content.decode()
    assert "s3cret" not in "".join(address for address, _ in answer.redirect_chain), "no token gets into an address"


def test_what_to_do_about_an_error_stands_above_edits_that_do_not_fix_it(signed_in: Client, api: HttpApi) -> None:
    text = f"POST {HOST}/items net::ERR_FAILED 413 (Request Entity Too Large)\n{CHROME}"
    answer = signed_in.post("/explain/", {"pasted": text}, follow=True)
    assert cause(answer) == "gateway-error-status"
    page = answer.content.decode()
    steps = answer.context["question"].answer.cause.steps
    heading, step, edit = (page.index(part) for part in ("What to do", html.escape(steps[0]), f"origin {STRANGER}"))
    assert heading < step < edit
    assert "button primary" not in page[step:edit]
    listed = signed_in.post("/explain/", {"pasted": CHROME}, follow=True).content.decode()
    assert "What to do" not in listed and "button primary" in listed, "the edit is the fix"


def test_a_short_text_gets_an_address_and_one_with_a_secret_none(signed_in: Client, api: HttpApi) -> None:
    shared = signed_in.post("/explain/", {"pasted": CHROME})
    assert shared.status_code == 302
    again = signed_in.get(shared["Location"])
    assert (cause(again), chips(again)["origin"]) == ("origin-not-allowed", STRANGER)
    for text in (FETCH, CHROME + "\nanother line of the console" * 300, f"curl {HOST}/items -H 'Cookie: a=b'"):
        kept = signed_in.post("/explain/", {"pasted": text})
        assert kept.status_code == 200 and cause(kept), "it is answered where it is"


def test_a_correction_keeps_the_text_and_what_it_shows(signed_in: Client, api: HttpApi) -> None:
    """The page's origin is corrected to one that is allowed: the text still says blocked, so nothing turns green."""
    first = signed_in.post("/explain/", {"pasted": CHROME}, follow=True)
    form = {"pasted": CHROME, "read": first.context["question"].digest, **chips(first), "origin": PAGE}
    second = signed_in.post("/explain/", form, follow=True)
    asked = second.context["question"]
    assert (asked.pasted, asked.values["origin"], asked.corrections) == (CHROME, PAGE, {"origin": PAGE})
    assert verdict(second) == "error" and asked.answer.allowed is False
    assert asked.answer.reading.code == "MissingAllowOriginHeader", "what the text states is kept"
    assert 'class="status success' not in second.content.decode().partition('id="question"')[2]


def test_corrections_of_one_text_are_none_of_the_next(signed_in: Client, api: HttpApi) -> None:
    first = signed_in.post("/explain/", {"pasted": CHROME}, follow=True)
    other = CHROME.replace(STRANGER, "https://other.example.com")
    form = {"pasted": other, "read": first.context["question"].digest, **chips(first)}
    assert chips(signed_in.post("/explain/", form, follow=True))["origin"] == "https://other.example.com"


def test_one_thing_is_asked_for_with_known_answers(signed_in: Client, api: HttpApi) -> None:
    first = signed_in.post("/explain/", {"pasted": FIREFOX}, follow=True)
    page = first.content.decode()
    assert page.count('id="ask"') == 1
    assert f'name="answer" value="origin:{PAGE}"' in page
    assert page.count('name="origin"') == 1
    form = {"pasted": FIREFOX, "read": first.context["question"].digest, "answer": f"origin:{PAGE}", "origin": ""}
    second = signed_in.post("/explain/", form, follow=True)
    assert chips(second)["origin"] == PAGE and "origin:" not in second.content.decode()


def test_an_unknown_host_asks_for_its_configuration(signed_in: Client, api: HttpApi) -> None:
    text = CHROME.replace(HOST, "https://api.elsewhere.example")
    first = signed_in.post("/explain/", {"pasted": text}, follow=True)
    assert cause(first) == "unknown-host" and first.context["ask"].part == "api"
    read = first.context["question"].digest
    for given, code in (({"api": "orders"}, "wrong-stage-or-mapping"), ({"cors": "null"}, "cors-off")):
        second = signed_in.post("/explain/", {"pasted": text, "read": read, **given}, follow=True)
        assert cause(second) == code, given


def test_a_tab_answers_for_its_api_unless_the_url_is_of_another(signed_in: Client, api: HttpApi) -> None:
    other = an_api(api.account, "another", None, endpoint="https://zyx987wvu6.execute-api.us-east-1.amazonaws.com")
    for text, expected in (
        (CHROME, api),
        (CHROME.replace(HOST, "https://unknown.example"), api),
        (CHROME.replace(HOST, other.endpoint), other),
    ):
        answer = signed_in.post(f"/apis/{api.pk}/explain/", {"pasted": text}, follow=True)
        assert answer.context["question"].api == expected


def test_htmx_gets_the_part_and_the_address(signed_in: Client, api: HttpApi) -> None:
    answer = signed_in.post("/explain/", {"pasted": CHROME}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.lstrip().startswith('<div id="question"') and "<html" not in page
    assert signed_in.get(answer["HX-Replace-Url"]).context["question"].pasted == CHROME


@pytest.mark.parametrize("names", [["X-One", "X-Two"], []])
def test_watch_this_keeps_the_call(signed_in: Client, api: HttpApi, names: list[str]) -> None:
    call = f"curl -X DELETE '{HOST}/items/7?a=b' -H 'Origin: {STRANGER}'" + "".join(
        f" -H '{name}: 1'" for name in names
    )
    answer = signed_in.post("/explain/", {"pasted": call}, follow=True)
    link = re.search(r'href="([^"]+)">\s*<svg[^>]*>(?:<use[^>]*>)?</svg>\s*Add probe', answer.content.decode())
    assert link
    form = signed_in.get(html.unescape(link[1])).context["form"]
    shown = {name: form[name].value() for name in ("origin", "method", "base_url", "path", "headers")}
    assert shown == {
        "origin": STRANGER, "method": "DELETE", "base_url": HOST, "path": "/items/7?a=b",
        "headers": ", ".join(names),
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "hello", "fetch(", "curl", "{", '{"log": 1}', "\0\ud800", "x" * 300_000])
def test_what_cannot_be_read_is_kept_and_announced(signed_in: Client, api: HttpApi, text: str) -> None:
    for address in ("/explain/", f"/apis/{api.pk}/explain/"):
        sent = urlencode({"pasted": text}, errors="surrogatepass")
        answer = signed_in.post(address, sent, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 422
        page = answer.content.decode()
        assert problem(answer, "pasted")
        if text.isprintable() and text:
            assert html.escape(text) in page


def test_a_har_longer_than_a_form_sees_why(signed_in: Client, db: None) -> None:
    answer = signed_in.post("/explain/", f"pasted={'x' * 2_700_000}", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "copy only the matching entries" in words(answer)


def test_by_keyboard_alone_with_each_correction_answered_at_once(
    live_server: Any, signed_in_page: Page, transactional_db: None
) -> None:
    api = an_explained_api()
    page = signed_in_page
    page.goto(f"{live_server.url}/explain/")
    accessible(page)
    text = page.get_by_label("Error, call or command")
    text.focus()
    page.keyboard.insert_text(CHROME)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#answer-title")).to_be_focused()
    expect(page.locator("#answer [data-cause]")).to_have_attribute("data-cause", "origin-not-allowed")
    expect(text).to_have_value(CHROME)
    assert "pasted=" in page.url
    accessible(page)
    method = page.get_by_label("Method")
    method.focus()
    page.keyboard.insert_text("PUT")
    with page.expect_response("**/explain/"):
        page.keyboard.press("Tab")
    expect(method).to_have_value("PUT")
    expect(page.locator("input[name=url]")).to_be_focused()
    expect(text).to_have_value(CHROME)
    page.get_by_role("link", name=f"Add the origin {STRANGER}").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/apis/{api.pk}/configure/**")
    held = page.locator("input[type=hidden][name=AllowOrigins]")
    assert held.evaluate_all("all => all.map(one => one.value)") == [PAGE, STRANGER]
    for path in ("/explain/causes/cors-off/", "/explain/causes/", f"/explain/?pasted={quote(FIREFOX)}"):
        page.goto(live_server.url + path)
        accessible(page)


def test_a_field_that_was_made_larger_is_swapped_within_the_content_security_policy(
    live_server: Any, signed_in_page: Page, transactional_db: None
) -> None:
    an_explained_api()
    page = signed_in_page
    page.goto(f"{live_server.url}/explain/")
    text = page.get_by_label("Error, call or command")
    box = text.bounding_box()
    assert box
    corner = (box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0], corner[1] + 80)
    page.mouse.up()
    # The browser writes the height into the field's style; the fixture of the page fails where that is refused.
    expect(text).to_have_attribute("style", re.compile("height"))
    text.fill(CHROME)
    text.press("Control+Enter")
    expect(page.locator("#answer-title")).to_be_focused()

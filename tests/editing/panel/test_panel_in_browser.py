"""The Configure panel in a real browser: typing, pasting, moving, taking away and fixing; everyone can use it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, Route, expect

from apis.inventory.models import HttpApi
from tests.cors.formats.test_lists import OTHERS, TWO, TWO_ORIGINS
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.people import PASSWORD

pytestmark = pytest.mark.once

A = "https://a.example"
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text", text);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}"""


@pytest.fixture
def api(transactional_db: None) -> HttpApi:
    """An API that allows A."""
    return an_api(an_account(), "orders", {"AllowOrigins": [A], "AllowMethods": ["GET"], "MaxAge": 600})


@pytest.fixture
def panel(live_server: Any, signed_in_page: Page, api: HttpApi) -> Page:
    """Its panel, open."""
    signed_in_page.goto(f"{live_server.url}/apis/{api.pk}/configure/")
    return signed_in_page


def entries(page: Page, field: str = "AllowOrigins") -> list[str]:
    """The entries of a list field, as the form would send them."""
    found: list[str] = page.locator(f"input[type=hidden][name={field}]").evaluate_all(
        "all => all.map(one => one.value)"
    )
    return found


def test_every_way_of_typing_adds_and_nothing_typed_is_lost(panel: Page) -> None:
    box = panel.locator("#typed-AllowOrigins")
    box.click()
    for text, key in (("https://b.example", "Enter"), ("https://c.example", ","), ("https://d.example", "Space")):
        box.press_sequentially(text)
        box.press(key)
    box.press_sequentially("https://e.example")
    panel.locator("#typed-AllowHeaders").click()
    expect(box).to_have_value("")
    assert entries(panel) == [A, *(f"https://{name}.example" for name in "bcde")]
    expect(panel.locator("#field-AllowOrigins [data-status]")).to_have_text("Added https://e.example")
    box.click()
    box.press("Backspace")
    assert entries(panel)[-1] == "https://d.example"
    expect(panel.locator("#field-AllowOrigins [data-status]")).to_have_text("Removed https://e.example")
    # Typed and not yet an entry when the form is sent: it counts as well.
    panel.locator("#typed-ExposeHeaders").fill("x-one")
    panel.get_by_role("button", name="Review plan").click()
    expect(panel.get_by_text("Add exposed header x-one").or_(panel.get_by_text("x-one").first).first).to_be_visible()


def test_a_pasted_list_is_taken_apart(panel: Page) -> None:
    panel.locator("#typed-AllowOrigins").focus()
    panel.evaluate(PASTE, 'AllowOrigins="https://b.example","https://c.example"')
    assert entries(panel) == [A, "https://b.example", "https://c.example"]


def test_the_script_takes_texts_apart_as_the_server_does(panel: Page) -> None:
    module = "/static/editing/panel/entries.js"
    split = f"async (texts) => {{ const {{split}} = await import('{module}'); return texts.map(split); }}"
    assert panel.evaluate(split, TWO_ORIGINS) == [TWO] * len(TWO_ORIGINS)
    assert panel.evaluate(split, [text for text, _ in OTHERS]) == [expected for _, expected in OTHERS]


@pytest.mark.parametrize(
    ("typed", "pasted", "added"),
    [
        ("https://", "b.example, https://c.example", ["https://b.example", "https://c.example"]),
        ("https://b.example", "https://c.example\nhttps://d.example", [f"https://{name}.example" for name in "bcd"]),
    ],
)
def test_a_list_pasted_behind_what_is_typed_loses_neither(
    panel: Page, typed: str, pasted: str, added: list[str]
) -> None:
    panel.locator("#typed-AllowOrigins").press_sequentially(typed)
    panel.evaluate(PASTE, pasted)
    assert entries(panel) == [A, *added]
    expect(panel.locator("#typed-AllowOrigins")).to_have_value("")


def test_what_is_typed_and_not_yet_an_entry_survives_a_reload(panel: Page) -> None:
    panel.locator("#typed-AllowHeaders").press_sequentially("x-half")
    panel.reload()
    expect(panel.get_by_text("What you had not applied yet is filled in again.")).to_be_visible()
    expect(panel.locator("#typed-AllowHeaders")).to_have_value("x-half")


def test_enter_in_a_preset_carries_it_out(panel: Page) -> None:
    panel.get_by_text("Start from…").click()
    panel.get_by_label("One production origin").fill("https://shop.example")
    panel.get_by_label("One production origin").press("Enter")
    expect(panel.get_by_text("Filled in.")).to_be_visible()
    assert entries(panel) == ["https://shop.example"]


def test_a_fix_is_reported_and_keeps_the_focus_in_its_field(panel: Page) -> None:
    panel.locator("#typed-AllowOrigins").fill("https://b.example/")
    panel.locator("#typed-AllowHeaders").click()
    button = panel.locator("#findings-AllowOrigins button[name=fix]").first
    button.click()
    expect(panel.locator("#panel-status")).to_contain_text("Done: ")
    expect(panel.locator("#field-AllowOrigins :focus")).to_be_visible()
    for key in ("Enter", "Space", "Delete", "Backspace"):
        panel.keyboard.press(key)
    assert entries(panel) == [A, "https://b.example"]
    panel.reload()
    expect(panel.get_by_text("What you had not applied yet is filled in again.")).to_be_visible()
    assert entries(panel) == [A, "https://b.example"]


def test_signing_in_after_the_form_was_sent_leads_back_to_the_panel_with_what_was_typed(
    panel: Page, api: HttpApi
) -> None:
    panel.locator("#typed-AllowOrigins").fill("https://b.example")
    panel.locator("#typed-AllowHeaders").click()
    Session.objects.all().delete()
    panel.get_by_role("button", name="Review plan").click()
    panel.get_by_label("User name").fill("ada")
    panel.get_by_label("Password").fill(PASSWORD)
    panel.get_by_role("button", name="Sign in").click()
    expect(panel.get_by_text("What you had not applied yet is filled in again.")).to_be_visible()
    assert entries(panel) == [A, "https://b.example"]


@pytest.mark.parametrize(
    "text",
    [
        'aws apigatewayv2 update-api --api-id abc123def4 --cors-configuration \\\n    AllowOrigins="http://localhost:3000",'
        '"https://example.com" \\\n    AllowMethods="GET","POST" \\\n    MaxAge=86400 --region us-east-1',
        '{"AllowOrigins": ["http://localhost:3000", "https://example.com"], "AllowMethods": ["GET", "POST"], '
        '"MaxAge": 86400}',
        "CorsConfiguration:\n  AllowOrigins:\n    - http://localhost:3000\n    - https://example.com\n"
        "  AllowMethods: [GET, POST]\n  MaxAge: 86400\n",
    ],
)
def test_a_pasted_command_fills_all_fields_in(panel: Page, text: str) -> None:
    """Whichever box it is pasted into: each field goes where it belongs, and what is not stated stays, as at AWS."""
    panel.locator("#typed-ExposeHeaders").fill("x-kept")
    panel.locator("#typed-AllowHeaders").click()
    panel.evaluate(PASTE, text)
    expect(panel.get_by_text("Filled in.")).to_be_visible()
    assert entries(panel) == ["http://localhost:3000", "https://example.com"]
    assert entries(panel, "AllowHeaders") == []
    expect(panel.get_by_label("POST", exact=True)).to_be_checked()
    expect(panel.locator("#typed-MaxAge")).to_have_value("86400")
    assert entries(panel, "ExposeHeaders") == ["x-kept"]


def test_the_keyboard_alone_walks_moves_and_takes_away(panel: Page) -> None:
    box = panel.locator("#typed-AllowOrigins")
    box.focus()
    panel.evaluate(PASTE, "https://b.example https://c.example")
    box.press("ArrowLeft")
    expect(panel.get_by_role("button", name="Remove https://c.example")).to_be_focused()
    panel.keyboard.press("Alt+ArrowLeft")
    assert entries(panel) == [A, "https://c.example", "https://b.example"]
    expect(panel.locator("#field-AllowOrigins [data-status]")).to_have_text("https://c.example is now number 2 of 3")
    panel.keyboard.press("ArrowLeft")
    panel.keyboard.press("Delete")
    assert entries(panel) == ["https://c.example", "https://b.example"]
    panel.keyboard.press("ArrowRight")
    panel.keyboard.press("ArrowRight")
    expect(box).to_be_focused()


def test_findings_come_as_one_types_and_their_button_fixes(panel: Page) -> None:
    box = panel.locator("#typed-AllowOrigins")
    box.fill("https://shop.example/")
    box.press("Enter")
    finding = panel.locator("#findings-AllowOrigins")
    expect(finding).to_contain_text("Trailing slash")
    finding.get_by_role("button", name="https://shop.example").click()
    expect(finding).not_to_contain_text("Trailing slash")
    assert entries(panel) == [A, "https://shop.example"]
    panel.get_by_role("button", name="1 day").click()
    expect(panel.locator("#findings-MaxAge")).to_contain_text("2 hours in Chrome")
    expect(panel.locator("#findings-MaxAge")).to_contain_text("24 hours in Firefox")
    expect(panel.locator("#findings-MaxAge")).to_contain_text("10 minutes in Safari")


def test_the_panel_is_accessible(panel: Page) -> None:
    panel.get_by_text("Start from…").click()
    panel.locator("#typed-AllowOrigins").fill("https://shop.example/")
    panel.locator("#typed-AllowOrigins").press("Enter")
    expect(panel.locator("#findings-AllowOrigins")).to_contain_text("Trailing slash")
    accessible(panel)
    panel.get_by_label("Configuration as code").fill("nonsense")
    panel.get_by_role("button", name="Import", exact=True).click()
    expect(panel.get_by_role("alert").first).to_be_visible()
    accessible(panel)


@pytest.mark.parametrize("key", ["Backspace", "Delete", "Enter"])
def test_a_held_key_takes_no_more_than_one_press_does(panel: Page, key: str) -> None:
    box = panel.locator("#typed-AllowOrigins")
    box.focus()
    panel.evaluate(PASTE, "https://b.example https://c.example")
    panel.get_by_role("button", name="Remove https://b.example").focus()
    for _ in range(8):  # the second and each later one is the key's own repeat
        panel.keyboard.down(key)
    panel.keyboard.up(key)
    assert entries(panel) == [A, "https://c.example"]
    expect(panel.get_by_role("button", name="Remove https://c.example")).to_be_focused()


def test_holding_backspace_clears_the_text_and_no_entry(panel: Page) -> None:
    box = panel.locator("#typed-AllowOrigins")
    box.press_sequentially("htt")
    for _ in range(8):
        panel.keyboard.down("Backspace")
    panel.keyboard.up("Backspace")
    expect(box).to_have_value("")
    assert entries(panel) == [A]
    box.press("Backspace")
    assert entries(panel) == []


def test_nothing_can_be_typed_that_a_fix_on_its_way_would_lose(panel: Page) -> None:
    held: list[Route] = []

    def fixing() -> Locator:
        panel.locator("#typed-AllowOrigins").fill("https://b.example/")
        panel.locator("#typed-AllowOrigins").press("Enter")
        button = panel.locator("#findings-AllowOrigins button[name=fix]").first
        expect(button).to_be_visible()
        with panel.expect_request("**/configure/"):
            button.press("Enter")
        expect(panel.locator("#panel-fields[inert][aria-busy=true]")).to_be_visible()
        expect(panel.locator("#panel-status")).to_contain_text("Working: ")
        return button

    panel.route("**/configure/", lambda route: held.append(route))
    fixing()
    place = panel.locator("#typed-ExposeHeaders").bounding_box()
    assert place
    panel.mouse.click(place["x"] + 5, place["y"] + 5)
    panel.keyboard.type("x-lost")
    expect(panel.locator("#typed-ExposeHeaders")).to_have_value("")
    held.pop().continue_()
    expect(panel.locator("#panel-status")).to_contain_text("Done: ")
    expect(panel.locator("#panel-fields:not([inert], [aria-busy])")).to_be_visible()
    expect(panel.locator("#field-AllowOrigins :focus")).to_be_visible()
    assert entries(panel) == [A, "https://b.example"]
    panel.locator("#typed-ExposeHeaders").press_sequentially("x-kept")
    expect(panel.locator("#typed-ExposeHeaders")).to_have_value("x-kept")
    # One that fails takes nothing away, and its button has the focus again.
    button = fixing()
    held.pop().fulfill(status=500, body="<p data-error>It broke.</p>")
    expect(panel.locator("#panel-status")).to_contain_text("Not done: ")
    expect(button).to_be_focused()
    assert entries(panel, "ExposeHeaders") == ["x-kept"]

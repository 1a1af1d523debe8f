"""The frame that every page sits in: theme, navigation, keyboard, times, errors, and what it is built from."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import expect

from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.browser import sign_in
from tests.support.people import PASSWORD

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", ["make_tokens.py", "make_icons.py"])
def test_what_is_generated_is_up_to_date(script: str) -> None:
    command = [sys.executable, str(ROOT / "assets" / script), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, f"run python assets/{script} and commit what it writes"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/ui/icons.svg").read_text()))
    for path in (ROOT / "templates").rglob("*.html"):
        used = set(re.findall(r'\{% icon "([^"]+)"', path.read_text()))
        used |= set(re.findall(r'\{% empty_state "([^"]+)"', path.read_text()))
        assert used <= known, f"{path.relative_to(ROOT)}: no such icon: {used - known}"


def test_templates_carry_no_inline_style_script_or_handler() -> None:
    """The Content-Security-Policy would block them; better to hear of it here. Mail programs know no style sheets."""
    mail = ROOT / "templates" / "alerting" / "channels" / "email" / "message.html"
    for path in {*(ROOT / "templates").rglob("*.html")} - {mail}:
        found = re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", path.read_text())
        assert not found, f"{path.relative_to(ROOT)}: {found}"


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "405.html", "500.html"])
def test_errors_are_reported_without_a_request_too(template: str) -> None:
    page = render_to_string(template)
    assert "data-error" in page
    assert "corsdash" in page


def test_pages_need_sign_in(client: Client, db: None) -> None:
    for url in ("/", "/apis/", "/accounts/", "/changes/", "/sync/status/"):
        assert client.get(url)["Location"].startswith("/sign-in/?next=")


@pytest.mark.django_db(transaction=True)
def test_signing_in_leads_where_one_was_going(page: Any, live_server: Any, admin: User) -> None:
    page.goto(live_server.url + "/changes/")
    accessible(page)
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(live_server.url + "/changes/")


@pytest.mark.django_db(transaction=True)
def test_the_password_and_sign_out_pages_are_in_our_look(signed_in_page: Any, live_server: Any) -> None:
    page = signed_in_page
    for url in ("/settings/password/", "/sign-out/"):
        page.goto(live_server.url + url)
        accessible(page)
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_the_theme_is_kept_and_drawn_by_the_server(signed_in_page: Any, live_server: Any) -> None:
    page = signed_in_page
    page.goto(live_server.url + "/apis/")
    page.get_by_role("button", name="Your account and theme").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    answer = page.goto(live_server.url + "/changes/")
    assert 'data-theme="dark"' in answer.text()
    page.get_by_role("button", name="Your account and theme").click()
    page.get_by_role("button", name="System").click()
    assert "data-theme=" not in page.goto(live_server.url + "/changes/").text().split("<head>")[0]


@pytest.mark.django_db(transaction=True)
def test_on_a_phone_the_navigation_is_a_drawer_for_fingers_and_keys(signed_in_page: Any, live_server: Any) -> None:
    page = signed_in_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + "/apis/")
    drawer = page.get_by_role("navigation", name="Main")
    expect(drawer).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).focus()
    page.keyboard.press("Enter")
    expect(drawer).to_be_visible()
    accessible(page)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    drawer.get_by_role("link", name="Changes").click()
    expect(page.get_by_role("heading", name="Changes", exact=True)).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_the_first_tab_skips_to_the_content(signed_in_page: Any, live_server: Any) -> None:
    page = signed_in_page
    page.goto(live_server.url + "/apis/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.django_db(transaction=True)
def test_times_are_in_the_viewers_zone_with_its_name(browser: Any, live_server: Any, admin: User) -> None:
    api = an_api(an_account(), "one", None)
    context = browser.new_context(timezone_id="Asia/Kolkata", locale="en-GB")
    page = context.new_page()
    sign_in(page, live_server.url, admin)
    page.goto(live_server.url + api.changes.get().get_absolute_url())
    expect(page.locator('time[data-time="full"]').first).to_contain_text("GMT+5:30")
    expect(
        page.get_by_text("Times are in Asia/Calcutta time").or_(page.get_by_text("Asia/Kolkata time"))
    ).to_be_visible()
    context.close()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_does_not_answer_is_reported(browser: Any, live_server: Any, admin: User) -> None:
    page = browser.new_page()  # not `page`: the browser logs each failed request as an error
    sign_in(page, live_server.url, admin)
    an_api(an_account(), "one", None)
    page.goto(live_server.url + "/apis/")
    page.route("**/?*", lambda route: route.abort())
    page.get_by_label("Search", exact=True).fill("x")
    expect(page.get_by_text("The server could not be reached.")).to_be_visible()
    expect(page.get_by_role("link", name="one")).to_be_visible()
    page.get_by_role("button", name="Dismiss this message").click()
    expect(page.get_by_text("The server could not be reached.")).to_be_hidden()
    page.unroute("**/?*")
    page.route("**/?*", lambda route: route.fulfill(status=500, body="<p data-error>It broke, kindly.</p>"))
    page.get_by_label("Search", exact=True).fill("y")
    expect(page.get_by_text("It broke, kindly.")).to_be_visible()
    expect(page.get_by_role("link", name="one")).to_be_visible()
    page.context.close()

"""What was typed into the panel and not applied: never lost and never written over unasked; forgotten once applied."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from tests.editing.panel.test_panel_in_browser import entries
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.browser import sign_in
from tests.support.servers import until

pytestmark = pytest.mark.once

A, SLASHED = "https://a.example", "https://b.example/"
START = {"AllowOrigins": [A], "AllowMethods": ["GET"], "MaxAge": 300}
OLDER = "You typed something here that was not applied before the configuration changed."
AGAIN = "What you had not applied yet is filled in again."


@pytest.fixture
def api(transactional_db: None) -> HttpApi:
    """An API that allows A."""
    return an_api(an_account(), "orders", START)


@pytest.fixture
def panel(live_server: Any, signed_in_page: Page, api: HttpApi) -> Page:
    """Its panel, open."""
    signed_in_page.goto(f"{live_server.url}/apis/{api.pk}/configure/")
    return signed_in_page


def typed(panel: Page, text: str, field: str = "AllowOrigins") -> None:
    """Type an entry and add it."""
    panel.locator(f"#typed-{field}").fill(text)
    panel.locator(f"#typed-{field}").press("Enter")


def changed(api: HttpApi, user: User, **fields: Any) -> Change:
    """Someone changes the API: START but for `fields`."""
    cors = {**START, **fields}
    return history.settle(history.begin(api, cors, Author("panel", user=user)), cors)


def reopened(panel: Page, api: HttpApi, query: str = "") -> None:
    """Open the panel again, by its own address or by a link that fills it in."""
    base = panel.url.split("/apis/")[0].split("/changes/")[0]
    panel.goto(f"{base}/apis/{api.pk}/configure/{query}")


def applied(panel: Page) -> Change:
    """Review and apply; the change that is on its way then, on whose page the browser is."""
    panel.get_by_role("button", name="Review plan").click()
    return sent(panel)


def sent(panel: Page) -> Change:
    """Apply the plan that is shown."""
    panel.get_by_role("button", name="Apply change", exact=True).click()
    panel.wait_for_url(re.compile(r"/changes/\d+/"))
    return Change.objects.get(status=Change.Status.PENDING)


def done(panel: Page, change: Change) -> None:
    """The worker has applied it, and its page says so."""
    history.settle(change, change.proposed)
    expect(panel.get_by_text("Applied", exact=True).first).to_be_visible()


def test_what_was_not_applied_survives_a_reload_and_a_sign_out(
    panel: Page, live_server: Any, api: HttpApi, admin: User, editor: User
) -> None:
    typed(panel, "https://b.example")
    panel.reload()
    expect(panel.get_by_text(AGAIN)).to_be_visible()
    assert entries(panel) == [A, "https://b.example"]
    accessible(panel)
    # Another person at the same browser sees nothing of it; the first one finds it again.
    panel.context.clear_cookies()
    sign_in(panel, live_server.url, editor)
    reopened(panel, api)
    assert entries(panel) == [A]
    expect(panel.locator("#draft")).to_be_hidden()
    panel.context.clear_cookies()
    sign_in(panel, live_server.url, admin)
    reopened(panel, api)
    assert entries(panel) == [A, "https://b.example"]
    panel.get_by_role("button", name="Discard draft").click()
    assert entries(panel) == [A]
    panel.reload()
    expect(panel.locator("#draft")).to_be_hidden()
    assert entries(panel) == [A]
    # AWS moved on meanwhile: the person is asked.
    typed(panel, "https://c.example")
    changed(api, editor, AllowOrigins=[A, "https://theirs.example"])
    reopened(panel, api)
    assert entries(panel) == [A, "https://theirs.example"]
    panel.get_by_role("button", name="Restore draft").click()
    assert entries(panel) == [A, "https://c.example"]
    # What is live is no draft any more.
    changed(api, admin, AllowOrigins=[A, "https://c.example"])
    reopened(panel, api)
    expect(panel.locator("#draft")).to_be_hidden()
    assert panel.evaluate("localStorage.length") == 0


def test_what_was_applied_is_no_draft_whatever_others_do_then(panel: Page, api: HttpApi, editor: User) -> None:
    typed(panel, "https://c1.example")
    done(panel, applied(panel))
    assert panel.evaluate("localStorage.length") == 0
    changed(api, editor, MaxAge=900)
    reopened(panel, api)
    assert entries(panel) == [A]
    expect(panel.locator("#draft")).to_be_hidden()


def test_nor_is_it_when_one_left_while_it_was_being_applied(panel: Page, api: HttpApi, editor: User) -> None:
    typed(panel, "https://c1.example")
    change = applied(panel)
    reopened(panel, api)
    expect(panel.get_by_text(AGAIN)).to_be_visible()
    history.settle(change, change.proposed)
    changed(api, editor, MaxAge=900)
    reopened(panel, api)
    until(lambda: panel.evaluate("localStorage.length") == 0, "it is forgotten")
    assert entries(panel) == [A]
    expect(panel.locator("#draft")).to_be_hidden()


def test_what_failed_is_still_a_draft(panel: Page, api: HttpApi, editor: User) -> None:
    typed(panel, "https://c1.example")
    history.fail(applied(panel), "AWS said no.")
    changed(api, editor, MaxAge=900)
    reopened(panel, api)
    expect(panel.get_by_text(OLDER)).to_be_visible()


def test_another_change_of_ones_own_is_not_the_drafts(panel: Page, api: HttpApi, admin: User) -> None:
    typed(panel, "https://c1.example")
    change = changed(api, admin, MaxAge=0)
    panel.goto(panel.url.split("/apis/")[0] + change.get_absolute_url())
    reopened(panel, api)
    expect(panel.get_by_text(OLDER)).to_be_visible()


def test_filling_an_older_draft_in_meets_the_conflict(panel: Page, api: HttpApi, editor: User) -> None:
    typed(panel, "https://c1.example")
    changed(api, editor, MaxAge=900, AllowOrigins=[A, "https://theirs.example"])
    reopened(panel, api)
    panel.get_by_role("button", name="Restore draft").click()
    expect(panel.locator("#draft")).to_be_hidden()
    assert entries(panel) == [A, "https://c1.example"]
    panel.get_by_role("button", name="Review plan").click()
    expect(panel.get_by_role("heading", name="Configuration conflict")).to_be_visible()
    expect(panel.get_by_role("checkbox", name="https://theirs.example")).to_be_checked()
    panel.get_by_role("button", name="Plan merged result").click()
    expect(panel.get_by_text("Add https://c1.example", exact=True)).to_be_visible()
    # What both sides came to holds the draft, and so it has been applied as well.
    done(panel, sent(panel))
    assert panel.evaluate("localStorage.length") == 0


def test_what_is_typed_next_to_a_question_does_not_answer_it(panel: Page, api: HttpApi, editor: User) -> None:
    typed(panel, "https://d1.example")
    changed(api, editor, MaxAge=900)
    reopened(panel, api)
    expect(panel.get_by_text(OLDER)).to_be_visible()
    typed(panel, "x-other", "AllowHeaders")
    panel.reload()
    expect(panel.locator("#draft")).to_contain_text(AGAIN)
    expect(panel.locator("#draft")).to_contain_text("typed before the configuration changed is kept as well")
    accessible(panel)
    assert (entries(panel), entries(panel, "AllowHeaders")) == ([A], ["x-other"])
    # Filled in, it takes the place of what was typed since, which is asked about in its turn.
    panel.get_by_role("button", name="Restore draft").click()
    assert (entries(panel), entries(panel, "AllowHeaders")) == ([A, "https://d1.example"], [])
    expect(panel.locator("#draft")).to_contain_text("Something else that you typed is kept as well.")
    panel.get_by_role("button", name="Restore draft").click()
    assert (entries(panel), entries(panel, "AllowHeaders")) == ([A], ["x-other"])
    expect(panel.locator("#typed-MaxAge")).to_have_value("900")
    panel.get_by_role("button", name="Discard draft").click()
    expect(panel.locator("#draft")).to_be_hidden()
    panel.reload()
    expect(panel.get_by_text(AGAIN)).to_be_visible()
    assert entries(panel, "AllowHeaders") == ["x-other"]
    panel.get_by_role("button", name="Discard draft").click()
    assert panel.evaluate("localStorage.length") == 0


PROPOSED = {"AllowOrigins": [A, "https://linked.example"], "AllowMethods": ["GET"]}


@pytest.mark.parametrize(
    ("query", "filled"),
    [
        ("?fix=origin-trailing-slash", [A, "https://b.example"]),
        (f"?{urlencode({'cors': json.dumps(PROPOSED)})}", PROPOSED["AllowOrigins"]),
    ],
)
def test_a_link_that_fills_the_panel_in_asks_for_the_draft(
    panel: Page, api: HttpApi, admin: User, query: str, filled: list[str]
) -> None:
    changed(api, admin, AllowOrigins=[A, SLASHED])
    reopened(panel, api)
    typed(panel, "https://e1.example")
    reopened(panel, api, query)
    assert entries(panel) == filled
    expect(panel.locator("#draft")).to_have_text(re.compile("You typed something here that was not applied."))
    typed(panel, "x-other", "AllowHeaders")
    # By its own address the panel shows what was typed last, and still asks for the other.
    reopened(panel, api)
    expect(panel.locator("#draft")).to_contain_text(AGAIN)
    assert (entries(panel), entries(panel, "AllowHeaders")) == (filled, ["x-other"])
    panel.get_by_role("button", name="Restore draft").click()
    assert (entries(panel), entries(panel, "AllowHeaders")) == ([A, SLASHED, "https://e1.example"], [])


def test_a_link_that_one_only_looked_at_leaves_the_draft(panel: Page, api: HttpApi, admin: User) -> None:
    changed(api, admin, AllowOrigins=[A, SLASHED])
    reopened(panel, api)
    typed(panel, "https://e1.example")
    reopened(panel, api, "?fix=origin-trailing-slash")
    expect(panel.get_by_role("button", name="Restore draft")).to_be_visible()
    for _ in range(2):
        reopened(panel, api)
        expect(panel.get_by_text(AGAIN)).to_be_visible()
        assert entries(panel) == [A, SLASHED, "https://e1.example"]


def test_what_comes_back_with_its_own_form_is_not_asked_about(panel: Page) -> None:
    typed(panel, "https://e1.example")
    panel.get_by_role("button", name="Review plan").click()
    panel.get_by_role("button", name="Back to panel").click()
    expect(panel.locator("#typed-AllowOrigins")).to_be_visible()
    assert entries(panel) == [A, "https://e1.example"]
    panel.get_by_text("Start from…").click()
    panel.get_by_role("button", name="Allow all origins").click()
    expect(panel.get_by_text("Filled in.")).to_be_visible()
    assert entries(panel) == ["*"]
    expect(panel.locator("#draft")).to_be_hidden()
    assert panel.evaluate("localStorage.length") == 1


def test_going_back_from_a_plan_of_something_else_asks_for_the_draft(panel: Page) -> None:
    typed(panel, "https://e1.example")
    panel.get_by_role("button", name="Review plan").click()
    panel.wait_for_url("**/plan/")
    panel.goto(f"{panel.url}?off=1")
    panel.get_by_role("button", name="Back to panel").click()
    expect(panel.get_by_role("button", name="Restore draft")).to_be_visible()
    assert entries(panel) == []
    panel.get_by_role("button", name="Restore draft").click()
    assert entries(panel) == [A, "https://e1.example"]

"""Settings in a real browser: usable by everyone, on any screen."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from apis.access import audit, tokens
from tests.support.axe import accessible
from tests.support.people import PASSWORD

pytestmark = pytest.mark.once


def test_settings_are_accessible(live_server: Any, signed_in_page: Page, admin: User) -> None:
    tokens.create(admin, "deploy")
    audit.record(admin, "added an account", "production", regions=["eu-central-1", "us-east-1"])
    for path in ("", "tokens/", "people/", f"people/{admin.pk}/", "audit/"):
        signed_in_page.goto(f"{live_server.url}/settings/{path}")
        accessible(signed_in_page)


def test_from_sign_in_to_a_token_and_its_end(live_server: Any, page: Page, editor: User) -> None:
    page.goto(f"{live_server.url}/settings/tokens/")
    accessible(page)
    page.get_by_label("User name").fill(editor.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="API tokens")).to_be_visible()
    page.get_by_label("Name").fill("deploy pipeline")
    page.get_by_role("button", name="Create token").click()
    plain = page.locator("code", has_text="cd_").first.inner_text()
    assert tokens.authenticate(plain) == editor
    accessible(page)
    page.get_by_label("Revoke deploy pipeline").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("Token deploy pipeline revoked")).to_be_visible()
    assert tokens.authenticate(plain) is None

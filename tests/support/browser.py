"""A real browser: Playwright drives the Chromium that `chromium` finds. A page's own errors fail its test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.support import chromium

# As long as a busy machine may need; what is there is seen at once.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The Chromium that the tests drive."""
    return chromium.find().path


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's `browser` starts the Chromium that we found."""
    found = chromium.find()
    return {
        **browser_type_launch_args,
        "executable_path": found.path,
        "args": list(found.arguments),
        "env": {**os.environ, **found.environ},
    }


@pytest.fixture(scope="session")
def live_server(live_server: Any) -> Any:
    """pytest-django's. It would answer each request on an open connection 40 ms late: Nagle's wait for an ACK."""
    WSGIRequestHandler.disable_nagle_algorithm = True
    return live_server


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Pages stand still: drawing what turns while a test waits would take the processor from what it waits for."""
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose script errors and Content-Security-Policy violations fail the test."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A refused request is for the test to judge; the browser logs each.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(20_000)
    yield page
    assert not errors, "the page has errors:\n" + "\n".join(errors)


def sign_in(page: Page, base: str, user: User) -> None:
    """Give the browser a session of `user` on the server at `base`."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])


@pytest.fixture
def signed_in_page(live_server: Any, page: Page, admin: User) -> Page:
    """A page of the live server, signed in as the admin; go to `live_server.url + "/…"`."""
    sign_in(page, live_server.url, admin)
    return page

"""What every journey does: sign in, ask AWS with the real CLI, paste, apply a plan."""

from __future__ import annotations

import contextlib
import io
import json
import re
from typing import Any

import pytest
from awscli.clidriver import create_clidriver
from playwright.sync_api import Page, expect

from tests.support.up import Up

_PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text", text);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}"""


def aws(up: Up, *arguments: str, region: str = "us-east-1", user: str = "any") -> Any:
    """What the real `aws` CLI answers from the demo AWS; `user` is the access key, whose name CloudTrail shows.

    The CLI runs in this process: as a program it spends two seconds on starting.
    """
    keys = {"AWS_ACCESS_KEY_ID": user, "AWS_SECRET_ACCESS_KEY": "any", "AWS_PAGER": ""}
    command = ["--endpoint-url", up.demo_endpoint, "--region", region, "--output", "json", "apigatewayv2", *arguments]
    shown = io.StringIO()
    with pytest.MonkeyPatch.context() as environ, contextlib.redirect_stdout(shown):
        for name, value in keys.items():
            environ.setenv(name, value)
        code = create_clidriver().main(command)
    assert code == 0, f"aws {' '.join(command)}: {shown.getvalue()}"
    return json.loads(shown.getvalue()) if shown.getvalue().strip() else None


def api_called(up: Up, name: str, region: str = "us-east-1") -> dict[str, Any]:
    """An API of the demo as AWS holds it."""
    found: dict[str, Any] = next(one for one in aws(up, "get-apis", region=region)["Items"] if one["Name"] == name)
    return found


def cors_in_aws(up: Up, api_id: str, region: str = "us-east-1") -> dict[str, Any]:
    """The configuration that AWS holds."""
    found: dict[str, Any] = aws(up, "get-api", "--api-id", api_id, region=region).get("CorsConfiguration") or {}
    return found


def sign_in(page: Page, up: Up, name: str = "admin", password: str = "") -> None:
    """Open the list of APIs and sign in."""
    page.goto(up.url + "/apis/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password or up.password)
    page.get_by_role("button", name="Sign in").click()


def paste(page: Page, text: str) -> None:
    """Paste into what has the focus."""
    page.evaluate(_PASTE, text)


def apply(page: Page) -> None:
    """Press the plan's button, and wait for the page that says that it is done."""
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"/changes/\d+/"))
    expect(page.get_by_text("Applied", exact=True).first).to_be_visible()

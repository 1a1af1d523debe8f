"""A browser's own error is pasted, its fix goes through the plan to AWS, and the same call works in that browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import api_called, apply, cors_in_aws, sign_in
from tests.support.servers import until
from tests.support.up import Up

_FETCH = "url => fetch(url).then(response => response.status, () => 0)"


class _EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with a page that has nothing on it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Front end</title><link rel=icon href=data:,>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def front_end() -> Iterator[str]:
    """The origin of a page on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_an_error_of_the_browser_is_pasted_and_its_fix_makes_the_same_call_work(
    up: Up, page: Page, front_end: str
) -> None:
    api = api_called(up, "my-frontend-app-api")
    url = f"{api['ApiEndpoint']}/items"
    # CORS is off in the demo, unless another journey has configured this API.
    cause = "origin-not-allowed" if cors_in_aws(up, api["ApiId"]) else "cors-off"

    # The call fails, and the browser says why in its own words.
    app = page.context.new_page()
    shown: list[str] = []
    app.on("console", lambda message: shown.append(message.text))
    app.goto(front_end)
    assert app.evaluate(_FETCH, url) == 0
    until(lambda: any("CORS policy" in text for text in shown), "the console tells the error")
    error = next(text for text in shown if "CORS policy" in text)

    # Pasted, it is explained, with a fix.
    sign_in(page, up)
    expect(page.get_by_role("link", name="my-frontend-app-api")).to_be_visible()
    page.goto(up.url + "/explain/")
    page.get_by_label("Error, call or command").fill(error)
    page.get_by_role("button", name="Analyze").click()
    expect(page.locator("#answer [data-cause]").first).to_have_attribute("data-cause", cause)
    expect(page.locator("#origin")).to_have_value(front_end)

    # What really answers is as predicted.
    page.get_by_role("button", name="Check live").click()
    expect(page.locator("[data-differences='0']")).to_be_visible()

    # The fix goes through the panel and the plan to AWS.
    page.get_by_role("link", name=f"Add the origin {front_end}").first.click()
    page.get_by_role("button", name="Review").click()
    apply(page)
    assert front_end in cors_in_aws(up, api["ApiId"])["AllowOrigins"]

    # The same call works in the same page.
    assert app.evaluate(_FETCH, url) == 200

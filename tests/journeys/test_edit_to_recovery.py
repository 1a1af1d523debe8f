"""An edit in the browser reaches AWS, the probe that fails because of it opens an incident, its revert closes it."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from tests.journeys.steps import apply, aws, cors_in_aws, sign_in
from tests.support.servers import until
from tests.support.sinks import HttpSink
from tests.support.up import Up

API = "my-frontend-app-api"


def test_an_edit_that_breaks_a_probe_is_alerted_and_its_revert_fixes_it(
    up: Up, page: Page, allowed_webhook_sink: HttpSink
) -> None:
    """One person's afternoon, from the tutorial's command to the incident's end."""
    # The tutorial's command, outside corsdash.
    api_id = next(one["ApiId"] for one in aws(up, "get-apis")["Items"] if one["Name"] == API)
    aws(
        up, "update-api", "--api-id", api_id, "--cors-configuration",
        'AllowOrigins="http://localhost:3000","https://example.com",AllowMethods="GET","POST","PUT","DELETE",'
        'AllowHeaders="Content-Type","Authorization",MaxAge=86400',
    )  # fmt: skip
    sign_in(page, up)

    # The next sync shows it, as drift.
    page.get_by_role("link", name=API).click()
    page.get_by_role("button", name="Sync").click()
    page.get_by_role("navigation", name="This API").get_by_role("link", name="History").click()
    until(lambda: page.reload() and page.get_by_text("CORS turned on").count(), "drift is in the history")
    expect(page.get_by_text("Drift").first).to_be_visible()

    # A signed webhook notifies people.
    page.goto(up.url + "/settings/channels/add/")
    page.get_by_role("link", name="Webhook").first.click()
    page.get_by_label("Name").fill("On call")
    page.get_by_label("URL").fill(allowed_webhook_sink.url)
    page.get_by_role("button", name="Add").click()
    secret = page.locator("code", has_text="whsec_").first.inner_text()

    # A probe from https://example.com, which may call.
    page.goto(up.url + "/apis/")
    page.get_by_role("link", name=API).click()
    page.get_by_role("navigation", name="This API").get_by_role("link", name="Probes").click()
    page.get_by_role("link", name="Add probe").click()
    page.get_by_label("Origin").fill("https://example.com")
    page.get_by_label("Path").fill("/items")
    page.get_by_label("Down after").fill("1")
    page.get_by_role("button", name="Add and run").click()
    expect(page.get_by_text("Allowed, as expected")).to_be_visible(timeout=20_000)

    # The edit: https://example.com goes, in the panel; the plan says what that does.
    page.goto(up.url + "/apis/")
    page.get_by_role("link", name=API).click()
    page.get_by_role("link", name="Configure").first.click()
    page.get_by_role("button", name="Remove https://example.com").click()
    page.get_by_role("button", name="Review plan").click()
    expect(page.get_by_text("Newly blocked:")).to_be_visible()
    page.get_by_role("textbox", name="Note").fill("example.com has moved")
    apply(page)
    assert cors_in_aws(up, api_id)["AllowOrigins"] == ["http://localhost:3000"]
    change_url = page.url

    # The probe ran because of it, failed, and opened an incident that names the change; the webhook came, signed.
    def received(kind: str) -> list[dict[str, Any]]:
        """The messages of a kind, whose signatures all hold; the drift may be among what arrives."""
        found = [Webhook(secret).verify(one.body, dict(one.headers)) for one in allowed_webhook_sink.received]
        return [one for one in found if one["type"] == kind]

    opened = until(lambda: received("incident.opened"), "the webhook about the incident")[0]
    assert "example.com has moved" in json.dumps(opened)
    page.goto(up.url + "/incidents/")
    expect(page.get_by_text("Open").first).to_be_visible()
    expect(page.get_by_text("removed https://example.com").first).to_be_visible()

    # The revert fixes it, and the incident closes.
    page.goto(change_url)
    page.get_by_role("link", name="Revert").click()
    expect(page.get_by_text("Newly allowed:")).to_be_visible()
    apply(page)
    assert sorted(cors_in_aws(up, api_id)["AllowOrigins"]) == ["http://localhost:3000", "https://example.com"]
    until(lambda: received("incident.closed"), "the webhook about the recovery")
    page.goto(up.url + "/incidents/")
    expect(page.get_by_text("Closed").first).to_be_visible()
    assert not [line for line in up.lines if "Traceback" in line], up.output

"""A change of an API that needs approval: proposed by one person, approved by another, applied in AWS, and recorded."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from playwright.sync_api import Browser, Page, expect

from tests.journeys.steps import sign_in
from tests.support.servers import until
from tests.support.up import Up

NAME = "needs-two-people"
START = {"AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"]}
NEW = "https://pr-123.preview.example.com"
PASSWORD = "correct horse battery"
MAKE_CLEO = f"""
from django.contrib.auth.models import User
from apis.access import roles
roles.give(User.objects.create_user("cleo", password={PASSWORD!r}), "edit")
"""


@pytest.fixture
def cleo(up: Up, browser: Browser) -> Page:
    """An editor in a browser of her own."""
    up.manage("shell", "-c", MAKE_CLEO)
    page = browser.new_context().new_page()
    page.set_default_timeout(10_000)
    sign_in(page, up, "cleo", PASSWORD)
    return page


@pytest.mark.once
def test_one_proposes_another_approves(up: Up, page: Page, cleo: Page) -> None:
    client = boto3.client(
        "apigatewayv2",
        region_name="us-east-1",
        endpoint_url=up.demo_endpoint,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(proxies={}),
    )
    api_id = client.create_api(Name=NAME, ProtocolType="HTTP", CorsConfiguration=START)["ApiId"]
    up.manage("sync", "--region", "us-east-1")

    # An admin has it that no one changes this API alone.
    sign_in(page, up)
    page.goto(f"{up.url}/apis/?search={NAME}")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("button", name="Require approval").click()
    expect(page.get_by_text("Changes to this API need approval.")).to_be_visible()

    # An editor changes it in the panel; the plan lets her propose, not apply.
    cleo.goto(f"{up.url}/apis/?search={NAME}")
    cleo.get_by_role("link", name=NAME).click()
    cleo.get_by_role("link", name="Configure").first.click()
    cleo.locator("#typed-AllowOrigins").fill(NEW)
    cleo.get_by_role("button", name="Review plan").click()
    expect(cleo.get_by_role("button", name="Apply change")).to_have_count(0)
    cleo.get_by_role("textbox", name="Note").fill("FE-412: the new checkout")
    cleo.get_by_role("button", name="Request approval").click()
    expect(cleo.get_by_text("Waiting for approval").first).to_be_visible()
    expect(cleo.get_by_role("button", name="Approve")).to_have_count(0)
    cleo.get_by_label("Comment").fill("It is only for this week.")
    cleo.get_by_role("button", name="Comment").click()
    expect(cleo.get_by_role("listitem").filter(has_text="It is only for this week.")).to_be_visible()
    assert client.get_api(ApiId=api_id)["CorsConfiguration"]["AllowOrigins"] == START["AllowOrigins"]

    # Another person finds it, sees what it does, and approves; the page follows until AWS holds it.
    page.get_by_role("link", name="Changes").click()
    page.get_by_role("link", name="Proposals").click()
    page.get_by_role("link", name=f"Add {NEW}").click()
    expect(page.get_by_role("region", name="Changes").get_by_role("listitem").filter(has_text=NEW)).to_be_visible()
    page.get_by_label("Comment").fill("Looks right.")
    page.get_by_role("button", name="Approve").click()
    rows = page.get_by_role("region", name="Timeline").get_by_role("listitem")
    expect(rows.filter(has_text="applied this")).to_be_visible(timeout=30_000)
    held = client.get_api(ApiId=api_id)["CorsConfiguration"]
    assert held["AllowOrigins"] == [*START["AllowOrigins"], NEW]

    # The timeline tells it, and the history knows both.
    notified = [row.split("\n")[0] for row in rows.all_inner_texts()]
    assert notified == ["cleo proposed this", "cleo commented", "admin approved this", "corsdash applied this"]
    page.get_by_role("definition").get_by_role("link", name=f"Added {NEW}").click()
    expect(page.get_by_text("FE-412: the new checkout (approved by admin)")).to_be_visible()
    expect(page.get_by_text("approved by admin").last).to_be_visible()
    cleo.reload()
    until(lambda: cleo.get_by_text("Applied").count(), "its proposer sees it, too")
    assert not [line for line in up.lines if "Traceback" in line], up.output

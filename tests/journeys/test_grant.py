"""A preview's origin is allowed temporarily from the API's page, and ended early: AWS holds it in between, alone."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from playwright.sync_api import Page, expect

from tests.journeys.steps import sign_in
from tests.support.servers import until
from tests.support.up import Up

pytestmark = pytest.mark.once

NAME = "lets-previews-in"
START = {"AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"]}
PREVIEW = "https://pr-123.preview.example.com"


def test_an_origin_is_allowed_and_removed(up: Up, page: Page) -> None:
    client: Any = boto3.client(
        "apigatewayv2",
        region_name="us-east-1",
        endpoint_url=up.demo_endpoint,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(proxies={}),
    )
    api_id = client.create_api(Name=NAME, ProtocolType="HTTP", CorsConfiguration=START)["ApiId"]
    up.manage("sync", "--region", "us-east-1")

    def held() -> list[str]:
        found: list[str] = client.get_api(ApiId=api_id)["CorsConfiguration"]["AllowOrigins"]
        return found

    sign_in(page, up)
    page.goto(f"{up.url}/apis/?search={NAME}")
    page.get_by_role("link", name=NAME).click()

    # An address of the preview is enough; the plan says for how long.
    page.get_by_role("link", name="Add temporary access").click()
    page.get_by_label("Origin").fill(f"{PREVIEW}/checkout?step=2")
    page.get_by_role("textbox", name="Note").fill("FE-412")
    page.get_by_role("button", name="Review plan").click()
    expect(page.get_by_text(f"{PREVIEW} is allowed for 7 days")).to_be_visible()
    page.get_by_role("button", name="Allow for 7 days").click()
    expect(page.get_by_text("Applied", exact=True).first).to_be_visible(timeout=20_000)
    assert held() == [*START["AllowOrigins"], PREVIEW]

    # Someone adds another origin meanwhile; ending the access leaves it alone.
    client.update_api(ApiId=api_id, CorsConfiguration={"AllowOrigins": [*held(), "https://theirs.example"]})
    page.goto(f"{up.url}/grants/")
    page.get_by_label(f"Extend or end temporary access for {PREVIEW}").click()
    page.get_by_role("button", name="End now").click()
    until(lambda: PREVIEW not in held(), "the grant is ended")
    assert held() == [*START["AllowOrigins"], "https://theirs.example"]
    page.goto(f"{up.url}/grants/?state=all")
    expect(page.get_by_text("It was removed.")).to_be_visible()
    page.get_by_role("link", name="View change").click()
    expect(page.get_by_text("Temporary access from admin for 7 days: ended early by admin. FE-412")).to_be_visible()
    assert not [line for line in up.lines if "Traceback" in line], up.output

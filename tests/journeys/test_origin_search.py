"""A partner leaves: who lets their site in is found over all accounts, and it is taken out of all of them at once."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from playwright.sync_api import Page, expect

from tests.journeys.steps import sign_in
from tests.support.servers import until
from tests.support.up import Up

PARTNER, OURS = "https://leaving.partner.example", "https://ours.example"


pytestmark = pytest.mark.once


def test_an_origin_is_found_everywhere_and_removed(up: Up, page: Page) -> None:
    def control(region: str) -> Any:
        return boto3.client(
            "apigatewayv2",
            region_name=region,
            endpoint_url=up.demo_endpoint,
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(proxies={}),
        )

    made = {}
    for region in ("us-east-1", "eu-west-1"):
        cors = {"AllowOrigins": [OURS, PARTNER], "AllowMethods": ["GET"]}
        made[region] = control(region).create_api(Name=f"shared-{region}", ProtocolType="HTTP", CorsConfiguration=cors)[
            "ApiId"
        ]
    up.manage("sync", "--region", "us-east-1")
    up.manage("sync", "--region", "eu-west-1")

    sign_in(page, up)
    page.get_by_role("link", name="Origins", exact=True).click()
    page.get_by_label("Search entries").fill("leaving")
    page.get_by_role("link", name=PARTNER).click()
    expect(page.get_by_text("2 APIs list it")).to_be_visible()
    expect(page.get_by_role("link", name="shared-eu-west-1", exact=True)).to_be_visible()

    # The demo has APIs that allow everyone: they are named as well, and the plan says that this edit passes them by.
    page.get_by_role("button", name="Remove from…").click()
    page.get_by_role("button", name="Review plan").click()
    expect(page.get_by_role("button", name="Apply to 2 APIs")).to_be_visible()
    page.get_by_role("button", name="Apply to 2 APIs").click()

    def held() -> list[list[str]]:
        return [
            control(region).get_api(ApiId=api_id)["CorsConfiguration"]["AllowOrigins"]
            for region, api_id in made.items()
        ]

    until(lambda: held() == [[OURS], [OURS]], "AWS holds neither", detail=lambda: str(held()))
    until(
        lambda: (
            page.goto(f"{up.url}/origins/one/?origin={PARTNER}") and page.get_by_text("only wildcards allow it").count()
        ),
        "the origin's page knows",
    )
    assert not [line for line in up.lines if "Traceback" in line], up.output

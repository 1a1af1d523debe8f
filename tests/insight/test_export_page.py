"""The Export tab: a configuration in every format, and a pasted one brought into the panel."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from apis.cors.formats import FORMATS
from apis.inventory.models import HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.pages import flat

# A page of forms over rules: another database tells nothing new.
pytestmark = pytest.mark.once

LIVE = {
    "AllowOrigins": ["https://app.example.com", "http://localhost:3000"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["content-type"],
    "ExposeHeaders": ["x-total"],
    "MaxAge": 600,
    "AllowCredentials": True,
}


@pytest.fixture
def api(db: None) -> HttpApi:
    return an_api(an_account(), "orders", LIVE, tags={"aws:cloudformation:stack-name": "shop"})


def exported(answer: Any) -> str:
    found = re.search(r'<pre[^>]*aria-label="[^"]*"[^>]*><code>(.*?)</code>', answer.content.decode(), re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_the_owners_format_comes_first(signed_in: Client, api: HttpApi) -> None:
    answer = signed_in.get(f"/apis/{api.pk}/export/")
    assert "CorsConfiguration:" in exported(answer)
    assert exported(signed_in.get(f"/apis/{api.pk}/export/?format=nonsense")) == exported(answer)


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_is_there_and_what_can_be_read_is_read_back(signed_in: Client, api: HttpApi, name: str) -> None:
    answer = signed_in.get(f"/apis/{api.pk}/export/?format={name}")
    text = exported(answer)
    assert "http://localhost:3000" in text and "600" in text
    assert re.search(rf'<a href="\?format={name}" aria-current="page"', answer.content.decode())
    if FORMATS[name].parse is None:
        return
    opened = signed_in.post(f"/apis/{api.pk}/export/", {"text": text})
    assert opened.status_code == 200
    filled = re.findall(r'<input type="hidden" name="AllowOrigins" value="([^"]*)"', flat(opened))
    assert filled == LIVE["AllowOrigins"]


def test_a_long_one_is_brought_in_whole(signed_in: Client, api: HttpApi) -> None:
    origins = [f"https://tenant-{number}.customers.example.com" for number in range(450)]
    opened = signed_in.post(f"/apis/{api.pk}/export/", {"text": json.dumps({"AllowOrigins": origins})})
    assert re.findall(r'<input type="hidden" name="AllowOrigins" value="([^"]*)"', flat(opened)) == origins


@pytest.mark.parametrize("text", ["null", "aws apigatewayv2 delete-cors-configuration --api-id abc123def4"])
def test_one_that_turns_cors_off_is_not_taken_for_an_empty_one(signed_in: Client, api: HttpApi, text: str) -> None:
    answer = signed_in.post(f"/apis/{api.pk}/export/", {"text": text})
    assert answer.status_code == 422
    assert "CORS is off in this text" in answer.content.decode()


@pytest.mark.parametrize(
    "text", ["", "{", "hello", "AllowOrigins", '{"AllowOrigins": 5}', "a: [", "{}\0", "<x>" * 9000]
)
def test_what_cannot_be_read_is_kept_and_announced(signed_in: Client, api: HttpApi, text: str) -> None:
    answer = signed_in.post(f"/apis/{api.pk}/export/", {"text": text})
    assert answer.status_code == 422
    page = answer.content.decode()
    notified = re.search(r'id="text-problem">.*?<span>(.*?)</span>', page, re.DOTALL)
    assert notified and len(notified[1]) > 10
    assert html.escape(text) in page


def test_what_is_brought_in_is_only_proposed(signed_in: Client, api: HttpApi) -> None:
    answer = signed_in.post(f"/apis/{api.pk}/export/", {"text": "AllowOrigins=https://new.example"}, follow=True)
    assert 'value="https://new.example"' in answer.content.decode()
    api.refresh_from_db()
    assert api.policy.to_aws() == LIVE


def test_values_that_the_text_states_are_put_in_and_said(signed_in: Client, api: HttpApi) -> None:
    text = (
        'variable "origin" {\n  default = "https://new.example"\n}\n'
        "cors_configuration {\n  allow_origins = [var.origin]\n}"
    )
    page = signed_in.post(f"/apis/{api.pk}/export/", {"text": text}, follow=True).content.decode()
    assert "var.origin is https://new.example" in page


def test_the_cors_page_of_the_aws_console_can_be_pasted(signed_in: Client, api: HttpApi) -> None:
    """Copied as text: names above their values. The page says that this can be pasted."""
    url = f"/apis/{api.pk}/export/"
    assert "AWS console" in signed_in.get(url).content.decode().partition("Import a configuration")[2]
    text = "Access-Control-Allow-Origin\nhttps://copied.example.com\nAccess-Control-Max-Age\n600 Seconds\n"
    panel = signed_in.post(url, {"text": text}, follow=True).content.decode()
    assert "https://copied.example.com" in panel
    assert "AWS console" in panel


def test_a_function_url_is_named_as_one(signed_in: Client, api: HttpApi) -> None:
    text = "Type: AWS::Lambda::Url\nProperties: {Cors: {AllowOrigins: ['https://new.example']}}"
    page = signed_in.post(f"/apis/{api.pk}/export/", {"text": text}, follow=True).content.decode()
    assert "Lambda function URL" in page


def test_an_api_without_cors_is_exported_as_such(signed_in: Client, api: HttpApi) -> None:
    dark = an_api(api.account, "dark", None)
    for name in FORMATS:
        assert signed_in.get(f"/apis/{dark.pk}/export/?format={name}").status_code == 200
    assert signed_in.get("/apis/9999/export/").status_code == 404


def test_formats_are_switched_in_the_browser(live_server: Any, signed_in_page: Page, transactional_db: None) -> None:
    api = an_api(an_account(), "orders", LIVE)
    page = signed_in_page
    page.goto(f"{live_server.url}/apis/{api.pk}/export/")
    page.get_by_role("link", name="Terraform", exact=True).click()
    page.wait_for_url("**format=terraform")
    page.get_by_text("allow_origins").wait_for()
    accessible(page)

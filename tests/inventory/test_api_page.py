"""An API's CORS and Routes tabs: the six fields as in the console, findings, facts, commands to try."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.cors.policy import HEADER_OF_FIELD, CorsPolicy
from apis.inventory.models import HttpApi
from apis.inventory.reading import on_demand
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible

pytestmark = pytest.mark.once

TUTORIAL = {
    "AllowOrigins": ["http://localhost:3000", "https://example.com"],
    "AllowMethods": ["GET", "POST", "PUT", "DELETE"],
    "AllowHeaders": ["content-type", "authorization"],
    "MaxAge": 86400,
}
ENDPOINT = "https://abc123def4.execute-api.us-east-1.amazonaws.com"
ROUTES = [
    {"key": "GET /items", "authorization": "NONE", "authorizer": "", "target": "integrations/i1"},
    {"key": "ANY /admin/{proxy+}", "authorization": "JWT", "authorizer": "a1", "target": "integrations/i2"},
]


@pytest.fixture
def api(db: None) -> HttpApi:
    """The tutorial's API."""
    return an_api(an_account(), "my-frontend-app-api", TUTORIAL, api_id="abc123def4", endpoint=ENDPOINT)


@pytest.fixture
def known(api: HttpApi) -> HttpApi:
    """The tutorial's API with its routes read."""
    api.routes, api.details_at = ROUTES, timezone.now()
    api.stages = [{"name": "$default", "auto_deploy": True}, {"name": "dev", "auto_deploy": False}]
    api.integrations = [
        {"id": "i1", "type": "AWS_PROXY", "uri": "arn:aws:lambda:us-east-1:123456789012:function:items"},
        {"id": "i2", "type": "HTTP_PROXY", "uri": "https://admin.internal.example"},
    ]
    api.authorizers = [{"id": "a1", "name": "people", "type": "JWT"}]
    api.save()
    return api


def text(client: Client, url: str) -> str:
    """A page without its tags, blanks made single."""
    import html

    page = client.get(url).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_six_fields_are_those_of_the_console_in_its_order(signed_in: Client, api: HttpApi) -> None:
    page = text(signed_in, api.get_absolute_url())
    at = page.index("Cross-Origin Resource Sharing")
    places = [page.index(label, at) for label in HEADER_OF_FIELD.values()]
    assert places == sorted(places)
    assert "86400 seconds (1 day)" in page
    assert "No headers are exposed" in page
    assert "Access-Control-Allow-Credentials No" in page


def test_off_and_empty_say_what_each_means(signed_in: Client, api: HttpApi) -> None:
    off = text(signed_in, an_api(api.account, "off", None).get_absolute_url())
    empty = text(signed_in, an_api(api.account, "empty", {}).get_absolute_url())
    assert "CORS is off" in off
    assert "No origins are allowed" not in off
    assert "CORS is on but allows nothing" in empty
    assert "No origins are allowed" in empty


def test_findings_are_listed_and_lead_to_their_fix(signed_in: Client, api: HttpApi) -> None:
    broken = an_api(api.account, "broken", {"AllowOrigins": ["https://example.com/"], "AllowMethods": ["GET"]})
    page = signed_in.get(broken.get_absolute_url()).content.decode()
    assert 'class="error"' in page
    assert re.search(rf'href="/apis/{broken.pk}/configure/\?fix=[\w-]+"', page)


def test_a_viewer_reads_the_findings_without_the_fixes(client: Client, viewer: User, api: HttpApi) -> None:
    client.force_login(viewer)
    broken = an_api(api.account, "broken", {"AllowOrigins": ["https://example.com/"]})
    page = client.get(broken.get_absolute_url()).content.decode()
    assert 'class="error"' in page
    assert "/configure/" not in page


def test_the_commands_can_be_pasted_into_a_shell(signed_in: Client, known: HttpApi) -> None:
    import html

    page = signed_in.get(known.get_absolute_url()).content.decode()
    curl, read, write = (
        shlex.split(html.unescape(one).replace("\\\n", " ")) for one in re.findall(r"<code>(.*?)</code>", page, re.S)
    )
    assert curl[:5] == ["curl", "-i", "-X", "OPTIONS", f"{ENDPOINT}/items"]
    assert "Origin: http://localhost:3000" in curl
    assert read[:5] == ["aws", "apigatewayv2", "get-api", "--api-id", "abc123def4"]
    sent = json.loads(write[write.index("--cors-configuration") + 1])
    assert CorsPolicy.from_aws(sent) == known.policy
    assert len(sent) == 6


def test_an_origin_is_tried_as_browsers_send_it(signed_in: Client, api: HttpApi) -> None:
    broken = an_api(api.account, "slash", {"AllowOrigins": ["https://Example.com/"]}, endpoint=ENDPOINT)
    assert "Origin: https://example.com'" in text(signed_in, broken.get_absolute_url())


def test_the_routes_tab_says_who_answers_each_preflight(signed_in: Client, known: HttpApi) -> None:
    page = text(signed_in, f"/apis/{known.pk}/routes/")
    assert "Lambda items" in page
    assert re.search(r"GET /items None Lambda items API Gateway", page)
    assert re.search(r"ANY /admin/\{proxy\+\} JWT people .* Route ANY /admin/\{proxy\+\}", page)
    assert "A stage serves new settings only after a deployment." in page


def test_routes_below_a_path_of_a_custom_domain_are_found(signed_in: Client, known: HttpApi) -> None:
    known.disable_execute_api_endpoint = True
    known.domains = [{"name": "api.example.com", "path": "orders", "stage": "$default", "scheme": "https"}]
    known.save()
    page = text(signed_in, f"/apis/{known.pk}/routes/")
    assert re.search(r"GET /items None Lambda items API Gateway", page)
    assert re.search(r"ANY /admin/\{proxy\+\} JWT people .* Route ANY /admin/\{proxy\+\}", page)


def test_routes_that_are_not_known_are_asked_for_once(signed_in: Client, api: HttpApi, broker: Any) -> None:
    on_demand.forget_requests()
    broker.delete("background")
    for _ in range(3):
        page = signed_in.get(f"/apis/{api.pk}/routes/").content.decode()
    assert "Reading the routes" in page
    assert 'hx-trigger="every 2s"' in page
    assert broker.llen("background") == 1
    HttpApi.objects.filter(pk=api.pk).update(routes=ROUTES, details_at=timezone.now())
    fragment = signed_in.get(f"/apis/{api.pk}/routes/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in fragment
    assert "<html" not in fragment


def test_an_api_that_is_gone_says_so_and_offers_no_change(signed_in: Client, api: HttpApi) -> None:
    HttpApi.objects.filter(pk=api.pk).update(gone_at=timezone.now())
    page = signed_in.get(api.get_absolute_url()).content.decode()
    assert "This API no longer exists in AWS" in page
    assert "/configure/" not in page


def test_an_unknown_api_is_not_found_in_our_own_look(signed_in: Client) -> None:
    answer = signed_in.get("/apis/999999/")
    assert answer.status_code == 404
    assert "This page does not exist" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_tabs_are_accessible(signed_in_page: Any, live_server: Any, known: HttpApi) -> None:
    page = signed_in_page
    for tab in ("", "routes/", "changes/"):
        page.goto(f"{live_server.url}/apis/{known.pk}/{tab}")
        accessible(page)


@pytest.mark.django_db(transaction=True)
def test_a_command_is_copied_with_the_keyboard(signed_in_page: Any, live_server: Any, known: HttpApi) -> None:
    page = signed_in_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page.goto(live_server.url + known.get_absolute_url())
    page.get_by_role("button", name="Copy: curl command").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Copied", exact=True).first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -i -X OPTIONS")

"""The rules as a service: POST judge is the `judge` command for one case, POST explain says what would fix a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.judging import judge_line
from apis.inventory.models import HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.rest.conftest import Program

pytestmark = pytest.mark.once

REQUEST = {"origin": "https://app.example.com", "url": "https://api.example.com/items", "method": "PUT"}
CASE = {
    "id": 7,
    "exchange": {
        "request": {
            **REQUEST,
            "headers": [["content-type", "application/json"]],
            "credentials": "omit",
            "mode": "cors",
        },
        "preflight": {
            "status": 204,
            "headers": [
                ["access-control-allow-origin", "*"],
                ["access-control-allow-methods", "PUT"],
                ["access-control-allow-headers", "content-type"],
            ],
        },
        "response": {
            "status": 200,
            "headers": [
                ["access-control-allow-origin", "*"],
                ["access-control-expose-headers", "x-total"],
                ["x-total", "3"],
            ],
        },
    },
}


def case(**exchange: Any) -> dict[str, Any]:
    return {"id": "a", "exchange": CASE["exchange"] | exchange}  # type: ignore[operator]


def test_an_allowed_call(reader: Program) -> None:
    found = reader.post("judge", CASE).good()
    assert found == {
        "id": 7,
        "needs_preflight": True,
        "allowed": True,
        "code": None,
        "reason": found["reason"],
        "exposed": ["x-total"],
    }


def test_a_blocked_call_has_chromes_code(reader: Program) -> None:
    found = reader.post("judge", case(preflight={"status": 204, "headers": []})).good()
    assert (found["allowed"], found["code"]) == (False, "PreflightMissingAllowOriginHeader")
    assert found["reason"]


@pytest.mark.parametrize("given", [CASE, case(preflight=None), case(response=None), {"id": None, **case()}])
def test_it_says_what_the_command_says(reader: Program, given: dict[str, Any]) -> None:
    assert reader.post("judge", given).good() == judge_line(json.dumps(given))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "exchange"),
        ({"id": [], "exchange": {}}, "id"),
        ({"exchange": 7}, "exchange"),
        ({"exchange": {}}, "request"),
        (case(request={**REQUEST, "origin": "nonsense"}), "request.origin"),
        (case(request={**REQUEST, "method": "A B"}), "request.method"),
        (case(request={**REQUEST, "headers": [["a"]]}), "request.headers[0]"),
        (case(response={"status": "200"}), "response.status"),
        (case(preflight=[]), "preflight"),
    ],
)
def test_a_case_that_is_none(reader: Program, body: Any, field: str) -> None:
    reader.post("judge", body).problem(422, field)


@pytest.fixture
def row(db: None) -> HttpApi:
    """An API that allows one origin."""
    return an_api(an_account(), "orders", {"AllowOrigins": ["https://app.example.com"], "AllowMethods": ["GET"]})


def test_explain_names_the_cause_and_the_fix(reader: Program, row: HttpApi) -> None:
    found = reader.post("explain", {"api": row.pk, "request": REQUEST}).good()
    assert found["verdict"]["allowed"] is False
    assert found["verdict"]["code"] == "MethodDisallowedByPreflightResponse"
    assert (found["cause"]["code"], found["cause"]["field"]) == ("method-not-allowed", "AllowMethods")
    assert found["cause"]["certainty"] == "certain"
    assert found["predicted"]["exchange"]["preflight"]["status"] == 204
    assert any("PUT" in str(fix) for fix in found["fixes"])


def test_explain_reads_a_pasted_error_and_finds_its_api(reader: Program, row: HttpApi) -> None:
    row.api_id, row.endpoint = "abc123def4", "http://abc123def4.execute-api.us-east-1.localhost:8000"
    row.save()
    text = (
        "Access to fetch at 'https://abc123def4.execute-api.us-east-1.amazonaws.com/items' from origin "
        "'https://stage.example.com' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is "
        "present on the requested resource."
    )
    found = reader.post("explain", {"pasted": text}).good()
    assert found["read"]["source"] == "chrome"
    assert found["read"]["origin"] == "https://stage.example.com"
    assert found["api"]["id"] == row.pk, "the id in the host decides, whatever the rest of the name is"
    assert (found["cause"]["code"], found["cause"]["field"]) == ("origin-not-allowed", "AllowOrigins")
    assert found["verdict"] == found["verdict"] | {"allowed": False, "code": "MissingAllowOriginHeader", "by": "text"}
    assert found["fixes"][0]["cors"]["AllowOrigins"] == ["https://app.example.com", "https://stage.example.com"]
    other = reader.post("explain", {"pasted": text, "origin": "https://www.example.com"}).good()
    assert other["cause"]["value"] == "https://www.example.com", "a correction counts more than the text"
    tried = reader.post("explain", {"pasted": text, "cors": {"AllowOrigins": ["*"]}}).good()
    assert tried["cause"]["code"] != "origin-not-allowed" and tried["verdict"]["allowed"] is False


def test_explain_refuses_what_it_cannot_read_by_name(reader: Program) -> None:
    reader.post("explain", {"pasted": "hello"}).problem(422, "pasted")
    headers = [[f"x-{at}", "1"] for at in range(201)]
    reader.post("explain", {"cors": {}, "request": REQUEST | {"headers": headers}}).problem(422, "request.headers")


def test_explain_knows_the_apis_addresses(reader: Program, row: HttpApi) -> None:
    """As the page does: below a path of a custom domain, and that no one answers elsewhere."""
    row.routes = [{"key": "GET /items", "authorization": "NONE", "authorizer": "", "target": "t"}]
    row.domains = [{"name": "api.example.com", "path": "orders", "stage": "$default", "scheme": "https"}]
    row.save()
    for url, allowed in (("https://api.example.com/orders/items", True), ("https://nobody.example/items", False)):
        request = REQUEST | {"method": "GET", "url": url}
        assert reader.post("explain", {"api": row.pk, "request": request}).good()["verdict"]["allowed"] is allowed


def test_explain_six_fields_that_are_nowhere_yet(reader: Program, row: HttpApi) -> None:
    wanted = {"AllowOrigins": ["*"], "AllowMethods": ["*"]}
    assert reader.post("explain", {"cors": wanted, "request": REQUEST}).good()["verdict"]["allowed"] is True
    assert reader.post("explain", {"cors": None, "request": REQUEST}).good()["verdict"]["allowed"] is False
    tried = reader.post("explain", {"api": row.pk, "cors": wanted, "request": REQUEST}).good()
    assert tried["verdict"]["allowed"] is True, "the API's routes with other fields"
    get = REQUEST | {"method": "GET"}
    assert reader.post("explain", {"api": row.pk, "request": get}).good()["verdict"]["allowed"] is True
    off = reader.post("explain", {"api": row.pk, "cors": None, "request": get}).good()
    assert off["verdict"]["allowed"] is False, "null is off, not as it is"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "request"),
        ({"cors": {}, "request": {}}, "request.origin"),
        ({"cors": {}, "request": {**REQUEST, "url": "/items"}}, "request.url"),
        ({"cors": {"MaxAge": "x"}, "request": REQUEST}, "MaxAge"),
        ({"cors": [], "request": REQUEST}, "cors"),
        ({"api": "x", "request": REQUEST}, "api"),
        ({"api": 1, "request": []}, "request"),
        ({"request": REQUEST}, "api"),
    ],
)
def test_explain_names_the_field_at_fault(reader: Program, body: Any, field: str) -> None:
    reader.post("explain", body).problem(422, field)


@pytest.mark.parametrize("number", [4711, 10**30])
def test_explain_of_an_api_that_is_not_there(reader: Program, number: int) -> None:
    reader.post("explain", {"api": number, "request": REQUEST}).problem(404)

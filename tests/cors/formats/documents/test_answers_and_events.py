"""The names, kinds and refusals of AWS's own answers, of CloudTrail's events and of AWS Config's items."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import StatedApi, read_apis
from tests.cors.formats.refusals import refusal

A = "https://a.example"
CORS = {"AllowOrigins": [A]}
CAMEL = {"allowOrigins": [A]}
SOCKET = "This is a WebSocket API, which has no CORS."


def only(value: Any) -> tuple[str, StatedApi]:
    """The format of a value and its only API, which allows one origin."""
    name, [found] = read_apis(json.dumps(value))
    assert found.policy.to_aws() == CORS
    return name, found


@pytest.mark.parametrize(
    ("answer", "name", "kind"),
    [
        ({"ApiId": "i", "Name": "n", "CorsConfiguration": CORS}, "n", "http-api"),
        ({"apiId": "i", "name": "n", "corsConfiguration": CAMEL}, "n", "http-api"),
        ({"ApiId": "i", "CorsConfiguration": CORS}, "i", "http-api"),
        ({"Name": "n" * 201, "ApiId": "i", "CorsConfiguration": CORS}, "n" * 200, "http-api"),
        ({"CorsConfiguration": CORS}, "", "http-api"),
        (CORS, "", "http-api"),
        ({"FunctionUrl": "https://u", "FunctionArn": "arn:f", "Cors": CORS}, "arn:f", "function-url"),
        ({"AuthType": "NONE", "FunctionArn": "arn:f", "Cors": CORS}, "arn:f", "function-url"),
    ],
)
def test_an_answers_name_and_kind(answer: dict[str, Any], name: str, kind: str) -> None:
    for value in (answer, [answer], {"Items": [answer]}, [[answer]]):
        name_of_format, found = only(value)
        assert (name_of_format, found.name, found.kind) == ("json", name, kind)


@pytest.mark.parametrize("key", ["ProtocolType", "protocolType"])
def test_an_answer_about_a_websocket_api(key: str) -> None:
    socket = {"ApiId": "s", key: "WEBSOCKET"}
    for value in (socket, [socket], {"Items": [socket]}):
        error = refusal(value)
        assert (error.field, error.message) == ("ProtocolType", SOCKET)
    http = {"ApiId": "h", key: "HTTP", "CorsConfiguration": CORS}
    assert only([socket, http])[1].name == "h"


def test_an_answer_without_cors_is_off() -> None:
    for value in ({"ApiId": "i"}, {"Name": "n", "ProtocolType": "HTTP"}, {"ApiId": "i", "CorsConfiguration": None}):
        _, [found] = read_apis(json.dumps(value))
        assert found.policy.to_aws() is None


def test_lists_of_answers_have_an_end() -> None:
    assert only([[[[{"ApiId": "i", "CorsConfiguration": CORS}]]]])[1].name == "i"
    assert refusal([[[[[CORS]]]]]).message == "This is nested too deeply. Paste only the part about the API."
    assert refusal({"Items": [5]}).message == "There must be objects in this list, one for each API."
    error = refusal({"CorsConfiguration": 5})
    assert error.message == "This must be an object with the six fields, or null to switch CORS off."


def call(name: str, source: str = "apigateway", **given: Any) -> dict[str, Any]:
    parts = {"requestParameters": {"apiId": "i", "corsConfiguration": CAMEL}, **given}
    return {"eventSource": f"{source}.amazonaws.com", "eventName": name, "eventTime": "2026-01-01T00:00:00Z", **parts}


URL = {"functionName": "f", "cors": CAMEL}


@pytest.mark.parametrize(
    ("event", "name", "kind"),
    [
        (call("UpdateApi"), "i", "http-api"),
        (call("CreateApi"), "i", "http-api"),
        (call("UpdateApi", requestParameters={"apiId": "n" * 201, "corsConfiguration": CAMEL}), "n" * 200, "http-api"),
        (call("CreateApi", requestParameters={}, responseElements={"apiId": "i", "corsConfiguration": CAMEL}),
         "i", "http-api"),
        (call("UpdateFunctionUrlConfig20211031v2", "lambda", requestParameters=URL), "f", "function-url"),
        (call("CreateFunctionUrlConfig", "lambda", requestParameters=URL), "f", "function-url"),
    ],
)  # fmt: skip
def test_a_calls_name_and_kind(event: dict[str, Any], name: str, kind: str) -> None:
    printed = {"CloudTrailEvent": json.dumps(event)}
    for value in (event, [event], {"Records": [event]}, {"detail": event}, {"Events": [printed]}, [printed]):
        name_of_format, found = only(value)
        assert (name_of_format, found.name, found.kind) == ("cloudtrail", name, kind)


def item(kind: str = "AWS::ApiGatewayV2::Api", **given: Any) -> dict[str, Any]:
    return {"resourceType": kind, "resourceId": "i", "configuration": {"CorsConfiguration": CORS}, **given}


def test_an_items_kinds() -> None:
    name, found = only(item())
    assert (name, found.kind) == ("config", "http-api")
    assert only(item(configuration=json.dumps({"CorsConfiguration": CORS}))) == (name, found)
    assert only(item("AWS::Lambda::Url", configuration={"Cors": CORS}))[1].kind == "function-url"


@pytest.mark.parametrize(
    ("event", "field", "message"),
    [
        (call("E" * 61), "eventName", f"{'E' * 60} of apigateway sets no CORS of an HTTP API."),
        (call("UpdateApi", "s" * 61), "eventName", f"UpdateApi of {'s' * 60} sets no CORS of an HTTP API."),
        (call("UpdateApi", errorCode="D" * 61), "errorCode", f"This call failed ({'D' * 60}), so it changed nothing."),
        (call("UpdateApi", requestParameters={"apiId": "i"}), "requestParameters", "This UpdateApi does not set CORS."),
        (call("CreateApi", requestParameters={"protocolType": "WEBSOCKET"}), "protocolType", SOCKET),
        (item("T" * 81), "resourceType", f"{'T' * 80} is not an HTTP API."),
        (item(configuration={"protocolType": "WEBSOCKET"}), "ProtocolType", SOCKET),
        (item(configuration=5), "configuration", "must be an object."),
        (item(configurationItemStatus="ResourceDeletedNotRecorded"), "configurationItemStatus",
         "This API was deleted, so it has no configuration."),
    ],
)  # fmt: skip
def test_events_that_set_no_cors(event: dict[str, Any], field: str, message: str) -> None:
    for value in (event, {"Records": [event]}, {"detail": event}, {"Results": [json.dumps(event)]}):
        error = refusal(value)
        assert (error.field, error.message) == (field, message)

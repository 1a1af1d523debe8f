"""What the demo starts with: believable APIs in two accounts and three regions, the same ones each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apis.cors.aws_validation import refusal
from apis.cors.policy import CorsPolicy
from apis.demo.seed_apis import APIS
from apis.demo.serve import Demo
from tests.demo.clients import PARTNER, control

pytestmark = pytest.mark.once

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")


def everything(demo: Demo) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for account, key in (("first", "anything"), ("partner", PARTNER)):
        for region in REGIONS:
            for api in control(demo, region, key).get_apis()["Items"]:
                yield account, region, api


def test_a_dozen_http_apis_in_two_accounts_and_three_regions(demo: Demo) -> None:
    http = [one for one in everything(demo) if one[2]["ProtocolType"] == "HTTP"]
    assert len(http) >= 12
    assert {(account, region) for account, region, _ in http} == {
        (account, region) for account in ("first", "partner") for region in REGIONS
    }
    assert any(api["ProtocolType"] == "WEBSOCKET" for _, _, api in everything(demo))
    assert all(len(api["ApiId"]) == 10 for _, _, api in http)


def test_the_tutorials_api_is_as_its_reader_finds_it(demo: Demo) -> None:
    aws = control(demo)
    api = aws.get_api(ApiId="abc123def4")
    assert api["Name"] == "my-frontend-app-api"
    assert "CorsConfiguration" not in api
    keys = {route["RouteKey"] for route in aws.get_routes(ApiId="abc123def4")["Items"]}
    assert {"GET /items", "POST /items", "PUT /items/{id}", "DELETE /items/{id}"} <= keys


def test_there_are_all_three_states_and_tags_that_show_the_owner(demo: Demo) -> None:
    states = {CorsPolicy.from_aws(api.get("CorsConfiguration")).state for _, _, api in everything(demo)}
    assert states == {"off", "empty", "set"}
    tags = {tag for _, _, api in everything(demo) for tag in api.get("Tags", {})}
    assert {"aws:cloudformation:stack-name", "managed-by", "sst:app"} <= tags


def test_aws_accepts_every_seeded_configuration() -> None:
    for api in APIS:
        wire = None if api.cors is None else {name[0].upper() + name[1:]: value for name, value in api.cors.items()}
        assert refusal(CorsPolicy.from_aws(wire)) is None, api.name

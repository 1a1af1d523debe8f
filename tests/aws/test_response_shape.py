"""A success that is not what AWS sends is an error, never "none"; one odd item leaves the others readable."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from apis.aws import (
    AwsError,
    NotFound,
    Reach,
    Unreachable,
    clients,
    details,
    domains,
    events,
    get_api,
    list_apis,
    within,
)
from apis.aws.updates import update_cors
from apis.cors.policy import CorsPolicy
from tests.aws.conftest import FAST
from tests.support.sinks import Give, HttpSink

JSON = (("Content-Type", "application/json"),)
GOOD = {"apiId": "a1", "name": "good", "protocolType": "HTTP", "createdDate": "2025-03-04T09:15:00Z"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WHOLE = json.dumps({"items": [GOOD]}).encode()
CALLS: dict[str, Callable[[Reach], Any]] = {
    "GetApis": lambda reach: list(list_apis(reach, "us-east-1")),
    "GetApi": lambda reach: get_api(reach, "us-east-1", "a1"),
    "details": lambda reach: details(reach, "us-east-1", "a1"),
    "domains": lambda reach: domains(reach, "us-east-1"),
    "events": lambda reach: events(reach, "us-east-1", NOW, NOW),
    "update": lambda reach: update_cors(reach, "us-east-1", "a1", CorsPolicy(max_age=1).to_update()),
}


@pytest.fixture
def reach_of(webhook_sink: HttpSink, db: None) -> Callable[..., Reach]:
    """An endpoint that answers every call with this."""

    def answering(body: bytes, status: int = 200, headers: Any = JSON) -> Reach:
        webhook_sink.answer = lambda got: Give(status, headers, body)
        return Reach(f"odd-{webhook_sink.url}", endpoint_url=webhook_sink.url, calls_per_s=FAST, trusted=True)

    return answering


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "body",
    [b"", b"{}", WHOLE[:-5], b"null", b"[]", b'{"items": null}', b'{"items": {}}', b'{"Items": []}', b"[" * 10_000],
    ids=repr,
)
def test_a_success_without_the_expected_shape_is_an_error(
    reach_of: Callable[..., Reach], call: str, body: bytes
) -> None:
    """Whatever is asked."""
    with pytest.raises(Unreachable) as found:
        CALLS[call](reach_of(body))
    assert found.value.code == "NotAws"


@pytest.mark.parametrize(
    "odd",
    [None, 7, "x", {}, {"name": "odd"}, GOOD | {"createdDate": "yesterday"}, GOOD | {"apiId": None},
     GOOD | {"corsConfiguration": "all"}, GOOD | {"tags": ["a"]},
     GOOD | {"corsConfiguration": {"allowOrigins": "https://a.example"}}],
    ids=repr,
)  # fmt: skip
def test_an_odd_item_is_named_and_the_others_are_read(reach_of: Callable[..., Reach], odd: Any) -> None:
    """Who wants to know gets its name, who does not gets an error."""
    reach = reach_of(json.dumps({"items": [odd, GOOD | {"apiId": "a2"}]}).encode())
    unread: list[str] = []
    assert [one.api_id for one in list_apis(reach, "us-east-1", odd=unread)] == ["a2"]
    assert len(unread) == 1
    with pytest.raises(AwsError):
        list(list_apis(reach, "us-east-1"))


def test_an_empty_list_is_none(reach_of: Callable[..., Reach]) -> None:
    assert list(list_apis(reach_of(b'{"items": []}'), "us-east-1")) == []


def test_a_list_without_end_ends(
    reach_of: Callable[..., Reach], webhook_sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page names another one as the next."""
    monkeypatch.setattr(clients, "MOST_PAGES", 5)
    reach, count = reach_of(b""), itertools.count(1)
    webhook_sink.answer = lambda got: Give(
        200, JSON, json.dumps({"items": [GOOD], "nextToken": f"t{next(count)}"}).encode()
    )
    with pytest.raises(AwsError) as found:
        list(list_apis(reach, "us-east-1"))
    assert found.value.code == "TooManyPages"
    assert next(count) <= 8


def test_a_list_that_takes_too_long_ends(reach_of: Callable[..., Reach], webhook_sink: HttpSink) -> None:
    """Each page comes quickly enough for itself; an inner limit does not extend the outer one."""
    reach, count = reach_of(b""), itertools.count(1)

    def slowly(got: Any) -> Give:
        page = json.dumps({"items": [GOOD], "nextToken": f"t{next(count)}"}).encode()
        return Give(200, JSON, page, after=0.02)

    webhook_sink.answer = slowly
    with within(0.3), within(1000), pytest.raises(AwsError) as found:
        list(list_apis(reach, "us-east-1"))
    assert found.value.code == "Deadline"
    with within(0), pytest.raises(AwsError):
        get_api(reach, "us-east-1", "a1")


def test_only_aws_can_say_that_an_api_is_gone(reach_of: Callable[..., Reach]) -> None:
    """A proxy's 404 is none of AWS's."""
    with pytest.raises(Unreachable):
        get_api(reach_of(b"<h1>Not found</h1>", 404, (("Content-Type", "text/html"),)), "us-east-1", "a1")
    with pytest.raises(Unreachable):
        get_api(reach_of(b'{"message": "no route"}', 404), "us-east-1", "a1")
    named = (*JSON, ("x-amzn-ErrorType", "NotFoundException"))
    with pytest.raises(NotFound):
        get_api(reach_of(b'{"message": "Invalid API identifier specified"}', 404, named), "us-east-1", "a1")

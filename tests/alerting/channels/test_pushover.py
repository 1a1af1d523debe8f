"""Pushover, by the page on its API: https://pushover.net/api#messages and #limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apis.errors import InvalidFields
from tests.alerting.channels.conftest import HOSTILE, Vendor
from tests.support.sinks import Give

pytestmark = pytest.mark.once

TOKEN, USER = "a" * 30, "u" * 30
SCHEMA = {
    "type": "object",
    "required": ["token", "user", "message"],
    "additionalProperties": False,
    "properties": {
        "token": {"type": "string", "pattern": "^[A-Za-z0-9]{30}$"},
        "user": {"type": "string", "pattern": "^[A-Za-z0-9]{30}$"},
        "message": {"type": "string", "minLength": 1, "maxLength": 1024},
        "title": {"type": "string", "maxLength": 250},
        "url": {"type": "string", "maxLength": 512},
        "url_title": {"type": "string", "maxLength": 100},
        "priority": {"type": "integer", "minimum": -2, "maximum": 1},
        "timestamp": {"type": "integer"},
    },
}


@pytest.fixture
def pushover(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """The messages endpoint."""
    made = vendor(SCHEMA, Give(200, body=b'{"status": 1, "request": "x"}'))
    make_channel("pushover", url=f"{made.url}/1/messages.json", secret=TOKEN, address=USER)
    return made


def test_an_incident_and_its_end(pushover: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(pushover)
    assert (opened["token"], opened["user"]) == (TOKEN, USER)
    assert opened["priority"] > closed["priority"]
    assert "removed an origin" in opened["message"]


def test_long_names_fit(pushover: Vendor, arrives: Callable[..., list[Any]]) -> None:
    assert len(arrives(pushover, HOSTILE)) == 2


@pytest.mark.parametrize("field", ["secret", "address"])
def test_a_key_that_is_none_is_refused(make_channel: Callable[..., Any], field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        make_channel("pushover", **({"secret": TOKEN, "address": USER} | {field: "short"}))
    assert set(caught.value.errors) == {field}

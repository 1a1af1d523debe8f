"""Push messages through ntfy, by its page on publishing as JSON: https://docs.ntfy.sh/publish/#publish-as-json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apis.errors import InvalidFields
from tests.alerting.channels.conftest import HOSTILE, Vendor

pytestmark = pytest.mark.once

SCHEMA = {
    "type": "object",
    "required": ["topic"],
    "additionalProperties": False,
    "properties": {
        "topic": {"type": "string", "pattern": "^[-_A-Za-z0-9]{1,64}$"},
        "message": {"type": "string"},
        "title": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "priority": {"type": "integer", "minimum": 1, "maximum": 5},
        "click": {"type": "string", "pattern": "^https?://"},
    },
}
MOST_MESSAGE_BYTES = 4096


@pytest.fixture
def ntfy(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """A server with a protected topic."""
    made = vendor(SCHEMA)
    make_channel("ntfy", url=f"{made.url}/cors-alerts", secret="tk_0123")
    return made


def test_an_incident_and_its_end(ntfy: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(ntfy)
    assert {got.path for got in ntfy.received} == {"/"}
    assert {got.headers["authorization"] for got in ntfy.received} == {"Bearer tk_0123"}
    assert opened["topic"] == "cors-alerts"
    assert opened["priority"] > closed["priority"]
    assert "/incidents/" in opened["click"]


def test_long_names_fit(ntfy: Vendor, arrives: Callable[..., list[Any]]) -> None:
    for body in arrives(ntfy, HOSTILE):
        assert len(body["message"].encode()) <= MOST_MESSAGE_BYTES


def test_a_url_without_a_topic_is_refused(make_channel: Callable[..., Any]) -> None:
    with pytest.raises(InvalidFields) as caught:
        make_channel("ntfy", url="https://ntfy.sh/")
    assert set(caught.value.errors) == {"url"}

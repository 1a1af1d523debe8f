"""PagerDuty, by the reference of its Events API version 2.

https://developer.pagerduty.com/docs/send-alert-event (trigger, resolve and the limits of their fields)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apis.errors import InvalidFields
from tests.alerting.channels.conftest import HOSTILE, Vendor
from tests.support.sinks import Give

pytestmark = pytest.mark.once

KEY = "a1b2c3d4" * 4
SCHEMA = {
    "type": "object",
    "required": ["routing_key", "event_action"],
    "additionalProperties": False,
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
        "client": {"type": "string"},
        "client_url": {"type": "string", "pattern": "^https?://"},
        "links": {
            "type": "array",
            "items": {"type": "object", "required": ["href"], "properties": {"href": {"pattern": "^https?://"}}},
        },
        "payload": {
            "type": "object",
            "required": ["summary", "source", "severity"],
            "additionalProperties": False,
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "source": {"type": "string", "minLength": 1},
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": {
                    "type": "string",
                    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$",
                },
                "component": {"type": "string"},
                "group": {"type": "string"},
                "class": {"type": "string"},
                "custom_details": {"type": "object"},
            },
        },
    },
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
    "else": {"required": ["dedup_key"]},
}


@pytest.fixture
def pagerduty(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """The events endpoint answers 202."""
    made = vendor(SCHEMA, Give(202, body=b'{"status": "success", "message": "Event processed"}'))
    make_channel("pagerduty", url=f"{made.url}/v2/enqueue", secret=KEY)
    return made


def test_a_recovery_resolves_what_was_triggered(pagerduty: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(pagerduty)
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"]
    assert opened["payload"]["severity"] == "error"
    assert opened["payload"]["summary"].startswith("orders (production, eu-central-1): https://app.example.com")
    assert "removed an origin" in opened["payload"]["custom_details"]["Likely cause"]


def test_long_names_fit(pagerduty: Vendor, arrives: Callable[..., list[Any]]) -> None:
    assert len(arrives(pagerduty, HOSTILE)) == 2


def test_a_key_of_another_length_is_refused(make_channel: Callable[..., Any]) -> None:
    with pytest.raises(InvalidFields) as caught:
        make_channel("pagerduty", secret="short")
    assert set(caught.value.errors) == {"secret"}

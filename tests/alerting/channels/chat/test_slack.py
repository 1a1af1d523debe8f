"""Slack, by its documentation of incoming webhooks and Block Kit.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
https://docs.slack.dev/reference/block-kit/blocks/section-block and .../actions-block, .../button-element
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.alerting.channels.conftest import HOSTILE, Vendor
from tests.support.sinks import Give

pytestmark = pytest.mark.once

TEXT = {"type": "string", "minLength": 1, "maxLength": 3000}
SECTION = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "section"},
        "text": {
            "type": "object",
            "required": ["type", "text"],
            "additionalProperties": False,
            "properties": {"type": {"enum": ["mrkdwn", "plain_text"]}, "text": TEXT},
        },
    },
}
BUTTON = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "button"},
        "text": {
            "type": "object",
            "required": ["type", "text"],
            "properties": {"type": {"const": "plain_text"}, "text": {"type": "string", "maxLength": 75}},
        },
        "url": {"type": "string", "pattern": "^https?://", "maxLength": 3000},
    },
}
ACTIONS = {
    "type": "object",
    "required": ["type", "elements"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "actions"},
        "elements": {"type": "array", "minItems": 1, "maxItems": 25, "items": BUTTON},
    },
}
SCHEMA = {
    "type": "object",
    "required": ["text", "blocks"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 40_000},
        "blocks": {"type": "array", "minItems": 1, "maxItems": 50, "items": {"oneOf": [SECTION, ACTIONS]}},
        "unfurl_links": {"type": "boolean"},
    },
}


@pytest.fixture
def slack(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """Slack answers "ok"; a channel posts to it."""
    made = vendor(SCHEMA, Give(200, body=b"ok"))
    make_channel("slack", url=f"{made.url}/services/T000/B000/XXXX")
    return made


def test_an_incident_and_its_end(slack: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(slack)
    assert opened["text"].startswith("orders (production, eu-central-1): https://app.example.com → GET /items")
    assert "since 20 Nov 2026, 12:00:30 UTC" in opened["text"]
    shown = opened["blocks"][1]["text"]["text"]
    assert "removed an origin" in shown
    assert "by alice" in shown
    assert "(20 seconds before the first failure)" in shown
    assert opened["blocks"][-1]["elements"][0]["url"].endswith("/incidents/1/") or "/incidents/" in str(opened)
    assert "recovered after 12 minutes" in closed["text"]
    assert slack.received[0].path == "/services/T000/B000/XXXX"


def test_names_cannot_mention_or_format(slack: Vendor, arrives: Callable[..., list[Any]]) -> None:
    for body in arrives(slack, HOSTILE):
        assert "<!channel>" not in str(body)
        assert "\\n" not in body["text"] and "Bcc" in body["text"]

"""Teams workflows, by the Adaptive Card schema and Microsoft's page on workflows.

https://adaptivecards.io/schemas/adaptive-card.json (version 1.4) and
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#send-adaptive-cards-using-an-incoming-webhook
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.alerting.channels.conftest import HOSTILE, Vendor
from tests.support.sinks import Give

pytestmark = pytest.mark.once

TEXT_BLOCK = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "TextBlock"},
        "text": {"type": "string"},
        "wrap": {"type": "boolean"},
        "weight": {"enum": ["default", "lighter", "bolder"]},
        "color": {"enum": ["default", "dark", "light", "accent", "good", "warning", "attention"]},
    },
}
OPEN_URL = {
    "type": "object",
    "required": ["type", "url"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "Action.OpenUrl"},
        "title": {"type": "string"},
        "url": {"type": "string", "pattern": "^https?://"},
    },
}
CARD = {
    "type": "object",
    "required": ["type", "version", "body"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"},
        "type": {"const": "AdaptiveCard"},
        "version": {"enum": ["1.0", "1.1", "1.2", "1.3", "1.4"]},
        "msteams": {"type": "object"},
        "body": {"type": "array", "items": TEXT_BLOCK},
        "actions": {"type": "array", "items": OPEN_URL, "maxItems": 6},
    },
}
SCHEMA = {
    "type": "object",
    "required": ["type", "attachments"],
    "properties": {
        "type": {"const": "message"},
        "attachments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "type": "object",
                "required": ["contentType", "content"],
                "properties": {
                    "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                    "contentUrl": {"type": ["string", "null"]},
                    "content": CARD,
                },
            },
        },
    },
}
MOST_BYTES = 28 * 1024


@pytest.fixture
def teams(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """Power Automate answers 202 without a body."""
    made = vendor(SCHEMA, Give(202))
    make_channel("teams", url=f"{made.url}/workflows/abc/triggers/manual/paths/invoke?sig=XXXX")
    return made


def test_an_incident_and_its_end(teams: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = (body["attachments"][0]["content"] for body in arrives(teams))
    assert opened["body"][0]["color"] == "attention"
    assert opened["body"][0]["text"].startswith("orders (production, eu-central-1): https://app.example.com")
    assert any("removed an origin" in block["text"] for block in opened["body"])
    assert "/incidents/" in opened["actions"][0]["url"]
    assert closed["body"][0]["color"] == "good"


def test_long_and_hostile_names(teams: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, _ = arrives(teams, HOSTILE)
    assert "](http://evil" not in opened["attachments"][0]["content"]["body"][0]["text"].replace("\\]", "")
    assert all(len(got.body) < MOST_BYTES for got in teams.received)

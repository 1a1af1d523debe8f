"""Discord, by its reference of webhooks and the limits of embeds.

https://docs.discord.com/developers/resources/webhook#execute-webhook
https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.alerting.channels.conftest import HOSTILE, Vendor
from tests.support.sinks import Give

pytestmark = pytest.mark.once

EMBED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "maxLength": 256},
        "description": {"type": "string", "maxLength": 4096},
        "url": {"type": "string", "pattern": "^https?://"},
        "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"},
        "color": {"type": "integer", "minimum": 0, "maximum": 0xFFFFFF},
        "fields": {
            "type": "array",
            "maxItems": 25,
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 256},
                    "value": {"type": "string", "minLength": 1, "maxLength": 1024},
                },
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "required": ["embeds"],
    "additionalProperties": False,
    "properties": {
        "username": {"type": "string", "maxLength": 80, "not": {"pattern": "(?i)discord|clyde"}},
        "embeds": {"type": "array", "minItems": 1, "maxItems": 10, "items": EMBED},
        "allowed_mentions": {"type": "object", "properties": {"parse": {"type": "array", "maxItems": 3}}},
    },
}


@pytest.fixture
def discord(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """Discord answers 204."""
    made = vendor(SCHEMA, Give(204))
    make_channel("discord", url=f"{made.url}/api/webhooks/1234/XXXX")
    return made


def test_an_incident_and_its_end(discord: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = (body["embeds"][0] for body in arrives(discord))
    assert opened["title"].startswith("orders (production, eu-central-1): https://app.example.com")
    assert {one["name"] for one in opened["fields"]} == {"Reason", "Likely cause", "What to do"}
    assert "/incidents/" in opened["url"]
    assert opened["color"] != closed["color"]


def test_no_one_is_mentioned(discord: Vendor, arrives: Callable[..., list[Any]]) -> None:
    for body in arrives(discord, HOSTILE):
        assert body["allowed_mentions"] == {"parse": []}


def test_its_rate_limit_is_heeded(discord: Vendor, incident_story: Callable[..., Any], settings: Any, db: None) -> None:
    """https://docs.discord.com/developers/topics/rate-limits: the body's retry_after, in seconds."""
    discord.sink.answer = lambda got: Give(429, body=b'{"message": "limited", "retry_after": 64.5, "global": false}')
    row = incident_story()[0]
    assert row.state == "waiting"
    assert row.next_attempt_at - row.attempts.get().at == timedelta(seconds=64.5)

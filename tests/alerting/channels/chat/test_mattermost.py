"""Mattermost and Rocket.Chat, by their pages on incoming webhooks and message attachments.

https://developers.mattermost.com/integrate/reference/message-attachments/
https://docs.rocket.chat/docs/integrations#incoming-webhook-script
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.alerting.channels.conftest import HOSTILE, Vendor
from tests.support.sinks import Give

pytestmark = pytest.mark.once

SCHEMA = {
    "type": "object",
    "required": ["attachments"],
    "additionalProperties": False,
    "properties": {
        "username": {"type": "string"},
        "text": {"type": "string"},
        "attachments": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["fallback"],
                "additionalProperties": False,
                "properties": {
                    "fallback": {"type": "string", "minLength": 1},
                    "color": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
                    "title": {"type": "string"},
                    "title_link": {"type": "string", "pattern": "^https?://"},
                    "text": {"type": "string", "maxLength": 7600},
                },
            },
        },
    },
}


@pytest.fixture
def chat(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """A server that answers "ok"."""
    made = vendor(SCHEMA, Give(200, body=b"ok"))
    make_channel("mattermost", url=f"{made.url}/hooks/XXXX")
    return made


def test_an_incident_and_its_end(chat: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = (body["attachments"][0] for body in arrives(chat))
    assert opened["fallback"].startswith("orders (production, eu-central-1)")
    assert "removed an origin" in opened["text"]
    assert "/incidents/" in opened["title_link"]
    assert opened["color"] != closed["color"]


def test_no_one_is_mentioned(chat: Vendor, arrives: Callable[..., list[Any]]) -> None:
    for body in arrives(chat, HOSTILE):
        assert "@everyone" not in body["attachments"][0]["title"]

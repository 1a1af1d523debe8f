"""Google Chat, by the reference of its messages and cards.

https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages
https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.alerting.channels.conftest import HOSTILE, Vendor

pytestmark = pytest.mark.once

TEXT = {"type": "string", "minLength": 1}
WIDGET = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        "textParagraph": {"type": "object", "required": ["text"], "properties": {"text": TEXT}},
        "decoratedText": {
            "type": "object",
            "required": ["text"],
            "additionalProperties": False,
            "properties": {"topLabel": TEXT, "text": TEXT, "wrapText": {"type": "boolean"}},
        },
        "buttonList": {
            "type": "object",
            "required": ["buttons"],
            "properties": {
                "buttons": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["text", "onClick"],
                        "properties": {
                            "onClick": {
                                "type": "object",
                                "required": ["openLink"],
                                "properties": {"openLink": {"type": "object", "required": ["url"]}},
                            }
                        },
                    },
                }
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "fallbackText": {"type": "string"},
        "thread": {"type": "object", "properties": {"threadKey": {"type": "string", "maxLength": 4000}}},
        "cardsV2": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["card"],
                "properties": {
                    "cardId": TEXT,
                    "card": {
                        "type": "object",
                        "required": ["sections"],
                        "additionalProperties": False,
                        "properties": {
                            "header": {
                                "type": "object",
                                "required": ["title"],
                                "properties": {"title": TEXT, "subtitle": TEXT},
                            },
                            "sections": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["widgets"],
                                    "properties": {"widgets": {"type": "array", "minItems": 1, "items": WIDGET}},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture
def google(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """A space's webhook."""
    made = vendor(SCHEMA)
    make_channel("google_chat", url=f"{made.url}/v1/spaces/AAAA/messages?key=K&token=T")
    return made


def test_an_incident_and_its_end_share_a_thread(google: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(google)
    assert opened["thread"] == closed["thread"]
    assert google.received[0].path.endswith("messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD")
    assert opened["cardsV2"][0]["card"]["header"]["title"] == "orders"
    assert closed["cardsV2"][0]["card"]["header"]["subtitle"] == "Resolved"


def test_names_are_text(google: Vendor, arrives: Callable[..., list[Any]]) -> None:
    for body in arrives(google, HOSTILE):
        assert "<script>" not in str(body["cardsV2"][0]["card"]["sections"])

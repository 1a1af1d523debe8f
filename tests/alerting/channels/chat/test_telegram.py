"""Telegram, by the reference of its bot API: https://core.telegram.org/bots/api#sendmessage and #html-style."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.alerting.channels.conftest import HOSTILE, Vendor
from tests.support.sinks import Give

pytestmark = pytest.mark.once

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
SCHEMA = {
    "type": "object",
    "required": ["chat_id", "text"],
    "additionalProperties": False,
    "properties": {
        "chat_id": {"type": ["integer", "string"], "pattern": r"^(-?\d+|@\w+)$"},
        "text": {"type": "string", "minLength": 1, "maxLength": 4096},
        "parse_mode": {"enum": ["HTML", "MarkdownV2"]},
        "link_preview_options": {"type": "object", "properties": {"is_disabled": {"type": "boolean"}}},
    },
}


@pytest.fixture
def telegram(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """A bot API server."""
    made = vendor(SCHEMA, Give(200, body=b'{"ok": true, "result": {}}'))
    make_channel("telegram", url=made.url, secret=TOKEN, address="-1001234567890")
    return made


def test_an_incident_and_its_end(telegram: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(telegram)
    assert telegram.received[0].path == f"/bot{TOKEN}/sendMessage"
    assert opened["chat_id"] == "-1001234567890"
    assert "<b>orders (production, eu-central-1): https://app.example.com" in opened["text"]
    assert "recovered after 12 minutes" in closed["text"]


def test_only_known_tags_are_sent(telegram: Vendor, arrives: Callable[..., list[Any]]) -> None:
    for body in arrives(telegram, HOSTILE):
        assert set(re.findall(r"</?(\w+)", body["text"])) <= {"b", "a"}
        assert not re.search(r"&(?!(lt|gt|amp|quot|#x27);)", body["text"])


def test_a_token_is_not_in_what_is_kept(telegram: Vendor, incident_story: Callable[..., Any]) -> None:
    telegram.sink.answer = lambda got: Give(403)
    for row in incident_story():
        assert all(TOKEN not in attempt.error for attempt in row.attempts.all())
        assert TOKEN not in str(row.data)


@pytest.mark.parametrize(("field", "value"), [("secret", "nonsense"), ("address", "somewhere"), ("url", "ftp://x")])
def test_what_cannot_work_is_refused(make_channel: Callable[..., Any], field: str, value: str) -> None:
    from apis.errors import InvalidFields

    given = {"secret": TOKEN, "address": "@alerts", "url": ""} | {field: value}
    with pytest.raises(InvalidFields) as caught:
        make_channel("telegram", **given)
    assert set(caught.value.errors) == {field}

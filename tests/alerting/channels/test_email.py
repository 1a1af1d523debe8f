"""E-mail, text and HTML: https://www.rfc-editor.org/rfc/rfc2046#section-5.1.4 (multipart/alternative)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apis.alerting.models import Channel
from tests.alerting.channels.conftest import HOSTILE
from tests.support.sinks import SmtpSink, plain

pytestmark = pytest.mark.once


def test_both_parts_say_the_same(mail: Channel, smtp_sink: SmtpSink, incident_story: Callable[..., Any]) -> None:
    incident_story()
    opened = smtp_sink.received[0]
    assert opened.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in opened.iter_parts()] == ["text/plain", "text/html"]
    for part in opened.iter_parts():
        text = part.get_content()
        assert "https://app.example.com" in text
        assert "removed an origin" in text
        assert "/incidents/" in text
    assert "\n\n\n" not in plain(opened)
    assert "(prefers-color-scheme: dark)" in plain(opened, "html")


def test_names_are_text_and_add_no_header(
    mail: Channel, smtp_sink: SmtpSink, incident_story: Callable[..., Any]
) -> None:
    incident_story(HOSTILE)
    for message in smtp_sink.received:
        assert message["Bcc"] is None
        html = plain(message, "html")
        assert "<script>" not in html
        assert "&lt;script&gt;" in html

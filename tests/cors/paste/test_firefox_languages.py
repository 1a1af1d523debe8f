"""Firefox's messages in ten languages, as it publishes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apis.cors.paste import read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
LANGUAGES = json.loads((Path(__file__).parent / "firefox_messages.json").read_text("utf-8"))
CODES = {
    "missing": "MissingAllowOriginHeader",
    "multiple": "MultipleAllowOriginValues",
    "mismatch": "AllowOriginMismatch",
    "wildcard": "WildcardOriginNotAllowed",
    "method": "MethodDisallowedByPreflightResponse",
    "credentials": "InvalidAllowCredentials",
    "status": "PreflightInvalidStatus",
    "bad_methods": "InvalidAllowMethodsPreflightResponse",
    "bad_headers": "InvalidAllowHeadersPreflightResponse",
    "header": "HeaderDisallowedByPreflightResponse",
    "redirect": "PreflightDisallowedRedirect",
    "scheme": "CorsDisabledScheme",
    "failed": "InvalidResponse",
}


def test_there_are_ten_languages():
    assert len(LANGUAGES) == 10


@pytest.mark.parametrize(
    ("language", "kind"), [(name, kind) for name, about in LANGUAGES.items() for kind in about["reasons"]]
)
def test_a_message_in_another_language_is_read(language, kind):
    about = LANGUAGES[language]
    text = about["frame"].replace("%U", API).replace("%R", about["reasons"][kind])
    reading = read_error(text)
    assert (reading.source, reading.url, reading.code) == ("firefox", API, CODES[kind])
    assert reading.missing[0] == "origin"
    if "403" in text:
        assert 403 in (reading.status, reading.preflight_status)
    if kind == "header":
        assert reading.headers == (("x-a", ""),)
    if kind == "mismatch":
        assert reading.value == "https://x.example"

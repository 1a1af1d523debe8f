"""A pasted list becomes the field's entries, however it was written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.cors.formats import FormatError, read_list

TWO = ["https://a.example", "http://localhost:3000"]

TWO_ORIGINS = [
    "https://a.example,http://localhost:3000",
    "https://a.example, http://localhost:3000,",
    "https://a.example http://localhost:3000",
    "  https://a.example\n\n http://localhost:3000\r\n",
    "https://a.example;http://localhost:3000",
    '["https://a.example", "http://localhost:3000"]',
    "['https://a.example', 'http://localhost:3000']",
    "[https://a.example, http://localhost:3000]",
    '"https://a.example","http://localhost:3000"',
    'AllowOrigins="https://a.example","http://localhost:3000"',
    'AllowOrigins=["https://a.example","http://localhost:3000"]',
    '"AllowOrigins": ["https://a.example", "http://localhost:3000"],',
    'allow_origins = ["https://a.example", "http://localhost:3000"]',
    "allowOrigins: ['https://a.example', 'http://localhost:3000'],",
    "AllowOrigins:\n  - https://a.example\n  - http://localhost:3000\n",
    "- https://a.example\n- 'http://localhost:3000'",
    "Access-Control-Allow-Origin: https://a.example, http://localhost:3000",
    "\ufeffhttps://a.example\thttp://localhost:3000",
    "* https://a.example\n* http://localhost:3000",
    "1. https://a.example\n2. http://localhost:3000",
    "- `https://a.example`\n- <http://localhost:3000>",
    "- https://a.example # production\n# the rest\n- http://localhost:3000 // React",
    '{"AllowOrigins": ["https://a.example", "http://localhost:3000"]}',
    'allow_origins = [\n  "https://a.example",\n  "http://localhost:3000",\n]',
]
"""Ways to write TWO down."""


@pytest.mark.parametrize("text", TWO_ORIGINS)
def test_two_origins(text):
    assert read_list(text) == TWO


OTHERS = [
    ("", []),
    (" , ;\n", []),
    ("*", ["*"]),
    ("content-type,authorization,X-Api-Key", ["content-type", "authorization", "X-Api-Key"]),
    ("access-control-allow-headers: content-type,x-a", ["content-type", "x-a"]),
    ("allowedMethods: [GET, '*']", ["GET", "*"]),
    ("GET|POST", ["GET|POST"]),
    ("GET GET", ["GET", "GET"]),
    ("http://[::1]:3000, null", ["http://[::1]:3000", "null"]),
    ('"a b", c', ["a b", "c"]),
    ('["a, b"]', ["a, b"]),
    ("[1, 2]", ["1", "2"]),
    ("it's", ["it", "s"]),
    ("* https://a.example", ["https://a.example"]),
    ("*, authorization", ["*", "authorization"]),
    ("* authorization", ["*", "authorization"]),
    ("x-1. x-2", ["x-1.", "x-2"]),
]
"""Texts and what they amount to."""


@pytest.mark.parametrize(("text", "entries"), OTHERS)
def test_other_lists(text, entries):
    assert read_list(text) == entries


@given(st.text())
def test_any_text_is_a_list(text):
    assert all(entry and entry == entry.strip() for entry in read_list(text))


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(FormatError, match="longer"):
        read_list("a" * 300_000)

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
    "CORS_ORIGINS=https://a.example,http://localhost:3000",
    'export ALLOWED_ORIGINS="https://a.example,http://localhost:3000"',
    "ALLOWED_ORIGINS: https://a.example,http://localhost:3000",
    '"https://a.example,http://localhost:3000"',
    "'https://a.example, http://localhost:3000'",
    "const origins = ['https://a.example', 'http://localhost:3000'];",
    "export const origins: string[] = [\n  'https://a.example',\n  'http://localhost:3000',\n] as const;",
    'ORIGINS = ["https://a.example", "http://localhost:3000"]',
    'toset(["https://a.example", "http://localhost:3000"])',
    'origins = toset(["https://a.example", "http://localhost:3000"])',
    "new Set(['https://a.example', 'http://localhost:3000'])",
    'List.of("https://a.example", "http://localhost:3000");',
    "| Origin | For |\n|---|---|\n| https://a.example | production |\n| http://localhost:3000 | React |",
    "For | Origin\n:-- | --:\nproduction | `https://a.example`\nReact | <http://localhost:3000>",
    "[The shop](https://a.example), [React](http://localhost:3000)",
    "- [https://a.example](https://a.example)\n- [local](http://localhost:3000 'mine')",
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
    ("a=b", ["a=b"]),
    ("METHODS=GET,POST", ["GET", "POST"]),
    ("\"'GET,POST,OPTIONS'\"", ["GET", "POST", "OPTIONS"]),
    ("| Method |\n|--------|\n| GET |\n| POST |", ["GET", "POST"]),
    ("https://a.example/?x=[1]", ["https://a.example/?x=[1]"]),
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


FIELD_NAMES = (
    "AllowOrigins AllowMethods AllowHeaders ExposeHeaders allowOrigins allowMethods allowHeaders exposeHeaders "
    "allow_origins allow_methods allow_headers expose_headers allowedOrigins allowedMethods allowedHeaders "
    "exposedResponseHeaders Access-Control-Allow-Origin Access-Control-Allow-Methods "
    "access-control-allow-headers access-control-expose-headers ALLOWORIGINS"
)


@pytest.mark.parametrize("rest", ["=a,b", ": a, b", ' = ["a", "b"]', ":\n- a\n- b", '": ["a", "b"]'])
def test_a_field_in_front_of_a_list_is_no_entry(rest):
    assert [key for key in FIELD_NAMES.split() if read_list(f"{key}{rest}") != ["a", "b"]] == []


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("- \n- a", ["a"]),
        ("{ a }", ["a"]),
        ("('a', 'b');", ["a", "b"]),
        ("''", []),
        ('"", "a"', ["a"]),
        ("'a,,b'", ["a", "b"]),
        ("• a\n– b\n+ c\n2) d", ["a", "b", "c", "d"]),
        ('val o = listOf("a", "b")', ["a", "b"]),
        ("private readonly origins = ['a']", ["a"]),
        ("$env:ORIGINS = 'a,b'", ["a", "b"]),
        ("set ORIGINS=a,b", ["a", "b"]),
        ("ENV ORIGINS=a", ["a"]),
        ("ARG ORIGINS=a", ["a"]),
        ("origins: ['a']", ["a"]),
        ("Origins == ['a']", ["Origins", "==", "a"]),
        ("<https://a.example>", ["https://a.example"]),
        ("<a>", ["<a>"]),
        ('[" a ", "", "b"]', ["a", "b"]),
        ("['a'] trailing", ["a"]),
        ("a\0b", ["ab"]),
        ("|a|b|\n|--|:-:|\n|x|https://y|\n|z|", ["https://y"]),
        ("| x |\n| a |", ["|", "x", "|", "|", "a", "|"]),
        ("\n\n|a|\n|---|\n|b|", ["b"]),
    ],
)
def test_marks_around_entries(text, entries):
    assert read_list(text) == entries

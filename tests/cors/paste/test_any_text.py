"""Any text ends in a Reading or in ReadingError, at once."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.cors.browser import judge
from apis.cors.exchange import Exchange
from apis.cors.explain import Target, diagnose
from apis.cors.gateway import Route
from apis.cors.origins import origin_of, parse_url
from apis.cors.paste import PARTS, READERS, ReadingError, read_error, unwrap
from apis.cors.policy import CorsPolicy

WORDS = r"""Access to fetch at XMLHttpRequest 'https://a.example/x' (redirected from ) from origin 'https://b.example'
has been blocked by CORS policy: disallows reading the remote resource at (Reason: header ' CORS cannot load due to
access control checks is not allowed by Access-Control-Allow-Origin Access-Control-Allow-Headers Status code: 204
Method Request header field Mixed Content: The page at curl curl -X OPTIONS -H $'\u0041 \' " ' ` ${ } fetch( { method: :
headers: [ ] , ( ) new Headers( JSON.stringify( + ... /* */ // HTTP/2 net::ERR_FAILED ^ -- -d null"""
PIECES = st.sampled_from([*WORDS.split(), *WORDS.splitlines(), "\n", " ", "\0", "\ud800", "\U0001f600", "curl x\n"])
TARGET = Target(
    CorsPolicy(allow_origins=("https://b.example",), allow_methods=("GET",)),
    (Route("ANY /{proxy+}", "JWT", "a", "t"),),
    ("$default", "dev"),
    ("https://a.example", "https://a.example/dev"),
)
NAMES = st.sampled_from(
    [
        "log",
        "entries",
        "request",
        "response",
        "method",
        "url",
        "headers",
        "name",
        "value",
        "status",
        "cookies",
        "origin",
    ]
)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["https://a.example/", "OPTIONS"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=5)),
    max_leaves=20,
)


def ends_well(text):
    with contextlib.suppress(ReadingError):
        check(read_error(text))
    pasted = unwrap(text)
    for read in READERS.values():
        with contextlib.suppress(ReadingError):
            for draft in read(pasted):
                check(draft.finish())


def check(reading):
    """A reading can be stored and judged, and names all that is missing."""
    repr(reading).encode()
    assert set(reading.missing) <= set(PARTS)
    assert ("origin" in reading.missing) is not bool(reading.origin)
    assert "url" in reading.missing or parse_url(reading.url)
    assert not reading.origin or origin_of(reading.origin) == reading.origin
    judge(reading.observed or Exchange(reading.request))
    for target in (Target(), TARGET):
        json.dumps(diagnose(reading, target).as_json())


@given(st.text(st.characters(), max_size=80))
def test_any_text(text):
    ends_well(text)


@given(st.lists(PIECES, max_size=40).map(" ".join))
def test_any_heap_of_the_messages_own_words(text):
    ends_well(text)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_heap_without_blanks(text):
    ends_well(text)


@given(VALUES)
def test_any_json(value):
    ends_well(json.dumps(value))
    ends_well(json.dumps({"request": value, "response": value}))
    ends_well(json.dumps([{"request": {"url": "https://a.example", "method": "GET", "headers": value}}]))


BLOCKED = "Access to fetch at 'x' from origin 'y' has been blocked by CORS policy: "
HURTFUL = {
    "beginnings": "Access to " * 6_000,
    "messages": BLOCKED * 3_000,
    "Firefox messages": "disallows reading the remote resource at x (Reason: CORS request did not succeed). " * 3_000,
    "Safari messages": "Fetch API cannot load x due to access control checks. " * 1_000,
    "failed lines": BLOCKED + "GET http://a " * 4_000,
    "blanks": " " * 50_000 + "curl x",
    "lines": "\n" * 50_000 + "fetch('x')",
    "fetches": "fetch" * 12_000,
    "fetch and blanks": "fetch " * 5_000 + " " * 25_000,
    "traces": "at fetch (" * 6_000,
    "a trace": "at " + "a." * 25_000,
    "places": "fetch(" + ":1" * 25_000,
    "variables": "curl https://" + "?$a%b{{" * 7_000,
    "open comments": "fetch(" + "/*" * 25_000,
    "open texts": "fetch(" + "'\n" * 25_000,
    "open templates": "fetch(" + "`${" * 20_000,
    "brackets": "fetch(" + "[" * 50_000,
    "objects": "fetch('x', " + "{a:" * 15_000,
    "headers": "fetch('x', {headers: [" + "['a','b']," * 20_000 + "]})",
    "backslashes": "fetch('" + "\\" * 50_000,
    "quotes": "curl " + "'\"" * 25_000,
    "dollars": "curl " + "$'" * 25_000,
    "options": "curl " + "-d " * 20_000,
    "header options": "curl x " + "-H a:b " * 8_000,
    "carets": "curl ^\n" + "^" * 50_000,
    "answers": "curl x\n" + "HTTP/2 200\n" * 5_000,
    "calls": json.dumps([{"request": {"url": "https://a.example/", "method": "PUT", "headers": [
        {"name": "origin", "value": "https://b.example"}]}}] * 2_500 + [{"request": {
            "url": "https://a.example/", "method": "OPTIONS", "headers": [
                {"name": "origin", "value": "https://b.example"},
                {"name": "access-control-request-method", "value": "PUT"}]}, "response": {"status": 204}}] * 2_500),
}  # fmt: skip


@pytest.mark.parametrize("kind", HURTFUL)
def test_a_text_made_to_hurt_is_refused_or_read_at_once(kind):
    ends_well(HURTFUL[kind])

"""Calls of EventSource, sendBeacon and fetchBaseQuery."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
HOST = API.removesuffix("/items")
TEXT = (("Content-Type", "text/plain;charset=UTF-8"),)
JSON = (("Content-Type", "application/json"),)


def read(script):
    """What is read from a script about API."""
    return read_error(script.replace("API", f"'{API}'").replace("HOST", f"'{HOST}'"))


@pytest.mark.parametrize(
    ("script", "credentials"),
    [
        ("new EventSource(API)", "same-origin"),
        ("new EventSource(API, {withCredentials: true})", "include"),
        ("new EventSource(API, {withCredentials: false})", "same-origin"),
        ("const o = {withCredentials: yes}, yes = true; new EventSource(API, o)", "include"),
    ],
)
def test_event_source(script, credentials):
    found = read(script)
    assert (found.source, found.url, found.method, found.credentials) == ("fetch", API, "GET", credentials)
    assert (found.headers, found.missing) == ((), ("origin",))


@pytest.mark.parametrize(
    ("arguments", "headers"),
    [
        ("", ()),
        (", 'a'", TEXT),
        (", JSON.stringify(a)", TEXT),
        (", new FormData(f)", (("Content-Type", "multipart/form-data; boundary=x"),)),
        (", new URLSearchParams(f)", (("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"),)),
        (", new Blob([a], {type: 'application/json'})", JSON),
        (", new Blob([a])", ()),
        (", new Blob([a], {endings: 'native'})", ()),
        (", new Blob(['a'], options)", ()),
        (", blob)\nconst blob = new Blob([JSON.stringify(a)], {type: 'application/json'}", JSON),
    ],
)
def test_send_beacon(arguments, headers):
    found = read(f"navigator.sendBeacon(API{arguments})")
    assert (found.source, found.url, found.method, found.credentials) == ("fetch", API, "POST", "include")
    assert (found.headers, found.missing) == (headers, ("origin",))


@pytest.mark.parametrize(
    ("options", "endpoint", "expected"),
    [
        ("baseUrl: HOST", "query: () => '/items'", {}),
        ("baseUrl: HOST + '/'", "query: () => 'items'", {}),
        ("baseUrl: HOST", "query: () => ({url: '/items', method: 'put'})", {"method": "PUT"}),
        ("baseUrl: HOST", "query: (body) => ({method: 'POST', url: 'items', body})", {"method": "POST"}),
        ("baseUrl: HOST", "query: () => ({url: '/items', headers: {}}); 'PATCH'", {}),
        ("baseUrl: API", "", {"missing": ("origin", "method")}),
        ("baseUrl: API", "query = 1", {"missing": ("origin", "method")}),
        ("baseUrl: HOST, credentials: 'include'", "query: () => '/items'", {"credentials": "include"}),
        ("baseUrl: HOST, credentials: 'omit'", "query: () => '/items'", {}),
        ("baseUrl: HOST, headers: {'X-A': 1}", "query: () => '/items'", {"headers": (("X-A", ""),)}),
        ("baseUrl: HOST, headers: f()", "query: () => '/items'", {"missing": ("origin", "headers")}),
        ("baseUrl: API, headers: f()", "", {"missing": ("origin", "method", "headers")}),
        ("baseUrl: HOST, prepareHeaders: (h) => { h.set('X-A', t); return h }", "query: () => '/items'",
         {"headers": (("X-A", ""),)}),
        ("baseUrl: HOST, prepareHeaders: async (h) => { h.set('X-A', t); return h }", "query: () => '/items'",
         {"headers": (("X-A", ""),)}),
        ("baseUrl: HOST, prepareHeaders: (h) => { g.set('X-A', t); return h }", "query: () => '/items'", {}),
    ],
)  # fmt: skip
def test_fetch_base_query(options, endpoint, expected):
    found = read(f"baseQuery: fetchBaseQuery({{{options}}}), endpoints: (b) => ({{x: b.query({{{endpoint}}})}})")
    usual = {"source": "fetch", "url": API, "method": "GET", "headers": (), "credentials": "same-origin"}
    usual["missing"] = ("origin",)
    assert {name: getattr(found, name) for name in usual} == usual | expected


@pytest.mark.parametrize("script", ["new EventSource()", "sendBeacon()", "fetchBaseQuery()", "fetchBaseQuery({})",
                                    "new EventSource(u)", "sendBeacon(u)", "fetchBaseQuery({baseUrl: u})",
                                    "importScripts(u)", "new Worker(u)"])  # fmt: skip
def test_a_call_without_an_address(script):
    with pytest.raises(ReadingError):
        read(script)

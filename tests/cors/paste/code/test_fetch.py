"""A fetch call is read as people write it and as DevTools copy it."""

from __future__ import annotations

import pytest

from apis.cors.browser import needs_preflight
from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
JSON = (("Content-Type", "application/json"),)

TUTORIAL = """
const response = await fetch('https://abc123def4.execute-api.us-east-1.amazonaws.com/items', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ name: 'TypeScript in Action', price: 29.99 }),
});

const data = await response.json();
"""

FROM_DEVTOOLS = """fetch("https://abc123def4.execute-api.us-east-1.amazonaws.com/items", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-GB,en;q=0.9",
    "authorization": "Bearer eyJhbGciOi",
    "cache-control": "no-cache",
    "content-type": "application/json",
    "pragma": "no-cache",
    "priority": "u=1, i",
    "sec-ch-ua": "\\"Chromium\\";v=\\"150\\"",
    "sec-fetch-mode": "cors"
  },
  "referrer": "https://app.example.com/shop?page=2",
  "body": "{\\"a\\":1}",
  "method": "PUT",
  "mode": "cors",
  "credentials": "include"
});"""


def test_the_tutorials_call():
    reading = read_error(TUTORIAL)
    assert (reading.source, reading.url, reading.method) == ("fetch", API, "POST")
    assert reading.headers == JSON
    assert reading.credentials == "same-origin"
    assert reading.code is None and reading.observed is None
    assert reading.missing == ("origin",)
    assert needs_preflight(reading.request)


def test_devtools_copy_has_the_page_and_the_browsers_own_headers():
    reading = read_error(FROM_DEVTOOLS)
    assert (reading.origin, reading.url) == ("https://app.example.com", API)
    assert (reading.method, reading.credentials, reading.missing) == ("PUT", "include", ())
    assert reading.headers == (("authorization", ""), ("content-type", "application/json"))


def test_devtools_copy_for_node_is_the_browsers_call():
    text = f"""fetch("{API}", {{
      "headers": {{
        "accept": "*/*",
        "accept-language": "en-US,en;q=0.9",
        "x-api-key": "eyJhbGciOi",
        "cookie": "session=eyJhbGciOi",
        "Referer": "https://app.example.com/cart",
        "Referrer-Policy": "strict-origin-when-cross-origin"
      }},
      "body": null,
      "method": "GET"
    }});"""
    reading = read_error(text)
    assert (reading.origin, reading.credentials) == ("https://app.example.com", "include")
    assert reading.headers == (("x-api-key", ""),)


def test_a_pasted_token_goes_nowhere():
    for text in (FROM_DEVTOOLS, f"fetch('{API}', {{headers: {{'X-Api-Key': 'eyJhbGciOi', Cookie: 'eyJhbGciOi'}}}})"):
        assert "eyJhbGciOi" not in repr(read_error(text))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", {}),
        (", {}", {}),
        (", {method: 'patch'}", {"method": "patch"}),
        (', { "method" : "DELETE", }', {"method": "DELETE"}),
        (", {method: `PUT`, mode: 'no-cors'}", {"method": "PUT", "mode": "no-cors"}),
        (", {credentials: 'include' /* cookies */, // and\n method: 'GET'}", {"credentials": "include"}),
        (", {credentials: \"omit\"}", {"credentials": "omit"}),
        (", {headers: {Authorization: `Bearer ${token}`}}", {"headers": (("Authorization", ""),)}),
        (", {headers: {'X-A': a, 'X-B': f(1, {b: 2})}}", {"headers": (("X-A", ""), ("X-B", ""))}),
        (", {headers: [['X-A', '1'], [\"Accept\", 'text/html']]}", {"headers": (("X-A", ""), ("Accept", "text/html"))}),
        (", {headers: new Headers({'content-type': 'text/plain'})}", {"headers": (("content-type", "text/plain"),)}),
        (", {headers: new Headers()}", {}),
        (", {method: 'POST', body: 'a'}", {
            "method": "POST", "headers": (("Content-Type", "text/plain;charset=UTF-8"),)
        }),
        (", {method: 'POST', body: JSON.stringify({a: [1, 2]})}", {
            "method": "POST", "headers": (("Content-Type", "text/plain;charset=UTF-8"),)
        }),
        (", {method: 'POST', body: JSON.stringify(x), headers: {'content-type': 'application/json'}}", {
            "method": "POST", "headers": (("content-type", "application/json"),)
        }),
        (", {method: 'POST', body: new URLSearchParams({a: 1})}", {
            "method": "POST", "headers": (("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"),)
        }),
        (", {method: 'POST', body: new FormData(form)}", {
            "method": "POST", "headers": (("Content-Type", "multipart/form-data; boundary=x"),)
        }),
        (", {method: 'POST', body: buffer}", {"method": "POST"}),
        (", {method: 'POST', body: null}", {"method": "POST"}),
        (", {signal: AbortSignal.timeout(5000), cache: 'no-store', method: 'HEAD'}", {"method": "HEAD"}),
        (", {async onDone() { return {a: 1}; }, method: 'HEAD'}", {"method": "HEAD"}),
        (", {method: isNew ? 'POST' : 'PUT'}", {"missing": ("origin", "method")}),
        (", {method}", {"missing": ("origin", "method")}),
        (", {headers}", {"missing": ("origin", "headers")}),
        (", {headers: {...auth, 'X-A': '1'}}", {"headers": (("X-A", ""),), "missing": ("origin", "headers")}),
        (", {headers: {[name]: '1'}}", {"missing": ("origin", "headers")}),
        (", {...defaults, method: 'PUT'}", {"method": "PUT", "missing": ("origin", "headers", "credentials")}),
        (", {credentials: mode}", {"missing": ("origin", "credentials")}),
        (", options", {"missing": ("origin", "method", "headers", "credentials")}),
        (", {method: 'PUT', headers: {'X-A': '1'", {"method": "PUT", "headers": (("X-A", ""),)}),
    ],
)  # fmt: skip
def test_options(options, expected):
    usual = {"method": "GET", "headers": (), "credentials": "same-origin", "mode": "cors", "missing": ("origin",)}
    reading = read_error(f"await fetch('{API}'{options}).then((r) => r.json());")
    assert reading.url == API
    assert {name: getattr(reading, name) for name in usual} == usual | expected


@pytest.mark.parametrize(
    ("argument", "url", "known"),
    [
        (f'"{API}"', API, True),
        (f"`{API}`", API, True),
        ("'https:\\/\\/a.example\\u002Fx\\x21'", "https://a.example/x!", True),
        ("'https://a.example' + '/x'", "https://a.example/x", True),
        ("new URL('/x', 'https://a.example/y')", "https://a.example/x", True),
        ("new Request('https://a.example/x', {method: 'PUT'})", "https://a.example/x", True),
        ("'https://a.example/' + id", "https://a.example/${id}", False),
        ("`https://a.example/${items.map((i) => `${i}`).join()}/x`", None, False),
        ("'/items'", "/items", False),
        ("`${API_URL}/items`", "${API_URL}/items", False),
        ("process.env.API + '/items'", "${process.env.API}/items", False),
        ("url", "${url}", False),
    ],
)
def test_urls(argument, url, known):
    reading = read_error(f"const r = window.fetch ({argument});")
    assert reading.url == url or url is None
    assert ("url" not in reading.missing) is known
    assert reading.method == ("PUT" if "Request" in argument else "GET")


@pytest.mark.parametrize(
    "written",
    [
        r"P\nUT", r"P\rUT", r"P\tUT", r"P\bUT", r"P\fUT", r"P\vUT", r"P\0UT", "P\\\nUT", r"P\UT",
        r"\x50UT", r"\u0050UT",
        r"\u{50}UT", r"\u{000050}UT", r"PUT\u{110000}", "PUT\\",
    ],
)  # fmt: skip
def test_the_escapes_of_a_text(written):
    """Control characters are left out of every reading."""
    assert read_error(f"fetch('{API}', {{method: '{written}").method == "PUT"


@pytest.mark.parametrize("written", [r"P\u{10FFFF}UT", r"P\u{0000050}UT", r"P\u50UT", r"P\x5UT"])
def test_what_only_looks_like_an_escape_is_kept(written):
    expected = "P\U0010ffffUT" if "10FFFF" in written else written.replace("\\", "")
    assert read_error(f"fetch('{API}', {{method: '{written}'}})").method == expected


@pytest.mark.parametrize(
    "url",
    ["`API/{a`", "`API/a}`", "`API/${f({a: `x`})}`", "`API/${a ? `{b}` : `c`}`", "'API/`'", "`API\n`"],
)
def test_where_a_text_ends(url):
    found = read_error(f"fetch({url.replace('API', API)}, {{method: 'PUT'}})")
    assert (found.url[: len(API)], found.method) == (API, "PUT")


def test_a_handler_that_names_the_error_does_not_hide_the_call():
    text = f"fetch('{API}').catch((e) => console.error('Failed to fetch', e))"
    assert read_error(text).url == API


@pytest.mark.parametrize(
    "text",
    [
        "TypeError: Failed to fetch\n    at window.fetch (https://a.example/a.js:12:33)\n\nawait CALL",
        "CALL\n// TypeError: Failed to fetch\n//    at fetch (<anonymous>)",
        "Failed to fetch (a.example)\nit happens at CALL",
        "it fails at\n  window.CALL",
    ],
)
def test_a_call_is_found_next_to_the_lines_of_a_stack_trace(text):
    reading = read_error(text.replace("CALL", f"fetch('{API}', {{method: 'PUT'}})"))
    assert (reading.source, reading.url, reading.method) == ("fetch", API, "PUT")


@pytest.mark.parametrize("text", ["fetch(", "await fetch()", "prefetch('https://a.example')", "$fetch()"])
def test_code_without_a_call_is_refused(text):
    with pytest.raises(ReadingError):
        read_error(text)

"""The Headers panels of DevTools, copied from Chrome, Firefox, Safari and Postman."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error
from tests.cors.paste.targets import response_of

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGE = "https://app.example.com"

CHROME = f"""General
Request URL: {API}
Request Method: PUT
Status Code: 200 OK
Remote Address: 203.0.113.1:443
Referrer Policy: origin
Response Headers
server: x
set-cookie: a=b
origin: https://other.example
Request Headers
Origin: {PAGE}
x-faq: 1
server: y"""
IN_LINES = "\n".join(part for line in CHROME.splitlines() for part in line.split(": ", 1))
WITH_TABS = CHROME.replace(": ", ":\t")
OLDER = (
    CHROME.replace("General", "▼ General")
    .replace("e Headers", "e Headers (3)")
    .replace("t Headers", "t Headers view source")
)


@pytest.mark.parametrize("text", [CHROME, IN_LINES, WITH_TABS, OLDER, CHROME.replace("\n", "\n\n")])
def test_each_layout_is_read_alike(text):
    found = read_error(text)
    assert (found.source, found.origin, found.url, found.method) == ("headers", PAGE, API, "PUT")
    assert (found.headers, found.credentials) == ((("x-faq", ""), ("server", "")), "same-origin")
    assert (found.missing, found.status) == (("credentials",), 200)
    assert response_of(found).headers == (("server", "x"), ("set-cookie", ""), ("origin", "https://other.example"))


def test_cookies_show_the_credentials():
    found = read_error(f"{CHROME}\nCookie: id=1")
    assert (found.credentials, found.missing) == ("include", ())


def test_a_preflight():
    text = CHROME.replace("PUT", "OPTIONS").replace("200", "403") + "\nAccess-Control-Request-Method: PATCH"
    found = read_error(f"{text}\nAccess-Control-Request-Headers: content-type, x-b")
    assert (found.method, found.headers) == ("PATCH", (("content-type", "application/json"), ("x-b", "")))
    assert (found.preflight, found.preflight_status, found.status) == (True, 403, None)
    bare = read_error(CHROME.replace("PUT", "OPTIONS").replace("200", "403"))
    assert (bare.method, bare.preflight_status) == ("OPTIONS", 403)
    assert bare.missing == ("method", "headers", "credentials")


OF_REQUESTS = [
    "accept", "accept-encoding", "accept-language", "authorization", "cookie", "dnt", "host", "if-modified-since",
    "if-none-match", "pragma", "priority", "referer", "te", "upgrade-insecure-requests", "user-agent",
    "x-requested-with", "x-api-key", ":authority", ":path", "sec-fetch-site", "sec-ch-ua",
]  # fmt: skip


@pytest.mark.parametrize("name", OF_REQUESTS)
def test_without_sections_a_request_header_is_known_by_its_name(name):
    found = read_error(f"Request URL: {API}\nStatus Code: 200\norigin: {PAGE}\n{name}: z\nserver: x")
    assert response_of(found).headers == (("server", "x"),)


def test_without_sections_the_preflights_headers_are_known():
    asked = "access-control-request-method: PUT\naccess-control-request-headers: x-a"
    found = read_error(f"Request URL: {API}\nRequest Method: OPTIONS\nStatus Code: 204\norigin: {PAGE}\n{asked}")
    assert (found.origin, found.method, found.headers, found.preflight_status) == (PAGE, "PUT", (("x-a", ""),), 204)


def test_the_method_comes_from_http2_or_is_get():
    assert read_error(f"Request URL: {API}\n:method: DELETE\norigin: {PAGE}").method == "DELETE"
    assert read_error(f"Request URL: {API}\norigin: {PAGE}").method == "GET"
    assert read_error(f"Request URL: {API}\nRequest Method: POST (from cache)").method == "POST"
    assert read_error(f"{CHROME}\n:method: DELETE").method == "PUT"


@pytest.mark.parametrize(
    "head",
    [
        f"POST\n{API}\nStatus\n403\nVersion\nHTTP/2\nTransferred\n1 kB",
        f"POST {API}\nStatus: 403 Forbidden\nVersion: HTTP/2",
        f"▶ POST {API}\nScheme: https\nHost: x\nFilename: /items\nStatus: 403",
        f"POST {API}\n403\n12 ms",
    ],
)
@pytest.mark.parametrize(
    "sections", ["Request Headers\n{0}\nResponse Headers\n{1}", "Response Headers\n{1}\nRequest Headers\n{0}"]
)
def test_firefox_and_postman(head, sections):
    if head.endswith("ms") and sections.startswith("Response"):
        return
    found = read_error(f"{head}\n{sections.format(f'Origin: {PAGE}', 'server: x')}")
    assert (found.source, found.origin, found.url, found.method) == ("headers", PAGE, API, "POST")
    assert (found.status, response_of(found).headers[-1]) == (403, ("server", "x"))


def test_the_status_of_a_response_header_is_not_the_calls():
    found = read_error(f"Request URL: {API}\nResponse Headers\nstatus: 200\nRequest Headers\nOrigin: {PAGE}")
    assert (found.status, found.observed) == (None, None)
    summary = read_error(f"Summary\nStatus: 418\nGeneral\nRequest URL: {API}\nRequest Headers\nOrigin: {PAGE}")
    assert summary.status == 418
    assert read_error(f"General\nStatus: 418\nRequest URL: {API}\nRequest Headers\nOrigin: {PAGE}").status == 418


@pytest.mark.parametrize("written", ["403", "403 Forbidden", "● 403", '"403"'])
def test_the_status_stands_behind_a_few_signs(written):
    assert read_error(CHROME.replace("200 OK", written)).status == 403


@pytest.mark.parametrize("rest", ["Request Method: PUT", "Status Code: 403", f"Origin: {PAGE}"])
def test_an_address_alone_is_no_call(rest):
    assert read_error(f"Request URL: {API}\n{rest}").url == API
    with pytest.raises(ReadingError):
        read_error(f"Request URL: {API}\nserver: x")


@pytest.mark.parametrize(
    "text",
    [
        f"Anfrage-URL: {API}\nAnfragemethode: PUT\nStatuscode: 403 Forbidden\nOrigin: {PAGE}",
        f"Anfrage-URL\n{API}\nAnfragemethode\nPUT\nStatuscode\n403 Forbidden\nRequest Headers\nOrigin: {PAGE}",
        f"请求网址\t{API}\n请求方法\tPUT\n状态代码\t403\nRequest Headers\nOrigin: {PAGE}",
    ],
)
def test_a_panel_with_labels_in_another_language(text):
    found = read_error(text)
    assert (found.source, found.origin, found.url, found.method) == ("headers", PAGE, API, "PUT")
    assert (found.status, found.headers) == (403, ())


def test_the_panel_of_safari():
    head = f"Summary\nURL: {API}\nStatus: 403 Forbidden\n\nRequest\n:method: PUT\n:path: /items\nOrigin: {PAGE}"
    found = read_error(f"{head}\nx-a: 1\n\nResponse\n:status: 403\nserver: x")
    assert (found.source, found.origin, found.url, found.method) == ("headers", PAGE, API, "PUT")
    assert (found.headers, found.status) == ((("x-a", ""),), 403)
    assert response_of(found).get("server") == "x"


def test_quotes_around_a_value_are_none_of_it():
    assert read_error(f'Request URL: "{API}"\norigin: "{PAGE}"').origin == PAGE
    for value in ('"', '"a', 'a"'):
        found = read_error(f"Request URL: {API}\nStatus Code: 200\nResponse Headers\na:\t{value}\nb:\tc")
        assert response_of(found).headers == (("a", value), ("b", "c"))
    found = read_error(f'Request URL: {API}\nStatus Code: 200\nResponse Headers\na: ""\nb: "c"')
    assert response_of(found).headers == (("a", ""), ("b", "c"))

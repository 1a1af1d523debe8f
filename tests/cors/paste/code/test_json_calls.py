"""Calls in JSON: axios errors, Postman, Firefox's headers, Lambda events and logs."""

from __future__ import annotations

import json

import pytest

from apis.cors.paste import ReadingError, read_error
from tests.cors.paste.targets import response_of

HOST = "abc123def4.execute-api.us-east-1.amazonaws.com"
API = f"https://{HOST}/items"
PAGE = "https://app.example.com"


def reading_of(value):
    """What a JSON document is read as."""
    return read_error(json.dumps(value))


def test_an_error_of_axios():
    headers = {"Accept": "*/*", "User-Agent": "axios", "Content-Length": 3, "Content-Type": "application/json"}
    config = {"url": "/items", "baseURL": f"https://{HOST}/", "method": "put", "headers": headers}
    found = reading_of({"message": "Network Error", "config": config, "code": "ERR_NETWORK"})
    assert (found.source, found.url, found.method) == ("axios", API, "PUT")
    assert (found.headers, found.credentials) == ((("Content-Type", "application/json"),), "same-origin")
    assert (found.symptom, found.blocked, found.missing) == ("reason-in-another-line", True, ("origin",))
    include = reading_of({"config": config | {"withCredentials": True}})
    assert include.credentials == "include"
    whole = reading_of({"config": config | {"url": "https://b.example/x"}})
    assert whole.url == "https://b.example/x"


@pytest.mark.parametrize(
    "answer", [{"status": 404}, {"response": {"status": 404}}, {"status": None} | {"response": {"status": 404}}]
)
def test_an_error_of_axios_with_a_status_is_not_about_cors(answer):
    found = reading_of({"config": {"url": API}, **answer})
    assert (found.status, found.symptom, found.blocked, found.method) == (404, "not-cors", False, "GET")
    assert found.missing == ("origin", "headers", "credentials")


@pytest.mark.parametrize("status", [0, 99, 1000, "404", None])
def test_what_is_no_status_is_a_failed_call(status):
    found = reading_of({"config": {"url": API}, "status": status})
    assert (found.status, found.symptom, found.blocked) == (None, "reason-in-another-line", True)


@pytest.mark.parametrize("url", [API, {"raw": API}])
def test_a_request_of_a_postman_collection(url):
    header = [
        {"key": "Origin", "value": PAGE},
        {"key": "x-a", "value": "1", "disabled": True},
        {"key": "x-b", "value": "1", "disabled": False},
        {"value": "1"},
        "x-c: 1",
    ]
    found = reading_of({"item": [{"request": {"method": "PUT", "header": header, "url": url}}]})
    assert (found.source, found.origin, found.url, found.method) == ("http", PAGE, API, "PUT")
    assert (found.headers, found.missing, found.symptom) == ((("x-b", ""),), (), "")
    assert reading_of({"request": {"method": "", "header": [], "url": url}}).method == "GET"
    bare = reading_of({"request": {"header": [], "url": url}})
    assert (bare.method, bare.no_origin, bare.symptom) == ("GET", True, "no-origin-sent")


def test_the_event_that_a_function_gets():
    http, headers = {"method": "post", "path": "/items"}, {"origin": PAGE, "x-a": "1"}
    found = reading_of({"requestContext": {"http": http, "domainName": HOST}, "headers": headers})
    assert (found.origin, found.url, found.method, found.headers) == (PAGE, API, "POST", (("x-a", ""),))
    assert (found.missing, found.observed) == (("credentials",), None)
    asked = {"origin": PAGE, "access-control-request-method": "PUT", "access-control-request-headers": "x-b"}
    context = {"http": http | {"method": "OPTIONS"}, "domainName": HOST}
    found = reading_of({"requestContext": context, "headers": asked})
    assert (found.method, found.headers) == ("PUT", (("x-b", ""),))


def firefox(sent, **others):
    """The Headers panel of Firefox, as “Copy All” gives it."""
    answered = [{"name": "server", "value": "x"}]
    lines = [{"name": name, "value": value} for name, value in sent.items()]
    sides = {"Response Headers (9 B)": {"headers": answered}, "Request Headers (9 B)": {"headers": lines}}
    return {**others, **sides}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_the_panel_of_firefox(method):
    found = reading_of(firefox({"Origin": PAGE, "x-a": "1"}, Status="403", **{method: {"filename": API}}))
    assert (found.source, found.origin, found.url, found.method) == ("headers", PAGE, API, method)
    assert (found.status, found.headers, found.missing) == (403, (("x-a", ""),), ("credentials",))
    assert response_of(found).get("server") == "x"


def test_the_panel_of_firefox_for_a_preflight():
    asked = {"Origin": PAGE, "Host": HOST, "Access-Control-Request-Method": "PUT"}
    for others in ({"OPTIONS": {"filename": API}}, {}):
        found = reading_of(firefox(asked, Status="204No Content", **others))
        assert (found.method, found.preflight_status, found.preflight) == ("PUT", 204, True)
        assert found.url == (API if others else f"https://{HOST}/")
        assert ("url" in found.missing) is not bool(others)


@pytest.mark.parametrize("status", ["", "20", "abc", None])
def test_the_panel_of_firefox_without_a_status_has_no_answer(status):
    found = reading_of(firefox({"Origin": PAGE}, Status=status))
    assert (found.method, found.status, found.observed) == ("GET", None, None)


@pytest.mark.parametrize("status", ["403 ", ""])
def test_the_console_of_postman(status):
    sides = {"Request Headers": {"origin": PAGE, "x-a": "1"}, "Response Headers": {"server": "x", "age": 3}}
    found = read_error(f"POST {API}: {status}{json.dumps(sides, indent=1)}")
    assert (found.origin, found.url, found.method, found.headers) == (PAGE, API, "POST", (("x-a", ""),))
    assert found.status == (403 if status else None)
    assert not status or response_of(found).get("age") == "3"


@pytest.mark.parametrize("status", [100, 999])
def test_the_lowest_and_the_highest_status(status):
    found = reading_of({"config": {"url": API}, "status": status})
    assert (found.status, found.symptom, found.blocked) == (status, "not-cors", False)
    found = reading_of({"url": API, "method": "get", "status": status})
    assert (found.status, found.symptom, found.blocked) == (status, "not-cors", False)


@pytest.mark.parametrize("status", [-1, 99, 1000])
def test_a_recorded_call_without_a_status_has_failed(status):
    found = reading_of({"url": API, "method": "get", "status": status})
    assert (found.status, found.symptom, found.blocked) == (None, "reason-in-another-line", True)


@pytest.mark.parametrize("headers", [{"Accept": "*/*"}, {"user-agent": "axios"}, {"Content-Length": 3}, [], None])
def test_an_error_of_axios_without_headers_of_its_own_does_not_show_all(headers):
    found = reading_of({"config": {"url": API, "method": 3, "headers": headers}})
    assert (found.method, found.headers) == ("GET", ())
    assert found.missing == ("origin", "headers", "credentials")


@pytest.mark.parametrize("name", ["status", "statusCode", "status_code"])
def test_a_call_that_a_monitoring_tool_has_recorded(name):
    found = reading_of({"crumbs": [{"data": {"url": API, "method": "post", name: 500}}]})
    assert (found.source, found.url, found.method, found.status) == ("network", API, "POST", 500)
    assert (found.symptom, found.blocked, found.missing) == ("not-cors", False, ("origin", "headers", "credentials"))
    failed = reading_of({"url": API, "method": "post", name: 0})
    assert (failed.status, failed.symptom, failed.blocked) == (None, "reason-in-another-line", True)


@pytest.mark.parametrize(
    "entry", [{"url": "/items"}, {"url": 3}, {"method": None}, {"status": "500"}, {"status": None}]
)
def test_an_entry_that_lacks_a_part_is_no_call(entry):
    with pytest.raises(ReadingError):
        reading_of({"url": API, "method": "post", "status": 500} | entry)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "put", "PATCH", "DELETE", "OPTIONS"])
def test_a_request_that_an_api_client_has_saved(method):
    found = reading_of({"resources": [{"url": API, "method": method, "headers": {"Origin": PAGE, "X-A": 1}}]})
    assert (found.source, found.origin, found.url, found.method) == ("http", PAGE, API, method.upper())
    assert (found.headers, found.missing, found.symptom, found.no_origin) == ((("X-A", ""),), (), "", False)


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        ({}, []),
        ([], []),
        ([{"name": "X-A", "value": "1"}, {"key": "X-B", "value": "1"}], ["X-A", "X-B"]),
        ([{"name": "X-A", "disabled": True}, {"name": "X-B", "disabled": False}], ["X-B"]),
        ([{"key": "X-A", "active": False}, {"key": "X-B", "active": True}], ["X-B"]),
        ([{"value": "1"}, "X-A: 1", None], []),
    ],
)
def test_the_headers_of_a_saved_request(headers, names):
    found = reading_of({"endpoint": API, "method": "POST", "headers": headers})
    assert (found.url, found.method, [name for name, _ in found.headers]) == (API, "POST", names)
    assert (found.no_origin, found.symptom) == (True, "no-origin-sent")


def test_the_value_of_a_saved_header():
    for headers in ({"Accept": "text/html"}, [{"key": "Accept", "value": "text/html"}]):
        assert reading_of({"url": API, "method": "GET", "headers": headers}).headers == (("Accept", "text/html"),)


def test_a_saved_preflight_is_the_call_that_it_asks_for():
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-a"}
    found = reading_of({"url": API, "method": "OPTIONS", "headers": asked})
    assert (found.origin, found.method, found.headers) == (PAGE, "PUT", (("x-a", ""),))


@pytest.mark.parametrize("part", [{"url": 3}, {"method": "LOCK"}, {"method": 3}, {"headers": "X-A: 1"}])
def test_what_is_no_saved_request(part):
    with pytest.raises(ReadingError):
        reading_of({"url": API, "method": "GET", "headers": {}} | part)


@pytest.mark.parametrize(
    ("code", "value", "headers"),
    [
        ("MissingAllowOriginHeader", "", ()),
        ("HeaderDisallowedByPreflightResponse", "x-a", (("x-a", ""),)),
        ("HeaderDisallowedByPreflightResponse", "", ()),
        ("AllowOriginMismatch", "https://b.example", ()),
    ],
)
def test_an_error_of_the_browsers_protocol(code, value, headers):
    found = reading_of({"params": {"corsErrorStatus": {"corsError": code, "failedParameter": value}}})
    assert (found.source, found.code, found.value, found.headers) == ("chrome", code, value, headers)
    assert (found.blocked, found.missing) == (True, ("origin", "url", "method", "headers", "credentials"))


@pytest.mark.parametrize("code", ["no code", "ab", 3, None])
def test_what_is_no_error_of_the_browsers_protocol(code):
    with pytest.raises(ReadingError):
        reading_of({"corsError": code})


@pytest.mark.parametrize("trail", [lambda crumb: [crumb], lambda crumb: {"values": [crumb]}])
def test_a_breadcrumb_of_a_call_that_failed(trail):
    crumb = {"data": {"url": API, "method": "PUT"}}
    found = reading_of({"request": {"url": f"{PAGE}/cart"}, "breadcrumbs": trail(crumb)})
    assert (found.origin, found.url, found.method, found.status) == (PAGE, API, "PUT", None)
    assert (found.symptom, found.blocked) == ("reason-in-another-line", True)
    assert reading_of({"request": 3, "breadcrumbs": trail(crumb)}).origin == ""
    assert reading_of({"breadcrumbs": trail({"data": {"url": API, "method": "PUT", "status": 500}})}).status == 500
    with pytest.raises(ReadingError):
        reading_of({"crumbs": trail(crumb)})


ENTRY = {"routeKey": "GET /items", "httpMethod": "get", "status": "404", "domainName": HOST, "path": "/items"}


def test_an_access_log():
    found = reading_of(ENTRY)
    assert (found.source, found.url, found.method, found.status) == ("network", API, "GET", 404)
    assert (found.symptom, found.blocked, found.missing) == ("not-cors", False, ("origin", "headers", "credentials"))
    assert reading_of({**ENTRY, "path": None, "rawPath": "/raw"}).url == f"https://{HOST}/raw"
    assert reading_of({**ENTRY, "domainName": None}).missing[:2] == ("origin", "url")


@pytest.mark.parametrize(("status", "fails"), [(204, False), (299, False), (300, True), ("401", True)])
def test_a_preflight_of_an_access_log(status, fails):
    found = reading_of({**ENTRY, "httpMethod": "OPTIONS", "status": status})
    if fails:
        assert (found.code, found.preflight_status, found.blocked) == ("PreflightInvalidStatus", int(status), True)
        assert (found.method, found.missing) == ("GET", ("origin", "method", "headers", "credentials"))
    else:
        assert (found.code, found.status, found.blocked, found.method) == (None, status, False, "OPTIONS")


@pytest.mark.parametrize("entry", [{"httpMethod": "-"}, {"status": "-"}, {"status": "20"}, {"status": 1234}])
def test_an_entry_of_an_access_log_without_a_method_or_a_status_is_no_call(entry):
    with pytest.raises(ReadingError):
        reading_of(ENTRY | entry)

"""Requests of Bruno."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
ORIGIN = "  Origin: https://shop.example\n"


def read(blocks="", verb="put"):
    """What is read from a request with some blocks."""
    return read_error(f"meta {{\n  name: x\n}}\n\n{verb} {{\n  body: json\n  url: {API}\n}}\n\n{blocks}")


@pytest.mark.parametrize(
    ("blocks", "headers"),
    [
        ("", ()),
        ("headers {\n  X-A: 1\n}\n\nparams:query {\n  X-B: 2\n}", (("X-A", ""),)),
        ("headers {\n  X-A: 1\n  ~X-B: 2\n}", (("X-A", ""),)),
        ("body:json {\n  {}\n}", (("Content-Type", "application/json"),)),
        ("body:form-urlencoded {\n  a: 1\n}", (("Content-Type", "application/x-www-form-urlencoded"),)),
        ("body:multipart-form {\n  a: 1\n}", (("Content-Type", "multipart/form-data; boundary=x"),)),
        ("body:graphql {\n  {a}\n}", (("Content-Type", "application/json"),)),
        ("body:xml {\n  <a/>\n}", (("Content-Type", "application/xml"),)),
        ("body:text {\n  a\n}", (("Content-Type", "text/plain"),)),
        ("body:sparql {\n  a\n}", ()),
        ("headers {\n  content-type:  application/xml \n}\n\nbody:json {\n  {}\n}",
         (("content-type", "application/xml"),)),
    ],
)  # fmt: skip
def test_the_headers_and_the_type_of_the_body(blocks, headers):
    found = read(blocks)
    assert (found.source, found.url, found.method, found.headers) == ("http", API, "PUT", headers)
    assert (found.origin, found.no_origin, found.symptom) == ("", True, "no-origin-sent")


@pytest.mark.parametrize("verb", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_the_method(verb):
    found = read(f"headers {{\n{ORIGIN}}}", verb)
    assert (found.method, found.origin, found.no_origin, found.symptom) == (
        verb.upper(), "https://shop.example", False, "",
    )  # fmt: skip


def test_a_preflight_is_the_call_that_it_asks_for():
    asked = "  Access-Control-Request-Method: DELETE\n  Access-Control-Request-Headers: x-a, content-type\n"
    found = read(f"headers {{\n{ORIGIN}{asked}}}", "options")
    assert (found.method, found.headers) == ("DELETE", (("x-a", ""), ("content-type", "application/json")))


@pytest.mark.parametrize("text", ["put {\n  body: json\n}", f"send {{\n  url: {API}\n}}"])
def test_what_is_no_request(text):
    with pytest.raises(ReadingError):
        read_error(text)

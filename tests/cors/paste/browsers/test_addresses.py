"""Addresses in messages end where their punctuation begins, whatever letter they end with."""

from __future__ import annotations

import pytest

from apis.cors.paste import read_error

PAGE, API = "https://shop.example", "https://api.example/faq"
MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
FIREFOX = "CORS header 'Access-Control-Allow-Origin'"


@pytest.mark.parametrize(
    "text",
    [
        f"Access to fetch at '{API}' from origin '{PAGE}' has been blocked by CORS policy: {MISSING}",
        f"Access to fetch at '{API}' (redirected from '{API}') from origin '{PAGE}' has been blocked by CORS policy: x",
        f"XMLHttpRequest cannot load {API}. {MISSING}",
        f"Failed to load {API}: {MISSING}",
        f"disallows reading the remote resource at {API}. (Reason: {FIREFOX} missing).",
        f"disallows reading the remote resource at ‘{API}’. (Reason: {FIREFOX} missing).",
        f"Quellübergreifende (Cross-Origin) Anfrage blockiert: {API}. (Grund: {FIREFOX} fehlt).",
        f"Blocked loading mixed active content '{API}'",
        f"SEC7128: [CORS] No Access-Control-Allow-Origin header for the resource at '{API}'.",
        f"SEC7126: Redirect was blocked for request to {API}.",
        f"Fetch API cannot load {API}. due to access control checks.",
        f"Failed to load resource: {API}. Preflight response is not successful",
        f"The page at {PAGE} requested insecure content from {API}.",
        f"Failed to fetch ({API})",
        f"net::ERR_TIMED_OUT '{API}'.",
        f"CORS denied: {API}; why?",
        f"from origin {PAGE}, calling ({API}). {MISSING}",
    ],
)
def test_the_signs_behind_an_address_are_none_of_it(text):
    found = read_error(text)
    assert (found.url, found.redirected_to) == (API, API if "redirected" in text else "")


def test_the_signs_behind_an_origin_are_none_of_it():
    page = "https://shop.faq"
    for text in (
        f"Access to fetch at '{API}' from origin '{page}…",
        f"Access to fetch at '{API}' from origin {page}...",
        f'cannot load {API}. Request mode is "same-origin" but the URL\'s origin is not same as the request origin '
        f"{page}.",
        f"Origin '{page}' is not allowed by Access-Control-Allow-Origin.",
        f"CORS denied on page {page}. See {API}",
    ):
        assert read_error(text).origin == page


@pytest.mark.parametrize("sign", [".", ":", ",", ""])
def test_the_signs_behind_the_address_of_a_line(sign):
    message = f"Access to fetch at '{API}' from origin '{PAGE}' has been blocked by CORS policy: {MISSING}"
    assert read_error(f"{message}\nPUT {API}{sign} 500").method == "PUT"


def test_the_signs_around_a_name_or_a_refusal_are_none_of_it():
    assert read_error("Refused to set unsafe header 'faq'").value == "faq"
    assert read_error("Invalid API id specified faq.'").value == "Invalid API id specified faq"
    assert read_error("WebSocket connection to wss://a.example/faq, failed").url == "wss://a.example/faq"

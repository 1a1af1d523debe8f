"""Of the headers that went over the wire, those that the script set, and what the others show."""

from __future__ import annotations

import pytest

from apis.cors.paste import read_error

HOST = "abc123def4.execute-api.us-east-1.amazonaws.com"
API = f"https://{HOST}/items"
PAGE = "https://shop.example"


def recorded(*lines):
    """The names of the script's headers in a request that a browser sent."""
    text = "\n".join([f"GET /items HTTP/1.1\nHost: {HOST}\nOrigin: {PAGE}", *lines])
    return [name for name, _ in read_error(text).headers]


def written(*lines):
    """The names of the headers of a command that a person may have written."""
    return [name for name, _ in read_error(f"curl {API} " + " ".join(f"-H '{line}'" for line in lines)).headers]


OF_BROWSERS = [
    "accept-language: de", "priority: u=1", "Referrer-Policy: origin", "upgrade-insecure-requests: 1",
    "User-Agent: Mozilla/5.0", "x-client-data: a", "accept: */*",
]  # fmt: skip


@pytest.mark.parametrize("line", OF_BROWSERS)
def test_what_browsers_add_is_not_the_scripts(line):
    assert recorded(line, "x-a: 1") == ["x-a"]


@pytest.mark.parametrize("line", [line for line in OF_BROWSERS if line.partition(":")[0].islower()])
def test_what_a_person_wrote_is_kept(line):
    assert written(line, "x-a: 1") == [line.partition(":")[0], "x-a"]


@pytest.mark.parametrize("sign", ["sec-fetch-mode: cors", "User-Agent: Mozilla/5.0", "referrer-policy: origin"])
def test_a_command_that_was_copied_from_a_browser(sign):
    assert written(sign, "accept-language: de", "x-a: 1") == ["x-a"]


@pytest.mark.parametrize("sign", ["x-sec-a: b", "User-Agent: curl/8"])
def test_a_command_that_was_written(sign):
    assert "accept-language" in written(sign, "accept-language: de")


def test_an_accept_of_the_scripts_own_is_kept():
    assert recorded("accept: application/json") == ["accept"]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["cache-control: no-cache", "pragma: no-cache"], []),
        (["Cache-Control: no-cache", "Pragma: no-cache", "x-a: 1"], ["x-a"]),
        (["cache-control: no-cache"], ["cache-control"]),
        (["pragma: no-cache"], ["pragma"]),
        (["cache-control: max-age=0", "pragma: max-age=0"], ["cache-control", "pragma"]),
        (["cache-control: no-store", "pragma: no-cache"], ["cache-control", "pragma"]),
    ],
)
def test_the_switch_of_devtools_that_turns_the_cache_off(lines, names):
    assert recorded(*lines) == names
    assert written(*lines) == [line.partition(":")[0] for line in lines]


def test_the_headers_of_a_preflight_and_of_http2_are_not_the_scripts():
    assert recorded("Access-Control-Request-Method: PUT", "access-control-request-headers: x-b", "x-a: 1") == ["x-a"]
    assert recorded(":scheme: https", "x-a: 1") == ["x-a"]


def test_empty_names_among_those_that_a_preflight_asks_for():
    text = f"OPTIONS /items HTTP/1.1\nHost: {HOST}\nOrigin: {PAGE}\nAccess-Control-Request-Method: PUT\n"
    found = read_error(f"{text}Access-Control-Request-Headers: x-a,, x-b ,")
    assert found.headers == (("x-a", ""), ("x-b", ""))


def test_a_referrer_shows_the_page_unless_an_origin_does():
    referred = f"curl {API} -H 'Referer: {PAGE}/cart'"
    assert read_error(referred).origin == PAGE
    assert read_error(f"{referred} -H 'Origin: https://b.example'").origin == "https://b.example"

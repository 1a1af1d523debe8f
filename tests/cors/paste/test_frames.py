"""What stands before each line of a pasted call is taken away, and an editor's quotes are read as a keyboard's."""

from __future__ import annotations

import json

import pytest

from apis.cors.paste import read_error

HOST = "abc123def4.execute-api.us-east-1.amazonaws.com"
API = f"https://{HOST}/items"
PAGE = "https://app.example.com"
CURL = f"curl -i -X PUT {API} \\\n  -H 'Origin: {PAGE}' \\\n  -H 'X-A: 1'\n\nHTTP/2 403\na: b"
PANEL = f"Request URL: {API}\nRequest Method: PUT\nStatus Code: 403\nOrigin: {PAGE}\nX-A: 1"
HTTP = f"PUT /items HTTP/1.1\nHost: {HOST}\nOrigin: {PAGE}\nX-A: 1\n\nHTTP/1.1 403 Forbidden\na: b"


def each_line(text, before):
    """The text with something before each line; N is its number from 1."""
    return "\n".join(before.replace("N", str(number)) + line for number, line in enumerate(text.split("\n"), 1))


@pytest.mark.parametrize("text", [CURL, PANEL, HTTP])
@pytest.mark.parametrize("before", ["", "> ", ">", "N ", " N | ", "N: ", "N\t"])
def test_a_frame(text, before):
    found = read_error(each_line(text, before))
    assert (found.url, found.method, found.origin, found.status) == (API, "PUT", PAGE, 403)


@pytest.mark.parametrize("bullet", ["- ", "* ", "• ", "  - "])
def test_a_list_and_a_table(bullet):
    rows = [line.split(": ", 1) for line in PANEL.split("\n")]
    table = "\n".join(f"| {name} | `{value}` |" for name, value in rows)
    listed = "\n".join(f"{bullet}{name}: `{value}`" for name, value in rows)
    for text in (table, f"|---|:--|\n{table}", listed):
        found = read_error(text)
        assert (found.url, found.method, found.origin, found.status) == (API, "PUT", PAGE, 403)


@pytest.mark.parametrize(
    "text",
    [
        f"curl –X PUT {API} –H “Origin: {PAGE}”",
        f"curl –XPUT –url {API} --header ‘Origin: {PAGE}’",
        f"curl –request PUT –url {API} –header ‘Origin: {PAGE}’",
        f"fetch(“{API}”, {{method: ‘PUT’, referrer: “{PAGE}/”}})",
        f"{{code}}\nfetch('{API}', {{method: 'PUT', referrer: '{PAGE}/'}})\n{{code}}",
    ],
)
def test_an_editors_signs(text):
    found = read_error(text)
    assert (found.url, found.method, found.origin) == (API, "PUT", PAGE)


def test_a_har_between_other_lines():
    entry = {"request": {"method": "PUT", "url": API, "headers": [{"name": "Origin", "value": PAGE}]},
             "response": {"status": 403, "headers": []}}  # fmt: skip
    text = json.dumps({"log": {"entries": [entry]}}, indent=1)
    for around in ("{}", "see:\n{}\nthanks", "```json\n{}\n```"):
        found = read_error(around.replace("{}", text))
        assert (found.source, found.url, found.method, found.origin, found.status) == ("har", API, "PUT", PAGE, 403)


@pytest.mark.parametrize("text", ['see:\n{"entries": ', 'see: {"entries": [1]}', 'a "entries" b'])
def test_other_lines_without_a_har(text):
    message = f"Access to fetch at '{API}' from origin '{PAGE}' has been blocked by CORS policy: x"
    assert read_error(f"{message}\n{text}").url == API

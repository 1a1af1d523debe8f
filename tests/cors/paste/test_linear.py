"""No text takes a reader more than linear time: four times the text may take at most ten times as long."""

from __future__ import annotations

import contextlib
import time

import pytest

from apis.cors.explain import diagnose
from apis.cors.paste import ReadingError, read_error

BLOCKED = "Access to fetch at 'x' from origin 'y' has been blocked by CORS policy: "
UNITS = {
    "beginnings": "Access to ",
    "messages": BLOCKED,
    "Firefox": "disallows reading the remote resource at x (Reason: CORS request did not succeed). ",
    "German": "Quellübergreifende (Cross-Origin) Anfrage blockiert ' ",
    "Safari": "Origin x is not allowed by Access-Control-Allow-Origin ",
    "Edge": "SEC7120 Origin ",
    "mixed content": "Mixed Content: The page at ",
    "lines of calls": "GET http://a net::ERR_FAILED ",
    "sockets": "wss://a ",
    "bullets": "> ",
    "quote marks": ">",
    "links": "[a](",
    "angles": "<https://a|",
    "entities": "&#39;",
    "JSON lines": '{"a":1}\n',
    "open JSON": '{"a":',
    "Node.js's objects": "{ version: '2.0', requestContext: [Object],\n",
    "translated reasons": "CORS: a Access-Control-Allow-Headers https://a ",
    "schemes": 'Fetch API cannot load a. URL scheme "a" is not supported ',
    "soft breaks": "a" * 72 + "=\n",
    "typed quotes": "“a” ‘b’ –c ",
    "open typed quotes": "“a ‘b",
    "rows of a table": "| a | b |\n",
    "bullets of a list": "- a\n",
    "numbered lines": "1 a\n",
    "HAR below prose": 'x "entries" {"a": ',
    "variables of a shell": "A=b\ncurl $A ",
    "many variables of a shell": "A=" + "b" * 400 + "\n" + "curl $A " * 400,
    "Angular's headers": "http.get('a');x({setHeaders: {'a': b}});",
    "traces": "=> Send header, 1 bytes (0x1)\n0000: GET / HTTP/1.1\n",
    "links of tRPC": "httpLink({url:'a',headers(){return{",
    "encoded entities": "&amp;amp;#39;",
    "Python's objects": "{'a': None}\n",
    "open texts of Python": "{'a': '\\'\n",
    "PowerShell's answers": "iwr a\nRawContent : HTTP/1.1 200 OK\n",
    "curl": "curl ",
    "curl and aws": "curl aws ",
    "prompts": "$ ",
    "HTTPie": "http ",
    "PowerShell": 'iwr "a"="b"; ',
    "requests": "GET / HTTP/1.1\n",
    "answers": "HTTP/2 200\n",
    "panels": "Request URL: x\n",
    "axios": "axios.get('x').",
    "assignments": "a=b ",
    "XMLHttpRequest": "x.open('GET','u');x.setRequestHeader('a','b');",
    "jQuery": "$.ajax(",
    "templates": "fetch(`${a}` + ",
    "spreads": "fetch(u,{...a,",
    "brackets": "fetch([",
    "labels": "https://a (x: CORS ",
    "Bruno": "get {\n url",
    "labels of a panel": "Ab: https://a\nBc: GET\n",
    "short requests": "GET https://a\nA: b\n",
    "log lines": '"GET /a HTTP/1.1" 2',
    "own words": "CORS error from https://a ",
    "columns": '{""a"":',
    "keyed headers": "h['a']=(",
    "members": "a.b=(",
    "event sources": "new EventSource(a,",
    "base queries": "fetchBaseQuery({baseUrl:'a'}) query:",
    "saved requests": '{"url":"https://a","method":"GET","headers":[',
    "misread quote marks": "â€™",
    "containers": "docker curl ",
    "elements": "<a hx-get=https://a hx-headers={'a':",
    "names": "a=`${a}`+a+a\n",
}
PARTS = {
    "URL": "Access to fetch at 'https://a{}' from origin 'https://b' has been blocked by CORS policy: No header",
    "origin": "Access to fetch at 'https://a' from origin 'http://b{}' has been blocked by CORS policy: No header",
    "header": BLOCKED
    + "Request header field a{} is not allowed by Access-Control-Allow-Headers in preflight response.",
    "value": BLOCKED
    + "The 'Access-Control-Allow-Origin' header has a value '{}' that is not equal to the supplied origin.",
    "Firefox's reason": "disallows reading the remote resource at https://a/. (Reason: {})",
    "cut": "https://a/. (Reason: {} CORS header",
    "address": "GET https://a{} 500 (x)",
    "answer": "HTTP/2 500\nx: {}\n",
    "element": "<a hx-get=https://a hx-headers={}>",
    "postman": "GET https://a/{}: {{\n",
}
"""Messages with a part that is repeated, instead of the whole."""
PIECES = ("{", "[", "<", "*", ".", "-", "a.", "%", "(", "'", " ", "x", "é", ":", "/", '"', "{a}", "@")
SHORT, TIMES, MOST = 6_000, 4, 10
NOTICEABLE = 0.03


def seconds(text: str) -> float:
    """CPU seconds for a text and its diagnosis."""
    start = time.process_time()
    with contextlib.suppress(ReadingError):
        diagnose(read_error(text))
    return time.process_time() - start


def is_linear(short: str, long: str) -> bool:
    """Compare the times of two texts, several times where another process may have been in the way."""
    # A quadratic reader takes longer than this for the long text; below five milliseconds the clock says little.
    if (slow := seconds(long)) < NOTICEABLE:
        return True
    quick = seconds(short)
    for _ in range(4):
        if slow < MOST * max(quick, 0.005):
            return True
        slow, quick = min(slow, seconds(long)), min(quick, seconds(short))
    return False


@pytest.mark.parametrize("kind", UNITS)
def test_four_times_the_text_takes_at_most_ten_times_as_long(kind: str) -> None:
    unit = UNITS[kind]
    text = unit * (SHORT // len(unit))
    assert is_linear(text, text * TIMES)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_message_that_is_repeated_takes_linear_time(part: str) -> None:
    for piece in PIECES:
        short, long = (PARTS[part].format(piece * (length // len(piece))) for length in (SHORT, SHORT * TIMES))
        assert is_linear(short, long), piece

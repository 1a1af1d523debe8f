"""What surrounds a pasted text is taken away before it is read."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from apis.cors.paste import ReadingError, read_error, unwrap
from apis.cors.paste.unwrap import MOST_OBJECTS

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGE = "https://app.example.com"
TEXT = (
    f"Access to fetch at '{API}' from origin '{PAGE}' has been blocked by CORS policy: "
    "No 'Access-Control-Allow-Origin' header is present on the requested resource."
)
LINE = json.dumps({"message": TEXT})


@pytest.mark.parametrize(
    "text",
    [
        f"\n  {LINE}",
        f"[{LINE}]",
        f"{LINE}\n{LINE}",
        f"{LINE}\n\n{json.dumps({'a': 1})}",
        f"[{LINE}, 3]\nmore",
        f"2026-01-01 error {LINE}\nmore",
        f"2026-01-01 error {LINE} trailing",
        f'level=error data={{\n  "message": {json.dumps(TEXT)}\n}}',
        f'first line\nlevel=error data: {{\n\n    "message": {json.dumps(TEXT)}\n}}\nlast line',
        f'{{"a": {{"b": [{json.dumps(TEXT)}]}}}}',
        f'{{"broken": 1}} {{"message": "x"\n{TEXT}',
        f'{{"no json\n{TEXT}',
        f"{{not json}}\n{TEXT}",
        TEXT.replace("Access-Control-Allow", "Access-\n   Control-\nAllow"),
        TEXT.replace("https:", "ht&#8203;tps:"),
        TEXT.replace("'", "&lsquo;", 1).replace("'", "&rsquo;", 1),
        TEXT.replace("'", "&#39;").replace(" from", "&nbsp;from"),
        TEXT.replace("'", "\\x27"),
        TEXT.replace(" has", "\\nhas").replace(" been", "\\tbeen"),
        TEXT.replace(API, f"[{API}]({API})"),
        TEXT.replace(API, f"<{API}>"),
        TEXT.replace(API, f"<{API}|click>"),
        f'id,line\n1,{{""message"": ""{TEXT}""}}',
        TEXT.replace("'", "â€\u02dc", 1).replace("'", "â€\u2122", 1),
        TEXT.replace("'", "â€\u0153", 1).replace("'", "â€\u009d", 1),
        *(TEXT.replace(" has been ", f"{blank}has{blank}been{blank}") for blank in "\u00a0\u202f\u3000\r"),
        *(TEXT.replace(" has", f"{sign} has") for sign in "\u200b\u200f\u2060\ufeff\u00ad"),
        TEXT.replace(f"'{API}'", f"**'{API}'**").replace(f"'{PAGE}'", f"__'{PAGE}'__"),
        TEXT.replace("'", "\\'"),
        TEXT.replace("'", "\\u0027"),
        TEXT.replace(" has", "\\rhas"),
        TEXT.replace(" has", "&#x20;has").replace(" been", "&#32;been"),
        quote(f"message: {TEXT}"),
        TEXT.replace("'", "&amp;#39;"),
        TEXT.replace("'", "«", 1).replace("'", "»", 1),
        f"12 | {TEXT}",
        f"3) {TEXT}",
        f"// {TEXT}",
        f"> {TEXT}".replace(" has", "\n> has"),
        f"3. {TEXT}",
        f"1.{TEXT}",
        f"‣ {TEXT}",
        f"> > {TEXT}",
        f"### {TEXT}",
        f"__{TEXT.replace(chr(39), '`', 1)}",
    ],
)
def test_the_message_is_found_inside(text):
    found = read_error(text)
    assert (found.origin, found.url, found.code) == (PAGE, API, "MissingAllowOriginHeader")


def test_the_first_of_two_json_lines_counts():
    other = LINE.replace("/items", "/other")
    assert read_error(f"{other}\n{LINE}").url.endswith("/other")
    assert read_error(f"x {other}\ny {LINE}").url.endswith("/other")
    assert read_error(f"[{other}, {LINE}]").url.endswith("/other")
    assert read_error(json.dumps({"a": json.loads(other), "b": TEXT})).url.endswith("/other")


@pytest.mark.parametrize("before", ["", "log "])
def test_so_many_objects_are_read(before):
    """There are as many lines with one, or documents."""
    assert len(unwrap(f'{before}{{"a":1}}\n' * (MOST_OBJECTS + 1)).objects) == MOST_OBJECTS


@pytest.mark.parametrize("blank", "\u00a0\u202f\u3000")
def test_a_blank_of_another_kind_is_one(blank):
    assert read_error(f"curl{blank}-X{blank}PUT{blank}{API}").method == "PUT"


def test_lines_may_end_in_any_way():
    for end in ("\n", "\r\n", "\r"):
        found = read_error(end.join([f"PUT {API} HTTP/1.1", f"Origin: {PAGE}", "X-A: 1", "", "HTTP/1.1 403", "a: b"]))
        assert (found.url, found.method, found.origin, found.status) == (API, "PUT", PAGE, 403)


CALL = {"url": API, "method": "PUT", "status": 500}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"a": 1}, indent=2) + "\n\n" + json.dumps(CALL, indent=2),
        json.dumps([{"a": 1}, CALL], indent=2),
        json.dumps({"a": 1}) + json.dumps(CALL),
        json.dumps(CALL).replace("{", "{ "),
        json.dumps([CALL]).replace("{", "{ ").replace("[", "[ "),
        "log: " + json.dumps(CALL, indent=2),
        "a\n  " + json.dumps(CALL) + "\nb",
        "a {\nb " + json.dumps(CALL),
        f"START\n{CALL}\nEND",
        f"event: {CALL | {'a': None, 'b': [True, 'a"b', "c'd", 'e\\n', 'ü\x01']}} and more",
    ],
)
def test_json_is_found_in_any_layout(text):
    found = read_error(text)
    assert (found.source, found.url, found.method, found.status) == ("network", API, "PUT", 500)


DEEP = '{"a": ' + "[" * 100_000


@pytest.mark.parametrize("text", ["{", "[", "{}", "[]", '{"a": 1}', '"x"', "[[1]]", DEEP, f"x {DEEP}", f"x\n {DEEP}"])
def test_json_without_a_call_is_refused(text):
    with pytest.raises(ReadingError):
        read_error(text)

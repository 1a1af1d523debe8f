"""How many calls of one text are read, and how much of a name that takes the place of a URL is kept."""

from __future__ import annotations

import json

import pytest

from apis.cors.paste import ReadingError, read_calls, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGE = "https://shop.example"
MISSING = "has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present"
TEXTS = {
    "messages": (200, lambda at: f"Access to fetch at '{API}/{at}' from origin '{PAGE}' {MISSING} on it. "),
    "Safari's messages": (20, lambda at: f"Fetch API cannot load {API}/{at} due to access control checks. "),
    "commands": (3, lambda at: f"curl {API}/{at}\n"),
    "clients": (20, lambda at: f"axios.get('{API}/{at}');"),
    "elements": (20, lambda at: f'<a hx-get="{API}/{at}">'),
    "JSON": (50, lambda at: json.dumps({"url": f"{API}/{at}", "method": "GET", "status": 500}) + "\n"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_so_many_calls_of_a_text_are_read(kind):
    most, one = TEXTS[kind]
    calls = read_calls("".join(map(one, range(most + 1))))
    assert isinstance(calls, list)
    assert [call.url for call in calls] == [f"{API}/{at}" for at in range(most)]


@pytest.mark.parametrize(("length", "is_read"), [(256 * 1024, True), (256 * 1024 + 1, False)])
def test_so_long_a_text_is_read(length, is_read):
    text = f"curl {API}"
    text += " " * (length - len(text))
    if is_read:
        assert read_error(text).url == API
    else:
        with pytest.raises(ReadingError, match="longer"):
            read_error(text)


LONG = ".".join("abcd" for _ in range(60))


@pytest.mark.parametrize("script", ["fetch(LONG)", "axios.get(LONG)", "x.open('GET', LONG)"])
def test_so_much_of_a_name_is_kept(script):
    assert read_error(script.replace("LONG", LONG)).url == f"${{{LONG[:200]}}}"


def test_so_much_of_a_value_is_kept():
    invalid = "The 'Access-Control-Allow-Origin' header contains the invalid value"
    assert read_error(f"{invalid} '{'x' * 501}'.").value == "x" * 500
    assert read_error(f"Access to fetch at '{'x' * 201}' from origin '{PAGE}' {MISSING}").value == "x" * 200


@pytest.mark.parametrize(("count", "is_read"), [(3, True), (4, False)])
def test_so_many_lines_about_one_call_are_read(count, is_read):
    message = f"Access to fetch at '{API}' from origin '{PAGE}' {MISSING} on it."
    found = read_error(f"{message}\n" + f"OPTIONS {API} net::ERR_FAILED\n" * count + f"PUT {API} 500")
    assert (found.method, found.status) == (("PUT", 500) if is_read else ("GET", None))


@pytest.mark.parametrize(("count", "is_read"), [(19, True), (20, False)])
def test_so_many_addresses_in_a_persons_own_words_are_read(count, is_read):
    text = "CORS fails at " + " ".join(f"https://{at}.example" for at in range(count)) + f" and {API}"
    if is_read:
        assert read_error(text).url == API
    else:
        with pytest.raises(ReadingError):
            read_error(text)


def test_so_much_of_an_error_of_curl_is_kept():
    error = f"curl: (6) Could not resolve host: {'a' * 150}"
    for text in (f"curl {API}\n{error}", error):
        found = read_error(text)
        assert (found.symptom, found.value) == ("no-response", error[:120])


@pytest.mark.parametrize(("count", "is_read"), [(27, True), (28, False)])
def test_so_far_from_its_name_the_path_of_a_query_may_stand(count, is_read):
    script = f"fetchBaseQuery({{baseUrl: 'https://a.example'}}); b.query({{query: [[{'0,' * count}'/x']]}})"
    assert read_error(script).url == ("https://a.example/x" if is_read else "https://a.example")


def test_so_much_of_an_added_value_is_read():
    """A text of more than 16 KiB is none that a name stands for."""
    joined = " + ".join(["'a'"] * 21)
    script = f"const h = new Headers(); h['Accept'] = {joined}; fetch('{API}', {{headers: h}})"
    assert read_error(script).headers == (("Accept", "a" * 20),)
    for length, is_read in ((8_192, True), (8_193, False)):
        found = read_error(f"const a = '{'x' * length}'; fetch('{API}', {{method: a + a}})")
        assert (found.method, "method" not in found.missing) == ("x" * 2 * length if is_read else "GET", is_read)

"""A curl command is read as the browser's call that it stands for."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error, read_paste

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"

TUTORIAL = """curl -i -X OPTIONS \\
  https://abc123def4.execute-api.us-east-1.amazonaws.com/items \\
  -H "Origin: http://localhost:3000" \\
  -H "Access-Control-Request-Method: POST" \\
  -H "Access-Control-Request-Headers: Content-Type"
"""
ANSWER = """
HTTP/2 204
access-control-allow-headers: Content-Type, Authorization
access-control-allow-methods: GET, POST, PUT, DELETE
access-control-allow-origin: http://localhost:3000
access-control-max-age: 86400
"""

FROM_DEVTOOLS = """curl 'https://abc123def4.execute-api.us-east-1.amazonaws.com/items' \\
  -X 'PUT' \\
  -H 'accept: */*' \\
  -H 'accept-language: en-GB,en;q=0.9' \\
  -H 'authorization: Bearer eyJhbGciOi' \\
  -H 'content-type: application/json' \\
  -b 'session=eyJhbGciOi' \\
  -H 'origin: https://app.example.com' \\
  -H 'priority: u=1, i' \\
  -H 'referer: https://app.example.com/' \\
  -H 'sec-fetch-mode: cors' \\
  -H 'user-agent: Mozilla/5.0 (X11)' \\
  --data-raw $'{"name":"it\\'s \\u0041"}' \\
  --compressed"""


def test_the_tutorials_preflight_is_the_call_that_it_asks_for():
    reading = read_error(TUTORIAL)
    assert (reading.source, reading.origin, reading.url) == ("curl", "http://localhost:3000", API)
    assert (reading.method, reading.headers) == ("POST", (("Content-Type", "application/json"),))
    assert (reading.missing, reading.observed, reading.code) == ((), None, None)


def test_the_answer_pasted_along_is_what_was_observed():
    reading = read_error(f"$ {TUTORIAL}\nThe response should include:\n{ANSWER}\nA 204 status")
    assert reading.observed is not None and reading.observed.preflight is not None
    assert reading.observed.preflight.status == 204
    assert reading.observed.preflight.get("Access-Control-Max-Age") == "86400"
    assert reading.observed.response is None
    assert reading.code is None
    bare = read_error(TUTORIAL + "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 204 \r\ndate: now\r\n\r\n")
    assert bare.code == "PreflightMissingAllowOriginHeader"


def test_a_verbose_answer_to_the_call_itself():
    text = f"""$ curl -sv -H 'Origin: https://a.example' {API}
* Connected
> GET /items HTTP/2
> Origin: https://a.example
>
< HTTP/2 200
< access-control-allow-origin: https://b.example
< set-cookie: id=eyJhbGciOi
<
{{"a": 1}}"""
    reading = read_error(text)
    assert reading.observed is not None and reading.observed.response is not None
    assert reading.observed.response.status == 200
    assert reading.code == "AllowOriginMismatch"
    assert "eyJhbGciOi" not in repr(reading)


def test_devtools_copy():
    reading = read_error(FROM_DEVTOOLS)
    assert (reading.origin, reading.url, reading.method) == ("https://app.example.com", API, "PUT")
    assert reading.headers == (("authorization", ""), ("content-type", "application/json"))
    assert (reading.credentials, reading.missing) == ("include", ())
    assert "eyJhbGciOi" not in repr(reading)


def test_devtools_copy_for_the_windows_prompt():
    text = (
        f'curl ^"{API}^" ^\r\n  -H ^"origin: https://app.example.com^" ^\r\n'
        '  -H ^"content-type: application/json^" ^\r\n  --data-raw ^"^{^\\^"a^\\^":1^}^"'
    )
    reading = read_error(text)
    assert (reading.url, reading.origin, reading.method) == (API, "https://app.example.com", "POST")
    assert reading.headers == (("content-type", "application/json"),)


@pytest.mark.parametrize(
    ("lines", "origin"),
    [
        ("O=PAGE", "https://page.example"),
        ("export O='PAGE';", "https://page.example"),
        ('$ O="PAGE"', "https://page.example"),
        ("O=$P", ""),
        ("OTHER=PAGE", ""),
        ("O=$(cat x)", ""),
    ],
)
@pytest.mark.parametrize("use", ["$O", "${O}"])
def test_a_variable_that_a_line_before_sets(lines, origin, use):
    text = f'{lines.replace("PAGE", "https://page.example")}\n\n$ curl https://a.example/$OX -H "Origin: {use}"'
    assert read_error(text).origin == origin
    assert "$OX" in read_error(text).url


@pytest.mark.parametrize(
    ("command", "method", "headers"),
    [
        ("URL", "GET", ()),
        ("-I URL", "HEAD", ()),
        ("-sSIL URL", "HEAD", ()),
        ("-XDELETE URL", "DELETE", ()),
        ("-sX PATCH URL", "PATCH", ()),
        ("--request=PUT URL", "PUT", ()),
        ("-d a=1 URL", "POST", (("Content-Type", "application/x-www-form-urlencoded"),)),
        ("-da=1 -H 'content-type: application/json' URL", "POST", (("content-type", "application/json"),)),
        ("--data-binary @f URL -X PUT", "PUT", (("Content-Type", "application/x-www-form-urlencoded"),)),
        ("--json '{}' URL", "POST", (("Content-Type", "application/json"),)),
        ("-F a=@b URL", "POST", (("Content-Type", "multipart/form-data; boundary=x"),)),
        ("-T file URL", "PUT", ()),
        ("-G -d a=1 -u me:eyJhbGciOi URL", "GET", (("Authorization", ""),)),
        ("-H 'X-A;' -H 'X-B: 1' -H 'Accept:' URL", "GET", (("X-B", ""),)),
        ("-H Accept:text/html --max-time 5 -o /dev/null URL | jq .", "GET", (("Accept", "text/html"),)),
        ("--url URL --compressed -k", "GET", ()),
        ("-X OPTIONS URL", "OPTIONS", ()),
        ("--data-ascii a URL", "POST", (("Content-Type", "application/x-www-form-urlencoded"),)),
        ("--data-urlencode a URL", "POST", (("Content-Type", "application/x-www-form-urlencoded"),)),
        ("--data a URL", "POST", (("Content-Type", "application/x-www-form-urlencoded"),)),
        ("--data-raw a --json '{}' URL", "POST", (("Content-Type", "application/json"),)),
        ("-d a=1 -d b=2 URL", "POST", (("Content-Type", "application/x-www-form-urlencoded"),)),
        ("--form a=@b URL", "POST", (("Content-Type", "multipart/form-data; boundary=x"),)),
        ("--form-string a=b URL", "POST", (("Content-Type", "multipart/form-data; boundary=x"),)),
        ("--upload-file f URL", "PUT", ()),
        ("--head URL", "HEAD", ()),
        ("--get -d a=1 URL", "GET", ()),
        ("--user me:x URL", "GET", (("Authorization", ""),)),
        ("--oauth2-bearer x URL", "GET", (("Authorization", ""),)),
        ("--aws-sigv4 aws:amz URL", "GET", (("Authorization", ""),)),
        ("-u me:x -H 'authorization: Bearer x' URL", "GET", (("authorization", ""),)),
        ("--header 'X-A: 1' URL", "GET", (("X-A", ""),)),
        ("-H X-A URL", "GET", ()),
        ("-H 'X-A: ' URL", "GET", (("X-A", ""),)),
        ("-q URL", "GET", ()),
        ("-w '%{http_code}' URL", "GET", ()),
        ("--write-out '%{http_code}' URL", "GET", ()),
        ("--write-out=x URL other.example", "GET", ()),
        ("--expand-data a URL", "POST", (("Content-Type", "application/x-www-form-urlencoded"),)),
    ],
)
def test_options(command, method, headers):
    reading = read_error("curl " + command.replace("URL", API))
    assert (reading.url, reading.method, reading.headers) == (API, method, headers)
    assert reading.missing == ("origin",)


def test_where_the_page_and_the_scheme_come_from():
    assert read_error(f"curl {API} -e https://a.example/page").origin == "https://a.example"
    assert read_error(f"curl {API} -H 'Referer: https://a.example/page' -H 'Origin: null'").origin == "null"
    assert read_error("curl abc.execute-api.eu-west-1.amazonaws.com/x").url.startswith("https://abc.")


@pytest.mark.parametrize(
    ("argument", "url"),
    [
        ("$API_URL/items", "$API_URL/items"),
        ('"$API_URL/items"', "$API_URL/items"),
        ('"${API_URL}/items"', "${API_URL}/items"),
        ("https://$ID.execute-api.us-east-1.amazonaws.com", "https://$ID.execute-api.us-east-1.amazonaws.com"),
        ("abc.example/items/$ID", "https://abc.example/items/$ID"),
        (f'"{API}?id=$ID"', f"{API}?id=$ID"),
        (f'"{API}?$QUERY"', f"{API}?$QUERY"),
        ('"$(terraform output -raw url)/items"', "$(terraform output -raw url)/items"),
        ("%API_URL%/items", "%API_URL%/items"),
        ('"https://%BASE%/items"', "https://%BASE%/items"),
        ("$env:API_URL/items", "$env:API_URL/items"),
        ('"${env:API_URL}/items"', "${env:API_URL}/items"),
        ("'{{base_url}}/items'", "{{base_url}}/items"),
        ("--variable %HOME --expand-url 'https://{{HOME}}/x'", "https://{{HOME}}/x"),
    ],
)
def test_a_url_with_a_variable_in_it_is_missing(argument, url):
    reading = read_error(f"curl -X POST {argument} -H 'Origin: https://a.example'")
    assert (reading.url, reading.method, reading.origin) == (url, "POST", "https://a.example")
    assert reading.missing == ("url",)


@pytest.mark.parametrize("end", ["?$filter=a&$top=5", "/%C3%A9t%C3%A9", "/a%20b%20c", "?price=5$"])
def test_what_only_looks_like_a_variable_is_kept(end):
    reading = read_error(f"curl '{API}{end}' -H 'Origin: https://a.example'")
    assert (reading.url, reading.missing) == (API + end, ())


def test_an_origin_with_a_variable_in_it_is_missing():
    reading = read_error(f'curl {API} -H "Origin: https://$HOST"')
    assert (reading.origin, reading.missing) == ("", ("origin",))


@pytest.mark.parametrize(
    "option",
    [
        "--noproxy '*'",
        "--proxy-header X-A:b",
        "--socks5 localhost:1080",
        "--socks5-hostname localhost:1080",
        "--interface eth0",
        "--doh-url https://dns.example",
        "--max-filesize 1M",
        "--request-target /x",
        "--connect-to ::a.example:",
        "--pass p",
        "--hsts f",
        "--preproxy socks4://a.example",
        "--tls13-ciphers A",
        "--pinnedpubkey sha256//x",
        "--netrc-file f",
        "--speed-limit 1",
        "-Y 1",
        "--retry-max-time 9",
        "--etag-save f",
        "--output-dir d",
        "--local-port 80",
        "--happy-eyeballs-timeout-ms 9",
        "--variable a=b",
        "--parallel-max-host 3",
        "--upload-flags seen",
        "--expand-header X-B:",
        "--no-progress-meter",
        "--http2",
        "--ssl-reqd",
    ],
)
def test_an_options_value_is_not_the_url(option):
    reading = read_error(f"curl {option} -X PUT {API}")
    assert (reading.url, reading.method, reading.headers) == (API, "PUT", ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curl ", "no URL"),
        ("curl -i", "no URL"),
        (f"# all\ncurl {API} \\\n -H 'Origin: x", "line 3"),
        ("curly braces", "Paste a console message"),
    ],
)
def test_what_is_no_call_is_refused(text, words):
    with pytest.raises(ReadingError, match=words):
        read_error(text)


def test_a_command_of_powershell_goes_on_behind_its_ticks():
    text = f"""curl.exe -X PUT `
  -H "Origin: https://app.example.com" `\r
  -H "X-Api-Key: k" `
  {API}"""
    reading = read_error(text)
    assert (reading.url, reading.method, reading.origin) == (API, "PUT", "https://app.example.com")
    assert reading.headers == (("X-Api-Key", ""),)


@pytest.mark.parametrize("option", ["-b id=1", "--cookie id=1", "-H 'Cookie: id=1'"])
def test_cookies_show_the_credentials(option):
    assert read_error(f"curl {option} -H 'Origin: https://a.example' {API}").credentials == "include"
    assert read_error(f"curl -H 'Origin: https://a.example' {API}").credentials == "same-origin"


@pytest.mark.parametrize("option", ["-e", "--referer"])
def test_without_an_origin_the_referrer_counts(option):
    found = read_error(f"curl {option} https://a.example/x {API}")
    assert (found.origin, found.no_origin, found.symptom) == ("https://a.example", False, "")
    bare = read_error(f"curl {API}")
    assert (bare.no_origin, bare.symptom, bare.blocked) == (True, "no-origin-sent", False)


def test_a_preflight_by_hand_without_an_origin_gets_the_preflights_answer():
    found = read_error(f"curl -i -X OPTIONS {API}\nHTTP/2 403\nserver: x\n")
    assert (found.method, found.preflight_status, found.status) == ("OPTIONS", 403, None)
    own = read_error(f"curl -i -X OPTIONS -H 'Origin: https://a.example' {API}\nHTTP/2 403\nserver: x\n")
    assert (own.preflight_status, own.status) == (None, 403)
    other = read_error(f"curl -i -X PUT {API}\nHTTP/2 301\nlocation: x\n\nHTTP/2 403\nserver: x\n")
    assert (other.preflight_status, other.status) == (None, 403)


def test_a_host_that_does_not_answer():
    found = read_error(f"curl {API}\ncurl: (6) Could not resolve host: abc123def4")
    assert (found.symptom, found.blocked) == ("no-response", True)
    assert found.value == "curl: (6) Could not resolve host: abc123def4"
    late = read_error(f"curl -i {API}\nHTTP/2 200\na: b\n\ncurl: (18) transfer closed")
    assert (late.symptom, late.status) == ("no-origin-sent", 200)


ASKS = (
    f"curl -i -X OPTIONS {API} -H 'Origin: https://a.example' -H 'Access-Control-Request-Method: PUT'\n"
    "HTTP/2 403\na: b\n"
)
CALLS = f"curl -i -X PUT {API} -H 'Origin: https://a.example'\nHTTP/2 500\na: b\n"


def test_the_commands_for_a_preflight_and_its_call_are_one():
    found = read_error(f"{ASKS}\n{CALLS}")
    assert (found.method, found.preflight_status, found.status) == ("PUT", 403, 500)
    third = read_error(f"curl https://b.example/x\n{ASKS}\n{CALLS}")
    assert (third.url, third.status) == ("https://b.example/x", None)
    assert read_error(f"curl -i\n{ASKS}\n{CALLS}").preflight_status == 403


def test_a_fourth_command_is_not_read():
    known = read_paste("\n".join(f"curl https://{name}.example/x" for name in "abcd"), lambda url: "//d" in url)
    assert known.url == "https://a.example/x"
    third = read_paste("\n".join(f"curl https://{name}.example/x" for name in "abc"), lambda url: "//c" in url)
    assert third.url == "https://c.example/x"


def test_the_first_url_of_a_command_counts():
    assert read_error(f"curl {API} other.example").url == API
    assert read_error(f"curl {API} --url https://b.example/x").url == "https://b.example/x"


PREFLIGHT = "-X OPTIONS -H 'Origin: https://app.example.com' -H 'Access-Control-Request-Method: PUT'"


@pytest.mark.parametrize(
    ("written", "printed", "status"),
    [
        ("%{http_code}", "401", 401),
        ("%{response_code}\\n", "404", 404),
        ("%{http_code}", "299", 299),
        ("%{http_code}", "300", 300),
        ("HTTP %{http_code}\\n", "HTTP 500", 500),
        ("code: %{http_code} in %{time_total}", "code: 204 in 0.1", 204),
        ("%{url} %{http_code}", f"{API} 403", 403),
        ("%{http_code}", "", None),
        ("%{time_total}", "401", None),
        ("%{http_code}", "4012", None),
        ("a b %{http_code}", "b 401", None),
        ("a b %{http_code}", "{}\n\na b \t401", 401),
        ("%{http_code}", "99 600 599", 599),
    ],
)
def test_the_status_that_curl_prints(written, printed, status):
    command = f"curl -s -o /dev/null -w '{written}' {API} "
    found = read_error(f"{command}{PREFLIGHT}\n{printed}\n")
    assert (found.preflight_status, found.status, found.method) == (status, None, "PUT")
    code = "PreflightInvalidStatus" if status and status >= 300 else None
    assert (found.code, found.blocked) == (code, code is not None)
    found = read_error(f"{command}-H 'Origin: https://app.example.com'\n{printed}\n")
    assert (found.preflight_status, found.status) == (None, status)

"""HTTPie, wget and PowerShell commands are read as the browser's call that they stand for."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGE = "https://app.example.com"
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)

PROMPTS = [
    "$", "%", "PS C:\\>", "root@host:/#", "➜", "❯", "»", "✗", "λ", "❱", "▶", "➜  web git:(main)",
    "time", "sudo", "env", "A=1", "exec", "command", "winpty", "!", "if true; then", "for i in 1 2; do",
    "cd web &&", "false ||", "cd web ;", "cd web;", "echo '{}' |", "(",
]  # fmt: skip


@pytest.mark.parametrize("before", PROMPTS)
@pytest.mark.parametrize("program", ["http", "curl -X"])
def test_a_command_is_found_behind_a_prompt_or_another_command(before, program):
    origin = f"Origin:{PAGE}" if program == "http" else f"-H 'Origin: {PAGE}'"
    reading = read_error(f"{before} {program} PUT {API} {origin}")
    assert (reading.origin, reading.url, reading.method, reading.missing) == (PAGE, API, "PUT", ())


@pytest.mark.parametrize("runner", ["docker", "podman", "kubectl", "oc", "ssh", "wsl", "watch", "timeout"])
def test_a_command_is_found_behind_a_program_that_runs_it(runner):
    for before in (f"{runner} run x", f"$ {runner} x", f"a; {runner} x"):
        assert read_error(f"{before} curl -X PUT {API} -H 'Origin: {PAGE}'").url == API
    assert read_error(f"➜{'x' * 298} http PUT {API} Origin:{PAGE}").url == API
    with pytest.raises(ReadingError):
        read_error(f"the {runner}s say http {API} Origin:{PAGE}")
    assert read_error(f"docker run curlimages/curl -X PUT {API}").method == "PUT"


@pytest.mark.parametrize("sign", ["\\", "`", "^"])
def test_what_a_shell_prints_before_the_rest_of_a_command(sign):
    for prompt in ("> ", ">> ", "  > "):
        reading = read_error(f"curl -X PUT {sign}\n{prompt}{API} {sign}\n{prompt}-H 'Origin: {PAGE}'")
        assert (reading.url, reading.method, reading.origin) == (API, "PUT", PAGE)


@pytest.mark.parametrize("before", ["use", "the", "with this", "a", "$ a", f"➜{'x' * 299}", "$\nuse"])
def test_a_word_in_a_sentence_is_no_command(before):
    with pytest.raises(ReadingError):
        read_error(f"{before} http PUT {API} Origin:{PAGE}")


@pytest.mark.parametrize("program", ["http", "https", "xh", "xhs"])
@pytest.mark.parametrize(
    ("arguments", "method", "headers"),
    [
        ("URL", "GET", ()),
        ("head URL", "HEAD", ()),
        ("GET URL a=1", "GET", JSON),
        ("POST URL", "POST", ()),
        ("OPTIONS URL", "OPTIONS", ()),
        ("DELETE URL X-Api-Key:k", "DELETE", (("X-Api-Key", ""),)),
        ("URL a=1", "POST", JSON),
        ("PATCH URL a=1", "PATCH", JSON),
        ("URL a:=1", "POST", JSON),
        ("URL a=@f", "POST", JSON),
        ("URL a:=@f", "POST", JSON),
        ("URL a@f.txt", "POST", JSON),
        ("URL page==2", "GET", ()),
        ("-f URL a=1", "POST", FORM),
        ("--form PUT URL a=1", "PUT", FORM),
        ("URL content-type:text/plain a=1", "POST", (("content-type", "text/plain"),)),
        ("URL --verbose a=1", "POST", JSON),
    ],
)
def test_httpie(program, arguments, method, headers):
    reading = read_error(f"$ {program} {arguments.replace('URL', API)} Origin:{PAGE}")
    assert (reading.source, reading.origin, reading.url) == ("httpie", PAGE, API)
    assert (reading.method, reading.headers, reading.credentials) == (method, headers, "same-origin")
    assert (reading.missing, reading.no_origin, reading.symptom) == ((), False, "")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("api.example.com/x", "https://api.example.com/x"),
        ("://api.example.com/x", "https://api.example.com/x"),
        ("http://api.example.com/x", "http://api.example.com/x"),
        ("localhost:3000/x", "http://localhost:3000/x"),
        (":3000/x", "http://localhost:3000/x"),
        (":/x", "http://localhost/x"),
    ],
)
def test_httpie_takes_urls_that_lack_a_part(written, url):
    assert read_error(f"$ http {written} Origin:{PAGE}").url == url


@pytest.mark.parametrize(
    ("arguments", "method", "headers"),
    [
        ("URL", "GET", ()),
        ("--post-data=a=1 URL", "POST", FORM),
        ("--post-data a=1 URL", "POST", FORM),
        ("--post-file f URL", "POST", FORM),
        ("--post-file=f --header 'content-type: text/csv' URL", "POST", (("content-type", "text/csv"),)),
        ("--method=PUT --body-data=a URL", "PUT", ()),
        ("--body-data a --method PUT URL", "PUT", ()),
        ("--body-file f --method DELETE URL", "DELETE", ()),
        ("--body-data=x URL", "POST", FORM),
        ("-O out.json URL", "GET", ()),
        ("-o log URL", "GET", ()),
        ("-U Mozilla/5.0 URL", "GET", ()),
        ("-T 5 -t 2 URL", "GET", ()),
        ("-P folder -q URL", "GET", ()),
        ("URL -O out.json", "GET", ()),
    ],
)
@pytest.mark.parametrize("program", ["wget", "wget.exe"])
def test_wget(program, arguments, method, headers):
    reading = read_error(f"{program} --header='Origin: {PAGE}' {arguments.replace('URL', API)}")
    assert (reading.source, reading.origin, reading.url) == ("wget", PAGE, API)
    assert (reading.method, reading.headers, reading.missing) == (method, headers, ())


def test_wget_takes_a_host_without_a_scheme_and_the_first_of_two_urls():
    assert read_error(f"wget abc.example/x --header 'Origin: {PAGE}' other.example").url == "https://abc.example/x"


@pytest.mark.parametrize("command", ["wget -q", "wget --post-data=a", "http GET", "http word Origin:x"])
def test_a_command_without_a_url_is_no_call(command):
    with pytest.raises(ReadingError):
        read_error(command)


@pytest.mark.parametrize("name", ["Invoke-WebRequest", "Invoke-RestMethod", "iwr", "irm", "invoke-webrequest"])
@pytest.mark.parametrize("place", [f'-Uri "{API}"', f"-Uri {API}", f'"{API}"', f"'{API}'", API])
def test_powershell_finds_the_url(name, place):
    reading = read_error(f'PS C:\\> {name} {place} -Headers @{{"Origin"="{PAGE}"}}')
    assert (reading.source, reading.origin, reading.url, reading.method) == ("powershell", PAGE, API, "GET")
    assert (reading.headers, reading.missing) == ((), ())


def test_a_command_of_powershell_without_an_address():
    found = read_error(f"Invoke-WebRequest -Method Put -Headers @{{Origin='{PAGE}'}}")
    assert (found.url, found.method, found.missing) == ("", "PUT", ("url",))


@pytest.mark.parametrize("pair", ["'x-a' = '1'", '"x-a"="1"', "'x-a'=\"1\"", "x_a = '1'", 'x_a="1"'])
def test_the_quotes_of_powershells_pairs(pair):
    reading = read_error(f"irm {API} -Headers @{{Origin = '{PAGE}'; Accept = 'text/html'; {pair}}} -Method Put")
    name = "x_a" if "x_a" in pair else "x-a"
    assert (reading.origin, reading.method, reading.url) == (PAGE, "PUT", API)
    assert reading.headers == (("Accept", "text/html"), (name, ""))


def test_powershell_as_devtools_copies_it():
    reading = read_error(
        f'Invoke-WebRequest -UseBasicParsing -Uri "{API}" `\n-Method "put" `\n-Headers @{{\n'
        f'"Accept"="*/*"\n  "Origin"="{PAGE}"\n  "User-Agent"="Mozilla/5.0"\n  "x-`$a"="b"\n '
        '"x-api-key" = "k`"1"\n} `\n'
        '-ContentType "application/json" `\n-Body "{}"'
    )
    assert (reading.origin, reading.method) == (PAGE, "PUT")
    assert reading.headers == (("x-api-key", ""), ("Content-Type", "application/json"))
    assert read_error(f'irm {API} -Headers @{{"Range"="`$0`"-9"}}').headers == (("Range", '$0"-9'),)


PREFLIGHT_OF_POWERSHELL = f"-Method Options -Headers @{{Origin='{PAGE}'; 'Access-Control-Request-Method'='PUT'}}"


@pytest.mark.parametrize(
    ("printed", "status", "code"),
    [
        ("StatusCode        : 204\nRawContent        : HTTP/1.1 204 No Content\n"
         "                    Date: x\n                    Apigw-Requestid: a=\n\nHeaders           : {[Date, x]}",
         204, "PreflightMissingAllowOriginHeader"),
        ("RawContent : HTTP/1.1 403 Forbidden\n             A: b", 403, "PreflightMissingAllowOriginHeader"),
        ("Invoke-WebRequest: Response status code does not indicate success: 401 (Unauthorized).", 401,
         "PreflightInvalidStatus"),
        ("Invoke-WebRequest : The remote server returned an error: (404) Not Found.", 404, "PreflightInvalidStatus"),
        ("iwr : Der Remoteserver hat einen Fehler zurückgegeben: (404) Nicht gefunden.\n    + CategoryInfo : "
         "InvalidOperation: (System.Net.HttpWebRequest:HttpWebRequest)", 404, "PreflightInvalidStatus"),
        ("StatusCode : 204", 204, None),
    ],
)  # fmt: skip
def test_what_powershell_prints(printed, status, code):
    reading = read_error(f"PS C:\\> iwr {API} {PREFLIGHT_OF_POWERSHELL}\n\n{printed}")
    assert (reading.method, reading.preflight_status, reading.status, reading.code) == ("PUT", status, None, code)
    assert reading.blocked is (code is not None)
    plain = read_error(f"PS C:\\> iwr {API} -Headers @{{Origin='{PAGE}'}}\n\n{printed}")
    assert (plain.method, plain.preflight_status, plain.status) == ("GET", None, status)


@pytest.mark.parametrize(
    "printed",
    ["The remote name could not be resolved: 'abc.example'", "Unable to connect to the remote server",
     "No such host is known. (abc.example:443)", "The SSL connection could not be established, see inner exception."],
)  # fmt: skip
def test_powershell_without_a_response(printed):
    reading = read_error(f"iwr {API} {PREFLIGHT_OF_POWERSHELL}\niwr : {printed}\nAt line:1 char:1")
    assert (reading.symptom, reading.blocked, reading.status) == ("no-response", True, None)
    assert printed.startswith(reading.value)


def test_the_pseudo_headers_in_devtools_copies_for_powershell_are_none():
    headers = '"authority"="a"\n "method"="GET"\n "path"="/x"\n "scheme"="https"\n "x-a"="1"'
    reading = read_error(f'iwr "{API}" -Headers @{{\n{headers}\n}}')
    assert reading.headers == (("x-a", ""),)
    assert read_error(f"iwr {API} -Headers @{{'method'='GET'}}").headers == (("method", ""),)


@pytest.mark.parametrize("command", ["http URL Origin:PAGE Cookie:a=b", "wget --header='Origin: PAGE' URL"])
def test_cookies_and_the_missing_origin_are_noted(command):
    reading = read_error(command.replace("URL", API).replace("PAGE", PAGE))
    assert reading.credentials == ("include" if "Cookie" in command else "same-origin")
    bare = read_error(f"{command.split()[0]} {API}")
    assert (bare.origin, bare.no_origin, bare.symptom) == ("", True, "no-origin-sent")
    referred = read_error(f"http {API} Referer:{PAGE}/x")
    assert (referred.origin, referred.no_origin, referred.symptom) == (PAGE, False, "")


PREFLIGHT = "Access-Control-Request-Method:PATCH Access-Control-Request-Headers:x-a,content-type"


def test_a_manual_preflight_describes_the_actual_request():
    reading = read_error(f"http OPTIONS {API} Origin:{PAGE} {PREFLIGHT}\nHTTP/1.1 403 Forbidden\nserver: x\n")
    assert (reading.method, reading.headers) == ("PATCH", (("x-a", ""), ("content-type", "application/json")))
    assert (reading.preflight, reading.preflight_status, reading.status) == (True, 403, None)
    assert reading.code is not None and reading.code.startswith("Preflight")


def test_the_last_answer_is_that_of_the_call():
    text = f"http {API} Origin:{PAGE}\nHTTP/1.1 302 Found\nlocation: /x\n\nHTTP/1.1 200 OK\na: b\n\n{{}}"
    reading = read_error(text)
    assert (reading.status, reading.preflight_status, reading.code) == (200, None, "MissingAllowOriginHeader")
    assert read_error(f"http OPTIONS {API} Origin:{PAGE}\nHTTP/1.1 200 OK\na: b").status == 200


def test_an_open_quote_leaves_another_program_to_be_read():
    reading = read_error(f"wget {API} --header=Origin:{PAGE}\nhttp {API} 'a")
    assert (reading.source, reading.origin) == ("wget", PAGE)

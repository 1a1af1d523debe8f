"""Messages that look like CORS and are something else, or that say only that a call failed."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
UNTOLD = ("method", "headers", "credentials")


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("at Object.dispatch (/app/node_modules/jsdom/lib/x.js:1:1)", "jsdom"),
        ("at jsdom/living/xhr/XMLHttpRequest-impl.js", "jsdom"),
        (f"Error: Cross origin {API} forbidden", "jsdom"),
        ("Error: Headers X-A forbidden", "jsdom"),
        ("at /app/node_modules/.pnpm/happy-dom@15/node_modules/happy-dom/lib/fetch.js", "happy-dom"),
        ("at C:\\app\\node_modules\\happy-dom\\lib\\fetch.js", "happy-dom"),
        ("at happy-dom/src/fetch/Fetch.ts:12", "happy-dom"),
        ("at /app/node_modules/@sveltejs/kit/src/runtime/server/fetch.js", "SvelteKit"),
        ("TypeError: fetch failed", "Node.js"),
        ("at node:internal/deps/x", "Node.js"),
        ("code: 'UND_ERR_CONNECT_TIMEOUT'", "Node.js"),
        ("getaddrinfo ENOTFOUND abc", "Node.js"),
        ("connect ECONNREFUSED 127.0.0.1:443", "Node.js"),
        ("undici", "Node.js"),
        ("at TLSSocket.onConnectEnd", "Node.js"),
        ("read ECONNRESET, retrying", "Node.js"),
        ("Bun v1.1.30", "Bun"),
        ("Unable to connect. Is the computer able to access the url?", "Bun"),
        ("urllib3.exceptions.MaxRetryError", "Python"),
        ("requests.exceptions.ConnectionError: x", "Python"),
        ("httpx.ConnectError: x", "Python"),
        ("aiohttp.client_exceptions.ClientError", "Python"),
        ("java.net.ConnectException: x", "another program"),
        ("okhttp3.internal.http2.StreamResetException", "another program"),
        ("System.Net.Http.HttpRequestException", "another program"),
        (f"error sending request for url ({API})", "another program"),
    ],
)
def test_a_program_that_is_no_browser(text, program):
    found = read_error(f"{text}\n{API}")
    assert (found.symptom, found.value, found.url) == ("not-a-browser", program, API)
    assert (found.source, found.blocked, found.missing) == ("node", True, ("origin", *UNTOLD))


@pytest.mark.parametrize(
    "call", ["import requests", "import httpx", "import urllib.request", "requests.get(u)", "httpx.put(u)"]
)
def test_a_script_of_python(call):
    found = read_error(f"{call}\nurl = '{API}'")
    assert (found.symptom, found.value, found.url, found.blocked) == ("not-a-browser", "Python", API, False)


@pytest.mark.parametrize(
    "text",
    [
        "WebSocket connection to 'wss://a.example/x' failed:",
        "WebSocket connection to wss://a.example/x, failed",
        "Firefox can't: wss://a.example/x connection error",
    ],
)
def test_a_web_socket(text):
    found = read_error(text)
    assert (found.source, found.symptom, found.blocked) == ("text", "websocket-api", True)
    assert (found.url, found.missing[0]) == ("wss://a.example/x", "origin")


@pytest.mark.parametrize(
    ("text", "symptom", "name"),
    [
        ('Refused to get unsafe header "x-total"', "response-header-not-exposed", "x-total"),
        ("Refused to set unsafe header 'cookie'", "forbidden-request-header", "cookie"),
        ("Attempt to set a forbidden header was denied: Host", "forbidden-request-header", "Host"),
        ('response.headers.get("x-total") is null', "response-header-not-exposed", "x-total"),
        ("xhr.getResponseHeader('etag') // null", "response-header-not-exposed", "etag"),
    ],
)
def test_a_header_that_script_may_not_use(text, symptom, name):
    found = read_error(text)
    assert (found.symptom, found.value, found.blocked) == (symptom, name, False)
    assert found.missing == ("origin", "url", *UNTOLD)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Cross-Origin Read Blocking (CORB) blocked cross-origin response", "Cross-Origin Read Blocking"),
        ("CORB blocked it", "CORB"),
        ("OpaqueResponseBlocking", "OpaqueResponseBlocking"),
        ("GET net::ERR_BLOCKED_BY_ORB", "net::ERR_BLOCKED_BY_ORB"),
        ("GET net::ERR_BLOCKED_BY_RESPONSE.NotSameSite 200", "net::ERR_BLOCKED_BY_RESPONSE.NotSameSite"),
        ("(blocked:NS_BINDING_ABORTED_ORB)", "(blocked:NS_BINDING_ABORTED_ORB)"),
    ],
)
def test_a_response_that_is_hidden_from_a_call_without_cors(text, value):
    found = read_error(f"{text}\n{API}")
    assert (found.symptom, found.value, found.url, found.blocked) == ("no-cors-mode", value, API, True)


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("violates the following Content Security Policy directive", "blocked-by-client"),
        ("Content-Security-Policy: The page's settings blocked the loading", "blocked-by-client"),
        ("blocked:csp", "blocked-by-client"),
        ("(blocked:other)", "blocked-by-client"),
        ("blocked:inspector", "blocked-by-client"),
        ("blocked:origin", "blocked-by-client"),
        ("blocked:devtools", "blocked-by-client"),
        ("blocked:subresource-filter", "blocked-by-client"),
        ("blocked:mixed-content", "mixed-content"),
        ("net::ERR_BLOCKED_BY_ADMINISTRATOR", "blocked-by-client"),
        ("net::ERR_BLOCKED_BY_CLIENT", "blocked-by-client"),
        ("net::ERR_BLOCKED_BY_CSP", "blocked-by-client"),
        ("net::ERR_BAD_SSL_CLIENT_AUTH_CERT", "client-certificate-required"),
        ("net::ERR_TIMED_OUT", "no-response"),
        ("net::ERR_FAILED and net::ERR_TIMED_OUT", "no-response"),
        ("curl: (7) Failed to connect", "no-response"),
        ("Failed to fetch", "reason-in-another-line"),
        ("NetworkError when attempting to fetch", "reason-in-another-line"),
        ("Load failed", "reason-in-another-line"),
        ("Network Error", "reason-in-another-line"),
        ("net::ERR_FAILED", "reason-in-another-line"),
        ("net::ERR_ABORTED", "reason-in-another-line"),
        ("0 Unknown Error", "reason-in-another-line"),
        ("ERR_NETWORK", "reason-in-another-line"),
        ("status: 0", "reason-in-another-line"),
        ("Network request failed", "reason-in-another-line"),
        ("XMLHttpRequest error", "reason-in-another-line"),
        ("ProgressEvent", "reason-in-another-line"),
        ("CORS error", "reason-in-another-line"),
        ("cors error", "reason-in-another-line"),
        ("NS_ERROR_DOM_BAD_URI", "reason-in-another-line"),
        ("The network connection was lost", "reason-in-another-line"),
        ("(blocked:cors)", "reason-in-another-line"),
    ],
)
def test_a_call_that_failed(text, symptom):
    found = read_error(f"{text} {API}")
    assert (found.symptom, found.blocked, found.status) == (symptom, True, None)
    assert (found.url, found.missing) == (API, ("origin", *UNTOLD))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Refused to set unsafe header 'a'", "chrome"), ("headers.get('a') is null", "text"),
        ("CORB blocked", "chrome"),
        ("violates the following Content Security Policy", "chrome"), ("net::ERR_TIMED_OUT", "chrome"),
        ("curl: (7) Failed", "curl"), ("blocked:csp", "network"), ("Failed to fetch", "text"),
        (f"PUT {API} 404", "network"), (f"{API}: Request failed with status code 404", "text"),
        ('"GET /x HTTP/1.1" 404', "network"), ("import requests", "node"), (f"CORS denied: {API}", "text"),
        ("HTTP/1.1 403 Forbidden", "http"),
    ],
)  # fmt: skip
def test_the_source_of_a_text(text, source):
    assert read_error(text).source == source


@pytest.mark.parametrize("place", ["(index):12", "(anonymous)", "app.js:12"])
@pytest.mark.parametrize("between", [" ", "\t"])
def test_a_row_of_the_network_panel_is_no_script(place, between):
    found = read_error(between.join(["items", "CORS error", "fetch", place, "0 B", "2 ms"]))
    assert (found.source, found.symptom, found.blocked) == ("text", "reason-in-another-line", True)


@pytest.mark.parametrize("row", ["403 preflight", "403 Preflight"])
def test_the_row_of_a_preflight_shows_its_status(row):
    found = read_error(f"items CORS error fetch {row} {API}")
    assert (found.symptom, found.preflight_status) == ("reason-in-another-line", 403)


@pytest.mark.parametrize(
    "words",
    [
        "allow-credentials is not supported if 'allow-origin' is *",
        "Invalid format for origin localhost",
        "CORS configuration is only supported for HTTP APIs",
        "can't update or delete a managed API",
        "Cannot setup CORS rules for externally configured HTTP API",
        "Invalid value for 'Cors' property",
        "Invalid key 'allowOrigin' for 'Cors' property",
        "Unable to add Cors configuration because it is there",
        "CORS Scheme is malformed",
        "Unable to complete operation due to concurrent modification",
        "Invalid API identifier specified 123:abc",
        "Invalid API id specified abc",
        "not authorized to perform: apigateway:PATCH",
        "not authorized to perform: lambda:UpdateFunctionUrlConfig",
        "MaxAge must be less than or equal to 86400",
    ],
)
def test_a_refusal_of_aws(words):
    found = read_error(f"An error occurred (BadRequestException) when calling the UpdateApi operation: {words}.")
    assert (found.source, found.symptom, found.value, found.blocked) == ("aws", "configuration-refused", words, True)
    assert found.missing == ("origin", "url", *UNTOLD)


def test_too_many_calls_are_a_refusal_only_where_they_are_about_an_api():
    throttled = read_error("TooManyRequestsException when calling the UpdateApi operation: the Api is busy")
    assert throttled.symptom == "configuration-refused"
    with pytest.raises(ReadingError):
        read_error("TooManyRequestsException: slow down")


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (f"Http failure response for {API}: 404 Not Found", None),
        (f"{API}: Request failed with status code 404", None),
        (f"PUT {API} 404 (Not Found)", "PUT"),
        (f"PUT {API} (404)", "PUT"),
    ],
)
def test_an_answered_call_is_not_about_cors(text, method):
    found = read_error(text)
    assert (found.url, found.status, found.symptom, found.blocked) == (API, 404, "not-cors", False)
    assert found.source == ("network" if method else "text")
    assert (found.method, "method" in found.missing) == (method or "GET", method is None)


@pytest.mark.parametrize(
    ("line", "method", "status", "preflight_status"),
    [
        ('"GET /items HTTP/1.1" 404 12', "GET", 404, None),
        ('"PUT /items HTTP/2.0" 500', "PUT", 500, None),
        ('"OPTIONS /items HTTP/1.1" 204', "OPTIONS", 204, None),
        ('"OPTIONS /items HTTP/1.1" 403', "GET", None, 403),
    ],
)
def test_a_line_of_an_access_log(line, method, status, preflight_status):
    found = read_error(f"203.0.113.1 - - [01/Jan/2026:00:00:00 +0000] {line}")
    assert (found.source, found.url, found.method) == ("network", "", method)
    assert (found.status, found.preflight_status, found.blocked) == (status, preflight_status, status is None)
    assert found.symptom == ("not-cors" if status else "")


@pytest.mark.parametrize(
    ("text", "origin", "method"),
    [
        ("I call API from https://shop.example and CORS says no", "https://shop.example", None),
        ("The page: https://shop.example, the API: API, no CORS", "https://shop.example", None),
        ("Origin='https://shop.example' is not allowed by CORS: PUT API", "https://shop.example", "PUT"),
        ("cross-origin trouble with https://shop.example/ and API: it is blocked", "https://shop.example", None),
        ("cross-origin trouble with https://a.example https://b.example and API: it is blocked", "", None),
        ("CORS error: POST API", "", "POST"),
        ("Access-Control-Allow-Origin is refused: GET API.", "", "GET"),
        ("CORS: PUT API/2, then API/3, are refused", "", "PUT"),
        ("CORS: POST https://b.example, denied for API", "https://b.example", None),
    ],
)
def test_a_call_in_a_persons_own_words(text, origin, method):
    found = read_error(text.replace("API", API))
    url = f"{API}/2" if "API/2" in text else API
    assert (found.source, found.origin, found.url, found.blocked) == ("text", origin, url, True)
    assert (found.method, "method" in found.missing) == (method or "GET", method is None)


@pytest.mark.parametrize("text", ["My CORS setup for API", "CORS is blocked for me", "it fails at API from my page"])
def test_words_without_a_failed_call(text):
    with pytest.raises(ReadingError):
        read_error(text.replace("API", API))


@pytest.mark.parametrize("text", [f"PUT {API}", f"see {API} for more", "Request failed"])
def test_a_url_alone_is_no_call(text):
    with pytest.raises(ReadingError):
        read_error(text)


@pytest.mark.parametrize(
    "text",
    [
        "Failed to load module script: Expected a JavaScript-or-Wasm module script but the server responded with a "
        'MIME type of "text/html". Strict MIME type checking is enforced for module scripts per HTML spec.',
        f"Refused to execute script from '{API}' because its MIME type ('text/html') is not executable",
        f"Refused to apply style from '{API}' because its MIME type ('text/plain') is not a supported stylesheet",
        f"Loading module from “{API}” was blocked because of a disallowed MIME type (“text/html”).",
        "TypeError: 'text/html' is not a valid JavaScript MIME type.",
    ],
)
def test_a_script_of_another_type_is_not_about_cors(text):
    found = read_error(text)
    assert (found.symptom, found.blocked) == ("not-cors", False)
    assert "Content-Type" in found.value


@pytest.mark.parametrize(
    "text",
    [
        "TypeError: Failed to execute 'fetch' on 'Window': Request cannot be constructed from a URL that includes "
        f"credentials: {API.replace('://', '://me:secret@')}",
        f"TypeError: Window.fetch: {API.replace('://', '://me:secret@')} is an url with embedded credentials.",
        f"TypeError: URL is not valid or contains user credentials. {API.replace('://', '://me@')}",
    ],
)
def test_a_url_with_a_password_is_refused_and_not_kept(text):
    found = read_error(text)
    assert (found.symptom, found.url, found.blocked) == ("url-with-credentials", API, True)

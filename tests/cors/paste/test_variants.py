"""Other instances of what people paste: wrappers around a message, other tools, other hosts, other statuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.explain import diagnose
from apis.cors.paste import read_paste
from tests.cors.paste.targets import ENDPOINT, assert_nothing_false, is_address_of, target_of

API = {
    "cors": {
        "AllowOrigins": ["http://localhost:3000", "https://app.example.com"],
        "AllowMethods": ["GET", "POST", "OPTIONS"],
        "AllowHeaders": ["content-type"],
    },
    "routes": [["GET /items"], ["POST /items"], ["PUT /items/{id}"], ["DELETE /items/{id}"]],
    "domains": {"api.example.com/v1": "$default"},
}
LISTED, OTHER = "http://localhost:3000", "https://stage.example.com"
MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."


def chrome(url=f"{ENDPOINT}/items", origin=OTHER, detail=MISSING, preflight=False):
    phrase = "Response to preflight request doesn't pass access control check: " if preflight else ""
    return f"Access to fetch at '{url}' from origin '{origin}' has been blocked by CORS policy: {phrase}{detail}"


def diagnosed(text, api=API):
    """The diagnosis of a text about the API, with everything checked that holds for each."""
    reading = read_paste(text, lambda url: is_address_of(api, url))
    is_elsewhere = "url" not in reading.missing and not is_address_of(api, reading.url)
    target = target_of(None if is_elsewhere else api)
    found = diagnose(reading, target)
    assert_nothing_false(found, target)
    return found


M = chrome()
WRAPPERS = {
    "bullet": f"- {M}",
    "round bullet": f"• {M}",
    "number": f"1) {M}",
    "comment": f"// {M}",
    "table": f"| {M} |",
    "fence": f"```\n{M}\n```",
    "quoted twice": f">> {M}",
    "Slack links": M.replace(f"{ENDPOINT}/items", f"<{ENDPOINT}/items|{ENDPOINT}/items>"),
    "curly quotes": M.replace("'", "’"),
    "hexadecimal entities": M.replace("'", "&#x27;"),
    "named entities": M.replace("'", "&apos;"),
    "nested JSON": json.dumps({"a": [{"msg": M}]}, indent=2),
    "escaped quotes": M.replace("'", "\\'"),
    "escaped characters": M.replace("'", "\\u0027"),
    "line breaks": M.replace(" ", "\r\n", 8),
    "a source link": M.replace("policy: ", "policy: (index):1\n"),
    "a log's line": f"2026-01-01 12:00:00,123 [main] {json.dumps({'message': M})}",
    "a test tool": f"console.error: {M}\n    at http://localhost:3000/main.js:1:1",
    "bold": M.replace("'" + OTHER + "'", f"**'{OTHER}'**"),
    "blanks that do not break": M.replace(" ", "\u00a0"),
    "comment stars": "\n".join(f" * {line}" for line in (M[:60], M[60:120], M[120:])),
    "HTML": f"<pre>{M}</pre>",
    "double quotes": M.replace(f"'{OTHER}'", f'"{OTHER}"'),
    "no quotes": M.replace(f"'{OTHER}'", OTHER),
    "invisible characters": M.replace("https", "ht\u200btps"),
}


@pytest.mark.parametrize("kind", WRAPPERS)
def test_a_message_is_read_out_of_its_wrapper(kind):
    found = diagnosed(WRAPPERS[kind])
    assert found.cause is not None
    assert (found.cause.code, found.cause.field, found.cause.value) == ("origin-not-allowed", "AllowOrigins", OTHER)
    assert found.reading.url == f"{ENDPOINT}/items"


H = f"{ENDPOINT}/items"
TEXTS = {
    "another method": (
        chrome(f"{H}/3", LISTED, "Method DELETE is not allowed by Access-Control-Allow-Methods in preflight response."),
        "method-not-allowed",
    ),
    "a header that is listed": (
        chrome(
            origin=LISTED,
            detail="Request header field content-type is not allowed by "
            "Access-Control-Allow-Headers in preflight response.",
        ),
        "something-else-answered",
    ),
    "vary as a request header": (
        chrome(
            origin=LISTED,
            detail="Request header field vary is not allowed by Access-Control-Allow-Headers in preflight response.",
        ),
        "response-header-sent-as-request-header",
    ),
    "an app's scheme": (chrome(origin="tauri://localhost"), "custom-scheme-origin"),
    "another port": (chrome(origin="http://localhost:3001", preflight=True), "origin-not-allowed"),
    "an address for a name": (chrome(origin="http://127.0.0.1:3000"), "origin-not-allowed"),
    "a wrong path": (chrome(f"{ENDPOINT}/nope", LISTED), "no-route"),
    "a trailing slash": (chrome(f"{H}/", LISTED), "no-route"),
    "a wrong mapping": (chrome("https://api.example.com/v2/items", LISTED), "wrong-stage-or-mapping"),
    "two stars": (
        chrome(
            origin=LISTED,
            detail="The 'Access-Control-Allow-Origin' header contains multiple values '*, *', but only one is allowed.",
        ),
        "multiple-allow-origin",
    ),
    "another origin's header": (
        chrome(
            origin=LISTED,
            detail="The 'Access-Control-Allow-Origin' header has a value "
            "'https://x.example' that is not equal to the supplied origin.",
        ),
        "allow-origin-mismatch",
    ),
    "a listed origin": (chrome(origin=LISTED), "something-else-answered"),
    "Firefox and a route": (
        f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource "
        f"at {ENDPOINT}/nope. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status "
        "code: 404.",
        "no-route",
    ),
    "Safari's redirect": (
        "[Error] Preflight response is not successful. Status code: 301\n[Error] Fetch API cannot load "
        f"{H} due to access control checks.",
        "preflight-redirect",
    ),
    "Safari's method": (
        "[Error] Method PUT is not allowed by Access-Control-Allow-Methods.\n[Error] Fetch API cannot "
        f"load {H}/1 due to access control checks.",
        "method-not-allowed",
    ),
    "axios with a client": (
        f"const http = axios.create({{ baseURL: '{ENDPOINT}', headers: {{ 'X-Trace': '1' }} }});\n"
        "export const f = () => http.get('/items');",
        "header-not-allowed",
    ),
    "axios with defaults": (
        f"axios.defaults.baseURL = '{ENDPOINT}';\naxios.defaults.withCredentials = true;\naxios.get('/items')",
        "credentials-not-allowed",
    ),
    "Angular": (
        f"this.http.post<Item>('{H}', body, {{ headers: new HttpHeaders({{'X-Api-Key':'k'}}) }}).subscribe()",
        "header-not-allowed",
    ),
    "Angular, chained": (
        f"this.http.get('{H}', {{ headers: new HttpHeaders().set('X-Api-Key', 'x') }})",
        "header-not-allowed",
    ),
    "fetch with names": (
        f"const API = '{ENDPOINT}';\nconst options = {{ method: 'DELETE' }};\n"
        "await fetch(`${API}/items/${id}`, options);",
        "method-not-allowed",
    ),
    "ky": (f"await ky.put('{H}/1', {{json: {{a: 1}}}})", "method-not-allowed"),
    "PowerShell": (
        f'PS C:\\> Invoke-WebRequest -Uri "{H}" -Method "PUT" -Headers @{{ "Origin"="{OTHER}" }}',
        "origin-not-allowed",
    ),
    "a prompt with a branch": (f"➜  web git:(main) ✗ curl -i -H 'Origin: {OTHER}' {H}", "origin-not-allowed"),
    "CloudFront's error": (
        f"curl -i -H 'Origin: {LISTED}' {H}\nHTTP/2 403 \nserver: CloudFront\nx-cache: Error from cloudfront\n",
        "cdn-answered",
    ),
    "HTTPie for https": (
        f"$ https POST {H} Origin:{OTHER} a=1\nHTTP/1.1 200 OK\nApigw-Requestid: x\n",
        "origin-not-allowed",
    ),
    "wget": (f"wget -S --header='Origin: {OTHER}' {H}", "origin-not-allowed"),
    "a firewall's page": (
        f"Request URL: {H}\nRequest Method: OPTIONS\nStatus Code: 403 Forbidden\n\nResponse Headers\n"
        "content-type: text/html\nserver: x\n\nRequest Headers\naccess-control-request-method: POST\n"
        f"origin: {LISTED}",
        "firewall-answered",
    ),
    "Safari's panel": (
        f"Summary\nURL: {H}\nStatus: 204\n\nRequest\nOPTIONS /items HTTP/1.1\nOrigin: {OTHER}\n"
        "Access-Control-Request-Method: POST\n\nResponse\nHTTP/1.1 204 No Content\nApigw-Requestid: x",
        "origin-not-allowed",
    ),
    "raw HTTP": (
        f"POST /items HTTP/1.1\nHost: {ENDPOINT[8:]}\nOrigin: {LISTED}\n\nHTTP/1.1 413 Too Large\nApigw-Requestid: x\n",
        "gateway-error-status",
    ),
    "two messages": (
        chrome("https://unrelated.example.net/x")
        + "\n"
        + chrome(
            f"{H}/2", LISTED, "Method DELETE is not allowed by Access-Control-Allow-Methods in preflight response."
        ),
        "method-not-allowed",
    ),
    "a policy of the page": (
        f"Refused to connect to '{H}' because it violates the following Content Security Policy "
        "directive: \"connect-src 'self'\".",
        "blocked-by-client",
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_other_instances_get_their_cause(kind):
    text, code = TEXTS[kind]
    found = diagnosed(text)
    assert found.cause is not None and found.cause.code == code, (found.cause, found.also)


@pytest.mark.parametrize("status", [413, 429, 500, 502, 503, 504])
def test_a_failure_of_the_gateway_is_reported_by_its_status(status):
    found = diagnosed(f"{chrome(origin=LISTED)}\nPOST {H} net::ERR_FAILED {status}")
    assert found.cause is not None and found.cause.code == "gateway-error-status"
    assert str(status) in found.cause.why
    assert not found.fixes


HOSTS = {
    "https://x.lambda-url.eu-west-1.on.aws/": "function-url",
    "https://abc.appsync-api.us-east-1.amazonaws.com/graphql": "not-an-http-api",
    "https://my-bucket.s3.amazonaws.com/x": "not-an-http-api",
    "https://s3.eu-west-1.amazonaws.com/bucket/x": "not-an-http-api",
    "https://d1.cloudfront.net/x": "cdn-answered",
    "https://pool.auth.us-east-1.amazoncognito.com/oauth2/token": "not-an-http-api",
    "http://localhost:4566/x": "emulator-answered",
    "https://api.other.example/x": "unknown-host",
    "https://0123456789.execute-api.eu-west-1.amazonaws.com/x": "unknown-api",
    "https://dynamodb.us-east-1.amazonaws.com/": "not-an-http-api",
    "https://balancer-1.us-east-1.elb.amazonaws.com/x": "not-an-http-api",
    "http://undefined/items": "placeholder-url",
}


@pytest.mark.parametrize("url", HOSTS)
def test_a_host_outside_the_inventory_is_known_by_its_form(url):
    found = diagnosed(chrome(url), api=None)
    assert found.cause is not None and found.cause.code == HOSTS[url]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("BadRequestException: allow-credentials is not supported if 'allow-origin' is *", "AllowCredentials"),
        ("Invalid format for origin localhost:3000 (Service: AmazonApiGatewayV2; Status Code: 400)", "AllowOrigins"),
    ],
)
def test_a_refusal_of_aws_names_its_field(text, field):
    found = diagnosed(text, api=None)
    assert found.cause is not None and (found.cause.code, found.cause.field) == ("configuration-refused", field)


def test_a_call_without_an_origin_says_what_follows_for_known_origins():
    found = diagnosed(f"fetch('{H}', {{method: 'POST', body: 'x'}})")
    assert found.cause is None and found.allowed is None
    assert found.origins == ((LISTED, True, None), ("https://app.example.com", True, None))
    assert [one.part for one in found.ask] == ["origin"]
    assert found.ask[0].choices == (LISTED, "https://app.example.com")


def test_what_a_browser_adds_to_a_har_is_not_the_scripts():
    request = {
        "method": "GET",
        "url": H,
        "headers": [{"name": "Origin", "value": LISTED}, {"name": "User-Agent", "value": "Mobile/1.0"}],
    }
    text = json.dumps({"log": {"entries": [{"_resourceType": "fetch", "request": request, "response": {"status": 0}}]}})
    found = diagnosed(text)
    assert found.reading.headers == ()
    assert found.cause is None or found.cause.code != "header-not-allowed"


@pytest.mark.parametrize(
    "url", ["https://****.execute-api.eu-west-1.amazonaws.com/x", "https://<api>.example.com/x", ""]
)
def test_a_url_that_is_masked_or_missing_is_asked_for_and_the_given_api_still_answers(url):
    reading = read_paste(chrome(url) if url else f"from origin '{OTHER}' has been blocked by CORS policy: {MISSING}")
    assert "url" in reading.missing
    target = target_of(API)
    found = diagnose(reading, target)
    assert_nothing_false(found, target)
    assert found.cause is not None and (found.cause.code, found.cause.value) == ("origin-not-allowed", OTHER)
    assert found.fixes[0].policy.allow_origins[-1] == OTHER
    assert found.ask[0].part == "url"


def test_two_lists_that_browsers_cannot_read_are_one_cause_about_both():
    api: dict[str, Any] = dict(API)
    api["cors"] = api["cors"] | {"AllowMethods": ["GE T"], "AllowHeaders": ["x y"]}
    found = diagnosed(f"fetch('{H}', {{method: 'PUT', referrer: '{LISTED}/'}})", api)
    assert found.cause is not None
    assert (found.cause.code, found.cause.field, found.cause.value) == ("allow-list-unreadable", "AllowMethods", "GE T")
    assert "AllowMethods" in found.cause.why and "AllowHeaders" in found.cause.why
    message = "Cannot parse Access-Control-Allow-Headers response header field in preflight response."
    by_message = diagnosed(chrome(origin=LISTED, detail=message), api).cause
    assert by_message is not None and (by_message.field, by_message.value) == ("AllowHeaders", "x y")

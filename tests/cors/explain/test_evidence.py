"""What a pasted text shows on its own: who answered, what the browser or AWS said, and what is still to be asked."""

from __future__ import annotations

import pytest

from apis.cors.explain import CAUSES, diagnose
from apis.cors.paste import read_paste
from tests.cors.paste.targets import ENDPOINT, assert_nothing_false, target_of

ITEMS = f"{ENDPOINT}/items"
PAGE = "https://app.example.com"
API = {
    "cors": {"AllowOrigins": [PAGE], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["content-type"]},
    "routes": [["GET /items"], ["PUT /items"]],
}


def diagnosed(text, api=None):
    """What is found about a text."""
    target = target_of(api)
    found = diagnose(read_paste(text), target)
    assert_nothing_false(found, target)
    return found


def answered(*lines, url=ITEMS, status="200 OK", method="GET"):
    """A curl command with its response."""
    head = f"curl -i -X {method} -H 'Origin: {PAGE}' {url}\nHTTP/1.1 {status}\n"
    return diagnosed(head + "".join(f"{line}\n" for line in lines), API if url == ITEMS else None)


@pytest.mark.parametrize(
    ("lines", "code", "certainty"),
    [
        (["x-amz-apigw-id: a"], "rest-api-answered", "certain"),
        (["x-amzn-errortype: ForbiddenException"], "rest-api-answered", "certain"),
        (["x-amzn-errortype: AccessDeniedException:http://x"], "rest-api-answered", "certain"),
        (["x-amzn-errortype: MissingAuthenticationTokenException"], "rest-api-answered", "certain"),
        (["x-amzn-errortype: BadRequestException"], "rest-api-answered", "certain"),
        (["x-amzn-errortype: WAFBlocked"], "firewall-answered", "certain"),
        (["x-amzn-waf-action: challenge"], "firewall-answered", "certain"),
        (["x-cache: Error from cloudfront"], "cdn-answered", "certain"),
        (["x-cache: LambdaGeneratedResponse from cloudfront"], "cdn-answered", "certain"),
        (["x-cache: Lambda Generated Response"], "cdn-answered", "certain"),
        (["cf-ray: 8a-FRA"], "cdn-answered", "certain"),
        (["server: Cloudflare"], "cdn-answered", "certain"),
        (["x-amz-cf-id: a", "x-cache: Hit from cloudfront"], "cdn-answered", "certain"),
        (["x-amz-cf-id: a", "x-cache: Miss from cloudfront"], "cdn-answered", "likely"),
        (["access-control-allow-origin: *"], "emulator-answered", "likely"),
    ],
)
def test_who_answered(lines, code, certainty):
    found = answered(*lines, status="200 OK" if "allow-origin" not in lines[0] else "500 X", method="PUT")
    causes = [found.cause, *found.also]
    assert (code, certainty) in [(one.code, one.certainty) for one in causes if one]
    signed = answered(*lines, "apigw-requestid: a", method="PUT")
    assert code not in [one.code for one in (signed.cause, *signed.also) if one]


@pytest.mark.parametrize(("status", "kind", "code"), [
    ("403 Forbidden", "text/html; charset=utf-8", "firewall-answered"),
    ("405 X", "text/html", "firewall-answered"),
    ("403 Forbidden", "application/json", "gateway-error-status"),
    ("404 Not Found", "text/html", "gateway-error-status"),
])  # fmt: skip
def test_a_page_with_403_or_405_is_a_firewalls(status, kind, code):
    found = answered(f"content-type: {kind}", url="https://api.example.com/x", status=status)
    assert found.cause.code in (code, "origin-not-allowed", "unknown-host")
    assert ("firewall-answered" in [one.code for one in (found.cause, *found.also)]) is (code == "firewall-answered")


OF_REST = ["ForbiddenException", "AccessDeniedException", "MissingAuthenticationTokenException"]


@pytest.mark.parametrize("kind", [*OF_REST, "OtherException"])
def test_an_error_type_from_an_unknown_host_shows_a_rest_api_only_by_its_own_names(kind):
    found = answered(f"x-amzn-errortype: {kind}", url="https://api.example.com/x", status="403 X")
    assert (found.cause.code == "rest-api-answered") is (kind in OF_REST)


ALLOWS = "access-control-allow-origin: *"


@pytest.mark.parametrize("line", ["x-amzn-requestid: 1", "x-amz-cf-id: 1", "apigw-requestid: 1"])
def test_an_answer_of_aws_that_allows_all_is_no_emulators(line):
    found = answered(ALLOWS, line, method="PUT")
    assert "emulator-answered" not in [one.code for one in (found.cause, *found.also) if one]


@pytest.mark.parametrize(
    ("url", "code"),
    [(ITEMS, "emulator-answered"), ("http://localhost:4566/x", "emulator-answered"), ("https://api.example.com/x", "")],
)
def test_an_emulator_is_on_this_machine_or_stands_in_for_an_api(url, code):
    found = answered(ALLOWS, url=url, method="PUT", status="500 X")
    assert ("emulator-answered" in [one.code for one in (found.cause, *found.also) if one]) is bool(code)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://localhost:3000/x", "server: x"),
        (f"{ENDPOINT}/dev/x", "x-amz-apigw-id: a"),
        ("https://x.lambda-url.eu-west-1.on.aws/", "server: x"),
        ("https://d1.cloudfront.net/x", "x-cache: Error from cloudfront"),
    ],
)
def test_a_response_that_a_browser_allows_needs_no_cause(url, line):
    found = answered(ALLOWS, line, url=url)
    assert (found.cause, found.also, found.allowed) == (None, (), True)


BLOCKED = f"Access to fetch at '{{url}}' from origin '{PAGE}' has been blocked by CORS policy: "
MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."


@pytest.mark.parametrize("status", [401, 403, 404, 405, 408, 413, 429, 431, 500, 502, 503, 504])
def test_each_status_has_its_own_advice(status):
    found = answered("apigw-requestid: a", status=f"{status} X", url=f"{ENDPOINT}/other")
    mine = next(one for one in (found.cause, *found.also) if one.code == "gateway-error-status")
    other = answered("apigw-requestid: a", status="599 X", url=f"{ENDPOINT}/other")
    general = next(one for one in (other.cause, *other.also) if one.code == "gateway-error-status")
    assert mine.certainty == "certain" and str(status) in mine.why
    assert mine.steps != general.steps


@pytest.mark.parametrize(("status", "fails"), [(413, True), (429, True), (431, True), (500, True), (499, False)])
def test_a_failure_of_the_gateway_comes_before_the_configuration(status, fails):
    text = BLOCKED.format(url=ITEMS) + MISSING + f"\nPUT {ITEMS} net::ERR_FAILED {status} (X)"
    api = API | {"cors": {"AllowOrigins": ["https://other.example"]}}
    codes = [one.code for one in (diagnosed(text, api).cause, *diagnosed(text, api).also)]
    assert (codes[0] == "gateway-error-status") is fails
    assert "origin-not-allowed" in codes


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (301, "preflight-redirect"),
        (302, "preflight-redirect"),
        (303, "preflight-redirect"),
        (307, "preflight-redirect"),
        (308, "preflight-redirect"),
        (304, "something-else-answered"),
        (503, "gateway-error-status"),
        (401, "preflight-route-authorizer"),
        (403, "preflight-route-authorizer"),
        (404, "wrong-stage-or-mapping"),
    ],
)
def test_the_status_of_a_preflight_says_what_took_it(status, cause):
    text = (
        BLOCKED.format(url="https://api.example.com/x")
        + "Response to preflight request doesn't pass access control check: It does not have HTTP ok status."
        + f"\nOPTIONS https://api.example.com/x net::ERR_FAILED {status} (X)"
    )
    assert diagnosed(text).cause.code == cause


HOSTS = {
    "https://x.lambda-url.eu-west-1.on.aws/": "certain",
    "wss://abc.execute-api.eu-west-1.amazonaws.com/x": "certain",
    "https://d1.cloudfront.net/x": "likely",
    "https://my-bucket.s3.amazonaws.com/x": "certain",
    "http://localhost:4566/x": "likely",
    "https://0123456789.execute-api.eu-west-1.amazonaws.com/x": "certain",
    "https://api.other.example/x": "certain",
}


@pytest.mark.parametrize("url", HOSTS)
def test_a_host_outside_the_inventory_is_known_as_surely_as_its_form(url):
    found = diagnosed(BLOCKED.format(url=url) + MISSING)
    assert found.cause.certainty == HOSTS[url], found.cause


def test_each_service_of_aws_has_its_own_advice():
    hosts = ("b.s3.amazonaws.com", "p.auth.us-east-1.amazoncognito.com", "a.appsync-api.us-east-1.amazonaws.com",
             "apigateway.eu-west-1.amazonaws.com", "dynamodb.us-east-1.amazonaws.com")  # fmt: skip
    causes = [diagnosed(BLOCKED.format(url=f"https://{host}/x") + MISSING).cause for host in hosts]
    assert {one.code for one in causes} == {"not-an-http-api"}
    assert len({one.steps for one in causes}) == len({one.why for one in causes}) == len(hosts)
    unknown = diagnosed(BLOCKED.format(url="https://x.newthing.us-east-1.amazonaws.com/x") + MISSING).cause
    assert unknown.steps == ("Set CORS in that service, or call it from your backend.",)


FIREFOX = f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {ITEMS}. "
SYMPTOMS = {
    "mixed-content": f"Mixed Content: The page at '{PAGE}/' was loaded over HTTPS, but requested an insecure "
    "XMLHttpRequest endpoint 'http://api.example.com/x'.",
    "local-network-access": BLOCKED.format(url="http://192.168.1.2/x")
    + "The request client is not a secure context and the resource is in more-private address space `local`.",
    "unsupported-scheme": FIREFOX + "(Reason: CORS request not http).",
    "not-a-browser": "java.net.ConnectException: refused",
    "websocket-api": "WebSocket connection to 'wss://a.example/x' failed",
    "client-certificate-required": f"GET {ITEMS} net::ERR_BAD_SSL_CLIENT_AUTH_CERT",
    "forbidden-request-header": 'Refused to set unsafe header "cookie"',
    "response-header-not-exposed": 'Refused to get unsafe header "x-total"',
    "blocked-by-client": f"GET {ITEMS} net::ERR_BLOCKED_BY_CLIENT",
    "no-response": f"GET {ITEMS} net::ERR_TIMED_OUT",
    "not-cors": f"GET {ITEMS} 404 (Not Found)",
    "placeholder-url": BLOCKED.format(url="https://undefined/x") + MISSING,
    "url-with-credentials": "Request cannot be constructed from a URL that includes credentials: https://me:pass@a.test/",
    "no-cors-mode": f"{ITEMS} net::ERR_BLOCKED_BY_ORB",
    "no-origin-sent": f"curl {ITEMS}",
    "reason-in-another-line": "TypeError: Failed to fetch",
    "configuration-refused": "BadRequestException: Invalid format for origin localhost",
}
UNSURE = ("no-response", "reason-in-another-line", "not-cors")


@pytest.mark.parametrize("code", SYMPTOMS)
def test_what_the_text_shows_on_its_own_is_said_about_this_call(code):
    found = diagnosed(SYMPTOMS[code])
    assert (found.cause.code, found.cause.certainty) == (code, "likely" if code in UNSURE else "certain")
    assert found.cause.why != CAUSES[code].what
    assert found.cause.title == CAUSES[code].title
    value = found.reading.value
    if code in ("response-header-not-exposed", "forbidden-request-header"):
        assert found.cause.value == value and value in found.cause.why
    else:
        assert found.cause.value is None
    if code in ("not-a-browser", "placeholder-url", "no-response"):
        assert value in found.cause.why


def test_a_call_without_https_is_to_be_made_with_it():
    found = diagnosed(SYMPTOMS["mixed-content"])
    assert "http://api.example.com/x" in found.cause.why
    assert "https://api.example.com/x" in found.cause.steps[0]


@pytest.mark.parametrize("text", [
    "at jsdom/living/xhr.js", "at happy-dom/lib/fetch.js", "@sveltejs/kit/src/runtime/server/fetch.js",
    "TypeError: fetch failed", "requests.exceptions.ConnectionError",
])  # fmt: skip
def test_programs_have_their_own_advice(text):
    assert diagnosed(f"{text} {ITEMS}").cause.steps != (CAUSES["not-a-browser"].fix,)
    assert diagnosed(f"okhttp3.x {ITEMS}").cause.steps == (CAUSES["not-a-browser"].fix,)


REFUSALS = {
    "allow-credentials is not supported if 'allow-origin' is *": "AllowCredentials",
    "Invalid format for origin localhost": "AllowOrigins",
    "MaxAge must be less than or equal to 86400": "MaxAge",
    "CORS Scheme is malformed": None,
    "can't update or delete a managed API": None,
    "Unable to complete operation due to concurrent modification": None,
    "TooManyRequestsException when calling UpdateApi: the Api is busy": None,
    "not authorized to perform: apigateway:PATCH": None,
    "Invalid API identifier specified 123:abc": None,
    "Cannot setup CORS rules for externally configured HTTP API": None,
    "Invalid value for 'Cors' property": None,
}


@pytest.mark.parametrize("words", REFUSALS)
def test_a_refusal_names_its_field_and_what_it_means(words):
    found = diagnosed(f"BadRequestException: {words}")
    assert (found.cause.code, found.cause.field) == ("configuration-refused", REFUSALS[words])
    others = [diagnosed(f"BadRequestException: {other}").cause for other in REFUSALS if other != words]
    assert found.cause.why not in [other.why for other in others]
    assert found.cause.steps not in [other.steps for other in others]
    assert found.cause.steps != (CAUSES["configuration-refused"].fix,)
    assert REFUSALS[words] != "AllowCredentials" or "AllowCredentials" in found.cause.why


def test_a_refusal_names_what_aws_names():
    action = diagnosed("not authorized to perform: apigateway:PATCH").cause
    assert "w apigateway:PATCH for" in action.steps[0] and "allow apigateway:PATCH." in action.why
    assert "no API 123:abc in" in diagnosed("Invalid API identifier specified 123:abc").cause.why
    assert "the origin localhost:" in diagnosed("Invalid format for origin localhost").cause.why
    assert "Serverless" in diagnosed("Cannot setup CORS rules for externally configured HTTP API").cause.why
    key = "Invalid key 'AllowCredentials' for 'Cors' property"
    assert diagnosed(key).cause.field == "AllowCredentials"


SETTLED = {
    **{code: SYMPTOMS[code] for code in (
        "not-a-browser", "websocket-api", "mixed-content", "unsupported-scheme", "forbidden-request-header", "not-cors",
        "local-network-access", "client-certificate-required", "blocked-by-client", "no-cors-mode",
    )},
    "custom-scheme-origin": (BLOCKED.format(url=ITEMS) + MISSING).replace(PAGE, "capacitor://app"),
    "null-origin": (BLOCKED.format(url=ITEMS) + MISSING).replace(PAGE, "null"),
    "not-an-http-api": BLOCKED.format(url="https://b.s3.amazonaws.com/x") + MISSING,
    "function-url": BLOCKED.format(url="https://x.lambda-url.eu-west-1.on.aws/") + MISSING,
    "emulator-answered": BLOCKED.format(url="http://localhost:4566/x") + MISSING,
    "rest-api-answered": f"HTTP/1.1 403 X\nx-amz-apigw-id: a\n\nGET {ITEMS}",
    "firewall-answered": f"HTTP/1.1 403 X\nx-amzn-waf-action: a\n\nGET {ITEMS}",
    "response-header-sent-as-request-header": BLOCKED.format(url=ITEMS)
    + "Request header field vary is not allowed by Access-Control-Allow-Headers in preflight response.",
    "method-case": BLOCKED.format(url=ITEMS)
    + "Method patch is not allowed by Access-Control-Allow-Methods in preflight response.",
    "same-origin-mode": f"Fetch API cannot load {ITEMS}. Request mode is \"same-origin\" but the URL's origin is not "
    f"same as the request origin {PAGE}.",
}  # fmt: skip


@pytest.mark.parametrize("code", SETTLED)
def test_a_settled_cause_asks_nothing(code):
    found = diagnosed(SETTLED[code])
    assert (found.cause.code, found.ask) == (code, ())


def test_questions_come_one_by_one():
    asked = [one.part for one in diagnosed("TypeError: Failed to fetch").ask]
    assert asked == ["pasted", "url", "origin"]
    found = diagnosed(f"GET {ITEMS} net::ERR_TIMED_OUT", API)
    assert [(one.part, one.choices) for one in found.ask] == [("origin", (PAGE,)), ("method", ("GET", "PUT"))][
        : len(found.ask)
    ]
    blocked = diagnosed(BLOCKED.format(url=ITEMS).replace(PAGE, "https://x.example") + MISSING)
    assert [one.part for one in blocked.ask] == ["api"]
    assert blocked.ask[0].as_json() == {"part": "api", "question": blocked.ask[0].question, "choices": []}
    masked = diagnosed(BLOCKED.format(url="https://****.example/x") + MISSING, API)
    assert [(one.part, one.choices) for one in masked.ask] == [("url", (ENDPOINT,))]


RESPONSE_ONLY = ["vary", "Server", "x-amzn-requestid", "x-amz-apigw-id", "apigw-requestid", "x-cache",
                 "access-control-allow-origin", "access-control-allow-credentials"]  # fmt: skip


@pytest.mark.parametrize("name", RESPONSE_ONLY)
@pytest.mark.parametrize("api", [None, API])
def test_a_response_header_in_a_request_is_the_scripts_fault(name, api):
    text = f"Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."
    found = diagnosed(BLOCKED.format(url=ITEMS) + text, api)
    assert (found.cause.code, found.cause.value) == ("response-header-sent-as-request-header", name)
    assert (found.cause.certainty, found.cause.field) == ("certain", None)
    assert not found.fixes


SENDERS = {
    **dict.fromkeys(("traceparent", "tracestate", "baggage"), "OpenTelemetry or an error tracker"),
    "sentry-trace": "Sentry", "x-amzn-trace-id": "CloudWatch RUM or X-Ray",
    "x-firelogger": "A browser extension (FireLogger)", "newrelic": "New Relic", "X-NewRelic-ID": "New Relic",
    "x-datadog-trace-id": "Datadog RUM", "x-datadog-parent-id": "Datadog RUM", "x-datadog-origin": "Datadog RUM",
    "x-datadog-sampling-priority": "Datadog RUM", "x-requested-with": "jQuery or another library",
    "cache-control": "The script or DevTools' Disable cache", "pragma": "The script or DevTools' Disable cache",
    "amz-sdk-invocation-id": "The AWS SDK", "amz-sdk-request": "The AWS SDK", "x-amz-user-agent": "The AWS SDK",
}  # fmt: skip


@pytest.mark.parametrize("name", SENDERS)
@pytest.mark.parametrize("api", [None, API])
def test_who_sends_a_header_that_is_not_allowed(name, api):
    text = f"Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."
    found = diagnosed(BLOCKED.format(url=ITEMS) + text, api)
    assert (found.cause.code, found.cause.value.lower()) == ("header-not-allowed", name.lower())
    assert found.cause.steps[1].startswith(f"{SENDERS[name]} sends ")
    assert name.lower() in " ".join(found.cause.steps).lower()


def test_a_cause_in_the_form_of_rest():
    cause = diagnosed(BLOCKED.format(url=ITEMS).replace(PAGE, "https://x.example") + MISSING, API).cause
    assert cause.as_json() == {
        "code": "origin-not-allowed", "title": CAUSES["origin-not-allowed"].title, "why": cause.why,
        "field": "AllowOrigins", "value": "https://x.example", "certainty": "certain", "steps": list(cause.steps),
    }  # fmt: skip


@pytest.mark.parametrize("word", ["login", "signin", "sign-in", "authorize", "oauth2", "sso", "saml2"])
def test_a_redirect_to_a_sign_in_page_is_known_by_its_address(word):
    def causes(last):
        text = BLOCKED.format(url=f"https://id.example.com/{last}' (redirected from '{ITEMS}").replace("')", "')")
        return diagnosed(text.replace(f"{ITEMS}' from", f"{ITEMS}') from") + MISSING).cause

    plain, sign_in = causes("x"), causes(word)
    assert (plain.code, sign_in.code) == ("backend-redirect", "backend-redirect")
    assert "https://id.example.com/x" in plain.steps[0]
    assert "id.example.com" not in sign_in.steps[0]


def test_a_redirected_preflight_names_the_next_address():
    refused = (
        "Response to preflight request doesn't pass access control check: "
        "Redirect is not allowed for a preflight request."
    )
    found = diagnosed(BLOCKED.format(url="http://api.example.com/x") + refused)
    assert found.cause.code == "preflight-redirect" and "https://api.example.com/x" in found.cause.steps[0]
    local = diagnosed(BLOCKED.format(url="http://localhost:3000/x") + refused)
    preflight = next(one for one in (local.cause, *local.also) if one.code == "preflight-redirect")
    assert "https://localhost" not in " ".join(preflight.steps)
    moved = diagnosed(
        BLOCKED.format(url=f"https://b.example/y' (redirected from '{ITEMS}')").replace("')'", "')") + refused
    )
    assert moved.cause.code == "preflight-redirect" and "https://b.example/y" in moved.cause.steps[0]

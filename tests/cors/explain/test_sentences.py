"""Sentences that are put together from parts: each part is there when it applies, and only then."""

from __future__ import annotations

import pytest

from apis.cors.call import first_leg
from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.explain import explain
from apis.cors.explain.causes.config_causes import config_causes, header_steps, list_why, nearly, page_cause
from apis.cors.explain.evidence import host_cause, status_cause
from apis.cors.explain.suggested_fixes import lacks
from apis.cors.gateway import Route
from apis.cors.hosts import Host, host_of_url
from apis.cors.lint import Context, Domain, findings
from apis.cors.policy import CorsPolicy
from tests.cors.failures import API, PAGE

HOST = PAGE.removeprefix("https://")
JSON = (("content-type", "application/json"),)


def leg(method="GET", headers=(), credentials="same-origin", origin=PAGE):
    """The first leg of a call."""
    return first_leg(Request(origin, f"{API}/items", method, headers, credentials), "chrome")[0]


@pytest.mark.parametrize(
    ("entries", "origin", "end"),
    [
        ([f"http://{HOST}"], PAGE, f"; http://{HOST} has another scheme"),
        ([f"{PAGE}:8443"], PAGE, f"; {PAGE}:8443 has another port"),
        ([f"https://www.{HOST}"], PAGE, f"; https://www.{HOST} is another host"),
        ([PAGE], f"https://www.{HOST}", f"; {PAGE} is another host"),
        (["*", "https://b.example", f"{PAGE}:1", f"{PAGE}:2"], PAGE, f"; {PAGE}:1 has another port"),
        (["https://b.example"], PAGE, ""),
        ([f"https://x{HOST}"], PAGE, ""),
        ([f"http://www.{HOST}"], PAGE, ""),
        ([f"http://{HOST}:8080"], PAGE, ""),
        ([PAGE], "null", ""),
        ([], PAGE, ""),
    ],
)
def test_the_entry_that_is_nearly_the_origin(entries, origin, end):
    policy = CorsPolicy(allow_origins=tuple(entries))
    assert nearly(policy, origin) == end
    found = [one.why for one in config_causes(policy, leg(origin=origin)) if one.code == "origin-not-allowed"]
    assert [why for why in found if not why.endswith(f"but not {origin}{end}.")] == []


@pytest.mark.parametrize(
    ("origin", "code"),
    [
        ("null", "null-origin"),
        ("capacitor://localhost", "custom-scheme-origin"),
        ("chrome-extension://abcdef", "custom-scheme-origin"),
        ("file://", "custom-scheme-origin"),
        (PAGE, None),
        ("HTTP://a.example", None),
        ("http://", None),
        ("https://", None),
        ("app.example.com", None),
        ("", None),
    ],
)
def test_pages_that_no_entry_can_name(origin, code):
    found = page_cause(origin)
    assert (found and found.code) == code


@pytest.mark.parametrize("origin_known", [True, False])
def test_the_page_is_named_where_it_is_known(origin_known):
    for policy, code in (
        (CorsPolicy.off(), "cors-off"),
        (CorsPolicy(allow_origins=("*",), allow_credentials=True), "wildcard-with-credentials"),
    ):
        [found] = config_causes(policy, leg(credentials="include"), origin_known)
        assert (found.code, PAGE in found.why) == (code, origin_known)


@pytest.mark.parametrize(
    ("names", "senders"),
    [
        (["x-a"], []),
        (["traceparent", "tracestate", "baggage"], ["OpenTelemetry or an error tracker"]),
        (["Sentry-Trace", "baggage"], ["Sentry", "OpenTelemetry or an error tracker"]),
        (["x-amzn-trace-id"], ["CloudWatch RUM or X-Ray"]),
        (["x-firelogger"], ["A browser extension (FireLogger)"]),
        (["newrelic", "x-newrelic-id"], ["New Relic"]),
        (["x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority"],
         ["Datadog RUM"]),
        (["x-requested-with"], ["jQuery or another library"]),
        (["cache-control", "pragma"], ["The script or DevTools' Disable cache"]),
        (["amz-sdk-invocation-id", "amz-sdk-request", "x-amz-user-agent"], ["The AWS SDK"]),
    ],
)  # fmt: skip
def test_who_sends_a_header(names, senders):
    for some in [names, *([name] for name in names)]:
        first, *rest = header_steps(some)
        assert first.endswith("stop sending it." if len(some) == 1 else "stop sending them.")
        found = [step.removesuffix(" sends such a header; it can be switched off there.") for step in rest]
        assert found == senders if some is names else set(found) <= set(senders) and len(found) == bool(senders)


LACKING = [
    (CorsPolicy.off(), leg(), f"Turn CORS on and add the origin {PAGE}"),
    (CorsPolicy(), leg(), f"Add the origin {PAGE}"),
    (CorsPolicy(allow_origins=(PAGE,)), leg(), None),
    (CorsPolicy(allow_origins=("*",)), leg(), None),
    (CorsPolicy(allow_origins=(f"{PAGE}/",)), leg(), f"Replace {PAGE}/ with {PAGE}"),
    (CorsPolicy(allow_origins=(PAGE,)), leg("PUT"), "Add the method PUT"),
    (CorsPolicy(allow_origins=(PAGE,), allow_methods=("*",)), leg("PUT"), None),
    (CorsPolicy(allow_origins=(PAGE,)), leg("POST", JSON), "Add the header content-type"),
    (CorsPolicy(allow_origins=(PAGE,), allow_headers=("Content-Type",)), leg("POST", JSON), None),
    (CorsPolicy(allow_origins=(PAGE,), allow_headers=("*",)), leg("POST", JSON), None),
    (CorsPolicy(allow_origins=(PAGE,)), leg("POST", (*JSON, ("x-a", "1"))), "Add the headers content-type and x-a"),
    (CorsPolicy(allow_origins=(PAGE,)), leg("PUT", JSON), "Add the method PUT and add the header content-type"),
    (CorsPolicy(), leg("PUT", JSON),
     f"Add the origin {PAGE}, add the method PUT and add the header content-type"),
    (CorsPolicy(allow_origins=(PAGE,)), leg("patch", JSON), "Add the header content-type"),
    (CorsPolicy(allow_origins=(PAGE,)), leg("PATCH"), "Add the method PATCH"),
    (CorsPolicy(allow_origins=(PAGE,)), leg(credentials="include"), "Switch credentials on"),
    (CorsPolicy(allow_origins=(PAGE,), allow_credentials=True), leg(credentials="include"), None),
    (CorsPolicy(allow_origins=("*",)), leg(credentials="include"), f"Replace * with {PAGE} and switch credentials on"),
    (CorsPolicy(allow_origins=("*", "https://*", "*")), leg(credentials="include"),
     f"Replace * and https://* with {PAGE} and switch credentials on"),
    (CorsPolicy(allow_origins=("https://*",), allow_credentials=True), leg(credentials="include"), None),
    (CorsPolicy(allow_origins=("https://*",)), leg(credentials="include"),
     f"Replace https://* with {PAGE} and switch credentials on"),
    (CorsPolicy(allow_origins=(PAGE,), allow_methods=("*",), allow_credentials=True),
     leg("PUT", credentials="include"), "Add the method PUT"),
    (CorsPolicy(allow_origins=(PAGE,), allow_headers=("*",), allow_credentials=True),
     leg("POST", JSON, credentials="include"), "Add the header content-type"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "call", "label"), LACKING)
def test_what_a_policy_lacks_for_a_call(policy, call, label):
    found = lacks(policy, call, ())
    assert (found and found.label) == label


@pytest.mark.parametrize(
    ("policy", "call", "label"),
    [
        (CorsPolicy(allow_origins=(PAGE,), allow_methods=("GET, PUT",)), leg("PUT"),
         "Replace with GET and PUT"),
        (CorsPolicy(allow_methods=("GET, PUT",), allow_headers=("x y",)), leg("PUT"),
         f"Replace with x and y, replace with GET and PUT and add the origin {PAGE}"),
    ],
)  # fmt: skip
def test_what_a_policy_lacks_with_the_lists_that_browsers_cannot_read(policy, call, label):
    found = lacks(policy, call, findings(policy))
    assert (found and found.label) == label


@pytest.mark.parametrize(
    ("entries", "missing", "why"),
    [
        ((), ["x-a"], "AllowHeaders is empty, so x-a is not allowed."),
        (("x-c",), ["x-a"], "AllowHeaders lists x-c, so x-a is not allowed."),
        (("x-c",), ["x-a", "x-b"], "AllowHeaders lists x-c, so x-a and x-b are not allowed."),
        (("*", "x-c"), ["x-a"], "AllowHeaders has “*”, which is not a wildcard with credentials. List x-a."),
    ],
)
def test_why_a_list_does_not_allow_a_call(entries, missing, why):
    assert list_why("AllowHeaders", entries, missing) == why


OK = (("access-control-allow-origin", PAGE), ("vary", "origin"), ("apigw-requestid", "a"))
PREFLIGHT = (*OK, ("access-control-allow-methods", "PUT"), ("access-control-max-age", "60"))
KNOWN = CorsPolicy(allow_origins=(PAGE,), allow_methods=("PUT",), max_age=60)
SEEN = [
    (PREFLIGHT, 204, OK, []),
    ((*PREFLIGHT, ("x-extra", "1")), 204, OK, []),
    (PREFLIGHT, 200, OK, ["The preflight's answer has status 200 instead of 204."]),
    ([line for line in PREFLIGHT if "max-age" not in line[0]], 204, OK,
     ["The preflight's answer has no access-control-max-age, which was predicted to be “60”."]),
    ([*PREFLIGHT[:-1], ("access-control-max-age", "5")], 204, OK,
     ["The preflight's answer has access-control-max-age “5” instead of “60”."]),
    ([*OK, ("access-control-allow-methods", "put"), PREFLIGHT[-1]], 204, OK,
     ["The preflight's answer has access-control-allow-methods “put” instead of “PUT”."]),
    (PREFLIGHT, 204, (*OK, ("access-control-allow-credentials", "true")),
     ["The answer has access-control-allow-credentials “true”, which was not predicted."]),
    (PREFLIGHT, 204, (*OK[:1], ("vary", "Accept, Origin"), *OK[2:]), []),
    (PREFLIGHT, 204, OK[:2], []),
    (PREFLIGHT[:2] + PREFLIGHT[3:], 204, OK[:2],
     ["No response has apigw-requestid, so something else, such as a CDN, may have responded."]),
    (PREFLIGHT, 204, (*OK, ("x-amz-apigw-id", "b")),
     ["The response has x-amz-apigw-id, which REST APIs send, so this is not the HTTP API."]),
]  # fmt: skip


@pytest.mark.parametrize(("preflight", "status", "lines", "differences"), SEEN)
def test_how_an_exchange_differs_from_its_prediction(preflight, status, lines, differences):
    request = Request(PAGE, f"{API}/items", "PUT")
    observed = Exchange(request, Answer(status, tuple(preflight)), Answer(200, tuple(lines)))
    routes = (Route("PUT /items", target="integrations/1"),)
    found = explain(KNOWN, request, routes=routes, observed=observed).differences
    assert [one for one in found if "was predicted to be allowed" not in one] == differences


@pytest.mark.parametrize(
    ("host", "url", "code"),
    [
        (Host("function-url"), "", "function-url"),
        (Host("websocket"), "", "websocket-api"),
        (Host("cloudfront"), "", "cdn-answered"),
        (Host("aws-service", name="S3"), "", "not-an-http-api"),
        (Host("local"), "", "emulator-answered"),
        (host_of_url(API), API, "unknown-api"),
        (Host("unknown"), "https://a.example", "unknown-host"),
        (Host("unknown"), "", None),
    ],
)
def test_a_host_outside_of_the_inventory(host, url, code):
    found = host_cause(host, url)
    assert (found and found.code) == code


def test_what_each_status_means():
    statuses = (401, 403, 404, 405, 408, 413, 418, 429, 431, 500, 502, 503, 504)
    words = {status: status_cause(status, preflight=False).steps[0] for status in statuses}
    assert len(set(words.values())) == len(words)
    assert "preflight" in status_cause(502, preflight=True).why and "preflight" not in status_cause(502, False).why


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.example.com/items", "api.example.com"),
        ("https://API.example.com:8443/items", "api.example.com:8443"),
        ("https://api.example.com?x=/", "api.example.com"),
        ("https://api.example.com#x", "api.example.com"),
    ],
)
def test_a_host_that_asks_for_a_certificate(url, name):
    context = Context(domains=(Domain("api.example.com", mutual_tls=True),))
    found = explain(KNOWN, Request(PAGE, url, "PUT"), context=context).obstacles
    assert any(one.startswith("api.example.com asks for a client certificate") for one in found), found
    other = Context(domains=(Domain("b.example.com", mutual_tls=True), Domain("api.example.com")))
    assert not any("certificate" in one for one in explain(KNOWN, Request(PAGE, url, "PUT"), context=other).obstacles)

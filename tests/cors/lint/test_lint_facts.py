"""Facts that the rules know about headers, methods, routes, stages and domains."""

from __future__ import annotations

import pytest

from apis.cors.gateway import Route
from apis.cors.lint import Context, Domain, Stage
from apis.cors.policy import CorsPolicy
from tests.cors.lint.finding_helpers import GOOD, SITE, about, only

MISSPELLED = {
    "authorisation": "authorization", "Authorization-Token": "authorization", "autorization": "authorization",
    "authorizaton": "authorization", "auth": "authorization", "Bearer": "authorization",
    "content_type": "content-type", "contenttype": "content-type", "Content-Types": "content-type",
    "x_api_key": "x-api-key", "xapikey": "x-api-key", "x_requested_with": "x-requested-with",
}  # fmt: skip


@pytest.mark.parametrize("name", MISSPELLED)
def test_a_misspelt_header_gets_its_right_name(name: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=(name,))
    found = only("header-misspelled", policy)
    assert found.fix is not None and found.fix.apply(policy).allow_headers == (MISSPELLED[name],)
    assert MISSPELLED[name] in found.why


@pytest.mark.parametrize(
    "name",
    ["accept-language", "cache-control", "content-type", "idempotency-key", "if-match", "if-none-match", "x-amz-date",
     "x-amz-security-token", "x-api-key", "x-csrf-token", "x-request-id", "x-requested-with"],
)  # fmt: skip
def test_a_header_written_with_spaces_is_one_name(name: str) -> None:
    for field in ("AllowHeaders", "ExposeHeaders"):
        policy = CorsPolicy(allow_origins=(SITE,)).with_field(field, [name.replace("-", " ").title()])
        found = only("header-invalid", policy)
        assert found.fix is not None and found.fix.apply(policy).get(field) == [name]


@pytest.mark.parametrize(
    ("field", "entry", "fixed", "word"),
    [
        ("AllowHeaders", "X-A;X-B", ("x-a", "x-b"), "preflight"),
        ("ExposeHeaders", "X-A;X-B", ("x-a", "x-b"), "ignore"),
        ("AllowHeaders", "'X-A'", ("x-a",), "quotes"),
        ("AllowHeaders", "`X-A`", ("x-a",), "quotes"),
        ("AllowHeaders", '"X-A"', ("x-a",), "preflight"),
        ("AllowHeaders", "X-A,X-B,x-a", ("x-a", "x-b"), "several"),
        ("AllowHeaders", "X-A: *", ("x-a",), "preflight"),
        ("AllowHeaders", "X-A *", ("x-a", "*"), "preflight"),
        ("AllowHeaders", "x-* X-A", ("x-a",), "preflight"),
        ("AllowHeaders", "é", (), "preflight"),
    ],
)
def test_what_a_wrong_header_entry_means(field: str, entry: str, fixed: tuple[str, ...], word: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,)).with_field(field, [entry])
    found = only("header-invalid", policy)
    assert found.fix is not None and tuple(found.fix.apply(policy).get(field)) == fixed
    assert word in found.why


@pytest.mark.parametrize(
    "name",
    ["apigw-requestid", "x-amz-apigw-id", "x-amzn-errortype", "X-Amzn-RequestId", "x-amz-cf-id", "x-amz-cf-pop",
     "Vary", "www-authenticate", "x-cache", "access-control-allow-headers", "Access-Control-Max-Age",
     "access-control-expose-headers"],
)  # fmt: skip
def test_a_response_header_is_none_that_pages_send(name: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("x-one", name))
    found = only("header-of-answers", policy)
    assert (found.severity, found.value) == ("warning", name)
    assert found.fix is not None and found.fix.apply(policy).allow_headers == ("x-one",)
    exposed = CorsPolicy(allow_origins=(SITE,), expose_headers=(name,))
    assert about("header-of-answers", exposed) == []


@pytest.mark.parametrize("name", ["access-control-*", "Access-Control-Request-Method", "x-one"])
def test_what_is_no_response_header(name: str) -> None:
    assert about("header-of-answers", CorsPolicy(allow_origins=(SITE,), allow_headers=(name,))) == []


def test_the_trace_header_is_the_gateways() -> None:
    assert only("header-of-gateway", CorsPolicy(allow_origins=(SITE,), allow_headers=("X-Amzn-Trace-Id",)))


@pytest.mark.parametrize("routes", [("JWT",), ("AWS_IAM",), ("NONE", "JWT")])
@pytest.mark.parametrize("named", ["authorization", "Authorization", "*"])
def test_a_route_with_an_authorizer_needs_the_header(routes: tuple[str, ...], named: str) -> None:
    context = Context(routes=tuple(Route(f"GET /{at}", kind) for at, kind in enumerate(routes)))
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("x-one",))
    found = only("header-authorization-missing", policy, context)
    assert found.value == "authorization" and context.routes and context.routes[-1].key in found.why
    assert about("header-authorization-missing", policy.with_field("AllowHeaders", [named]), context) == []
    assert about("header-authorization-missing", policy.with_field("AllowOrigins", []), context) == []
    other = Context(routes=(Route("GET /", "CUSTOM"),))
    assert about("header-authorization-missing", policy, other) == []


@pytest.mark.parametrize(
    ("listed", "missing"),
    [
        (("authorization",), ("x-amz-date", "x-amz-security-token")),
        (("X-Amz-Date",), ("x-amz-security-token",)),
        (("x-amz-security-token",), ("x-amz-date",)),
        (("x-amz-date", "x-amz-security-token"), ()),
        (("*",), ()),
    ],
)
def test_a_signed_call_needs_its_headers(listed: tuple[str, ...], missing: tuple[str, ...]) -> None:
    context = Context(routes=(Route("GET /", "JWT"), Route("GET /x", "AWS_IAM")))
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=listed)
    found = about("header-signature-missing", policy, context)
    assert len(found) == bool(missing)
    for one in found:
        assert one.fix is not None and one.fix.apply(policy).allow_headers == (*listed, *missing)
        assert "GET /x" in one.why and all(name in one.why for name in missing)
    assert about("header-signature-missing", policy.with_field("AllowOrigins", []), context) == []


@pytest.mark.parametrize("kind", ["NONE", ""])
def test_the_header_wildcard_is_only_noted_without_authorizers(kind: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("*",))
    code = "header-any-without-authorization"
    assert only(code, policy, Context(routes=(Route("GET /", kind),))).severity == "note"
    assert only(code, policy, Context(routes=(Route("GET /", kind), Route("GET /x", "JWT")))).severity == "warning"
    assert about(code, policy.with_field("AllowCredentials", True)) == []
    assert about(code, policy.with_field("AllowHeaders", ["*", "Authorization"])) == []


def test_no_headers_are_noted_only_with_origins() -> None:
    policy = CorsPolicy(allow_origins=(SITE,))
    fix = only("header-none", policy).fix
    assert fix is not None and fix.apply(policy).allow_headers == ("authorization", "content-type")
    assert about("header-none", CorsPolicy(allow_methods=("GET",))) == []


@pytest.mark.parametrize("name", ["Set-Cookie", "set-cookie2"])
def test_cookies_are_never_readable(name: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), expose_headers=("x-one", name))
    fix = only("expose-cookie", policy).fix
    assert fix is not None and fix.apply(policy).expose_headers == ("x-one",)


@pytest.mark.parametrize(
    "name",
    ["Cache-Control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"],
)
def test_some_headers_are_always_readable(name: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), expose_headers=("x-one", name))
    found = only("expose-redundant", policy)
    assert found.value == name
    assert found.fix is not None and found.fix.apply(policy).expose_headers == ("x-one",)


@pytest.mark.parametrize(
    ("entry", "method"),
    [("get", "GET"), ("Head", "HEAD"), ("post", "POST"), ("pUT", "PUT"), ("delete", "DELETE"), ("options", "OPTIONS")],
)
def test_a_method_in_small_letters(entry: str, method: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_methods=(entry,))
    found = only("method-lower-case", policy)
    assert method in found.why and found.fix is not None
    assert found.fix.apply(policy).allow_methods == (method,)
    assert about("method-lower-case", CorsPolicy(allow_origins=(SITE,), allow_methods=(method, "patch"))) == []


@pytest.mark.parametrize(
    ("entry", "better"),
    [("ALL", ("*",)), ("any", ("*",)), ("DELET", ("DELETE",)), ("POTS", ("POST",)), ("PUTT", ("PUT",)), ("FETCH", ())],
)
def test_an_unknown_method(entry: str, better: tuple[str, ...]) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_methods=(entry,))
    found = only("method-unknown", policy)
    assert found.fix is not None and found.fix.apply(policy).allow_methods == better


ALL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def test_all_methods_with_credentials_are_those_of_the_routes() -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_methods=("*",), allow_credentials=True)
    code = "method-any-with-credentials"

    def fixed(*keys: str, listed: tuple[str, ...] = ("*",)) -> object:
        context = Context(routes=tuple(Route(key) for key in keys))
        found = about(code, policy.with_field("AllowMethods", list(listed)), context)
        return [one.fix and one.fix.apply(policy).allow_methods for one in found]

    assert fixed() == fixed("ANY /x") == fixed("$default") == [ALL]
    assert fixed("PUT /x", "GET /x") == [("GET", "PUT")]
    assert fixed("GET /x", "POST /x") == []
    assert fixed("PUT /x", listed=("*", "PUT")) == []
    assert about(code, policy.with_field("AllowCredentials", False)) == []


def test_methods_that_nobody_lists() -> None:
    policy = CorsPolicy(allow_origins=(SITE,))
    fix = only("method-none", policy).fix
    assert fix is not None and fix.apply(policy).allow_methods == ALL
    assert about("method-none", policy, Context(routes=(Route("GET /x"),))) == []
    assert about("method-none", CorsPolicy(allow_headers=("x",))) == []
    assert only("method-none", policy, Context(routes=(Route("ANY /x"),)))


def test_methods_and_routes() -> None:
    context = Context(routes=(Route("GET /x"), Route("POST /x"), Route("PUT /x")))
    policy = CorsPolicy(allow_origins=(SITE,), allow_methods=("PUT", "DELETE", "OPTIONS", "*"))
    assert [one.value for one in about("method-without-route", policy, context)] == ["DELETE"]
    assert about("method-left-out-works", policy, context) == []
    named = policy.with_field("AllowMethods", ["PUT"])
    fix = only("method-left-out-works", named, context).fix
    assert fix is not None and fix.apply(named).allow_methods == ("PUT", "GET", "POST")
    assert about("method-left-out-works", named, Context(routes=(Route("PUT /x"),))) == []
    assert about("method-left-out-works", named.with_field("AllowMethods", []), context) == []
    assert about("method-left-out-works", named.with_field("AllowOrigins", []), context) == []
    assert about("method-without-route", policy, Context(routes=(Route("ANY /x"),))) == []


@pytest.mark.parametrize(
    ("routes", "taken"),
    [
        (["ANY /x"], ["ANY /x"]),
        (["$default"], ["$default"]),
        (["ANY /x", "OPTIONS /x"], []),
        (["ANY /x", "OPTIONS /{proxy+}"], ["ANY /x"]),
        (["$default", "OPTIONS /{proxy+}"], []),
        (["$default", "OPTIONS /{any+}"], []),
        (["$default", "OPTIONS /{any}"], ["$default"]),
        (["$default", "OPTIONS /a/{any+}"], ["$default"]),
        (["$default", "OPTIONS /x{any+}"], ["$default"]),
        (["ANY /{all+}", "OPTIONS /{all+}"], []),
        (["OPTIONS /x", "GET /x"], []),
    ],
)
def test_a_route_takes_preflights_unless_an_options_route_does(routes: list[str], taken: list[str]) -> None:
    context = Context(routes=tuple(Route(key) for key in routes))
    assert [one.value for one in about("route-takes-preflight", GOOD, context)] == taken
    locked = Context(routes=tuple(Route(key, "" if key.startswith("OPTIONS") else "JWT") for key in routes))
    assert [one.value for one in about("route-authorizes-preflight", GOOD, locked)] == taken


def test_an_options_route_with_an_authorizer_differs_from_any() -> None:
    found = only("route-authorizes-preflight", GOOD, Context(routes=(Route("OPTIONS /x", "JWT"),)))
    other = only("route-authorizes-preflight", GOOD, Context(routes=(Route("$default", "JWT"),)))
    assert (found.severity, found.value, found.fix) == ("error", "OPTIONS /x", None)
    assert "OPTIONS /{proxy+}" in other.todo and "OPTIONS /" not in found.todo


def test_a_route_without_an_integration_is_known_by_the_others() -> None:
    bare = Route("OPTIONS /x")
    assert about("route-without-integration", GOOD, Context(routes=(bare,))) == []
    assert (
        only("route-without-integration", GOOD, Context(routes=(bare, Route("GET /x", target="i")))).value == bare.key
    )
    whole = Route("OPTIONS /x", target="i")
    assert about("route-without-integration", GOOD, Context(routes=(whole, Route("GET /x")))) == []


def test_stages_domains_and_the_default_endpoint() -> None:
    assert about("stage-not-deployed", GOOD, Context(stages=(Stage("a"), Stage("b", True)))) == []
    assert only("stage-not-deployed", GOOD, Context(stages=(Stage("a"), Stage("b", False)))).value == "b"
    assert about("domain-wants-certificate", GOOD, Context(domains=(Domain("a.example"),))) == []
    assert only("domain-wants-certificate", GOOD, Context(domains=(Domain("a.example", True),))).value == "a.example"
    alone = only("endpoint-disabled", GOOD, Context(endpoint_disabled=True))
    named = only("endpoint-disabled", GOOD, Context(endpoint_disabled=True, domains=(Domain("a.example"),)))
    assert (alone.severity, named.severity) == ("warning", "note")
    assert "a.example" in named.why
    assert about("endpoint-disabled", GOOD, Context()) == []


def test_a_finding_in_the_form_of_rest() -> None:
    found = only("origin-http", CorsPolicy(allow_origins=("http://a.example",)))
    assert found.fix is not None
    assert found.as_json() == {
        "code": "origin-http", "title": found.title, "severity": "warning", "field": "AllowOrigins",
        "value": "http://a.example", "why": found.why, "todo": found.todo, "fix": found.fix.label,
    }  # fmt: skip
    assert only("cors-off", CorsPolicy.off()).as_json()["fix"] is None
    assert (
        found.blocks
        and not only(
            "origin-scheme-wildcard-with-credentials", CorsPolicy(allow_origins=("https://*",), allow_credentials=True)
        ).blocks
    )

"""Facts that the rules know: where anyone can publish pages, how names are misspelt, what imitates what."""

from __future__ import annotations

import pytest

from apis.cors.gateway import Route
from apis.cors.lint import Context, Domain, Stage, findings
from apis.cors.policy import CorsPolicy
from tests.cors.finding_helpers import GOOD, SITE, about, only

PLAYGROUNDS = [
    "codepen.io", "cdpn.io", "s.codepen.io", "jsfiddle.net", "fiddle.jshell.net", "jsbin.com", "null.jsbin.com",
    "output.jsbin.com", "run.plnkr.co", "embed.plnkr.co", "plnkr.co", "repl.it", "replit.com", "codesandbox.io",
    "stackblitz.com", "jsitor.com", "playcode.io", "htmledit.squarefree.com", "raw.githack.com", "rawcdn.githack.com",
    "cdn.jsdelivr.net", "unpkg.com",
]  # fmt: skip


@pytest.mark.parametrize("host", PLAYGROUNDS)
def test_a_playground_runs_everyones_scripts_in_one_origin(host: str) -> None:
    for credentials in (False, True):
        policy = CorsPolicy(allow_origins=(SITE, f"https://{host}"), allow_credentials=credentials)
        found = only("origin-third-party", policy)
        assert (found.severity, found.value) == ("warning", f"https://{host}")
        assert host in found.why
        assert found.fix is not None and found.fix.apply(policy).allow_origins == (SITE,)


@pytest.mark.parametrize(
    "platform",
    ["codesandbox.io", "glitch.me", "loca.lt", "replit.dev", "run.app", "stackblitz.io", "webcontainer.io",
     "pages.dev", "netlify.app", "vercel.app", "github.io", "web.app", "workers.dev", "onrender.com", "herokuapp.com",
     "cloudfront.net", "ngrok.io", "azurewebsites.net", "surge.sh"],
)  # fmt: skip
def test_a_name_on_a_platform_can_be_registered_by_anyone(platform: str) -> None:
    for credentials, severity in ((False, "note"), (True, "warning")):
        policy = CorsPolicy(allow_origins=(f"https://shop.{platform}",), allow_credentials=credentials)
        found = only("origin-third-party", policy)
        assert (found.severity, found.fix) == (severity, None)
        assert platform in found.why
    assert about("origin-third-party", CorsPolicy(allow_origins=(f"https://my{platform}",))) == []


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


LOOK_ALIKE = {
    "0": "o", "1": "l", "5": "s", "\u0430": "a", "\u0435": "e", "\u043e": "o", "\u0440": "p",
    "\u0441": "c", "\u0443": "y", "\u0445": "x", "\u0456": "i", "\u0458": "j", "\u0455": "s", "\u0501": "d",
    "\u04bb": "h", "\u04cf": "l", "\u03bd": "v", "\u03bf": "o", "\u03b1": "a", "rn": "m", "vv": "w",
}  # fmt: skip


@pytest.mark.parametrize("fake", LOOK_ALIKE)
def test_a_character_that_is_taken_for_another_makes_a_look_alike(fake: str) -> None:
    real, entry = f"https://ki{LOOK_ALIKE[fake]}tub.example", f"https://ki{fake}tub.example"
    found = about("origin-look-alike", CorsPolicy(allow_origins=(real, entry)))
    assert [one.value for one in found] == [entry]
    assert real in found[0].why and found[0].fix is not None


@pytest.mark.parametrize(
    ("listed", "entry", "suspect"),
    [
        ("https://ab.de", "https://ab.de.evil.example", False),  # too short to be imitated
        ("https://abc.de", "https://abc.de.evil.example", True),
        ("https://abcdef.de", "https://abcdef.de.au", False),
        ("https://abcdef.de", "https://abcdef.de.com", True),
        ("https://abcdef.de", "https://xabcdef.de", True),
        ("https://abcdef.de", "https://abcedf.de", True),
        ("https://abcdef.de", "https://abcfed.de", False),
        ("https://abcdef.de", "https://badcef.de", False),
        ("https://abc-ef.de", "https://ab-cef.de", False),
        ("https://abcdef.de", "https://abcdxf.de", False),
        ("http://localhost:1", "https://localhost.evil.example", False),
    ],
)
def test_when_a_host_imitates_another(listed: str, entry: str, suspect: bool) -> None:
    found = about("origin-look-alike", CorsPolicy(allow_origins=(listed, entry)))
    assert [one.value for one in found] == ([entry] if suspect else [])


def test_a_short_name_in_many_characters_that_only_look_like_it_is_not_compared() -> None:
    near, far = "https://mmmmmmmm.example", "https://mmmmmmmmm.example"
    for real, seen in ((near, 1), (far, 0)):
        fake = real.replace("m", "rn").replace("exarnple", "example")
        assert len(about("origin-look-alike", CorsPolicy(allow_origins=(real, fake)))) == seen


@pytest.mark.parametrize(
    ("entry", "port"),
    [("http://localhost", "80"), ("https://localhost", "443"), ("http://127.0.0.9", "80"), ("http://[::1]", "80")],
)
def test_a_local_origin_without_a_port_means_one(entry: str, port: str) -> None:
    policy = CorsPolicy(allow_origins=(entry,))
    found = only("origin-local-without-port", policy)
    assert port in found.why + found.todo
    assert found.fix is not None and found.fix.apply(policy).allow_origins == (f"{entry}:3000",)


@pytest.mark.parametrize(
    "entry", ["http://localhost:80/", "http://192.168.1.1", "http://app.localhost", "http://128.0.0.1"]
)
def test_other_local_origins_may_lack_the_port(entry: str) -> None:
    assert about("origin-local-without-port", CorsPolicy(allow_origins=(entry,))) == []


def test_local_origins_are_noted_next_to_public_ones_only() -> None:
    local = "http://localhost:3000"
    found = only("origin-local-in-production", CorsPolicy(allow_origins=(local, SITE)))
    assert found.value == local and SITE in found.why
    for others in ((), ("http://example.com",), ("https://192.168.0.1",)):
        assert about("origin-local-in-production", CorsPolicy(allow_origins=(local, *others))) == []


@pytest.mark.parametrize(
    ("entry", "better"),
    [
        ("http://a.example", "https://a.example"),
        ("http://a.example:8080", "https://a.example:8080"),
        ("http://a.example:443", "https://a.example"),
    ],
)
def test_an_unencrypted_origin_is_to_be_encrypted(entry: str, better: str) -> None:
    policy = CorsPolicy(allow_origins=(entry,))
    found = only("origin-http", policy)
    assert found.fix is not None and found.fix.apply(policy).allow_origins == (better,)
    assert about("origin-http-twin", policy) == []
    twin = CorsPolicy(allow_origins=(entry, "https://a.example"))
    assert about("origin-http", twin) == []
    assert only("origin-http-twin", twin).value == entry
    assert (
        findings(
            CorsPolicy(allow_origins=("http://10.0.0.1:3000",), allow_methods=("GET",), allow_headers=("x",), max_age=9)
        )
        == []
    )


@pytest.mark.parametrize(
    ("routes", "headers", "severity"),
    [
        ((), (), "note"),
        ((Route("GET /", "NONE"), Route("GET /", "")), (), "note"),
        ((Route("GET /", "JWT"),), (), "warning"),
        ((), ("Authorization",), "warning"),
        ((), ("*",), "note"),
    ],
)
def test_every_site_is_worse_where_calls_are_authorized(
    routes: tuple[Route, ...], headers: tuple[str, ...], severity: str
) -> None:
    policy = CorsPolicy(allow_origins=("*",), allow_headers=headers)
    found = only("origin-any", policy, Context(routes=routes))
    assert (found.severity, found.value, found.fix) == (severity, "*", None)
    assert about("origin-any", policy.with_field("AllowCredentials", True)) == []


def test_wildcards_of_origins() -> None:
    both = CorsPolicy(allow_origins=("*", SITE))
    fix = only("origin-any-beside-others", both).fix
    assert fix is not None and fix.apply(both).allow_origins == (SITE,)
    assert about("origin-any-beside-others", CorsPolicy(allow_origins=("*",))) == []
    fix = only("origin-any-with-credentials", both.with_field("AllowCredentials", True)).fix
    assert fix is not None and fix.apply(both).allow_origins == (SITE,)
    for entry in ("https://*", "http://*"):
        note = only("origin-scheme-wildcard", CorsPolicy(allow_origins=(entry,)))
        assert (note.severity, note.value, note.fix) == ("note", entry, None)
        assert entry.partition(":")[0] in note.why + note.todo
        policy = CorsPolicy(allow_origins=(entry,), allow_credentials=True)
        fix = only("origin-scheme-wildcard-with-credentials", policy).fix
        assert fix is not None and not fix.apply(policy).allow_credentials
        assert about("origin-scheme-wildcard", policy) == []


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


def test_an_options_route_with_an_authorizer_is_told_from_any() -> None:
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


@pytest.mark.parametrize(
    ("entry", "code", "fixed"),
    [
        ("https://a.example,", "origin-padded", "https://a.example"),
        ("“https://a.example”", "origin-padded", "https://a.example"),
        ("[https://a.example]", "origin-padded", "https://a.example"),
        ("`https://a.example`", "origin-padded", "https://a.example"),
        ("<https://a.example>", "origin-padded", "https://a.example"),
        ("https://a.example|https://b.example", "origin-several-in-one", "https://a.example https://b.example"),
        ("https;//a.example", "origin-misspelt", "https://a.example"),
        ("http.//a.example", "origin-misspelt", "http://a.example"),
        ("https:/a.example", "origin-misspelt", "https://a.example"),
        ("https//a.example", "origin-misspelt", "https://a.example"),
        ("htttps://a.example", "origin-misspelt", "https://a.example"),
        ("https://example,com", "origin-misspelt", "https://example.com"),
        ("https://example,com:8080", "origin-misspelt", "https://example.com:8080"),
        ("https://a.example,b", "origin-several-in-one", "https://a.example https://b"),
        ("wss://a.example", "origin-other-scheme", "https://a.example"),
        ("ws://a.example", "origin-other-scheme", "http://a.example"),
        ("//a.example", "origin-without-scheme", "https://a.example"),
        ("a.example", "origin-without-scheme", "https://a.example"),
        ("localhost:3000", "origin-without-scheme", "http://localhost:3000"),
        ("https://me@a.example", "origin-user", "https://a.example"),
        ("https://a.example/", "origin-trailing-slash", "https://a.example"),
        ("https://a.example?x", "origin-path", "https://a.example"),
        ("https://a.example#x", "origin-path", "https://a.example"),
        ("HTTPS://a.example", "origin-upper-case", "https://a.example"),
        ("https://A.example", "origin-upper-case", "https://a.example"),
        ("https://a.example:443", "origin-default-port", "https://a.example"),
        ("http://a.example:80", "origin-default-port", "http://a.example"),
        ("https://a.example:0", "origin-bad-port", "https://a.example"),
        ("https://a.example:65536", "origin-bad-port", "https://a.example"),
        ("https://a.example:08", "origin-bad-port", "https://a.example:8"),
        ("https://a.example:x", "origin-bad-port", "https://a.example"),
        ("https://a.example:", "origin-bad-port", "https://a.example"),
        ("http://127.1:3000", "origin-not-canonical", "http://127.0.0.1:3000"),
        ("https://b\u00fccher.example", "origin-unicode", "https://xn--bcher-kva.example"),
        ("${FRONTEND}", "origin-placeholder", ""),
        ("{{origin}}", "origin-placeholder", ""),
        ("$(ORIGIN)", "origin-placeholder", ""),
        ("https://<your-domain>", "origin-placeholder", ""),
        ("%ORIGIN%", "origin-placeholder", ""),
        ("$ORIGIN", "origin-placeholder", ""),
        ("NULL", "origin-null", ""),
        ("https://*.a.example", "origin-wildcard-part", ""),
        ("https://exa|mple.com", "origin-invalid", ""),
        (" ", "origin-empty", ""),
    ],
)  # fmt: skip
def test_an_origin_that_never_matches_has_one_error_with_its_fix(entry: str, code: str, fixed: str) -> None:
    policy = CorsPolicy(allow_origins=(entry,))
    errors = [one for one in findings(policy) if one.severity == "error"]
    assert [one.code for one in errors] == [code]
    assert errors[0].value == entry and errors[0].fix is not None
    assert " ".join(errors[0].fix.apply(policy).allow_origins) == fixed


@pytest.mark.parametrize("entry", ["https://a.example:1", "https://a.example:65535", "http://a.example:443"])
def test_ports_that_are_valid(entry: str) -> None:
    assert [one for one in findings(CorsPolicy(allow_origins=(entry,))) if one.severity == "error"] == []

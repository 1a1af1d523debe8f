"""What the rules say of configurations that people have."""

from __future__ import annotations

import pytest

from apis.cors.gateway import Route
from apis.cors.lint import Context, Domain, Stage, blocking, findings
from apis.cors.policy import CorsPolicy
from tests.cors.lint.finding_helpers import GOOD, SITE, about, only


def test_a_good_configuration_has_no_findings() -> None:
    assert findings(GOOD) == []


def test_the_tutorials_configurations_work() -> None:
    first = CorsPolicy.from_aws(
        {
            "AllowOrigins": ["http://localhost:3000", SITE],
            "AllowMethods": ["GET", "POST", "PUT", "DELETE"],
            "AllowHeaders": ["Content-Type", "Authorization"],
            "MaxAge": 86400,
        }
    )
    assert {finding.severity for finding in findings(first)} == {"note"}
    assert {finding.code for finding in findings(first)} == {"origin-local-in-production", "max-age-over-cap"}


@pytest.mark.parametrize(
    ("entry", "code", "fixed"),
    [
        ("put", "method-lower-case", ["PUT"]),
        ("'GET,PUT'", "method-several-in-one", ["GET", "PUT"]),
        ("'*'", "method-unknown", ["*"]),
        ("GET, PUT", "method-several-in-one", ["GET", "PUT"]),
        ("get put", "method-several-in-one", ["GET", "PUT"]),
        ("", "method-several-in-one", []),
        ("TRACE", "method-forbidden", []),
        ("connect", "method-forbidden", []),
        ("ANY", "method-unknown", ["*"]),
        ("DELET", "method-unknown", ["DELETE"]),
        ("FETCH", "method-unknown", []),
    ],
)
def test_a_method_that_never_matches_is_an_error(entry: str, code: str, fixed: list[str]) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_methods=(entry,))
    found = only(code, policy)
    assert (found.severity, found.value) == ("error", entry)
    assert found.fix is not None and list(found.fix.apply(policy).allow_methods) == fixed


@pytest.mark.parametrize(
    ("field", "entry", "code", "fixed"),
    [
        ("AllowHeaders", "Content-Type: application/json", "header-invalid", ["content-type"]),
        ("AllowHeaders", "X-One, X-Two", "header-invalid", ["x-one", "x-two"]),
        ("AllowHeaders", "Content Type", "header-invalid", ["content-type"]),
        ("AllowHeaders", "X-One X-Two", "header-invalid", ["x-one", "x-two"]),
        ("AllowHeaders", "", "header-invalid", []),
        ("AllowHeaders", "x-*", "header-pattern", []),
        ("ExposeHeaders", "X-One;X-Two", "header-invalid", ["x-one", "x-two"]),
        ("ExposeHeaders", "x-*", "header-pattern", []),
    ],
)
def test_an_invalid_header_name_is_an_error_in_its_field(field: str, entry: str, code: str, fixed: list[str]) -> None:
    policy = CorsPolicy(allow_origins=(SITE,)).with_field(field, [entry])
    found = only(code, policy)
    assert (found.severity, found.field, found.value) == ("error", field, entry)
    assert found.fix is not None and found.fix.apply(policy).get(field) == fixed


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("Cookie", "header-forbidden"),
        ("sec-fetch-mode", "header-forbidden"),
        ("Access-Control-Request-Headers", "header-forbidden"),
        ("Access-Control-Allow-Origin", "header-of-answers"),
        ("Authorisation", "header-misspelled"),
    ],
)
def test_headers_that_scripts_cannot_send(entry: str, code: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=(entry,))
    codes = {finding.code for finding in findings(policy) if finding.value == entry}
    assert codes == {code}


def test_a_header_wildcard_may_not_cover_authorization() -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("*",))
    found = only("header-any-without-authorization", policy)
    assert found.severity == "warning" and found.fix is not None
    assert found.fix.apply(policy).allow_headers == ("*", "authorization")
    open_api = Context(routes=(Route("GET /items"),))
    assert only("header-any-without-authorization", policy, open_api).severity == "note"


def test_several_names_in_one_entry_may_be_refused() -> None:
    """Browsers split the joined list at its commas; only AWS may refuse the entry."""
    for field, entry, code in (
        ("AllowHeaders", "x-one, x-two", "header-invalid"),
        ("ExposeHeaders", "x-one,x-two", "header-invalid"),
        ("AllowMethods", "GET, PUT", "method-several-in-one"),
    ):
        assert (
            "it holds several names, which AWS may refuse."
            in only(code, CorsPolicy(allow_origins=(SITE,)).with_field(field, [entry])).why
        )
    spaced = CorsPolicy(allow_origins=(SITE,), allow_methods=("get put",))
    assert "it never matches" in only("method-several-in-one", spaced).why
    nothing = only("method-several-in-one", CorsPolicy(allow_origins=(SITE,), allow_methods=("",)))
    assert nothing.todo.endswith(": GET and PUT.")
    letters = CorsPolicy(allow_origins=(SITE,), allow_headers=("x-q", "q-x"), allow_methods=("PUT",))
    assert about("header-invalid", letters) == []


def test_the_fix_keeps_a_wildcard_for_calls_without_credentials() -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("*",), expose_headers=("*",), allow_credentials=True)
    fix = only("header-any-with-credentials", policy).fix
    assert fix is not None and fix.apply(policy).allow_headers == ("*", "authorization", "content-type")
    assert about("header-any-with-credentials", fix.apply(policy)) == []
    # What pages read no one here knows; once they are named, nothing more is said.
    assert only("expose-any-with-credentials", policy).fix is None
    assert about("expose-any-with-credentials", policy.with_field("ExposeHeaders", ["*", "x-total"])) == []


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (
            CorsPolicy(allow_origins=(SITE,), allow_methods=("*",), allow_credentials=True),
            "method-any-with-credentials",
        ),
        (
            CorsPolicy(allow_origins=(SITE,), allow_headers=("*",), allow_credentials=True),
            "header-any-with-credentials",
        ),
        (
            CorsPolicy(allow_origins=(SITE,), expose_headers=("*",), allow_credentials=True),
            "expose-any-with-credentials",
        ),
    ],
)
def test_a_wildcard_is_a_literal_name_with_credentials(policy: CorsPolicy, code: str) -> None:
    assert only(code, policy).severity == "warning"
    assert about(code, policy.with_field("AllowCredentials", False)) == []


@pytest.mark.parametrize(
    ("seconds", "code", "severity", "fixed"),
    [
        (86401, "max-age-out-of-range", "error", 86400),
        (-2, "max-age-out-of-range", "error", -1),
        (86400, "max-age-over-cap", "note", None),
        (601, "max-age-over-cap", "note", None),
        (0, "max-age-unset", "note", 600),
        (-1, "max-age-negative", "note", 600),
    ],
)
def test_max_age(seconds: int, code: str, severity: str, fixed: int | None) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), max_age=seconds)
    found = only(code, policy)
    assert (found.severity, found.field, found.value) == (severity, "MaxAge", str(seconds))
    assert (found.fix.apply(policy).max_age if found.fix else None) == fixed
    assert [finding.code for finding in findings(policy) if finding.field == "MaxAge"] == [code]


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        (3600, "1 hour in Chrome and Firefox, 10 minutes in Safari"),
        (86400, "24 hours in Firefox, 2 hours in Chrome, 10 minutes in Safari"),
        (5400, "1 hour 30 minutes in Chrome and Firefox, 10 minutes in Safari"),
        (601, "601 seconds in Chrome and Firefox, 10 minutes in Safari"),
    ],
)
def test_max_age_shows_how_long_each_browser_caches(seconds: int, kept: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), max_age=seconds)
    assert only("max-age-over-cap", policy).why == f"Cached for {kept}."


def test_off_empty_and_without_origins_have_different_findings() -> None:
    assert [finding.code for finding in findings(CorsPolicy.off())] == ["cors-off"]
    empty = CorsPolicy.from_aws({})
    assert [finding.code for finding in findings(empty)] == ["cors-allows-nothing"]
    fix = findings(empty)[0].fix
    assert fix is not None and fix.apply(empty) == CorsPolicy.off()
    stranded = CorsPolicy(allow_methods=("GET", "POST"), allow_credentials=True)
    codes = [finding.code for finding in findings(stranded)]
    assert codes == ["cors-allows-nothing", "credentials-without-origins"]


def test_duplicates_are_found_in_their_field() -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("X-One", "x-one"), allow_methods=("PUT", "PUT"))
    assert {(finding.field, finding.value) for finding in about("entry-duplicate", policy)} == {
        ("AllowHeaders", "x-one"),
        ("AllowMethods", "PUT"),
    }


def test_methods_are_compared_with_the_routes() -> None:
    context = Context(routes=(Route("GET /items"), Route("PATCH /items/{id}")))
    assert only("method-of-route-missing", GOOD, context).value == "PATCH"
    assert [finding.value for finding in about("method-without-route", GOOD, context)] == ["POST", "PUT", "DELETE"]
    everything = Context(routes=(Route("ANY /items"),))
    assert about("method-without-route", GOOD, everything) == []


def test_post_works_without_being_listed() -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_methods=("GET",))
    serving = Context(routes=(Route("GET /items"), Route("POST /items")))
    assert "POST" in only("method-left-out-works", policy, serving).todo
    assert about("method-left-out-works", policy) == [], "the routes are unknown"
    assert about("method-left-out-works", policy, Context(routes=(Route("GET /items"),))) == []


def test_patch_in_lower_case_is_only_a_warning() -> None:
    """fetch() sends it as it is written, so pages that write it so get in."""
    found = only("method-patch-lower-case", CorsPolicy(allow_origins=(SITE,), allow_methods=("patch",)))
    assert found.severity == "warning" and found.fix is not None
    assert found.fix.apply(CorsPolicy(allow_methods=("patch",))).allow_methods == ("PATCH",)


@pytest.mark.parametrize(
    ("entry", "fixed"),
    [("'Content-Type,X-Amz-Date'", ("content-type", "x-amz-date")), ("'*'", ("*",)), ("'X-A'", ("x-a",))],
)
def test_quotes_of_sam_are_removed_from_headers(entry: str, fixed: tuple[str, ...]) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=(entry,))
    found = only("header-invalid", policy)
    assert found.fix is not None and found.fix.apply(policy).allow_headers == fixed


def test_routes_with_an_authorizer_need_its_header() -> None:
    context = Context(routes=(Route("GET /me", "JWT", "auth1"),))
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("content-type",), allow_methods=("GET",))
    found = only("header-authorization-missing", policy, context)
    assert found.fix is not None
    assert about("header-authorization-missing", found.fix.apply(policy), context) == []


@pytest.mark.parametrize(
    ("routes", "code", "severity", "value"),
    [
        ([Route("ANY /items")], "route-takes-preflight", "warning", "ANY /items"),
        ([Route("$default")], "route-takes-preflight", "warning", "$default"),
        ([Route("ANY /items", "JWT")], "route-authorizes-preflight", "error", "ANY /items"),
        ([Route("$default", "CUSTOM")], "route-authorizes-preflight", "error", "$default"),
        ([Route("OPTIONS /items", "JWT")], "route-authorizes-preflight", "error", "OPTIONS /items"),
        (
            [Route("OPTIONS /x"), Route("GET /x", target="integrations/1")],
            "route-without-integration",
            "error",
            "OPTIONS /x",
        ),
        ([Route("$default", "JWT"), Route("OPTIONS /{proxy+}")], None, "", ""),
        ([Route("ANY /items", "JWT"), Route("OPTIONS /items")], None, "", ""),
        ([Route("GET /items", "JWT"), Route("OPTIONS /items")], None, "", ""),
        ([Route("ANY /items"), Route("OPTIONS /items")], None, "", ""),
        ([Route("$default", "JWT"), Route("OPTIONS /{path+}")], None, "", ""),
        ([Route("$default"), Route("OPTIONS /{path+}")], None, "", ""),
        # None of these takes every path.
        ([Route("$default", "JWT"), Route("OPTIONS /{id}")], "route-authorizes-preflight", "error", "$default"),
        ([Route("$default", "JWT"), Route("OPTIONS /a/{path+}")], "route-authorizes-preflight", "error", "$default"),
        ([Route("$default", "JWT"), Route("OPTIONS /items")], "route-authorizes-preflight", "error", "$default"),
        ([Route("ANY /items", "JWT"), Route("OPTIONS /{path+}")], "route-authorizes-preflight", "error", "ANY /items"),
    ],
)
def test_routes_that_match_preflights(routes: list[Route], code: str | None, severity: str, value: str) -> None:
    found = [finding for finding in findings(GOOD, Context(routes=tuple(routes))) if finding.field == "Routes"]
    if code is None:
        assert found == []
    else:
        assert [(one.code, one.severity, one.value) for one in found] == [(code, severity, value)]
    assert blocking(found) == []


def test_only_any_routes_are_advised_to_add_an_options_route() -> None:
    for route, message in (
        (Route("OPTIONS /items", "JWT"), "Remove its authorizer, or delete the route."),
        (Route("ANY /items", "JWT"), "add the route OPTIONS /items with"),
        (Route("$default", "JWT"), "add the route OPTIONS /{proxy+} with"),
    ):
        assert message in only("route-authorizes-preflight", GOOD, Context(routes=(route,))).todo


def test_stages_and_domains() -> None:
    waiting = Context(stages=(Stage("prod", auto_deploy=False), Stage("dev")))
    assert only("stage-not-deployed", GOOD, waiting).value == "prod"
    assert only("endpoint-disabled", GOOD, Context(endpoint_disabled=True)).severity == "warning"
    domain = Domain("api.example.com", mutual_tls=True)
    both = Context(endpoint_disabled=True, domains=(domain,))
    assert only("endpoint-disabled", GOOD, both).severity == "note"
    assert domain.name in only("endpoint-disabled", GOOD, both).why
    assert only("domain-wants-certificate", GOOD, both).value == "api.example.com"


def test_unknown_routes_and_stages_raise_no_finding() -> None:
    assert findings(GOOD, Context(routes=None, stages=None)) == []


def test_findings_are_sorted_by_severity_and_field() -> None:
    policy = CorsPolicy(allow_origins=("*", "http://localhost"), allow_methods=("put",), max_age=90000)
    found = findings(policy)
    assert [finding.severity for finding in found] == sorted(
        (finding.severity for finding in found), key=("error", "warning", "note").index
    )
    assert [finding.field for finding in found if finding.severity == "error"] == ["AllowMethods", "MaxAge"]

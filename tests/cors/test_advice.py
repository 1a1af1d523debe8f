"""What the rules say of configurations that people have."""

from __future__ import annotations

import pytest

from apis.cors.gateway import Route
from apis.cors.lint import Context, Domain, Stage, blocking, findings
from apis.cors.policy import CorsPolicy
from tests.cors.advising import GOOD, SITE, about, only


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
    ("entry", "code", "mended"),
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
def test_a_method_that_no_call_has_is_an_error(entry: str, code: str, mended: list[str]) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_methods=(entry,))
    found = only(code, policy)
    assert (found.severity, found.value) == ("error", entry)
    assert found.fix is not None and list(found.fix.apply(policy).allow_methods) == mended


@pytest.mark.parametrize(
    ("field", "entry", "code", "mended"),
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
def test_a_header_that_cannot_be_is_an_error_in_its_own_list(
    field: str, entry: str, code: str, mended: list[str]
) -> None:
    policy = CorsPolicy(allow_origins=(SITE,)).with_field(field, [entry])
    found = only(code, policy)
    assert (found.severity, found.field, found.value) == ("error", field, entry)
    assert found.fix is not None and found.fix.apply(policy).get(field) == mended


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
def test_headers_that_no_script_sends(entry: str, code: str) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=(entry,))
    codes = {finding.code for finding in findings(policy) if finding.value == entry}
    assert codes == {code}


def test_a_star_for_headers_misses_authorization() -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("*",))
    found = only("header-any-without-authorization", policy)
    assert found.severity == "warning" and found.fix is not None
    assert found.fix.apply(policy).allow_headers == ("*", "authorization")
    open_api = Context(routes=(Route("GET /items"),))
    assert only("header-any-without-authorization", policy, open_api).severity == "note"


def test_several_in_one_entry_are_not_said_to_match_nothing() -> None:
    """Browsers split the joined list at its commas; only AWS may refuse the entry."""
    for field, entry, code in (
        ("AllowHeaders", "x-one, x-two", "header-invalid"),
        ("ExposeHeaders", "x-one,x-two", "header-invalid"),
        ("AllowMethods", "GET, PUT", "method-several-in-one"),
    ):
        assert "which AWS may refuse" in only(code, CorsPolicy(allow_origins=(SITE,)).with_field(field, [entry])).why
    assert (
        "no call can match it"
        in only("method-several-in-one", CorsPolicy(allow_origins=(SITE,), allow_methods=("get put",))).why
    )


def test_a_star_that_serves_calls_without_credentials_stays() -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=("*",), expose_headers=("*",), allow_credentials=True)
    fix = only("header-any-with-credentials", policy).fix
    assert fix is not None and fix.apply(policy).allow_headers == ("*", "authorization", "content-type")
    assert about("header-any-with-credentials", fix.apply(policy)) == []
    # What pages read nobody here knows; once they are named, nothing more is said.
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
def test_a_star_is_a_plain_name_with_credentials(policy: CorsPolicy, code: str) -> None:
    assert only(code, policy).severity == "warning"
    assert about(code, policy.with_field("AllowCredentials", False)) == []


@pytest.mark.parametrize(
    ("seconds", "code", "severity", "mended"),
    [
        (86401, "max-age-out-of-range", "error", 86400),
        (-2, "max-age-out-of-range", "error", -1),
        (86400, "max-age-over-cap", "note", None),
        (601, "max-age-over-cap", "note", None),
        (0, "max-age-unset", "note", 600),
        (-1, "max-age-negative", "note", 600),
    ],
)
def test_max_age(seconds: int, code: str, severity: str, mended: int | None) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), max_age=seconds)
    found = only(code, policy)
    assert (found.severity, found.field, found.value) == (severity, "MaxAge", str(seconds))
    assert (found.fix.apply(policy).max_age if found.fix else None) == mended
    assert [finding.code for finding in findings(policy) if finding.field == "MaxAge"] == [code]


def test_max_age_names_what_each_browser_keeps() -> None:
    why = only("max-age-over-cap", CorsPolicy(allow_origins=(SITE,), max_age=86400)).why
    assert "Chrome keeps a preflight's answer 7200" in why and "Safari 600" in why and "Firefox 86400" in why


def test_off_empty_and_set_without_origins_are_three_things() -> None:
    assert [finding.code for finding in findings(CorsPolicy.off())] == ["cors-off"]
    empty = CorsPolicy.from_aws({})
    assert [finding.code for finding in findings(empty)] == ["cors-allows-nothing"]
    fix = findings(empty)[0].fix
    assert fix is not None and fix.apply(empty) == CorsPolicy.off()
    stranded = CorsPolicy(allow_methods=("GET", "POST"), allow_credentials=True)
    codes = [finding.code for finding in findings(stranded)]
    assert codes == ["cors-allows-nothing", "credentials-without-origins"]


def test_repeats_are_told_in_their_own_list() -> None:
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


def test_leaving_out_post_forbids_nothing() -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_methods=("GET",))
    serving = Context(routes=(Route("GET /items"), Route("POST /items")))
    assert "POST is not listed" in only("method-left-out-works", policy, serving).why
    assert about("method-left-out-works", policy) == [], "whether any route serves it is not known"
    assert about("method-left-out-works", policy, Context(routes=(Route("GET /items"),))) == []


def test_patch_in_lower_case_is_no_mistake_that_cannot_work() -> None:
    """fetch() sends it as it is written, so pages that write it so get in."""
    found = only("method-patch-lower-case", CorsPolicy(allow_origins=(SITE,), allow_methods=("patch",)))
    assert found.severity == "warning" and found.fix is not None
    assert found.fix.apply(CorsPolicy(allow_methods=("patch",))).allow_methods == ("PATCH",)


@pytest.mark.parametrize(
    ("entry", "mended"),
    [("'Content-Type,X-Amz-Date'", ("content-type", "x-amz-date")), ("'*'", ("*",)), ("'X-A'", ("x-a",))],
)
def test_headers_in_the_quotes_of_sam_are_taken_out_of_them(entry: str, mended: tuple[str, ...]) -> None:
    policy = CorsPolicy(allow_origins=(SITE,), allow_headers=(entry,))
    found = only("header-invalid", policy)
    assert found.fix is not None and found.fix.apply(policy).allow_headers == mended


def test_authorized_routes_need_their_header() -> None:
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
    ],
)
def test_routes_that_take_preflights(routes: list[Route], code: str | None, severity: str, value: str) -> None:
    found = [finding for finding in findings(GOOD, Context(routes=tuple(routes))) if finding.field == "Routes"]
    if code is None:
        assert found == []
    else:
        assert [(one.code, one.severity, one.value) for one in found] == [(code, severity, value)]
    assert blocking(found) == []


def test_an_options_route_is_not_told_to_be_added() -> None:
    for route, says in (
        (Route("OPTIONS /items", "JWT"), "Take the authorizer off it"),
        (Route("ANY /items", "JWT"), "add"),
    ):
        assert says in only("route-authorizes-preflight", GOOD, Context(routes=(route,))).todo


def test_stages_and_addresses() -> None:
    waiting = Context(stages=(Stage("prod", auto_deploy=False), Stage("dev")))
    assert only("stage-not-deployed", GOOD, waiting).value == "prod"
    assert only("endpoint-disabled", GOOD, Context(endpoint_disabled=True)).severity == "warning"
    domain = Domain("api.example.com", mutual_tls=True)
    both = Context(endpoint_disabled=True, domains=(domain,))
    assert only("endpoint-disabled", GOOD, both).severity == "note"
    assert only("domain-wants-certificate", GOOD, both).value == "api.example.com"


def test_what_is_not_known_is_not_blamed() -> None:
    assert findings(GOOD, Context(routes=None, stages=None)) == []


def test_errors_come_first_then_the_panels_order() -> None:
    policy = CorsPolicy(allow_origins=("*", "http://localhost"), allow_methods=("put",), max_age=90000)
    found = findings(policy)
    assert [finding.severity for finding in found] == sorted(
        (finding.severity for finding in found), key=("error", "warning", "note").index
    )
    assert [finding.field for finding in found if finding.severity == "error"] == ["AllowMethods", "MaxAge"]

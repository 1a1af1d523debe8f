"""What the rules say of the entries of AllowOrigins."""

from __future__ import annotations

import pytest

from apis.cors.gateway import Route
from apis.cors.lint import Context, blocking, findings
from apis.cors.policy import CorsPolicy
from tests.cors.lint.finding_helpers import SITE, about, only


@pytest.mark.parametrize(
    ("entry", "code", "fixed"),
    [
        ("https://example.com/", "origin-trailing-slash", [SITE]),
        ("https://example.com/app?x=1", "origin-path", [SITE]),
        ("https://example.com#top", "origin-path", [SITE]),
        ("https://example.com//", "origin-path", [SITE]),
        ("localhost:3000", "origin-without-scheme", ["http://localhost:3000"]),
        ("127.0.0.1:8080", "origin-without-scheme", ["http://127.0.0.1:8080"]),
        ("192.168.1.5:8080", "origin-without-scheme", ["http://192.168.1.5:8080"]),
        ("example.com", "origin-without-scheme", [SITE]),
        ("//example.com", "origin-without-scheme", [SITE]),
        ("https:/example.com", "origin-misspelt", [SITE]),
        ("htps://example.com", "origin-misspelt", [SITE]),
        ("https;//example.com", "origin-misspelt", [SITE]),
        ("https//example.com", "origin-misspelt", [SITE]),
        ("https://example,com", "origin-misspelt", [SITE]),
        ("${SITE}", "origin-placeholder", []),
        ("https://<your-domain>", "origin-placeholder", []),
        ('["https://example.com"]', "origin-padded", [SITE]),
        ("https://example.com|https://www.example.com", "origin-several-in-one", [SITE, "https://www.example.com"]),
        ("http:example.com:8080", "origin-without-scheme", ["http://example.com:8080"]),
        ("capacitor://localhost", "origin-other-scheme", []),
        ("chrome-extension://abcdef", "origin-other-scheme", []),
        ("wss://example.com", "origin-other-scheme", [SITE]),
        ("null", "origin-null", []),
        ("https://*.example.com", "origin-wildcard-part", []),
        ("*.example.com", "origin-wildcard-part", []),
        ("http://localhost:*", "origin-wildcard-part", []),
        ("https://example.com/*", "origin-wildcard-part", [SITE]),
        ("https://Example.com", "origin-upper-case", [SITE]),
        ("HTTPS://example.com", "origin-upper-case", [SITE]),
        ("https://example.com:443", "origin-default-port", [SITE]),
        ("http://localhost:80", "origin-default-port", ["http://localhost"]),
        ("https://example.com:", "origin-bad-port", [SITE]),
        ("https://example.com:99999", "origin-bad-port", [SITE]),
        ("https://example.com:0", "origin-bad-port", [SITE]),
        ("https://example.com:65536", "origin-bad-port", [SITE]),
        ("https://example.com:1/", "origin-trailing-slash", [f"{SITE}:1"]),
        ("https://example.com:65535/", "origin-trailing-slash", [f"{SITE}:65535"]),
        ("https://example.com:65536/", "origin-bad-port", [SITE]),
        ("https://example.com:0443", "origin-bad-port", [SITE]),
        ("https://bücher.example", "origin-unicode", ["https://xn--bcher-kva.example"]),
        ("https://me:secret@example.com", "origin-user", [SITE]),
        (" https://example.com", "origin-padded", [SITE]),
        ('"https://example.com"', "origin-padded", [SITE]),
        ("https://example.com,", "origin-padded", [SITE]),
        ("", "origin-empty", []),
        ("  ", "origin-empty", []),
        (f"{SITE},http://localhost:3000", "origin-several-in-one", [SITE, "http://localhost:3000"]),
        (f"{SITE} example.org", "origin-several-in-one", [SITE, "https://example.org"]),
        ("http://127.1:3000", "origin-not-canonical", ["http://127.0.0.1:3000"]),
        ("http://[0:0:0:0:0:0:0:1]:3000", "origin-not-canonical", ["http://[::1]:3000"]),
        ("https://exa|mple.com", "origin-invalid", []),
        ("https://", "origin-invalid", []),
        ("https://example.com`", "origin-padded", [SITE]),
        ("https://example.com_.evil{}.example", "origin-invalid", []),
    ],
)
def test_an_origin_that_can_never_match_is_an_error_with_its_fix(entry: str, code: str, fixed: list[str]) -> None:
    policy = CorsPolicy(allow_origins=("https://first.example", entry, "https://last.example"))
    found = only(code, policy)
    assert (found.severity, found.field, found.value) == ("error", "AllowOrigins", entry)
    assert found in blocking(findings(policy))
    assert found.fix is not None
    after = found.fix.apply(policy)
    assert after.allow_origins == ("https://first.example", *fixed, "https://last.example")
    assert not [finding for finding in findings(after) if finding.severity == "error"]
    assert not (fixed and "the origin of the page" in found.todo)


@pytest.mark.parametrize(
    "entry", [SITE, "http://localhost:3000", "https://app_1.example.com", "http://[::1]:8080", "*"]
)
def test_an_origin_that_matches_is_no_error(entry: str) -> None:
    assert blocking(findings(CorsPolicy(allow_origins=(entry,)))) == []


def test_a_malformed_origin_has_one_error() -> None:
    policy = CorsPolicy(allow_origins=("https://Example.com:443/",))
    codes = {finding.code for finding in findings(policy) if finding.severity == "error"}
    assert codes == {"origin-upper-case", "origin-default-port", "origin-trailing-slash"}
    fix = only("origin-upper-case", policy).fix
    assert fix is not None and fix.label == "Replace with https://example.com"
    assert findings(fix.apply(policy)) == findings(CorsPolicy(allow_origins=(SITE,)))


def test_a_fix_adds_no_duplicate() -> None:
    policy = CorsPolicy(allow_origins=(SITE, "https://example.com/"))
    fix = only("origin-trailing-slash", policy).fix
    assert fix is not None and fix.apply(policy).allow_origins == (SITE,)


@pytest.mark.parametrize("entry", ["http://localhost", "https://localhost", "http://127.0.0.1", "http://[::1]"])
def test_localhost_without_a_port_is_found(entry: str) -> None:
    found = only("origin-local-without-port", CorsPolicy(allow_origins=(entry,)))
    assert f"port {443 if entry.startswith('https') else 80}, " in found.why
    assert found.severity == "warning" and found.fix is not None
    assert found.fix.apply(CorsPolicy(allow_origins=(entry,))).allow_origins == (f"{entry}:3000",)


def test_any_origin_with_credentials_quotes_aws() -> None:
    alone = CorsPolicy(allow_origins=("*",), allow_credentials=True)
    found = only("origin-any-with-credentials", alone)
    assert "allow-credentials is not supported if 'allow-origin' is *" in found.why
    assert found.fix is not None and not found.fix.apply(alone).allow_credentials
    star_and_site = CorsPolicy(allow_origins=("*", SITE), allow_credentials=True)
    fix = only("origin-any-with-credentials", star_and_site).fix
    assert fix is not None and fix.apply(star_and_site).allow_origins == (SITE,)


def test_any_origin_is_a_warning_where_routes_require_authorization() -> None:
    anyone = CorsPolicy(allow_origins=("*",))
    assert only("origin-any", anyone).severity == "note"
    tokens = CorsPolicy(allow_origins=("*",), allow_headers=("Authorization",))
    assert only("origin-any", tokens).severity == "warning"
    assert only("origin-any", anyone, Context(routes=(Route("GET /me", "JWT"),))).severity == "warning"


def test_a_scheme_wildcard_with_credentials_is_an_error_that_does_not_block() -> None:
    policy = CorsPolicy(allow_origins=("https://*",), allow_credentials=True)
    found = only("origin-scheme-wildcard-with-credentials", policy)
    assert found.severity == "error"
    assert not blocking([found]), "AWS takes it, so that it is said and not refused"
    assert blocking(findings(policy)) == []


def test_an_http_twin_has_its_own_finding() -> None:
    policy = CorsPolicy(allow_origins=(SITE, "http://example.com", "http://shop.example.com", "http://localhost:3000"))
    assert only("origin-http-twin", policy).value == "http://example.com"
    assert only("origin-http", policy).value == "http://shop.example.com"


@pytest.mark.parametrize(
    ("entry", "credentials", "severity"),
    [
        ("https://codepen.io", False, "warning"),
        ("https://me.github.io", False, "note"),
        ("https://me.github.io", True, "warning"),
        ("https://github.io.example.com", True, None),
        ("https://me.deno.dev", True, "warning"),
        ("https://me.framer.app", True, "warning"),
        ("https://me.lovable.app", True, "warning"),
        ("https://me.glitch.me", True, "warning"),
        ("https://pages.s3.eu-west-1.amazonaws.com", True, "warning"),
        ("https://shop.example.co.uk", True, None),
        ("https://shop.kawasaki.jp", True, None),
        ("https://10.0.0.1", True, None),
    ],
)
def test_shared_hosting_domains(entry: str, credentials: bool, severity: str | None) -> None:
    found = about("origin-third-party", CorsPolicy(allow_origins=(entry,), allow_credentials=credentials))
    assert [finding.severity for finding in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("entry", "suspect"),
    [
        ("https://example.com.evil.example", True),
        ("https://evilexample.com", True),
        ("https://exmaple.com", True),
        ("https://examp1e.com", True),
        ("https://xn--exmple-cua.com", False),
        ("https://xn--xample-2of.com", True),
        ("https://app.example.com", False),
        ("https://example.com.au", False),
        ("https://example.com:8443", False),
        ("https://other.example", False),
    ],
)
def test_look_alikes(entry: str, suspect: bool) -> None:
    found = about("origin-look-alike", CorsPolicy(allow_origins=(SITE, entry)))
    assert [finding.value for finding in found] == ([entry] if suspect else [])


@pytest.mark.parametrize(
    ("listed", "entry", "suspect"),
    [
        ("https://app.example.com", "https://dev-app.example.com", False),
        ("https://app.example.com", "https://myapp.example.com", False),
        ("https://app.example.co.uk", "https://myapp.example.co.uk", False),
        ("https://api1.example.com", "https://apil.example.com", False),
        ("https://example.co.uk", "https://myexample.co.uk", True),
        ("https://shop.vercel.app", "https://my-shop.vercel.app", True),
        ("https://shop.city.kawasaki.jp", "https://my-shop.city.kawasaki.jp", False),
        ("https://shop.kawasaki.jp", "https://my-shop.kawasaki.jp", True),
        ("https://shop.deno.dev", "https://my-shop.deno.dev", True),
        ("https://app.shop.deno.dev", "https://my-app.shop.deno.dev", False),
        ("https://app.example.com", "https://app.example.com.evil.example", True),
    ],
)
def test_hosts_of_one_owner_are_no_look_alikes(listed: str, entry: str, suspect: bool) -> None:
    found = about("origin-look-alike", CorsPolicy(allow_origins=(listed, entry)))
    assert [finding.value for finding in found] == ([entry] if suspect else [])


def test_a_dot_after_the_host_makes_another_origin() -> None:
    found = only("origin-trailing-dot", CorsPolicy(allow_origins=(f"{SITE}.",)))
    assert found.severity == "warning" and found.fix is not None
    assert found.fix.apply(CorsPolicy(allow_origins=(f"{SITE}.",))).allow_origins == (SITE,)

"""Facts that the rules know about origins: where anyone can publish pages, what imitates what, what never matches."""

from __future__ import annotations

import pytest

from apis.cors.gateway import Route
from apis.cors.lint import Context, findings
from apis.cors.policy import CorsPolicy
from tests.cors.lint.finding_helpers import SITE, about, only

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

"""What the consoles say of a blocked call."""

from __future__ import annotations

import pytest

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Exchange, Redirect
from tests.cors.exchanges import API, OPEN, PAGE, answer, call, exchange, redirect

CHROME = f"Access to fetch at '{API}' from origin '{PAGE}' has been blocked by CORS policy: "
ON_PREFLIGHT = "Response to preflight request doesn't pass access control check: "
FAILED = "Failed to load resource: net::ERR_FAILED"
FIREFOX = (
    f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {API}. (Reason: "
)
FIREFOX_QUOTED = FIREFOX.replace(API, f"‘{API}’")
FIREFOX_MORE = FIREFOX + "CORS request did not succeed). Status code: (null)."
SAFARI = f"Fetch API cannot load {API} due to access control checks."

ORIGIN_FAILS: list[tuple[str, Answer, str, str, str, str]] = [
    (
        "omit",
        answer(404),
        "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
        FIREFOX + "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 404.",
        f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 404",
        "(status 404) has no Access-Control-Allow-Origin header for https://app.example.com.",
    ),
    (
        "include",
        answer(origin="*"),
        "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the "
        "request's credentials mode is 'include'.",
        FIREFOX_QUOTED + "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).",
        "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.",
        "Access-Control-Allow-Origin is “*”, but a call with credentials needs exactly https://app.example.com.",
    ),
    (
        "omit",
        answer(origin=f"{PAGE}, https://b.test"),
        f"The 'Access-Control-Allow-Origin' header contains multiple values '{PAGE}, https://b.test', but only one is "
        "allowed. Have the server send the header with a valid value.",
        FIREFOX + f"CORS header ‘Access-Control-Allow-Origin’ does not match ‘{PAGE}, https://b.test’).",
        "Access-Control-Allow-Origin cannot contain more than one origin.",
        f"Access-Control-Allow-Origin is “{PAGE}, https://b.test”, but browsers accept only one origin: {PAGE}.",
    ),
    (
        "omit",
        answer(headers={"access-control-allow-origin": "*"}, origin="*"),
        "The 'Access-Control-Allow-Origin' header contains multiple values '*, *', but only one is allowed. Have the "
        "server send the header with a valid value.",
        FIREFOX + "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).",
        "Access-Control-Allow-Origin cannot contain more than one origin.",
        f"Access-Control-Allow-Origin is sent 2 times, as “*, *”, but browsers accept only one origin: {PAGE}.",
    ),
    (
        "omit",
        answer(origin="https://a.test https://b.test"),
        "The 'Access-Control-Allow-Origin' header contains multiple values 'https://a.test https://b.test', but only "
        "one is allowed. Have the server send the header with a valid value.",
        FIREFOX + "CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://a.test https://b.test’).",
        f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 200",
        f"browsers accept only one origin: {PAGE}.",
    ),
    (
        "omit",
        answer(origin="**\xe9"),
        "The 'Access-Control-Allow-Origin' header contains the invalid value '**\\u00E9'. Have the server send the "
        "header with a valid value.",
        FIREFOX + "CORS header ‘Access-Control-Allow-Origin’ does not match ‘**\xe9’).",
        f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 200",
        "Access-Control-Allow-Origin is “**\xe9”, which is not an origin. It must be exactly https://app.example.com.",
    ),
    (
        "omit",
        answer(origin="https://b.test"),
        "The 'Access-Control-Allow-Origin' header has a value 'https://b.test' that is not equal to the supplied "
        "origin. Have the server send the header with a valid value.",
        FIREFOX + "CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://b.test’).",
        f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 200",
        f"Access-Control-Allow-Origin is “https://b.test”, but the page's origin is {PAGE} (the host differs).",
    ),
    (
        "include",
        answer(origin=PAGE),
        "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when "
        "the request's credentials mode is 'include'.",
        FIREFOX + "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).",
        'Credentials flag is true, but Access-Control-Allow-Credentials is not "true".',
        f"Access-Control-Allow-Credentials is missing or empty, but a call with credentials from {PAGE} needs exactly "
        "“true”.",
    ),
]


def shown(given: Exchange) -> dict[str, list[str]]:
    """The console lines by browser."""
    return {browser: text.split("\n") for browser, text in judge(given).messages}


@pytest.mark.parametrize(("credentials", "given", "chrome", "firefox", "safari", "reason"), ORIGIN_FAILS)
def test_the_words_for_an_answer(
    credentials: str, given: Answer, chrome: str, firefox: str, safari: str, reason: str
) -> None:
    failing = exchange(call(credentials=credentials), None, given)  # type: ignore[arg-type]
    assert shown(failing) == {"chrome": [CHROME + chrome, FAILED], "firefox": [firefox], "safari": [safari, SAFARI]}
    assert judge(failing).reason.endswith(reason)


@pytest.mark.parametrize(("credentials", "given", "chrome", "firefox", "safari", "reason"), ORIGIN_FAILS)
def test_the_words_for_a_preflight(
    credentials: str, given: Answer, chrome: str, firefox: str, safari: str, reason: str
) -> None:
    failing = exchange(call("PUT", credentials=credentials), given)  # type: ignore[arg-type]
    if given.status == 404:
        safari = "Preflight response is not successful. Status code: 404"
    assert shown(failing) == {
        "chrome": [CHROME + ON_PREFLIGHT + chrome, FAILED],
        "firefox": [firefox, FIREFOX_MORE],
        "safari": [safari, SAFARI],
    }
    assert judge(failing).reason.endswith(reason)


PREFLIGHT_FAILS: list[tuple[Exchange, str, str, str, str]] = [
    (
        exchange(call("PUT"), Answer(403, OPEN.headers)),
        ON_PREFLIGHT + "It does not have HTTP ok status.",
        "CORS preflight response did not succeed). Status code: 403.",
        "Preflight response is not successful. Status code: 403",
        f"The preflight response for {PAGE} has status 403; PUT needs a status from 200 to 299.",
    ),
    (
        exchange(call("PUT"), answer(301, {"Location": "/login"})),
        ON_PREFLIGHT + "Redirect is not allowed for a preflight request.",
        "CORS request external redirect not allowed).",
        "Preflight response is not successful. Status code: 301",
        f"The preflight from {PAGE} was redirected to “/login”. Browsers do not follow redirects of preflights.",
    ),
    (
        exchange(call("PUT"), answer(origin="*", methods="GET, P UT, a b")),
        "Cannot parse Access-Control-Allow-Methods response header field in preflight response.",
        "invalid token ‘P UT’ in CORS header ‘Access-Control-Allow-Methods’).",
        "Header Access-Control-Allow-Methods has an invalid value: GET, P UT, a b",
        "Access-Control-Allow-Methods is “GET, P UT, a b”, which contains an invalid method name, so every preflight "
        f"from {PAGE} fails.",
    ),
    (
        exchange(call("PUT"), answer(origin="*", methods="PUT", names="X-A,, x y")),
        "Cannot parse Access-Control-Allow-Headers response header field in preflight response.",
        "invalid token ‘x y’ in CORS header ‘Access-Control-Allow-Headers’).",
        "Header Access-Control-Allow-Headers has an invalid value: X-A,, x y",
        "Access-Control-Allow-Headers is “X-A,, x y”, which contains an invalid header name, so every preflight "
        f"from {PAGE} fails.",
    ),
    (
        # Firefox judges the methods to the end before it reads the headers.
        exchange(call("PUT"), answer(origin="*", methods="GET", names="x y")),
        "Cannot parse Access-Control-Allow-Headers response header field in preflight response.",
        "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
        "Header Access-Control-Allow-Headers has an invalid value: x y",
        "Access-Control-Allow-Headers is “x y”, which contains an invalid header name, so every preflight "
        f"from {PAGE} fails.",
    ),
    (
        exchange(call("patch"), answer(origin="*", methods="GET, PATCH")),
        "Method patch is not allowed by Access-Control-Allow-Methods in preflight response.",
        "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
        "Method patch is not allowed by Access-Control-Allow-Methods.",
        f"Access-Control-Allow-Methods is “GET, PATCH”, but the call from {PAGE} needs “patch” in exactly this case.",
    ),
    (
        exchange(call("PUT"), answer(origin="*")),
        "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
        "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
        "Method PUT is not allowed by Access-Control-Allow-Methods.",
        f"Access-Control-Allow-Methods is missing, but the call from {PAGE} needs “PUT”.",
    ),
    (
        exchange(call("GET", {"X-Api-Key": "1", "X-B": "1"}), answer(origin="*", names="authorization")),
        "Request header field x-api-key is not allowed by Access-Control-Allow-Headers in preflight response.",
        "header ‘x-api-key’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight "
        "response).",
        "Request header field X-Api-Key is not allowed by Access-Control-Allow-Headers.",
        f"Access-Control-Allow-Headers is “authorization”, but the call from {PAGE} needs “x-api-key, x-b”.",
    ),
    (
        exchange(
            call("GET", {"X-A": "1"}, credentials="include"), answer(origin=PAGE, credentials="true", names="*, x-b")
        ),
        "Request header field x-a is not allowed by Access-Control-Allow-Headers in preflight response.",
        "header ‘x-a’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).",
        "Request header field X-A is not allowed by Access-Control-Allow-Headers.",
        "Access-Control-Allow-Headers is “*, x-b” (“*” is not a wildcard with credentials), but the call from "
        f"{PAGE} needs “x-a”.",
    ),
]


@pytest.mark.parametrize(("failing", "chrome", "firefox", "safari", "reason"), PREFLIGHT_FAILS)
def test_the_words_for_what_only_a_preflight_can_fail(
    failing: Exchange, chrome: str, firefox: str, safari: str, reason: str
) -> None:
    assert shown(failing) == {
        "chrome": [CHROME + chrome, FAILED],
        "firefox": [FIREFOX + firefox, FIREFOX_MORE],
        "safari": [safari, SAFARI],
    }
    assert judge(failing).reason == reason


def test_firefox_stays_with_the_headers_when_the_method_is_fine() -> None:
    for method, methods, credentials in (("PUT", "PUT", "omit"), ("GET", "x", "omit"), ("PUT", "*", "omit")):
        failing = exchange(call(method, {"X-A": "1"}, credentials=credentials), answer(  # type: ignore[arg-type]
            origin="*", methods=methods, names="x y"))  # fmt: skip
        assert "Access-Control-Allow-Headers" in shown(failing)["firefox"][0]
    include = exchange(call("PUT", credentials="include"), answer(
        origin=PAGE, credentials="true", methods="*", names="x y"))  # fmt: skip
    assert "Did not find method" in shown(include)["firefox"][0]


def test_firefox_finds_the_method_in_any_place_of_the_list() -> None:
    failing = exchange(call("PUT"), answer(origin="*", methods="GET,\tPUT ,x", names="x y"))
    assert (
        shown(failing)["firefox"][0] == FIREFOX + "invalid token ‘x y’ in CORS header ‘Access-Control-Allow-Headers’)."
    )


def test_two_origin_lines_matter_to_firefox_only_where_it_looks_at_them() -> None:
    twice = [("Access-Control-Allow-Origin", "*")] * 2
    moved = exchange(call("PUT"), answer(301, [*twice, ("Location", "/b")]))
    assert shown(moved)["firefox"][0] == FIREFOX + "CORS request external redirect not allowed)."


def test_safari_looks_at_the_preflights_status_first() -> None:
    for status, words in (
        (299, f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 299"),
        (300, "Preflight response is not successful. Status code: 300"),
        (199, "Preflight response is not successful. Status code: 199"),
    ):
        assert shown(exchange(call("PUT"), answer(status)))["safari"] == [words, SAFARI]


def test_the_answer_at_fault_is_named() -> None:
    rest = f" has no Access-Control-Allow-Origin header for {PAGE}."
    assert judge(exchange(call("PUT"), answer(204))).reason == "The preflight response (status 204)" + rest
    assert judge(exchange(call(), None, answer(503))).reason == "The response (status 503)" + rest
    moved = Redirect(answer(302, {"Location": "/next"}))
    assert judge(exchange(call(), None, OPEN, moved)).reason == "The redirect (status 302)" + rest


def test_no_answer_has_words_too() -> None:
    failing = exchange(call("PUT"), None)
    assert shown(failing) == {"chrome": [FAILED], "firefox": [FIREFOX_MORE], "safari": [SAFARI]}
    assert judge(failing).reason == f"The preflight from {PAGE} to {API} got no response."
    failing = exchange(call(), None, None)
    assert shown(failing) == {"chrome": [FAILED], "firefox": [FIREFOX_MORE], "safari": [SAFARI]}
    assert judge(failing).reason == f"The call from {PAGE} to {API} got no response."


def test_what_fails_besides_cors_has_its_own_words() -> None:
    mixed = exchange(call(url="http://api.example.com"))
    assert shown(mixed) == {
        "chrome": [
            f"Mixed Content: The page at '{PAGE}/' was loaded over HTTPS, but requested an insecure resource "
            "'http://api.example.com/'. This request has been blocked; the content must be served over HTTPS."
        ],
        "firefox": ["Blocked loading mixed active content “http://api.example.com/”"],
    }
    assert judge(mixed).reason == (
        f"Mixed content: browsers do not call http://api.example.com over http from {PAGE}, a page loaded over https."
    )
    mode = exchange(call(mode="same-origin"))
    assert shown(mode) == {
        "chrome": [
            f'Fetch API cannot load {API}. Request mode is "same-origin" but the URL\'s origin is not same as the '
            f"request origin {PAGE}."
        ]
    }
    assert (
        judge(mode).reason
        == f"The request's mode is “same-origin”, but {API} has another origin than the page, {PAGE}."
    )
    refused = exchange(call("TRACE"))
    assert shown(refused) == {}
    assert judge(refused).reason == (
        f"fetch() at {PAGE} throws a TypeError: browsers do not allow “TRACE” in a request."
    )


def test_a_redirect_is_named() -> None:
    next_url = "https://api.example.com/next"
    failing = exchange(call(), None, answer(), redirect("/next"))
    assert shown(failing)["chrome"][0].startswith(
        f"Access to fetch at '{next_url}' (redirected from '{API}') from origin"
    )
    failing = exchange(call(), None, answer(), redirect("/between"), redirect("/next"))
    assert shown(failing)["chrome"][0].startswith(
        f"Access to fetch at '{next_url}' (redirected from '{API}') from origin"
    )
    failing = exchange(call(), None, OPEN, redirect("/next", allow="null"))
    assert shown(failing)["safari"] == [
        "Cross-origin redirection to /next denied by Cross-Origin Resource Sharing policy: "
        f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 302",
        SAFARI,
    ]
    failing = exchange(call(), None, OPEN, redirect("https://me@b.test/"))
    assert shown(failing)["chrome"][0] == CHROME + (
        "Redirect location '' contains a username and password, which is disallowed for cross-origin requests."
    )
    assert judge(failing).reason == (
        "The redirect's Location “https://me@b.test/” contains a user name or password, so browsers do not follow it "
        f"to another origin than {PAGE}."
    )
    failing = exchange(call(), None, OPEN, redirect("ftp://b.test/"))
    assert shown(failing)["chrome"] == [
        CHROME + "Cross origin requests are only supported for protocol schemes: chrome, "
        "chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data, http, https, isolated-app.",
        FAILED,
    ]
    assert shown(failing)["firefox"] == [FIREFOX + "CORS request not http)."]
    assert judge(failing).reason == (
        f"Browsers do not follow the redirect from {PAGE} to “ftp://b.test/”: Location must be an http or https URL "
        "without a user name."
    )
    for location, code in (("data:,x", "ERR_UNSAFE_REDIRECT"), ("http://", "ERR_INVALID_REDIRECT")):
        failing = exchange(call(), None, OPEN, redirect(location))
        assert shown(failing) == {"chrome": [f"Failed to load resource: net::{code}"]}
        assert f"“{location}”" in judge(failing).reason
    failing = exchange(call(), None, OPEN, *[redirect("/next")] * 21)
    assert shown(failing) == {"chrome": ["Failed to load resource: net::ERR_TOO_MANY_REDIRECTS"]}
    assert judge(failing).reason == (f"The call from {PAGE} was redirected more than 20 times, the limit of browsers.")

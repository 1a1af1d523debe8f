"""Rules on AllowHeaders and ExposeHeaders: invalid names, and where `*` is not a wildcard."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apis.cors.fields import HIDDEN, READABLE
from apis.cors.lint.fixes import Fix, Replace, add, enumerated, remove, replace
from apis.cors.lint.names import QUOTES, SEVERAL, is_several
from apis.cors.lint.rule_types import Context, Hit, rule
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route
from apis.cors.safelist import is_forbidden_header, is_token

_ASK, _EXPOSE = "AllowHeaders", "ExposeHeaders"
_COMMON = ("authorization", "content-type")
_RESPONSE_HEADERS = frozenset({
    "apigw-requestid", "x-amz-apigw-id", "x-amzn-errortype", "x-amzn-requestid", "x-amz-cf-id", "x-amz-cf-pop",
    "vary", "www-authenticate", "x-cache",
})  # fmt: skip
"""Response headers that are often copied into the list of request headers."""
_BREAK = re.compile(r"[\s,;]+")
_MISSPELLED = {
    "authorisation": "authorization",
    "authorization-token": "authorization",
    "autorization": "authorization",
    "authorizaton": "authorization",
    "auth": "authorization",
    "bearer": "authorization",
    "content_type": "content-type",
    "contenttype": "content-type",
    "content-types": "content-type",
    "x_api_key": "x-api-key",
    "xapikey": "x-api-key",
    "x_requested_with": "x-requested-with",
}

# Names often written with spaces: "Content Type".
_SPACED = {
    "accept-language", "cache-control", "content-type", "idempotency-key", "if-match", "if-none-match",
    "x-amz-date", "x-amz-security-token", "x-api-key", "x-csrf-token", "x-request-id", "x-requested-with",
}  # fmt: skip


def _lists(policy: CorsPolicy) -> Iterator[tuple[str, str]]:
    """Return the entries of both header lists with their field."""
    return ((field, text) for field in (_ASK, _EXPOSE) for text in policy.get(field))


def _names(text: str) -> tuple[str, ...]:
    """Return the header names in a text; in "Content-Type: application/json" the one before the colon."""
    joined = "-".join(text.lower().split())
    if joined in _SPACED:
        return (joined,)
    found = []
    for piece in _BREAK.split(text.partition(":")[0]):
        name = piece.strip(QUOTES).lower()
        if is_token(name) and ("*" not in name or name == "*"):
            found.append(name)
    return tuple(dict.fromkeys(found))


@rule(
    code="header-invalid",
    title="Invalid header name",
    severity="error",
    field=_ASK,
    why="“{value}” is not one header name: {harm}.",
    todo="Add each name as its own entry: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("Content-Type: application/json",)),
)
def invalid(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find empty entries and those with spaces, colons, commas or quotes, in both lists."""
    for field, text in _lists(policy):
        quoted = text != text.strip(QUOTES)
        if quoted or not is_token(text):
            harm = "browsers then reject every preflight"
            if field == _EXPOSE:
                harm = "browsers then ignore the whole list"
            if quoted and is_token(text):
                harm = "browsers read the quotes as part of the name"
            elif is_several(text):
                harm = SEVERAL
            better = _names(text)
            words = {"harm": harm, "instead": enumerated(better or ("content-type",))}
            yield Hit(text, replace(field, text, better), words, field=field)


@rule(
    code="header-pattern",
    title="Pattern in a header name",
    severity="error",
    field=_ASK,
    why="Browsers read “{value}” as a literal name; only “*” alone is a wildcard.",
    todo="List each header name.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("x-*",)),
)
def pattern(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find patterns such as `x-*` in both lists."""
    for field, text in _lists(policy):
        if "*" in text and text.strip(QUOTES) != "*" and is_token(text):
            yield Hit(text, remove(field, text), field=field)


@rule(
    code="header-misspelled",
    title="Misspelled header name",
    severity="warning",
    field=_ASK,
    why="“{value}” is not a standard header; you probably mean {instead}.",
    todo="Write {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("authorisation",)),
)
def misspelled(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find common typos."""
    for text in policy.allow_headers:
        better = _MISSPELLED.get(text.lower())
        if better:
            yield Hit(text, replace(_ASK, text, [better]), {"instead": better})


@rule(
    code="header-of-answers",
    title="Response header in AllowHeaders",
    severity="warning",
    field=_ASK,
    why="“{value}” is a response header; this list is for headers that pages send.",
    todo="Remove it; pages never send it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("Access-Control-Allow-Origin",)),
)
def response_headers(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find Access-Control-Allow-* and other response headers."""
    for text in policy.allow_headers:
        name = text.lower()
        named = name.startswith("access-control-") and is_token(name) and "*" not in name
        if (named and not is_forbidden_header(name)) or name in _RESPONSE_HEADERS:
            yield Hit(text, remove(_ASK, text))


@rule(
    code="header-of-gateway",
    title="Header set by API Gateway",
    severity="note",
    field=_ASK,
    why="API Gateway sets “{value}” itself, and few libraries, such as CloudWatch RUM, send it from pages.",
    todo="Remove it unless a library in your pages sends it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("x-amzn-trace-id",)),
)
def trace_header(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find the AWS trace header."""
    for text in policy.allow_headers:
        if text.lower() == "x-amzn-trace-id":
            yield Hit(text, remove(_ASK, text))


@rule(
    code="header-forbidden",
    title="Header that scripts cannot set",
    severity="note",
    field=_ASK,
    why="Only the browser sets “{value}”, so listing it has no effect.",
    todo="Remove it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("Cookie", "Origin")),
)
def forbidden(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: forbidden request-headers."""
    for text in policy.allow_headers:
        if is_token(text) and "*" not in text and is_forbidden_header(text.lower()):
            yield Hit(text, remove(_ASK, text))


@rule(
    code="header-any-without-authorization",
    title="* may not cover authorization",
    severity="warning",
    field=_ASK,
    why="The Fetch standard excludes Authorization from “*”; browsers still allow it, Chrome with a deprecation "
    "warning.",
    todo="Add authorization by name.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("*",)),
)
def any_without_authorization(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find `*` without authorization; only a note when the routes are known and none requires a token."""
    names = {name.lower() for name in policy.allow_headers}
    if "*" in names and "authorization" not in names and not policy.allow_credentials:
        routes = context.known_routes
        wants = any(route.authorization not in ("", "NONE") for route in routes)
        yield Hit("*", add(_ASK, "authorization"), severity=None if wants or not routes else "note")


@rule(
    code="header-any-with-credentials",
    title="* for headers with credentials",
    severity="warning",
    field=_ASK,
    why="With credentials, browsers read “*” as a literal header name, so it allows no other header.",
    todo="List the headers that your pages send, such as authorization and content-type.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("*",), allow_credentials=True),
)
def any_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: `*` is a wildcard only without credentials. The fix keeps it for calls without them."""
    if policy.allow_credentials and set(policy.allow_headers) == {"*"}:
        yield Hit("*", add(_ASK, *_COMMON))


@rule(
    code="header-none",
    title="No headers allowed",
    severity="note",
    field=_ASK,
    why="Without headers, calls with JSON (content-type: application/json) or a token (authorization) fail.",
    todo="Add the headers that your pages send.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET",)),
)
def none(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find an empty list while origins are allowed."""
    if policy.allow_origins and not policy.allow_headers:
        yield Hit(None, add(_ASK, *_COMMON))


@rule(
    code="header-authorization-missing",
    title="Authorization header not allowed",
    severity="warning",
    field=_ASK,
    why="Route {route} requires a token, but pages cannot send the authorization header.",
    todo="Add authorization.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("content-type",)),
    context=Context(routes=(Route("GET /items", "JWT"),)),
)
def authorization_missing(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find routes with a JWT or IAM authorizer; a Lambda authorizer may read other headers."""
    names = {name.lower() for name in policy.allow_headers}
    route = next((route for route in context.known_routes if route.authorization in ("JWT", "AWS_IAM")), None)
    if route and policy.allow_origins and not names & {"*", "authorization"}:
        yield Hit("authorization", add(_ASK, "authorization"), {"route": route.key})


@rule(
    code="header-signature-missing",
    title="Signature headers not allowed",
    severity="warning",
    field=_ASK,
    why="Route {route} requires signed requests, but pages cannot send {missing}.",
    todo="Add authorization, x-amz-date and x-amz-security-token.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("authorization",)),
    context=Context(routes=(Route("GET /items", "AWS_IAM"),)),
)
def signature_missing(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Signature Version 4 sends the date and, with temporary credentials, the session token in extra headers."""
    route = next((route for route in context.known_routes if route.authorization == "AWS_IAM"), None)
    names = {name.lower() for name in policy.allow_headers}
    missing = [name for name in ("x-amz-date", "x-amz-security-token") if name not in names]
    if route and policy.allow_origins and missing and "*" not in names:
        words = {"route": route.key, "missing": enumerated(missing)}
        yield Hit(None, add(_ASK, *missing), words)


@rule(
    code="expose-any-with-credentials",
    title="* for exposed headers with credentials",
    severity="warning",
    field=_EXPOSE,
    why="With credentials, browsers read “*” as a literal header name, so it exposes no other header.",
    todo="List the headers that your pages read.",
    example=CorsPolicy(allow_origins=("https://example.com",), expose_headers=("*",), allow_credentials=True),
)
def expose_any_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: `*` is a wildcard only without credentials. No fix: we do not know which headers pages read."""
    if policy.allow_credentials and set(policy.expose_headers) == {"*"}:
        yield Hit("*")


@rule(
    code="expose-cookie",
    title="Set-Cookie exposed",
    severity="warning",
    field=_EXPOSE,
    why="Browsers never let scripts read “{value}”.",
    todo="Remove it; send the value in another header or in the body.",
    example=CorsPolicy(allow_origins=("https://example.com",), expose_headers=("Set-Cookie",)),
)
def expose_cookie(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: forbidden response-header names."""
    for text in policy.expose_headers:
        if text.lower() in HIDDEN:
            yield Hit(text, remove(_EXPOSE, text))


@rule(
    code="expose-redundant",
    title="Header always readable",
    severity="note",
    field=_EXPOSE,
    why="Scripts can read “{value}” even when it is not listed.",
    todo="Remove it for a shorter list.",
    example=CorsPolicy(allow_origins=("https://example.com",), expose_headers=("content-type",)),
)
def expose_redundant(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: CORS-safelisted response-header names."""
    redundant = [text for text in policy.expose_headers if text.lower() in READABLE]
    fix = Fix(f"Remove {enumerated(redundant)}", (Replace(_EXPOSE, tuple(redundant), ()),))
    return (Hit(text, fix) for text in redundant)

"""AllowHeaders and ExposeHeaders: names that cannot be, and where `*` is no wildcard."""

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
_USUAL = ("authorization", "content-type")
_OF_RESPONSES = frozenset({
    "apigw-requestid", "x-amz-apigw-id", "x-amzn-errortype", "x-amzn-requestid", "x-amz-cf-id", "x-amz-cf-pop",
    "vary", "www-authenticate", "x-cache",
})  # fmt: skip
"""Headers of responses that people copy into the list of request headers."""
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

# Names that people write as words: "Content Type".
_OF_WORDS = {
    "accept-language", "cache-control", "content-type", "idempotency-key", "if-match", "if-none-match",
    "x-amz-date", "x-amz-security-token", "x-api-key", "x-csrf-token", "x-request-id", "x-requested-with",
}  # fmt: skip


def _lists(policy: CorsPolicy) -> Iterator[tuple[str, str]]:
    """Both header lists, as field and entry."""
    return ((field, text) for field in (_ASK, _EXPOSE) for text in policy.get(field))


def _names(text: str) -> tuple[str, ...]:
    """The header names that a piece of text holds: of "Content-Type: application/json" the one before the colon."""
    joined = "-".join(text.lower().split())
    if joined in _OF_WORDS:
        return (joined,)
    found = []
    for piece in _BREAK.split(text.partition(":")[0]):
        name = piece.strip(QUOTES).lower()
        if is_token(name) and ("*" not in name or name == "*"):
            found.append(name)
    return tuple(dict.fromkeys(found))


@rule(
    code="header-invalid",
    title="Not a header's name",
    severity="error",
    field=_ASK,
    why="“{value}” is not one header's name: {harm}.",
    todo="Write names only, each in an entry of its own: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("Content-Type: application/json",)),
)
def invalid(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Entries with blanks, colons, commas, quotes or nothing in them, in either list."""
    for field, text in _lists(policy):
        quoted = text != text.strip(QUOTES)
        if quoted or not is_token(text):
            harm = "with it in the answer browsers reject every preflight"
            if field == _EXPOSE:
                harm = "with it in the answer browsers ignore the whole list"
            if quoted and is_token(text):
                harm = "the quotes count as a part of it, and no header is called so"
            elif is_several(text):
                harm = SEVERAL
            better = _names(text)
            words = {"harm": harm, "instead": enumerated(better or ("content-type",))}
            yield Hit(text, replace(field, text, better), words, field=field)


@rule(
    code="header-pattern",
    title="A pattern for header names",
    severity="error",
    field=_ASK,
    why="“{value}” is taken as a name, not as a pattern, so it covers no header; only “*” by itself is a wildcard.",
    todo="List each name.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("x-*",)),
)
def pattern(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """`x-*` and the like, in either list."""
    for field, text in _lists(policy):
        if "*" in text and text.strip(QUOTES) != "*" and is_token(text):
            yield Hit(text, remove(field, text), field=field)


@rule(
    code="header-misspelled",
    title="A header's name misspelled",
    severity="warning",
    field=_ASK,
    why="“{value}” is no usual header; {instead} was probably meant.",
    todo="Write {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("authorisation",)),
)
def misspelled(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Names that are often mistyped."""
    for text in policy.allow_headers:
        better = _MISSPELLED.get(text.lower())
        if better:
            yield Hit(text, replace(_ASK, text, [better]), {"instead": better})


@rule(
    code="header-of-answers",
    title="A header of answers among those of requests",
    severity="warning",
    field=_ASK,
    why="“{value}” is a header of the server's answer; this list is for headers that a page sends.",
    todo="Remove it; API Gateway sets it by itself.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("Access-Control-Allow-Origin",)),
)
def of_answers(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Access-Control-Allow-* and its kin."""
    for text in policy.allow_headers:
        name = text.lower()
        named = name.startswith("access-control-") and is_token(name) and "*" not in name
        if (named and not is_forbidden_header(name, "")) or name in _OF_RESPONSES:
            yield Hit(text, remove(_ASK, text))


@rule(
    code="header-of-gateway",
    title="A header that API Gateway sets",
    severity="note",
    field=_ASK,
    why="API Gateway sets “{value}” itself; a page needs it listed only if a library sends it, as CloudWatch RUM does.",
    todo="Keep it if a library in the page sends it, remove it otherwise.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("x-amzn-trace-id",)),
)
def of_gateway(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """The trace header of AWS."""
    for text in policy.allow_headers:
        if text.lower() == "x-amzn-trace-id":
            yield Hit(text, remove(_ASK, text))


@rule(
    code="header-forbidden",
    title="A header that scripts cannot set",
    severity="note",
    field=_ASK,
    why="Browsers set “{value}” themselves and never ask for it, so listing it changes nothing.",
    todo="Remove it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("Cookie", "Origin")),
)
def forbidden(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: forbidden request-headers."""
    for text in policy.allow_headers:
        if is_token(text) and "*" not in text and is_forbidden_header(text.lower(), ""):
            yield Hit(text, remove(_ASK, text))


@rule(
    code="header-any-without-authorization",
    title="* for headers without authorization",
    severity="warning",
    field=_ASK,
    why="By the Fetch standard “*” does not cover Authorization: today's browsers still let it pass, Chrome with a "
    "deprecation warning.",
    todo="Add authorization by name.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("*",)),
)
def any_without_authorization(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """A note only, when the routes are known and none of them wants a token."""
    names = {name.lower() for name in policy.allow_headers}
    if "*" in names and "authorization" not in names and not policy.allow_credentials:
        routes = context.routes or ()
        wants = any(route.authorization not in ("", "NONE") for route in routes)
        yield Hit("*", add(_ASK, "authorization"), severity=None if wants or not routes else "note")


@rule(
    code="header-any-with-credentials",
    title="* for headers, with credentials",
    severity="warning",
    field=_ASK,
    why="For calls with credentials browsers take “*” as a header of that name, so it covers none.",
    todo="List the headers that your pages send with them as well, such as authorization and content-type.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("*",), allow_credentials=True),
)
def any_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: `*` is a wildcard only without credentials. It stays: calls without them may live by it."""
    if policy.allow_credentials and set(policy.allow_headers) == {"*"}:
        yield Hit("*", add(_ASK, *_USUAL))


@rule(
    code="header-none",
    title="No headers",
    severity="note",
    field=_ASK,
    why="The list is empty, so calls with JSON (content-type: application/json) or a token (authorization) fail.",
    todo="Add the headers that your pages send.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET",)),
)
def none(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """An empty list on a policy that lets origins in."""
    if policy.allow_origins and not policy.allow_headers:
        yield Hit(None, add(_ASK, *_USUAL))


@rule(
    code="header-authorization-missing",
    title="Authorized routes, but no authorization header",
    severity="warning",
    field=_ASK,
    why="The route {route} wants a token, but authorization is not allowed, so pages cannot send it.",
    todo="Add authorization.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("content-type",)),
    context=Context(routes=(Route("GET /items", "JWT"),)),
)
def authorization_missing(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Routes with a JWT or IAM authorizer; a Lambda authorizer may look elsewhere."""
    names = {name.lower() for name in policy.allow_headers}
    route = next((route for route in context.routes or () if route.authorization in ("JWT", "AWS_IAM")), None)
    if route and policy.allow_origins and not names & {"*", "authorization"}:
        yield Hit("authorization", add(_ASK, "authorization"), {"route": route.key})


@rule(
    code="header-signature-missing",
    title="IAM routes, but no headers for signatures",
    severity="warning",
    field=_ASK,
    why="The route {route} needs signed requests, and {missing} is not allowed, so pages cannot sign their calls.",
    todo="Add authorization, x-amz-date and x-amz-security-token.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_headers=("authorization",)),
    context=Context(routes=(Route("GET /items", "AWS_IAM"),)),
)
def signature_missing(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Signature Version 4: the date and, with temporary credentials, the session token are headers of their own."""
    route = next((route for route in context.routes or () if route.authorization == "AWS_IAM"), None)
    names = {name.lower() for name in policy.allow_headers}
    missing = [name for name in ("x-amz-date", "x-amz-security-token") if name not in names]
    if route and policy.allow_origins and missing and "*" not in names:
        words = {"route": route.key, "missing": enumerated(missing)}
        yield Hit(None, add(_ASK, *missing), words)


@rule(
    code="expose-any-with-credentials",
    title="* for exposed headers, with credentials",
    severity="warning",
    field=_EXPOSE,
    why="For calls with credentials browsers take “*” as a header of that name, so it exposes none.",
    todo="List the headers that your pages read of such calls as well.",
    example=CorsPolicy(allow_origins=("https://example.com",), expose_headers=("*",), allow_credentials=True),
)
def expose_any_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: `*` is a wildcard only without credentials. Which names pages read, nobody here knows: there is no fix."""
    if policy.allow_credentials and set(policy.expose_headers) == {"*"}:
        yield Hit("*")


@rule(
    code="expose-cookie",
    title="Set-Cookie exposed",
    severity="warning",
    field=_EXPOSE,
    why="Browsers never let script read “{value}”, whatever the server exposes.",
    todo="Remove it; send what the page needs in another header or in the body.",
    example=CorsPolicy(allow_origins=("https://example.com",), expose_headers=("Set-Cookie",)),
)
def expose_cookie(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: forbidden response-header names."""
    for text in policy.expose_headers:
        if text.lower() in HIDDEN:
            yield Hit(text, remove(_EXPOSE, text))


@rule(
    code="expose-redundant",
    title="A header that is always readable",
    severity="note",
    field=_EXPOSE,
    why="Script can read “{value}” of any answer that it gets, listed or not.",
    todo="Remove it if you like a short list.",
    example=CorsPolicy(allow_origins=("https://example.com",), expose_headers=("content-type",)),
)
def expose_redundant(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: CORS-safelisted response-header names."""
    redundant = [text for text in policy.expose_headers if text.lower() in READABLE]
    fix = Fix(f"Remove {enumerated(redundant)}", (Replace(_EXPOSE, tuple(redundant), ()),))
    return (Hit(text, fix) for text in redundant)


RULES = (
    invalid,
    pattern,
    misspelled,
    of_answers,
    of_gateway,
    forbidden,
    any_without_authorization,
    any_with_credentials,
    none,
    authorization_missing,
    signature_missing,
    expose_any_with_credentials,
    expose_cookie,
    expose_redundant,
)

"""Rules on AllowMethods.

Browsers compare methods case-sensitively and always allow GET, HEAD and POST (Fetch: CORS-safelisted methods). HTTP
APIs support GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from apis.cors.lint.fixes import Fix, Replace, add, enumerated, remove, replace
from apis.cors.lint.names import QUOTES, SEVERAL, is_several
from apis.cors.lint.rule_types import Context, Hit, rule
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route
from apis.cors.safelist import FORBIDDEN_METHODS, is_token

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Methods that routes of HTTP APIs support."""

NEEDS_PERMISSION = ("PUT", "PATCH", "DELETE")
"""Methods that need a listed entry (OPTIONS does too, but pages rarely send it)."""

_FIELD = "AllowMethods"
_SPLIT = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def _known(text: str) -> tuple[str, ...]:
    """Return the methods that a text names, in capitals."""
    found = []
    for word in (piece.strip(QUOTES) for piece in _SPLIT.split(text)):
        upper = word.upper()
        if upper in METHODS or word == "*":
            found.append(upper)
        elif upper in ("ANY", "ALL"):
            found.append("*")
    return tuple(dict.fromkeys(found))


def served(routes: tuple[Route, ...] | None) -> tuple[str, ...] | None:
    """Return the methods that the routes serve; None when unknown or all."""
    if not routes or any(route.method == "ANY" for route in routes):
        return None
    methods = {route.method for route in routes}
    return tuple(method for method in METHODS if method in methods)


@rule(
    code="method-several-in-one",
    title="Invalid method entry",
    severity="error",
    field=_FIELD,
    why="“{value}” is not one method name: {harm}.",
    todo="Add each method as its own entry: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET, PUT",)),
)
def several(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find empty entries and those with spaces or commas."""
    for text in policy.allow_methods:
        if not is_token(text):
            better = _known(text)
            harm = SEVERAL if is_several(text) else "it never matches"
            words = {"harm": harm, "instead": enumerated(better or ("GET", "PUT"))}
            yield Hit(text, replace(_FIELD, text, better), words)


@rule(
    code="method-lower-case",
    title="Method not in capitals",
    severity="error",
    field=_FIELD,
    why="Methods are case-sensitive and browsers send {instead}, so “{value}” never matches.",
    todo="Write {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("put",)),
)
def lower_case(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find known methods in another case (Fetch: normalize a method)."""
    for text in policy.allow_methods:
        if text not in METHODS and text.upper() in METHODS and text.upper() != "PATCH":
            yield Hit(text, replace(_FIELD, text, [text.upper()]), {"instead": text.upper()})


@rule(
    code="method-patch-lower-case",
    title="PATCH not in capitals",
    severity="warning",
    field=_FIELD,
    why="Browsers do not change the case of PATCH, so “{value}” does not allow PATCH.",
    todo="Write {instead} here and in your pages.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "patch")),
)
def patch_lower_case(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find PATCH in another case, the one method that fetch() does not capitalize."""
    for text in policy.allow_methods:
        if text != "PATCH" and text.upper() == "PATCH":
            yield Hit(text, replace(_FIELD, text, [text.upper()]), {"instead": text.upper()})


@rule(
    code="method-forbidden",
    title="Forbidden method",
    severity="error",
    field=_FIELD,
    why="Browsers never send {value}, even when the API allows it.",
    todo="Remove it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "TRACE")),
)
def forbidden(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find CONNECT, TRACE and TRACK."""
    for text in policy.allow_methods:
        if text.upper() in FORBIDDEN_METHODS:
            yield Hit(text, remove(_FIELD, text))


@rule(
    code="method-unknown",
    title="Unknown method",
    severity="error",
    field=_FIELD,
    why="HTTP APIs do not support “{value}”, only GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.",
    todo="Write {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "DELET")),
)
def unknown(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find any other name; ANY in routes corresponds to `*` here."""
    for text in policy.allow_methods:
        upper = text.upper()
        if text == "*" or not is_token(text) or upper in METHODS or upper in FORBIDDEN_METHODS:
            continue
        better = _known(text) or tuple(get_close_matches(upper, METHODS, 1, 0.7))
        yield Hit(text, replace(_FIELD, text, better), {"instead": enumerated(better) if better else "one of these"})


@rule(
    code="method-any-with-credentials",
    title="* for methods with credentials",
    severity="warning",
    field=_FIELD,
    why="With credentials, browsers read “*” as a literal method name, so it does not allow {blocked}.",
    todo="List the methods: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("*",), allow_credentials=True),
)
def any_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: `*` is a wildcard only without credentials."""
    if not policy.allow_credentials or "*" not in policy.allow_methods:
        return
    better = served(context.routes) or METHODS[:-1]
    blocked = [method for method in NEEDS_PERMISSION if method in better and method not in policy.allow_methods]
    if blocked:
        words = {"blocked": enumerated(blocked), "instead": enumerated(better)}
        yield Hit("*", Fix("Replace with all methods", (Replace(_FIELD, ("*",), better),)), words)


@rule(
    code="method-none",
    title="No methods allowed",
    severity="warning",
    field=_FIELD,
    why="Without methods, browsers allow only GET, HEAD and POST.",
    todo="Add the methods that your pages use.",
    example=CorsPolicy(allow_origins=("https://example.com",)),
)
def none(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find an empty list while the routes are unknown."""
    if policy.allow_origins and not policy.allow_methods and served(context.routes) is None:
        yield Hit(None, Fix("Add all methods", (Replace(_FIELD, (), METHODS[:-1]),)))


@rule(
    code="method-options-listed",
    title="OPTIONS is listed",
    severity="note",
    field=_FIELD,
    why="Preflights work without this entry; only pages that send OPTIONS themselves need it.",
    todo="Remove it unless your pages send OPTIONS.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "PUT", "OPTIONS")),
)
def options_listed(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find OPTIONS, which many people list for preflights."""
    if "OPTIONS" in policy.allow_methods:
        yield Hit("OPTIONS", remove(_FIELD, "OPTIONS"))


@rule(
    code="method-left-out-works",
    title="Methods allowed without being listed",
    severity="note",
    field=_FIELD,
    why="Browsers allow GET, HEAD and POST even when they are not listed.",
    todo="Use routes or authorizers to block {left}; listing is optional.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "PUT")),
    context=Context(routes=(Route("GET /items"), Route("POST /items"), Route("PUT /items/{id}"))),
)
def left_out(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find GET or POST missing from a list with other methods while a route serves it."""
    if not policy.allow_origins or not policy.allow_methods or "*" in policy.allow_methods:
        return
    works = served(context.routes) or ()
    left = [method for method in ("GET", "POST") if method in works and method not in policy.allow_methods]
    if left:
        yield Hit(None, add(_FIELD, *left), {"left": enumerated(left)})


@rule(
    code="method-without-route",
    title="Method without a route",
    severity="note",
    field=_FIELD,
    why="No route serves {value}, so allowing it has no effect.",
    todo="Remove it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "DELETE")),
    context=Context(routes=(Route("GET /items"),)),
)
def without_route(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find methods that no route serves; none when a route has ANY."""
    works = served(context.routes) or METHODS
    for text in policy.allow_methods:
        if text in METHODS and text not in works and text != "OPTIONS":
            yield Hit(text, remove(_FIELD, text))


@rule(
    code="method-of-route-missing",
    title="Method of a route missing",
    severity="warning",
    field=_FIELD,
    why="Route {route} serves {value}, but {value} is not allowed, so pages cannot call it.",
    todo="Add {value}, unless only clients outside browsers call this route.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET",)),
    context=Context(routes=(Route("GET /items"), Route("DELETE /items/{id}"))),
)
def route_method_missing(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find PUT, PATCH and DELETE routes whose method is missing; other methods need no entry."""
    if not policy.allow_origins or "*" in policy.allow_methods:
        return
    for method in NEEDS_PERMISSION:
        route = next((route for route in context.known_routes if route.method == method), None)
        if route and method not in policy.allow_methods:
            yield Hit(method, add(_FIELD, method), {"route": route.key})

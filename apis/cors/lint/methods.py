"""AllowMethods: names that no call has, and what the list really decides.

Browsers compare methods by case and never ask for GET, HEAD and POST (Fetch: CORS-safelisted methods); HTTP APIs know
GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.
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
"""The methods of an HTTP API's routes."""

ASKED_FOR = ("PUT", "PATCH", "DELETE")
"""Those that browsers ask for before they use them (OPTIONS too, which pages hardly ever call)."""

_FIELD = "AllowMethods"
_SPLIT = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def _known(text: str) -> tuple[str, ...]:
    """The methods that a piece of text names, in the spelling that counts."""
    found = []
    for word in (piece.strip(QUOTES) for piece in _SPLIT.split(text)):
        upper = word.upper()
        if upper in METHODS or word == "*":
            found.append(upper)
        elif upper in ("ANY", "ALL"):
            found.append("*")
    return tuple(dict.fromkeys(found))


def served(routes: tuple[Route, ...] | None) -> tuple[str, ...] | None:
    """The methods that the routes serve; None when they are not known or serve all."""
    if not routes or any(route.method == "ANY" for route in routes):
        return None
    methods = {route.method for route in routes}
    return tuple(method for method in METHODS if method in methods)


@rule(
    code="method-several-in-one",
    title="Not one method",
    severity="error",
    field=_FIELD,
    why="“{value}” is not one method's name: {harm}.",
    todo="Make an entry of each method: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET, PUT",)),
)
def several(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Entries with blanks, commas or nothing in them."""
    for text in policy.allow_methods:
        if not is_token(text):
            better = _known(text)
            harm = SEVERAL if is_several(text) else "no call can match it"
            words = {"harm": harm, "instead": enumerated(better or ("GET", "PUT"))}
            yield Hit(text, replace(_FIELD, text, better), words)


@rule(
    code="method-lower-case",
    title="A method in lower case",
    severity="error",
    field=_FIELD,
    why="Methods count by case: browsers send {instead}, so “{value}” matches no call.",
    todo="Write it in capitals: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("put",)),
)
def lower_case(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Known methods in another case (Fetch: normalize a method)."""
    for text in policy.allow_methods:
        if text not in METHODS and text.upper() in METHODS and text.upper() != "PATCH":
            yield Hit(text, replace(_FIELD, text, [text.upper()]), {"instead": text.upper()})


@rule(
    code="method-patch-lower-case",
    title="PATCH in another case",
    severity="warning",
    field=_FIELD,
    why="Browsers send PATCH as the page writes it, and methods count by case: “{value}” is allowed to pages that "
    "write it so, and calls with PATCH stay blocked.",
    todo="Write it in capitals, here and in the pages: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "patch")),
)
def patch_lower_case(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """The one method of HTTP APIs that fetch() does not turn into capitals."""
    for text in policy.allow_methods:
        if text != "PATCH" and text.upper() == "PATCH":
            yield Hit(text, replace(_FIELD, text, [text.upper()]), {"instead": text.upper()})


@rule(
    code="method-forbidden",
    title="A method that browsers never send",
    severity="error",
    field=_FIELD,
    why="Browsers refuse to send {value} from a page, whatever a server allows.",
    todo="Remove it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "TRACE")),
)
def forbidden(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """CONNECT, TRACE and TRACK."""
    for text in policy.allow_methods:
        if text.upper() in FORBIDDEN_METHODS:
            yield Hit(text, remove(_FIELD, text))


@rule(
    code="method-unknown",
    title="A method that HTTP APIs do not know",
    severity="error",
    field=_FIELD,
    why="“{value}” is none of the methods that HTTP APIs serve (GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS), so "
    "no call with it can succeed.",
    todo="Write {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "DELET")),
)
def unknown(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Anything else; ANY is the word of routes for what is `*` here."""
    for text in policy.allow_methods:
        upper = text.upper()
        if text == "*" or not is_token(text) or upper in METHODS or upper in FORBIDDEN_METHODS:
            continue
        better = _known(text) or tuple(get_close_matches(upper, METHODS, 1, 0.7))
        yield Hit(text, replace(_FIELD, text, better), {"instead": enumerated(better) if better else "one of these"})


@rule(
    code="method-any-with-credentials",
    title="* for methods, with credentials",
    severity="warning",
    field=_FIELD,
    why="For calls with credentials browsers take “*” as a method of that name, so {blocked} stay blocked for them.",
    todo="List the methods: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("*",), allow_credentials=True),
)
def any_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fetch: `*` is a wildcard only without credentials."""
    if not policy.allow_credentials or "*" not in policy.allow_methods:
        return
    better = served(context.routes) or METHODS[:-1]
    blocked = [method for method in ASKED_FOR if method in better and method not in policy.allow_methods]
    if blocked:
        words = {"blocked": enumerated(blocked), "instead": enumerated(better)}
        yield Hit("*", Fix("Replace with each method", (Replace(_FIELD, ("*",), better),)), words)


@rule(
    code="method-none",
    title="No methods",
    severity="warning",
    field=_FIELD,
    why="The list is empty, so pages can use GET, HEAD and POST only; PUT, PATCH and DELETE are blocked.",
    todo="Add the methods that your pages use.",
    example=CorsPolicy(allow_origins=("https://example.com",)),
)
def none(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """An empty list, while the routes that would tell whether it matters are not known."""
    if policy.allow_origins and not policy.allow_methods and served(context.routes) is None:
        yield Hit(None, Fix("Add every method", (Replace(_FIELD, (), METHODS[:-1]),)))


@rule(
    code="method-options-listed",
    title="OPTIONS is listed",
    severity="note",
    field=_FIELD,
    why="The preflight itself needs no permission: OPTIONS in the list is only for pages that call OPTIONS themselves.",
    todo="Remove it, unless your pages do.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "PUT", "OPTIONS")),
)
def options_listed(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """A widespread belief."""
    if "OPTIONS" in policy.allow_methods:
        yield Hit("OPTIONS", remove(_FIELD, "OPTIONS"))


@rule(
    code="method-left-out-works",
    title="Methods that work though they are not listed",
    severity="note",
    field=_FIELD,
    why="{left} not listed, but browsers never ask before GET, HEAD and POST: leaving them out forbids nothing.",
    todo="Rely on routes and authorizers to forbid them; list them if that reads better.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "PUT")),
    context=Context(routes=(Route("GET /items"), Route("POST /items"), Route("PUT /items/{id}"))),
)
def left_out(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """GET or POST missing from a list that names others, when routes are known to serve it."""
    if not policy.allow_origins or not policy.allow_methods or "*" in policy.allow_methods:
        return
    works = served(context.routes) or ()
    left = [method for method in ("GET", "POST") if method in works and method not in policy.allow_methods]
    if left:
        words = {"left": enumerated(left) + (" is" if len(left) == 1 else " are")}
        yield Hit(None, add(_FIELD, *left), words)


@rule(
    code="method-without-route",
    title="A method that no route serves",
    severity="note",
    field=_FIELD,
    why="No route of the API serves {value}, so allowing it is of no use.",
    todo="Remove it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET", "DELETE")),
    context=Context(routes=(Route("GET /items"),)),
)
def without_route(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Methods beyond those of the routes; nothing when a route takes ANY."""
    works = served(context.routes) or METHODS
    for text in policy.allow_methods:
        if text in METHODS and text not in works and text != "OPTIONS":
            yield Hit(text, remove(_FIELD, text))


@rule(
    code="method-of-route-missing",
    title="A route whose method is not allowed",
    severity="warning",
    field=_FIELD,
    why="The route {route} serves {value}, which is not allowed, so pages cannot call it.",
    todo="Add {value}, unless only programs outside browsers call it.",
    example=CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET",)),
    context=Context(routes=(Route("GET /items"), Route("DELETE /items/{id}"))),
)
def of_route_missing(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """PUT, PATCH and DELETE routes; the other methods need no permission."""
    if not policy.allow_origins or "*" in policy.allow_methods:
        return
    for method in ASKED_FOR:
        route = next((route for route in context.routes or () if route.method == method), None)
        if route and method not in policy.allow_methods:
            yield Hit(method, add(_FIELD, method), {"route": route.key})


RULES = (
    several,
    lower_case,
    patch_lower_case,
    forbidden,
    unknown,
    any_with_credentials,
    none,
    options_listed,
    left_out,
    without_route,
    of_route_missing,
)

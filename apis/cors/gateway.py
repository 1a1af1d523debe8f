"""What API Gateway answers for a policy, a request and an API's routes: a prediction, with how sure it is.

Where it comes from: the HTTP API developer guide ("Configure CORS for HTTP APIs", "Create routes"), raw captures and
public reports. `confirmed` is documented or captured, `reported` told by users, `unconfirmed` measured by nobody: a
probe of the real endpoint decides. Each branch below names its source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs

from apis.cors.aws_validation import Confidence
from apis.cors.browser import check_preflight
from apis.cors.call import first_leg
from apis.cors.exchange import Answer, Exchange, Headers, Request
from apis.cors.origin_match import admitting_entry, allowed_origin, preflight_lines, response_lines
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route, path_in_api, who_answers

__all__ = ["Call", "Predicted", "Prediction", "Route", "answer", "predict", "preflight", "respond", "who_answers"]

By = Literal["gateway", "route", "nobody"]

JSON: Headers = (("content-type", "application/json"),)
BACKEND = Answer(200, JSON)
"""What a backend is taken to say when nobody knows: a 200 without any CORS header."""

NOT_FOUND, UNAUTHORIZED = '{"message":"Not Found"}', '{"message":"Unauthorized"}'
_OPEN = frozenset({"", "NONE"})
# Where authorizers look that say nothing else, and IAM always.
_AUTHORIZATION = ("$request.header.Authorization",)
_MESSAGES = {404: NOT_FOUND, 401: UNAUTHORIZED}


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it comes over the wire. `origin` and `asks_for` are the values of its Origin and
    Access-Control-Request-Method headers, empty when it has none; `carries` are the names of its other headers, in
    lower case.
    """

    method: str
    url: str
    origin: str = ""
    asks_for: str = ""
    carries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Prediction:
    """One predicted answer: whose it is, the route that took the request, how sure we are, and why in one sentence.

    `body` is what API Gateway itself says; empty when the backend speaks or there is nothing to say.
    """

    answer: Answer
    by: By
    route: Route | None
    confidence: Confidence
    why: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Predicted:
    """A whole call as predicted; `preflight` is None when browsers send none, `response` when they stop before it."""

    exchange: Exchange
    preflight: Prediction | None
    response: Prediction | None


def predict(
    policy: CorsPolicy,
    request: Request,
    routes: Sequence[Route] | None = None,
    *,
    stages: Sequence[str] | None = None,
    bases: Sequence[str] | None = None,
    backend: Answer | None = None,
) -> Predicted:
    """Both legs of a call: the preflight if browsers send one, the call itself if the preflight lets it pass.

    `routes` and `stages` are None while they are not known. `bases` are the addresses at which the API answers, with
    their stage or mapping key, if a custom domain is among them; they take the place of `stages`.
    """
    leg, refused = first_leg(request, "chrome")
    if refused:
        return Predicted(Exchange(request), None, None)
    asked = None
    if leg.asks:
        call = Call("OPTIONS", request.url, leg.origin, leg.method)
        asked = answer(policy, call, routes, stages=stages, bases=bases)
        if check_preflight(leg, asked.answer):
            return Predicted(Exchange(request, asked.answer), asked, None)
    # Browsers name the page on a call to its own origin only when it is neither GET nor HEAD.
    origin = leg.origin if leg.cors or leg.method not in ("GET", "HEAD") else ""
    call = Call(leg.method, request.url, origin, carries=frozenset(leg.sent))
    said = answer(policy, call, routes, stages=stages, bases=bases, backend=backend)
    return Predicted(Exchange(request, asked.answer if asked else None, said.answer), asked, said)


def preflight(
    policy: CorsPolicy,
    request: Request,
    routes: Sequence[Route] | None = None,
    stages: Sequence[str] | None = None,
    *,
    bases: Sequence[str] | None = None,
    backend: Answer | None = None,
) -> Prediction:
    """The answer to the OPTIONS request that asks for `request`, whether or not browsers would send it.

    `backend` is what the integration of a route that takes OPTIONS says.
    """
    leg, _ = first_leg(request, "chrome")
    call = Call("OPTIONS", request.url, leg.origin, leg.method)
    return answer(policy, call, routes, stages=stages, bases=bases, backend=backend)


def respond(
    policy: CorsPolicy,
    request: Request,
    routes: Sequence[Route] | None = None,
    backend: Answer | None = None,
    stages: Sequence[str] | None = None,
    *,
    bases: Sequence[str] | None = None,
) -> Prediction:
    """The answer to the call itself; `backend` is what the integration says, by default a 200."""
    leg, _ = first_leg(request, "chrome")
    carries = frozenset(name.lower() for name, _ in request.headers)
    call = Call(leg.method, request.url, leg.origin, carries=carries)
    return answer(policy, call, routes, stages=stages, bases=bases, backend=backend)


def answer(
    policy: CorsPolicy,
    call: Call,
    routes: Sequence[Route] | None = None,
    *,
    stages: Sequence[str] | None = None,
    bases: Sequence[str] | None = None,
    backend: Answer | None = None,
) -> Prediction:
    """What API Gateway answers to any request. Pure, and quick enough for thousands of calls."""
    path = path_in_api(call.url, stages, bases)
    if path is None:
        # Captured: without its stage prefix an API answers as if it had no such route.
        why = f"No stage of the API is at this address, so API Gateway answers 404 ({NOT_FOUND})."
        return _own(404, (), "nobody", None, "confirmed", why)
    route = who_answers(routes, call.method, path) if routes is not None else None
    if route is None and call.method == "OPTIONS" and policy.on:
        return _automatic(policy, call, routes is not None)
    if route is None and routes is not None:
        return _no_route(policy, call, path)
    return _routed(policy, call, route, routes, backend)


def _automatic(policy: CorsPolicy, call: Call, routes_known: bool) -> Prediction:
    """The answer that API Gateway gives by itself to OPTIONS once CORS is on (developer guide)."""
    allowed = allowed_origin(policy, call.origin) if call.asks_for else None
    doubt = "" if routes_known else " The routes are not known: one that matches OPTIONS would answer instead."
    if allowed is not None:
        # The guide promises the answer; that the lists come whole, not only what was asked for, nobody has captured.
        entry = admitting_entry(policy, call.origin)
        why = f"API Gateway answers the preflight itself, as {entry} admits {call.origin}.{doubt}"
        return _own(204, preflight_lines(policy, allowed), "gateway", None, "reported", why)
    if not call.origin or not call.asks_for:
        # Captured: OPTIONS without Origin gets 204 and nothing else. The guide names both headers as needed.
        missing = "Origin" if not call.origin else "Access-Control-Request-Method"
        why = f"The request has no {missing} header, so API Gateway answers 204 without CORS headers.{doubt}"
        return _own(204, (), "gateway", None, "confirmed", why)
    if call.origin == "null":
        # Measured once, in August 2026, against a live API with `*`.
        why = f"No entry of AllowOrigins admits the origin null, not even “*”, so the 204 has no CORS headers.{doubt}"
        return _own(204, (), "gateway", None, "confirmed", why)
    if not policy.allow_origins:
        # Reported for `{}`: it is active and allows nothing.
        why = f"CORS is on but AllowOrigins is empty, so API Gateway answers 204 without CORS headers.{doubt}"
        return _own(204, (), "gateway", None, "reported", why)
    why = f"No entry of AllowOrigins is {call.origin}, so API Gateway answers 204 without CORS headers.{doubt}"
    return _own(204, (), "gateway", None, "reported", why)


def _no_route(policy: CorsPolicy, call: Call, path: str) -> Prediction:
    what = f"{call.method} {path}"
    if not policy.on:
        # Captured: no CORS configuration and no route.
        why = f"CORS is off and no route matches {what}, so API Gateway answers 404 ({NOT_FOUND})."
        return _own(404, (), "nobody", None, "confirmed", why)
    # Whether a 404 of API Gateway's own carries CORS headers was never measured: the worse case is assumed.
    why = f"No route matches {what}, so API Gateway answers 404 ({NOT_FOUND}), presumably without CORS headers."
    return _own(404, (), "nobody", None, "unconfirmed", why)


def _routed(
    policy: CorsPolicy, call: Call, route: Route | None, routes: Sequence[Route] | None, backend: Answer | None
) -> Prediction:
    """A request that a route takes (or, while the routes are unknown, is believed to take)."""
    asking = call.method == "OPTIONS" and bool(call.asks_for)
    allowed = allowed_origin(policy, call.origin)
    lines: Headers = ()
    if allowed is not None:
        lines = preflight_lines(policy, allowed) if asking else response_lines(policy, allowed)
    if route is not None and not route.target and any(other.target for other in routes or ()):
        # Reported for OPTIONS routes that were added without an integration.
        why = f"The route {route.key} has no integration, so API Gateway answers 404 ({NOT_FOUND})."
        return _own(404, (), "route", route, "reported", why)
    if route is not None and route.authorization not in _OPEN and (missing := _missing(route, call)):
        return _unauthorized(route, missing, lines, asking)
    return _from_backend(policy, call, route, lines, backend, asking)


def _missing(route: Route, call: Call) -> str:
    """What the call does not carry of what the route's authorizer looks for, in words; empty when it has all of it.

    Without all of its identity sources a request gets 401 before the authorizer is asked (developer guide, "Control
    access with AWS Lambda authorizers"); an authorizer without any is asked every time.
    """
    identity = _AUTHORIZATION if route.identity is None or route.authorization == "AWS_IAM" else route.identity
    for source in identity:
        place, _, name = source.removeprefix("$request.").partition(".")
        if place == "header" and name.lower() not in call.carries:
            return f"{name} header"
        if place == "querystring" and name not in parse_qs(call.url.partition("#")[0].partition("?")[2]):
            return f"parameter {name}"
    return ""


def _unauthorized(route: Route, missing: str, lines: Headers, asking: bool) -> Prediction:
    """The authorizer's answer to a request without what it looks for; browsers put no such header into a preflight.

    A JWT authorizer's 401 with CORS headers was captured; for a preflight and for Lambda authorizers it is reported,
    for IAM assumed.
    """
    confidence: Confidence = "reported" if asking or route.authorization == "CUSTOM" else "confirmed"
    if route.authorization == "AWS_IAM":
        confidence = "unconfirmed"
    kind = {"JWT": "JWT authorizer", "CUSTOM": "Lambda authorizer", "AWS_IAM": "IAM authorization"}
    who = kind.get(route.authorization, "authorizer")
    if asking:
        why = f"The route {route.key} takes the preflight, and its {who} answers 401: browsers send no token with it."
    else:
        why = f"The {who} of the route {route.key} answers 401, as the call has no {missing}."
    return _own(401, lines, "route", route, confidence, why)


def _from_backend(
    policy: CorsPolicy, call: Call, route: Route | None, lines: Headers, backend: Answer | None, asking: bool
) -> Prediction:
    said = backend or BACKEND
    taker = f"The route {route.key} passes the request to its backend" if route else "The backend answers"
    if not policy.on:
        # With CORS off API Gateway passes everything through; without knowledge of the backend that is a guess.
        assumed = "" if backend else "; what it says is not known, and no CORS headers are assumed"
        why = f"{taker}, and as CORS is off its own headers decide{assumed}."
        return Prediction(said, "route", route, "confirmed" if backend else "unconfirmed", why)
    own = Answer(said.status, tuple(pair for pair in said.headers if not _is_cors(pair[0])) + lines)
    if asking:
        # Reports contradict each other: one saw the configured headers on the backend's status, one saw none.
        where = f"The route {route.key}" if route else "A route"
        why = (
            f"{where} takes the preflight from API Gateway: its backend's status decides, with the configured CORS "
            "headers on it, though reports differ on these."
        )
        return Prediction(own, "route", route, "unconfirmed", why)
    if not call.origin:
        why = f"{taker}; the request has no Origin header, so API Gateway adds no CORS headers."
    elif lines:
        entry = admitting_entry(policy, call.origin)
        why = f"{taker}; API Gateway adds the headers for {call.origin}, which {entry} admits."
    else:
        why = f"{taker}; no entry of AllowOrigins admits {call.origin}, so it gets no CORS headers."
    # The guide: the configured headers are added to the integration's answer, the integration's own are ignored.
    return Prediction(own, "route", route, "confirmed", why)


def _own(status: int, lines: Headers, by: By, route: Route | None, confidence: Confidence, why: str) -> Prediction:
    """An answer that API Gateway itself makes."""
    body = _MESSAGES.get(status, "")
    return Prediction(Answer(status, (JSON if body else ()) + lines), by, route, confidence, why, body)


def _is_cors(name: str) -> bool:
    return name.lower().startswith("access-control-")

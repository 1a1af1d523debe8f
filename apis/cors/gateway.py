"""Predict API Gateway's response for a policy, a request and an API's routes, with a confidence.

Sources: the HTTP API developer guide ("Configure CORS for HTTP APIs", "Create routes"), raw captures and
public reports. `confirmed` is documented or captured, `reported` by users, `unconfirmed` never measured: a
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
from apis.cors.origin_match import allowed_origin, matching_entry, preflight_lines, response_lines
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route, path_in_api, who_answers

__all__ = ["Call", "Predicted", "Prediction", "Route", "answer", "predict", "preflight", "respond", "who_answers"]

By = Literal["gateway", "route", "nobody"]

JSON: Headers = (("content-type", "application/json"),)
BACKEND = Answer(200, JSON)
"""The assumed response of an unknown backend: 200 without CORS headers."""

NOT_FOUND, UNAUTHORIZED = '{"message":"Not Found"}', '{"message":"Unauthorized"}'
_OPEN = frozenset({"", "NONE"})
# The default identity source of authorizers; IAM always uses it.
_AUTHORIZATION = ("$request.header.Authorization",)
_MESSAGES = {404: NOT_FOUND, 401: UNAUTHORIZED}


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it comes over the wire. `origin` and `requested_method` are the values of its Origin and
    Access-Control-Request-Method headers, empty when it has none; `carries` are the names of its other headers, in
    lower case.
    """

    method: str
    url: str
    origin: str = ""
    requested_method: str = ""
    carries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Prediction:
    """One predicted response: who sends it, the matching route, the confidence, and why in one sentence.

    `body` is API Gateway's own body; empty when the backend responds or the body is empty.
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
    """Predict the preflight if browsers send one, and the actual request if the preflight allows it.

    `routes` and `stages` are None while they are not known. `bases` are the addresses at which the API answers, with
    their stage or mapping key, if a custom domain is among them; they take the place of `stages`.
    """
    leg, refused = first_leg(request, "chrome")
    if refused:
        return Predicted(Exchange(request), None, None)
    preflighted = None
    if leg.sends_preflight:
        call = Call("OPTIONS", request.url, leg.origin, leg.method)
        preflighted = answer(policy, call, routes, stages=stages, bases=bases)
        if check_preflight(leg, preflighted.answer):
            return Predicted(Exchange(request, preflighted.answer), preflighted, None)
    # Browsers name the page on a call to its own origin only when it is neither GET nor HEAD.
    origin = leg.origin if leg.cors or leg.method not in ("GET", "HEAD") else ""
    call = Call(leg.method, request.url, origin, carries=frozenset(leg.sent))
    actual = answer(policy, call, routes, stages=stages, bases=bases, backend=backend)
    return Predicted(Exchange(request, preflighted.answer if preflighted else None, actual.answer), preflighted, actual)


def preflight(
    policy: CorsPolicy,
    request: Request,
    routes: Sequence[Route] | None = None,
    stages: Sequence[str] | None = None,
    *,
    bases: Sequence[str] | None = None,
    backend: Answer | None = None,
) -> Prediction:
    """Predict the response to the OPTIONS request for `request`, whether or not browsers would send it.

    `backend` is the integration's response where a route matches OPTIONS.
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
    """Predict the response to the actual request; `backend` is the integration's response, by default a 200."""
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
    """Predict API Gateway's response to any request. Pure, and fast enough for thousands of calls."""
    path = path_in_api(call.url, stages, bases)
    if path is None:
        # Captured: without its stage prefix an API answers as if it had no such route.
        why = f"No stage of the API has this address: 404 ({NOT_FOUND})."
        return _own(404, (), "nobody", None, "confirmed", why)
    route = who_answers(routes, call.method, path) if routes is not None else None
    if route is None and call.method == "OPTIONS" and policy.on:
        return _automatic(policy, call, routes is not None)
    if route is None and routes is not None:
        return _no_route(policy, call, path)
    return _routed(policy, call, route, routes, backend)


def _automatic(policy: CorsPolicy, call: Call, routes_known: bool) -> Prediction:
    """Predict API Gateway's own preflight response while CORS is on (developer guide)."""
    allowed = allowed_origin(policy, call.origin) if call.requested_method else None
    doubt = "" if routes_known else " The routes are unknown; a route that matches OPTIONS would respond instead."
    if allowed is not None:
        # The guide documents the response; that it has the whole lists was never captured.
        entry = matching_entry(policy, call.origin)
        why = f"API Gateway responds to the preflight; {entry} allows {call.origin}.{doubt}"
        return _own(204, preflight_lines(policy, allowed), "gateway", None, "reported", why)
    if not call.origin or not call.requested_method:
        # Captured: OPTIONS without Origin gets 204 and nothing else. The guide names both headers as needed.
        missing = "Origin" if not call.origin else "Access-Control-Request-Method"
        why = f"The request has no {missing} header: 204 without CORS headers.{doubt}"
        return _own(204, (), "gateway", None, "confirmed", why)
    if call.origin == "null":
        # Measured once, in August 2026, against a live API with `*`.
        why = f"AllowOrigins never allows the origin null, not even with “*”: 204 without CORS headers.{doubt}"
        return _own(204, (), "gateway", None, "confirmed", why)
    if not policy.allow_origins:
        # Reported for `{}`: it is active and allows nothing.
        why = f"CORS is on but AllowOrigins is empty: 204 without CORS headers.{doubt}"
        return _own(204, (), "gateway", None, "reported", why)
    why = f"AllowOrigins does not allow {call.origin}: 204 without CORS headers.{doubt}"
    return _own(204, (), "gateway", None, "reported", why)


def _no_route(policy: CorsPolicy, call: Call, path: str) -> Prediction:
    what = f"{call.method} {path}"
    if not policy.on:
        # Captured: no CORS configuration and no route.
        why = f"CORS is off and no route matches {what}: 404 ({NOT_FOUND})."
        return _own(404, (), "nobody", None, "confirmed", why)
    # Whether API Gateway's own 404 has CORS headers was never measured; assume that it has none.
    why = f"No route matches {what}: 404 ({NOT_FOUND}) without CORS headers."
    return _own(404, (), "nobody", None, "unconfirmed", why)


def _routed(
    policy: CorsPolicy, call: Call, route: Route | None, routes: Sequence[Route] | None, backend: Answer | None
) -> Prediction:
    """Predict the response to a request that a route matches, or is assumed to match while the routes are unknown."""
    asking = call.method == "OPTIONS" and bool(call.requested_method)
    allowed = allowed_origin(policy, call.origin)
    lines: Headers = ()
    if allowed is not None:
        lines = preflight_lines(policy, allowed) if asking else response_lines(policy, allowed)
    if route is not None and not route.target and any(other.target for other in routes or ()):
        # Reported for OPTIONS routes that were added without an integration.
        why = f"Route {route.key} has no integration: 404 ({NOT_FOUND})."
        return _own(404, (), "route", route, "reported", why)
    if route is not None and route.authorization not in _OPEN and (missing := _missing(route, call)):
        return _unauthorized(route, missing, lines, asking)
    return _from_backend(policy, call, route, lines, backend, asking)


def _missing(route: Route, call: Call) -> str:
    """Return the identity source that the call lacks for the route's authorizer, or "".

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
    """Predict the authorizer's response to a request without its identity source, which no preflight has.

    A JWT authorizer's 401 with CORS headers was captured; for a preflight and for Lambda authorizers it is reported,
    for IAM assumed.
    """
    confidence: Confidence = "reported" if asking or route.authorization == "CUSTOM" else "confirmed"
    if route.authorization == "AWS_IAM":
        confidence = "unconfirmed"
    kind = {"JWT": "JWT authorizer", "CUSTOM": "Lambda authorizer", "AWS_IAM": "IAM authorization"}
    who = kind.get(route.authorization, "authorizer")
    if asking:
        why = f"Route {route.key} matches the preflight, and its {who} responds 401: browsers send no token with it."
    else:
        why = f"The {who} of route {route.key} responds 401: the call has no {missing}."
    return _own(401, lines, "route", route, confidence, why)


def _from_backend(
    policy: CorsPolicy, call: Call, route: Route | None, lines: Headers, backend: Answer | None, asking: bool
) -> Prediction:
    actual = backend or BACKEND
    taker = f"Route {route.key} forwards the request to its backend" if route else "The backend responds"
    if not policy.on:
        # With CORS off API Gateway passes everything through; without knowledge of the backend that is a guess.
        assumed = "" if backend else "; its response is unknown, and no CORS headers are assumed"
        why = f"{taker}; CORS is off, so its own headers decide{assumed}."
        return Prediction(actual, "route", route, "confirmed" if backend else "unconfirmed", why)
    own = Answer(actual.status, tuple(pair for pair in actual.headers if not _is_cors(pair[0])) + lines)
    if asking:
        # Reports differ: one saw the configured headers on the backend's response, one saw none.
        where = f"Route {route.key}" if route else "A route"
        why = (
            f"{where} sends the preflight to its backend, whose status decides. Whether API Gateway adds the "
            "configured headers is unconfirmed."
        )
        return Prediction(own, "route", route, "unconfirmed", why)
    if not call.origin:
        why = f"{taker}; the request has no Origin header, so API Gateway adds no CORS headers."
    elif lines:
        entry = matching_entry(policy, call.origin)
        why = f"{taker}; API Gateway adds CORS headers, because {entry} allows {call.origin}."
    else:
        why = f"{taker}; AllowOrigins does not allow {call.origin}, so API Gateway adds no CORS headers."
    # The guide: the configured headers are added to the integration's answer, the integration's own are ignored.
    return Prediction(own, "route", route, "confirmed", why)


def _own(status: int, lines: Headers, by: By, route: Route | None, confidence: Confidence, why: str) -> Prediction:
    """Return a response of API Gateway itself."""
    body = _MESSAGES.get(status, "")
    return Prediction(Answer(status, (JSON if body else ()) + lines), by, route, confidence, why, body)


def _is_cors(name: str) -> bool:
    return name.lower().startswith("access-control-")

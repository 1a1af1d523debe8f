"""Causes of a response without Access-Control-Allow-Origin, by far the most frequent message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apis.cors.explain.case import Case
from apis.cors.explain.causes.causes import Cause, cause
from apis.cors.explain.causes.config_causes import config_causes, page_cause
from apis.cors.explain.causes.preflight_causes import (
    address_cause,
    deployed_by_hand,
    manual_stages,
    moved_cause,
    preflight_causes,
    unpredicted_status,
    where_else,
)
from apis.cors.explain.evidence import is_bare_204, is_failure, status_cause
from apis.cors.lint.fixes import enumerated, shown
from apis.cors.origin_match import allowed_origin
from apis.cors.routing import who_answers

_WITHOUT_HEADER = ("cors-off", "cors-empty", "origin-not-allowed", "null-origin", "custom-scheme-origin")
"""Causes that a configuration itself gives for a response without the header."""


def missing_header_causes(case: Case) -> Iterator[Cause]:
    """Yield why a response has no Access-Control-Allow-Origin header, the likeliest first."""
    reading = case.reading
    moved = moved_cause(case)
    if moved is not None:
        yield moved
    for status, preflight in ((reading.preflight_status, True), (reading.status, False)):
        if is_failure(status):
            yield status_cause(status, preflight)
    page = page_cause(reading.origin) if case.origin_known else None
    if page is not None and not (case.known and allowed_origin(case.target.policy, reading.origin)):  # type: ignore[arg-type]
        yield page
    if case.known:
        yield from _known(case)
    else:
        yield from _unknown(case)


def _known(case: Case) -> Iterator[Cause]:
    policy, reading = case.target.policy, case.reading
    assert policy is not None
    outside = address_cause(case)
    if outside is not None:
        yield outside
        return
    if reading.status == 404 and not is_bare_204(reading):
        missing = no_route_cause(case)
        if missing is not None:
            yield missing
    elif reading.preflight is None and "method" in case.assumed and case.url_known:
        missing = no_route_cause(case) if not case.target.methods(case.request.url) else None
        if missing is not None:
            yield missing
    leg = case.proven_leg
    blocking = [one for one in config_causes(policy, leg, case.origin_known) if one.code in _WITHOUT_HEADER]
    other = unpredicted_status(case)
    for one in blocking:
        yield replace(one, certainty="likely") if other and not policy.on else one
    if blocking and other:
        yield from elsewhere(case, other)
    if blocking:
        return
    if not case.origin_known:
        yield from _unlisted(case)
        return
    yield from _allowed(case)


def _unlisted(case: Case) -> Iterator[Cause]:
    """Yield the cause where the text does not state the page's origin: it is listed or not."""
    policy = case.target.policy
    assert policy is not None
    if case.reading.status in (401, 403):
        yield status_cause(case.reading.status, preflight=False)
    if "*" in policy.allow_origins:
        yield from elsewhere(case, "AllowOrigins has *, so a response of this API would have the header.")
        return
    why = f"AllowOrigins lists {enumerated(policy.allow_origins)}; the page's origin is probably not one of them."
    yield cause("origin-not-allowed", why, "likely")


def _allowed(case: Case) -> Iterator[Cause]:
    """Yield the causes where the configuration allows the origin, and yet the header was missing."""
    reading, explanation = case.reading, case.explanation
    policy = case.target.policy
    assert policy is not None
    if reading.value.lower().startswith(reading.origin):
        why = f"The request's Origin is {shown(reading.value)}, but browsers send {reading.origin}, which is allowed."
        steps = (f"Send the call again with the Origin {reading.origin}, without a path or a trailing slash.",)
        yield cause("origin-not-allowed", why, "likely", value=reading.value, steps=steps)
        return
    predicted = list(preflight_causes(case, is_observed=False)) if reading.preflight else []
    yield from predicted
    status = reading.status or reading.preflight_status
    if status is not None and status >= 400:
        if case.reading.preflight_status == status and explanation is not None:
            yield from preflight_causes(case)
        yield status_cause(status, preflight=reading.status is None)
        return
    # What the routes say, and a redirect, tell already who answered without the header.
    if not predicted and not reading.redirected_to:
        yield from elsewhere(case, f"AllowOrigins allows {reading.origin}, but the response did not.")


def elsewhere(case: Case, why: str) -> Iterator[Cause]:
    """Yield what fits an answer that this configuration would not give."""
    manual = manual_stages(case)
    if manual:
        steps = (f"Deploy the API to {enumerated(manual)}, then try again.",)
        more = f"{why} {deployed_by_hand(manual)}, so calls may get an older configuration."
        yield cause("stage-not-deployed", more, "likely", steps=steps)
        return
    if is_bare_204(case.reading):
        more = f"{why} An HTTP API answered with 204 and no CORS headers, so it used another configuration."
        yield cause("stage-not-deployed", more, "possible", steps=where_else(case))
        return
    yield cause("something-else-answered", why, "likely", steps=where_else(case))


def no_route_cause(case: Case) -> Cause | None:
    """Return that no route of a known API serves the call; None where one does or nothing is known."""
    routes, url = case.target.routes, case.request.url
    path = case.target.path(url)
    if not routes or path is None or who_answers(routes, case.request.method, path):
        return None
    keys = enumerated(route.key for route in routes)
    why = f"No route matches {case.request.method} {path}, so API Gateway answers 404 without CORS headers."
    steps = (f"Correct the path or the method, or add the route. The API has {keys}.",)
    return cause("no-route", why, "certain", steps=steps)


def _unknown(case: Case) -> Iterator[Cause]:
    """Nothing is known about the API but what the text says."""
    reading = case.reading
    page = reading.origin or "the page's origin"
    if is_bare_204(reading):
        why = f"An HTTP API answered the preflight with 204 and no CORS headers: it does not allow {page}."
        yield cause("origin-not-allowed", why, "certain", value=reading.origin or None)
        return
    status = reading.status or reading.preflight_status
    if status is not None and status >= 400 and not is_failure(status):
        yield status_cause(status, preflight=reading.status is None)
    if case.host.kind in ("execute-api", "unknown") and case.url_known:
        return
    why = f"The response has no Access-Control-Allow-Origin header: the API does not allow {page}, or CORS is off."
    yield cause("origin-not-allowed", why, "possible", value=reading.origin or None)

"""Causes of a preflight that fails by its status or its address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from apis.cors.explain.case import Case
from apis.cors.explain.causes.causes import Cause, cause
from apis.cors.explain.evidence import is_failure, is_redirect_status, status_cause
from apis.cors.lint.fixes import enumerated
from apis.cors.origins import parse_url
from apis.cors.routing import is_default_endpoint


def preflight_causes(case: Case, is_observed: bool = True) -> Iterator[Cause]:
    """Yield why the preflight gets no 2xx status. `is_observed`: the text says that it did not."""
    status = case.reading.preflight_status
    if is_observed and is_failure(status):
        yield status_cause(status, preflight=True)
        return
    if is_observed and is_redirect_status(status):
        yield from redirect_causes(case)
        return
    outside = address_cause(case)
    prediction = case.preflight
    if prediction is None:
        if is_observed and case.target.policy is not None and not case.target.policy.on and status in (403, 404, None):
            yield cause("cors-off", "CORS is off, and no route takes the preflight.", "likely")
        if is_observed:
            yield _unknown_preflight(case, status)
        return
    if is_observed and outside is not None:
        yield outside
        return
    policy = case.target.policy
    if prediction.by == "route" and not 200 <= prediction.answer.status <= 299:
        yield _route_cause(case, prediction.answer.status)
        return
    if not is_observed:
        return
    if prediction.by == "route":
        yield _route_cause(case, 0)
    elif policy is not None and not policy.on:
        other = unpredicted_status(case)
        yield cause("cors-off", "CORS is off, and no route takes the preflight.", "likely" if other else "certain")
        if other:
            yield cause("something-else-answered", other, "likely", steps=where_else(case))
    else:
        answered = f" with status {status}" if status else " with an error status"
        why = f"The preflight was answered{answered}, but API Gateway would answer it with 204 for this configuration."
        yield cause("something-else-answered", why, "likely", steps=where_else(case))


def unpredicted_status(case: Case) -> str:
    """Return, as a sentence, which status of the text API Gateway itself would not answer with; "" when it would."""
    reading = case.reading
    response = case.explanation.predicted.response if case.explanation and "method" not in case.assumed else None
    for what, seen, predicted in (
        ("preflight", reading.preflight_status, case.preflight),
        ("call", reading.status, response),
    ):
        if seen is None or is_failure(seen) or predicted is None or predicted.by == "route":
            continue
        own = predicted.answer.status
        if seen // 100 != own // 100 or (seen >= 400 and seen != own):
            return f"The {what} was answered with status {seen}, but API Gateway would answer it with {own}."
    return ""


def _route_cause(case: Case, status: int) -> Cause:
    prediction = case.preflight
    assert prediction is not None
    key = prediction.route.key if prediction.route else "OPTIONS"
    path = prediction.route.path if prediction.route and prediction.route.path else "/{proxy+}"
    if status == 401:
        why = f"The route {key} takes the preflight, and its authorizer rejects it: browsers send no token with it."
        steps = (
            f"Add the route OPTIONS {path} without an authorizer and with an integration.",
            f"Or replace {key} with one route for each method.",
        )
        return cause("preflight-route-authorizer", why, "certain", steps=steps)
    if status == 404:
        return cause(
            "preflight-route-without-integration",
            f"The route {key} takes the preflight and has no integration, so API Gateway answers 404.",
            "likely",
        )
    why = f"The route {key} sends the preflight to its backend, which does not answer it with a 2xx status."
    return cause("preflight-route-backend", why, "likely")


def _unknown_preflight(case: Case, status: int | None) -> Cause:
    if status in (401, 403, None):
        answered = f"with status {status}" if status else "with an error status"
        why = f"The preflight was answered {answered}; mostly a route with an authorizer takes it."
        return cause("preflight-route-authorizer", why, "possible")
    if status == 404:
        why = "The preflight was answered with status 404: CORS is off, or the URL does not belong to the API."
        return cause("wrong-stage-or-mapping", why, "possible")
    return cause("something-else-answered", f"The preflight was answered with status {status}.", "possible")


def redirect_causes(case: Case) -> Iterator[Cause]:
    """Yield the cause of a redirected preflight."""
    steps = []
    url = case.reading.redirected_to or case.reading.url
    first = parse_url(case.reading.url)
    if first is not None and first.scheme == "http" and case.host.kind != "local":
        steps.append(f"Call https://{case.reading.url.partition('://')[2][:200]} directly.")
    elif case.reading.redirected_to:
        steps.append(_no_redirect(case, url) or f"Call {url[:200]} directly.")
    steps.append(
        "Look at the Location header of the preflight response: a trailing slash, another host or a sign-in page."
    )
    yield cause("preflight-redirect", "The preflight was answered with a redirect.", "certain", steps=tuple(steps))


def moved_cause(case: Case) -> Cause | None:
    """Return the cause of a call that was redirected before it failed, if it was."""
    to = case.reading.redirected_to
    if not to:
        return None
    first, last = parse_url(case.reading.url), parse_url(to)
    login = any(word in to.lower() for word in ("login", "signin", "sign-in", "authorize", "oauth", "sso", "saml"))
    if login:
        steps = ("Let the backend or authorizer answer 401, and let the page open the sign-in itself.",)
        why = f"The call was redirected to a sign-in page, {to[:200]}, which allows no such call."
    else:
        steps = (_no_redirect(case, to) or f"Call {to[:200]} directly.",)
        tainted = first is not None and last is not None and first.origin != last.origin
        after = ", and after that the browser sends Origin: null" if tainted else ""
        why = f"The call was redirected to {to[:200]}{after}."
    return cause("backend-redirect", why, "certain", steps=steps)


def _no_redirect(case: Case, to: str) -> str:
    """Return what to do about a redirect to an address at which the API serves nothing; "" when it may serve there."""
    target = case.target
    path = target.path(to)
    if path is None or not target.routes or target.methods(to):
        return ""
    return f"Stop the redirect in the backend, or add a route for {path[:100]}: no route of the API matches it."


def address_cause(case: Case) -> Cause | None:
    """Return why the URL is no address of the API, or None."""
    target = case.target
    if not case.url_known or not case.known or case.reached:
        return None
    host = urlsplit(case.request.url).netloc if "://" in case.request.url else ""
    bases = _nearest(target.bases or (), host)
    if target.context.endpoint_disabled and is_default_endpoint(host) and not _is_custom(case, host):
        steps = (f"Call the custom domain: {enumerated(bases, 'or')}.",) if bases else ()
        why = "The API's default endpoint is disabled, so its execute-api address answers nothing."
        return cause("default-endpoint-disabled", why, "certain", steps=steps)
    stages = [stage for stage in target.stages or () if stage != "$default"]
    path = "/" + case.request.url.partition("://")[2].partition("/")[2].partition("?")[0]
    first = path[1:].partition("/")[0]
    if _is_custom(case, host):
        why = f"The path {path[:100]} is under no API mapping of {host}."
    elif target.stages is not None and "$default" not in target.stages:
        have = f"its stages are {enumerated(stages)}" if stages else "it has no stage"
        why = f"The API has no $default stage and no stage {first or '(none in the URL)'}: {have}."
    else:
        why = f"{case.request.url[:200]} does not belong to this API."
    steps = (f"Call {enumerated(bases, 'or')}.",) if bases else ()
    return cause("wrong-stage-or-mapping", why, "certain", steps=steps)


def _nearest(bases: Iterable[str], host: str) -> list[str]:
    """Return the API's addresses at a host; all of them when it has none there."""
    found = list(bases)
    same = [base for base in found if urlsplit(base).netloc.lower() == host.lower()]
    return (same or found)[:6]


def _is_custom(case: Case, host: str) -> bool:
    name = host.rpartition(":")[0] or host
    return any(name.lower() == domain.name.lower() for domain in case.target.context.domains)


def where_else(case: Case) -> tuple[str, ...]:
    """Return what to check when this configuration did not give the answer, the likeliest first."""
    found = []
    manual = manual_stages(case)
    if manual:
        found.append(f"{deployed_by_hand(manual)}. Deploy the API, if it changed since.")
    found.append(
        "Send the preflight with curl and look at the response: an HTTP API sends apigw-requestid, a REST API "
        "x-amz-apigw-id, CloudFront x-cache, a firewall mostly an HTML page."
    )
    found.append("Check for a CDN, a firewall or a proxy between the page and the API, and for a browser extension.")
    return tuple(found)


def deployed_by_hand(stages: list[str]) -> str:
    """Return a clause on stages without automatic deployment."""
    verb = "Stage {} has" if len(stages) == 1 else "Stages {} have"
    return f"{verb.format(enumerated(stages))} automatic deployment off"


def manual_stages(case: Case) -> list[str]:
    """Return the stages under the URL that are deployed by hand; all of them when the stage is not known."""
    stages = case.target.context.stages or ()
    manual = [stage.name for stage in stages if not stage.auto_deploy]
    path = case.request.url.partition("://")[2].partition("/")[2]
    first = path.partition("?")[0].partition("/")[0]
    named = [name for name in manual if name == first]
    if named:
        return named
    auto = {stage.name for stage in stages if stage.auto_deploy}
    return [] if first in auto or ("$default" in auto and not named) else manual

"""The order in which causes are considered: what the text shows, the address, the answers, then the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apis.cors.call import first_leg
from apis.cors.explain.case import Case
from apis.cors.explain.causes.causes import Cause, cause
from apis.cors.explain.causes.config_causes import (
    CREDENTIALS_WHY,
    config_causes,
    header_causes,
    header_steps,
    is_response_header,
    list_why,
    method_case,
    page_cause,
    response_header,
    unreadable_entry,
    unreadable_why,
    wildcard_why,
)
from apis.cors.explain.causes.missing_header import elsewhere, missing_header_causes, no_route_cause
from apis.cors.explain.causes.preflight_causes import address_cause, moved_cause, preflight_causes, redirect_causes
from apis.cors.explain.causes.symptoms import symptom_cause
from apis.cors.explain.evidence import answerers, host_cause, is_failure, status_cause
from apis.cors.lint.fixes import enumerated
from apis.cors.origins import origin_of
from apis.cors.paste import Reading
from apis.cors.policy import CorsPolicy

_OWN_KINDS = ("function-url", "websocket", "aws-service", "other-service", "cloudfront", "local")


def causes_of(case: Case) -> Iterator[Cause]:
    """Yield the causes of a case, the one that fits best first."""
    reading = case.reading
    if reading.symptom:
        yield symptom_cause(case)
        if reading.symptom == "no-origin-sent" and is_failure(reading.status):
            yield status_cause(reading.status, preflight=False)
        if reading.symptom in ("no-origin-sent", "reason-in-another-line"):
            yield from _predicted(case)
        return
    if reading.mode == "no-cors":
        yield cause("no-cors-mode", "The call has mode no-cors, so script can read no response.", "certain")
        return
    if reading.mode == "same-origin" and not reading.code and not _is_own_page(case):
        yield from _mode(case)
        if reading.source == "htmx" and case.target.policy is not None:
            leg = first_leg(replace(case.request, mode="cors"), "chrome")[0]
            yield from config_causes(case.target.policy, leg, case.origin_known)
        return
    code = (reading.code or "").removeprefix("Preflight")
    explain_code = _BY_CODE.get(code)
    if explain_code is not None and code in _CALLERS:
        yield from explain_code(case)
        return
    if case.was_allowed and not reading.blocked:
        return
    sent = next((name for name, _ in reading.headers if is_response_header(name)), None)
    if sent is not None:
        yield response_header(sent)
    answered = list(answerers(reading, case.host))
    yield from answered
    if not case.known and case.host.kind in _OWN_KINDS:
        moved = moved_cause(case) if explain_code is missing_header_causes else None
        failed = case.host.kind == "local" and is_failure(reading.status)
        found = moved or (status_cause(reading.status or 0, False) if failed else host_cause(case.host, reading.url))
        if found is not None:
            yield found
    is_settled = not case.known and any(one.certainty == "certain" for one in answered)
    if explain_code is not None:
        found_by_code = explain_code(case)
        yield from (one for one in found_by_code if not (is_settled and one.certainty == "possible"))
    elif reading.blocked:
        yield from missing_header_causes(case)
    elif reading.status is not None and reading.status >= 400 and _is_bare(reading):
        missing = no_route_cause(case) if case.known and reading.status == 404 else None
        yield missing or status_cause(reading.status, preflight=False)
    if not case.known and case.url_known and not case.was_allowed:
        found = host_cause(case.host, reading.url)
        if found is not None:
            yield found
    predicted = list(_predicted(case))
    yield from predicted
    if not predicted and not reading.blocked and reading.observed is None and (reading.status or 0) >= 400:
        yield symptom_cause(case, "not-cors")  # a status without headers shows no more


def _predicted(case: Case) -> Iterator[Cause]:
    """Yield what the configuration and the routes say about the call."""
    if case.known and not case.url_known:
        yield from _whatever_the_url(case)
    if case.explanation is None or case.was_allowed:
        return
    policy, verdict = case.target.policy, case.explanation.verdict
    assert policy is not None
    if verdict.code == "mixed-content":
        yield symptom_cause(case, "mixed-content")
        return
    outside = address_cause(case)
    if outside is not None:
        yield outside
    if verdict.allowed and not case.reading.blocked:
        return
    yield from preflight_causes(case, is_observed=False)
    leg = case.leg
    if not case.origin_known or "headers" in case.assumed or "method" in case.assumed:
        leg = case.proven_leg
    if case.leg.cors:
        yield from config_causes(policy, leg, case.origin_known)
    prediction = case.explanation.predicted.response
    if (
        outside is None
        and prediction is not None
        and prediction.by == "nobody"
        and policy.on
        and "method" not in case.assumed
    ):
        yield _no_route(case)


def _whatever_the_url(case: Case) -> Iterator[Cause]:
    """Yield what the configuration lacks for a call without a URL, if anything is known about the call."""
    policy, known = case.target.policy, {"origin", "method", "headers"} - set(case.reading.missing)
    assert policy is not None
    if not (known or case.reading.headers) or case.reading.observed is not None:
        return
    leg = case.proven_leg
    if leg.cors:
        yield from config_causes(policy, leg, case.origin_known)


def _is_bare(reading: Reading) -> bool:
    """Return whether the response was pasted, and has no Access-Control-Allow-Origin."""
    response = reading.observed.response if reading.observed else None
    return response is not None and response.get("access-control-allow-origin") is None


def _no_route(case: Case) -> Cause:
    path = case.target.path(case.request.url) or "/"
    keys = ", ".join(route.key for route in (case.target.routes or ())[:6])
    why = f"No route matches {case.request.method} {path}, so API Gateway answers 404."
    steps = (f"Correct the path or the method, or add the route. The API has: {keys}.",) if keys else ()
    return cause("no-route", why, "certain", steps=steps)


def _method(case: Case) -> Iterator[Cause]:
    method = case.reading.method
    if method.upper() == "PATCH" and method != "PATCH":
        yield method_case(method)
        return
    policy = case.target.policy
    if policy is None:
        why = f"The preflight response does not allow the method {method}."
        yield cause("method-not-allowed", why, "certain", value=method)
        return
    found = [one for one in config_causes(policy, case.leg, case.origin_known) if one.code == "method-not-allowed"]
    if found:
        yield found[0]
    elif not policy.on and case.preflight is not None and case.preflight.by == "route":
        why = f"CORS is off, so the backend answers the preflight, and its list does not have {method}."
        steps = (f"Add {method} to the Access-Control-Allow-Methods that the backend sends, or turn CORS on.",)
        yield cause("method-not-allowed", why, "certain", value=method, steps=steps)
    elif not policy.on:
        yield from elsewhere(case, f"The preflight response does not allow {method}, yet CORS is off here.")
    elif "method" in case.assumed and policy.allow_methods:
        why = f"AllowMethods lists {enumerated(policy.allow_methods)}; the call's method is probably none of them."
        if "*" in policy.allow_methods:
            why = "AllowMethods has “*”, which allows no other method for calls with credentials."
        yield cause("method-not-allowed", why, "likely")
    elif method not in policy.allow_methods and _may_have_credentials(case):
        why = list_why("AllowMethods", policy.allow_methods, [method])
        yield cause("method-not-allowed", why, "likely", value=method)
    else:
        yield from elsewhere(case, f"AllowMethods has {method}, but the preflight response did not.")


def _may_have_credentials(case: Case) -> bool:
    """Return whether the call may have credentials, for which * is no wildcard: the text does not state it."""
    policy = case.target.policy
    return policy is not None and policy.allow_credentials and "credentials" in case.reading.missing


def _header(case: Case) -> Iterator[Cause]:
    names = [name for name, _ in case.reading.headers]
    sent = next((name for name in names if is_response_header(name)), None)
    if sent is not None:
        yield response_header(sent)
        names = [name for name in names if not is_response_header(name)]
        if not names:
            return
    shown = enumerated(names) if names else "a header"
    policy = case.target.policy
    if policy is None or not policy.on:
        why = f"The preflight response does not allow the request header {shown}."
        yield cause(
            "header-not-allowed", why, "certain", value=names[0] if names else None, steps=header_steps(names or ["it"])
        )
        return
    if not names:
        why = list_why("AllowHeaders", policy.allow_headers, ["the header that the message is about"])
        yield cause("header-not-allowed", why, "likely")
        return
    found = list(header_causes(policy, tuple(name.lower() for name in names), case.leg.include))
    yield from found
    if found:
        return
    listed = {name.lower() for name in policy.allow_headers}
    unlisted = [name for name in names if name.lower() not in listed]
    if unlisted and _may_have_credentials(case):
        why = list_why("AllowHeaders", policy.allow_headers, unlisted)
        yield cause("header-not-allowed", why, "likely", value=unlisted[0], steps=header_steps(unlisted))
    elif "authorization" in (name.lower() for name in unlisted):
        why = (
            "AllowHeaders has “*”. By the standard that does not cover authorization, and with credentials it covers "
            "no header at all."
        )
        yield cause("header-not-allowed", why, "likely", value="authorization", steps=_LIST_AUTHORIZATION)
    has = "“*”" if unlisted else shown
    yield from elsewhere(case, f"AllowHeaders has {has}, but the preflight response did not allow {shown}.")


_LIST_AUTHORIZATION = ("Add authorization to AllowHeaders: browsers accept it in every case when it is listed.",)


def _wildcard(case: Case) -> Iterator[Cause]:
    page = case.reading.origin or "the page's origin"
    policy = case.target.policy
    why = f"The response allows *, and the call is made with credentials: it must name {page}."
    if policy is not None and policy.on and "*" in policy.allow_origins:
        why = wildcard_why(page)
    yield cause("wildcard-with-credentials", why, "certain", value="*")


def _credentials(case: Case) -> Iterator[Cause]:
    policy = case.target.policy
    if policy is not None and policy.allow_credentials:
        yield from elsewhere(case, "AllowCredentials is on, but the response did not say so.")
        return
    why = "The call is made with credentials, and the response has no Access-Control-Allow-Credentials: true."
    if policy is not None and policy.on:
        why = CREDENTIALS_WHY
    yield cause("credentials-not-allowed", why, "certain")


def _unreadable(case: Case) -> Iterator[Cause]:
    field = "AllowMethods" if "Methods" in (case.reading.code or "") else "AllowHeaders"
    policy: CorsPolicy | None = case.target.policy
    entry = unreadable_entry(policy, field) if policy is not None and policy.on else None
    why = f"The preflight response's list for {field} has an entry that browsers cannot read."
    value = entry or case.reading.value or None
    why = unreadable_why(field, entry) if entry is not None else why
    yield cause("allow-list-unreadable", why, "certain", field=field, value=value)


def _multiple(case: Case) -> Iterator[Cause]:
    values = f": {case.reading.value}" if case.reading.value else ""
    steps: tuple[str, ...] = ()
    if case.host.kind in ("execute-api", "unknown"):
        steps = (
            "HTTP APIs replace the backend's CORS headers when CORS is on. Look for a function URL, a REST API or a "
            "proxy in front, and let only one of them set the header.",
        )
    yield cause("multiple-allow-origin", f"The response has several values{values}.", "certain", steps=steps)


def _mismatch(case: Case) -> Iterator[Cause]:
    reading = case.reading
    seen = reading.observed and (reading.observed.response or reading.observed.preflight)
    stated = reading.value or (seen.get("access-control-allow-origin") if seen else "") or ""
    why = f"The response allows {stated[:200] or 'another origin'}, not the page's origin."
    if (reading.code or "").endswith("InvalidAllowOriginValue"):
        value = f"“{stated[:200]}”" if stated else "empty"
        why = f"The response's Access-Control-Allow-Origin is {value}, which is no origin."
    outside = page_cause(reading.origin)
    if outside is not None:
        yield outside
    yield cause("allow-origin-mismatch", why, "certain")


def _mixed(case: Case) -> Iterator[Cause]:
    yield symptom_cause(case, "mixed-content")


def _is_own_page(case: Case) -> bool:
    """Return whether a call is known to go to the page's own origin."""
    return case.origin_known and origin_of(case.request.url) == case.request.origin


def _mode(case: Case) -> Iterator[Cause]:
    if case.reading.source == "htmx":
        why = "Since version 2, htmx sends no call to another origin unless the page's configuration allows it."
        steps = (
            'In the page\'s htmx-config, set "selfRequestsOnly": false (htmx 2) or "mode": "cors" (htmx 4). htmx 1 '
            "needs neither.",
        )
        yield cause("same-origin-mode", why, "likely", steps=steps)
        return
    yield cause("same-origin-mode", "The call has mode same-origin, and the URL is another origin.", "certain")


def _scheme(case: Case) -> Iterator[Cause]:
    yield symptom_cause(case, "unsupported-scheme")


def _network(case: Case) -> Iterator[Cause]:
    yield symptom_cause(case, "local-network-access")


def _no_response(case: Case) -> Iterator[Cause]:
    status = case.reading.status
    if is_failure(status):
        yield status_cause(status, preflight=False)
        return
    yield symptom_cause(case, "no-response")


_CALLERS = frozenset({
    "mixed-content", "DisallowedByMode", "CorsDisabledScheme", "InsecureLocalNetwork", "InvalidLocalNetworkAccess",
    "LocalNetworkAccessPermissionDenied", "InvalidResponse",
})  # fmt: skip
"""Codes that are proven by the browser alone, whatever the API answers."""

_BY_CODE = {
    "MissingAllowOriginHeader": missing_header_causes,
    "WildcardOriginNotAllowed": _wildcard,
    "InvalidAllowCredentials": _credentials,
    "MultipleAllowOriginValues": _multiple,
    "AllowOriginMismatch": _mismatch,
    "InvalidAllowOriginValue": _mismatch,
    "MethodDisallowedByPreflightResponse": _method,
    "HeaderDisallowedByPreflightResponse": _header,
    "InvalidAllowMethodsPreflightResponse": _unreadable,
    "InvalidAllowHeadersPreflightResponse": _unreadable,
    "InvalidStatus": preflight_causes,
    "DisallowedRedirect": redirect_causes,
    "RedirectContainsCredentials": redirect_causes,
    "mixed-content": _mixed,
    "DisallowedByMode": _mode,
    "CorsDisabledScheme": _scheme,
    "InsecureLocalNetwork": _network,
    "InvalidLocalNetworkAccess": _network,
    "LocalNetworkAccessPermissionDenied": _network,
    "InvalidResponse": _no_response,
}

"""Find the field that blocks a call, and obstacles outside the six fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from apis.cors.call import Leg
from apis.cors.exchange import Verdict
from apis.cors.explain.causes.config_causes import (
    CREDENTIALS_WHY,
    list_why,
    near_entry,
    origin_why,
    unreadable_entry,
    unreadable_why,
    wildcard_why,
)
from apis.cors.gateway import Predicted, Prediction
from apis.cors.lint import Context, Finding
from apis.cors.lint.fixes import enumerated, shown
from apis.cors.lint.methods import METHODS
from apis.cors.origin_match import allowed_origin
from apis.cors.policy import CorsPolicy
from apis.cors.routing import is_default_endpoint


@dataclass(frozen=True, slots=True)
class FieldCause:
    """The field and entry at fault (None when it is none of the six), one sentence, and the code of its finding."""

    field: str | None
    value: str | None
    why: str
    rule: str | None = None


def find_field_cause(
    policy: CorsPolicy, leg: Leg, predicted: Predicted, verdict: Verdict, found: Iterable[Finding], reached: bool
) -> FieldCause:
    """Return the field that decides a verdict; `reached` means that the URL is one of the API's addresses."""
    actual = predicted.response or predicted.preflight
    if verdict.code is None or actual is None:
        return FieldCause(None, None, verdict.reason)
    kind = verdict.code.removeprefix("Preflight")
    find = _BY_CODE.get(kind)
    if find is None or not reached:
        return FieldCause(None, None, actual.why if actual.by != "gateway" else verdict.reason)
    if not policy.on and kind != "MissingAllowOriginHeader":
        return FieldCause(None, None, verdict.reason)  # the backend's own headers decide
    granted = allowed_origin(policy, leg.origin) is not None
    if (actual.by == "nobody" and (policy.on or not leg.sends_preflight)) or (
        granted and kind == "MissingAllowOriginHeader"
    ):
        return FieldCause(None, None, actual.why)  # no such route, or a response without CORS headers
    found_cause = find(policy, leg)
    rule = next(
        (
            one.code
            for one in found
            if one.field == found_cause.field and one.value == found_cause.value and one.severity != "note"
        ),
        None,
    )
    return FieldCause(found_cause.field, found_cause.value, found_cause.why, rule)


def _origin(policy: CorsPolicy, leg: Leg) -> FieldCause:
    field, origin = "AllowOrigins", leg.origin
    if not policy.on:
        return FieldCause(field, origin, f"CORS is off. {field} must list {origin}.")
    if origin == "null":
        return FieldCause(field, origin, f"The page's origin is null, which {field} never allows, not even with “*”.")
    if not policy.allow_origins:
        return FieldCause(field, origin, f"{field} is empty. It must list {origin}.")
    return FieldCause(field, near_entry(policy, origin) or origin, origin_why(policy, origin))


def _wildcard(policy: CorsPolicy, leg: Leg) -> FieldCause:
    return FieldCause("AllowOrigins", "*", wildcard_why(leg.origin))


def _credentials(policy: CorsPolicy, leg: Leg) -> FieldCause:
    return FieldCause("AllowCredentials", None, CREDENTIALS_WHY)


def _method(policy: CorsPolicy, leg: Leg) -> FieldCause:
    field, method = "AllowMethods", leg.method
    near = next((entry for entry in policy.allow_methods if entry.upper() == method.upper()), None)
    if near is not None and "*" not in policy.allow_methods:
        why = f"{field} has “{shown(near)}”, but the call's method is {method}: methods are case-sensitive."
        return FieldCause(field, near, why)
    value = "*" if "*" in policy.allow_methods else method
    return FieldCause(field, value, list_why(field, policy.allow_methods, [method]))


def _header(policy: CorsPolicy, leg: Leg) -> FieldCause:
    names = {name.lower() for name in policy.allow_headers}
    missing = [name for name in leg.unsafe if name not in names]
    value = "*" if "*" in names else missing[0] if missing else None
    return FieldCause("AllowHeaders", value, list_why("AllowHeaders", policy.allow_headers, missing))


def _unreadable(field: str) -> Callable[[CorsPolicy, Leg], FieldCause]:
    def find(policy: CorsPolicy, leg: Leg) -> FieldCause:
        bad = unreadable_entry(policy, field) or ""
        return FieldCause(field, bad, unreadable_why(field, bad))

    return find


_BY_CODE: dict[str, Callable[[CorsPolicy, Leg], FieldCause]] = {
    "MissingAllowOriginHeader": _origin,
    "AllowOriginMismatch": _origin,
    "InvalidAllowOriginValue": _origin,
    "WildcardOriginNotAllowed": _wildcard,
    "InvalidAllowCredentials": _credentials,
    "MethodDisallowedByPreflightResponse": _method,
    "HeaderDisallowedByPreflightResponse": _header,
    "InvalidAllowMethodsPreflightResponse": _unreadable("AllowMethods"),
    "InvalidAllowHeadersPreflightResponse": _unreadable("AllowHeaders"),
}


def obstacles(leg: Leg, predicted: Predicted, verdict: Verdict, context: Context, reached: bool) -> tuple[str, ...]:
    """Return obstacles that no policy edit can fix, each with what to do."""
    preflight, actual = predicted.preflight, predicted.response
    first = preflight or actual
    if first is None:
        return (verdict.reason,)
    if context.endpoint_disabled and is_default_endpoint(host_of(leg.url)):
        return ("The API's default endpoint is disabled, so it answers only at its custom domain: call it there.",)
    if not reached:
        return (f"{first.why} Correct the URL, usually its stage.",)
    return (*_routes(preflight, actual), *_page(leg), *_domain(preflight, leg, context))


def _routes(preflight: Prediction | None, actual: Prediction | None) -> Iterator[str]:
    if preflight is not None and preflight.by == "route" and not 200 <= preflight.answer.status <= 299:
        yield f"{preflight.why} {_route_fix(preflight)}"
    if actual is not None and actual.by == "nobody":
        yield f"{actual.why} Correct the URL or the method, or add the route."
    elif actual is not None and actual.by == "gateway":
        yield f"{actual.why} Pages that call OPTIONS themselves need a route for it."
    elif actual is not None and actual.body:
        yield f"{actual.why} This is not a CORS problem."


def _route_fix(preflight: Prediction) -> str:
    path = preflight.route.path if preflight.route else ""
    if preflight.answer.status == 404:
        return "Attach an integration to it, or delete it so that API Gateway responds."
    if preflight.answer.status == 401:
        return f"Add the route OPTIONS {path or '/{proxy+}'} without an authorizer, or give each method its own route."
    return "Let its backend answer OPTIONS with 200, or give each method its own route."


def _page(leg: Leg) -> Iterator[str]:
    if not leg.cors:
        return
    if leg.origin == "null":
        yield "A page whose origin is null (a local file or a sandboxed frame) cannot be allowed. Serve it over http."
    elif not leg.origin.startswith(("http://", "https://")):
        yield f"AWS accepts only http and https origins, not {leg.origin}. Use native HTTP calls in the app."
    if leg.method not in METHODS:
        yield _unusual_method(leg.method)


def _domain(preflight: Prediction | None, leg: Leg, context: Context) -> Iterator[str]:
    host = host_of(leg.url)
    name = host.rpartition(":")[0] or host
    if preflight is not None and any(domain.mutual_tls and domain.name in (host, name) for domain in context.domains):
        yield f"{name} asks for a client certificate, and browsers send none with a preflight. Use another domain."


def _unusual_method(method: str) -> str:
    if method.upper() in METHODS:
        return f"Browsers send {method} unchanged, and no route matches it. Use {method.upper()} in the call."
    return f"HTTP APIs have no routes for {method}: use one of {enumerated(METHODS)}."


def doubts(predicted: Predicted) -> tuple[str, ...]:
    """Return why a prediction may be wrong, for unconfirmed responses."""
    sure = {
        "reported": "Reported by users, not confirmed by AWS.",
        "unconfirmed": "Unverified; run a probe to verify.",
    }
    found = []
    for actual in (predicted.preflight, predicted.response):
        if actual is not None and actual.confidence in sure:
            found.append(f"{actual.why} {sure[actual.confidence]}")
    return tuple(dict.fromkeys(found))


def host_of(url: str) -> str:
    """Return the host of a URL with its port, in lower case."""
    rest = url.partition("://")[2]
    for mark in "/?#\\":
        rest = rest.partition(mark)[0]
    return rest.rpartition("@")[2].lower()

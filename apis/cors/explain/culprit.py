"""Which of the six fields a blocked call fails by, said with its value; and what stands in the way beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from apis.cors.call import Leg
from apis.cors.exchange import Verdict
from apis.cors.gateway import Predicted, Prediction
from apis.cors.lint import Context, Finding
from apis.cors.lint.fixes import enumerated, shown
from apis.cors.lint.methods import METHODS
from apis.cors.lint.origin_entry import corrected
from apis.cors.origin_match import allowed_origin
from apis.cors.origins import parse_url
from apis.cors.policy import CorsPolicy
from apis.cors.routing import is_default_endpoint
from apis.cors.safelist import is_token


@dataclass(frozen=True, slots=True)
class Blame:
    """The field and entry at fault (None when it is none of the six), one sentence, and the code of its finding."""

    field: str | None
    value: str | None
    why: str
    rule: str | None = None


def blame(
    policy: CorsPolicy, leg: Leg, predicted: Predicted, verdict: Verdict, found: Iterable[Finding], reached: bool
) -> Blame:
    """What a verdict turns on; `reached` says that the URL is at one of the API's addresses."""
    said = predicted.response or predicted.preflight
    if verdict.allowed or verdict.code is None or said is None:
        return Blame(None, None, verdict.reason)
    kind = verdict.code.removeprefix("Preflight")
    speak = _BY_CODE.get(kind)
    if speak is None or not reached:
        return Blame(None, None, said.why if said.by != "gateway" else verdict.reason)
    if not policy.on and kind != "MissingAllowOriginHeader":
        return Blame(None, None, verdict.reason)  # the backend's own headers decide
    granted = allowed_origin(policy, leg.origin) is not None
    if (said.by == "nobody" and (policy.on or not leg.asks)) or (granted and kind == "MissingAllowOriginHeader"):
        return Blame(None, None, said.why)  # no such route, or an answer that API Gateway leaves bare in any case
    blamed = speak(policy, leg)
    rule = next(
        (
            one.code
            for one in found
            if one.field == blamed.field and one.value == blamed.value and one.severity != "note"
        ),
        None,
    )
    return Blame(blamed.field, blamed.value, blamed.why, rule)


def _origin(policy: CorsPolicy, leg: Leg) -> Blame:
    field, origin = "AllowOrigins", leg.origin
    if not policy.on:
        return Blame(field, origin, f"CORS is off, so no page is let in: {field} must list {origin}.")
    if origin == "null":
        return Blame(field, origin, f"The page's origin is null, which no entry of {field} admits, not even “*”.")
    if not policy.allow_origins:
        return Blame(field, origin, f"{field} is empty, so no page is let in: it must list {origin}.")
    near = next((entry for entry in policy.allow_origins if origin in corrected(entry)), None)
    if near is not None:
        return Blame(field, near, f"{field} has “{shown(near)}”, but the page's origin is exactly {origin}.")
    listed = enumerated(policy.allow_origins)
    return Blame(field, origin, f"{field} lists {listed}, but not {origin}{_nearly(policy, origin)}.")


def _nearly(policy: CorsPolicy, origin: str) -> str:
    """The entry that differs in one part only, if there is one."""
    wanted = parse_url(origin)
    for entry in policy.allow_origins:
        given = parse_url(entry)
        if given is None or wanted is None:
            continue
        parts = [part for part in ("scheme", "host", "port") if getattr(given, part) != getattr(wanted, part)]
        if len(parts) == 1 and parts != ["host"]:
            return f": {entry} differs by its {parts[0]}"
        if parts == ["host"] and (given.host.endswith(f".{wanted.host}") or wanted.host.endswith(f".{given.host}")):
            return f": {entry} is another host"
    return ""


def _wildcard(policy: CorsPolicy, leg: Leg) -> Blame:
    why = f"AllowOrigins has “*”, which does not count for a call with credentials: it must list {leg.origin}."
    return Blame("AllowOrigins", "*", why)


def _credentials(policy: CorsPolicy, leg: Leg) -> Blame:
    return Blame("AllowCredentials", None, "AllowCredentials is off (false), but the call is made with credentials.")


def _method(policy: CorsPolicy, leg: Leg) -> Blame:
    field, method = "AllowMethods", leg.method
    if "*" in policy.allow_methods:
        why = f"{field} has “*”, which for a call with credentials is no wildcard: it must list {method}."
        return Blame(field, "*", why)
    near = next((entry for entry in policy.allow_methods if entry.upper() == method.upper()), None)
    if near is not None:
        return Blame(field, near, f"{field} has “{near}”, but the call's method is {method}: methods count by case.")
    listed = f"lists {enumerated(policy.allow_methods)}" if policy.allow_methods else "is empty"
    return Blame(field, method, f"{field} {listed}, so {method} is not allowed.")


def _header(policy: CorsPolicy, leg: Leg) -> Blame:
    field = "AllowHeaders"
    names = {name.lower() for name in policy.allow_headers}
    missing = [name for name in leg.unsafe if name not in names]
    if "*" in names:
        why = f"{field} has “*”, which for a call with credentials is no wildcard: it must list {enumerated(missing)}."
        return Blame(field, "*", why)
    listed = f"lists {enumerated(policy.allow_headers)}" if policy.allow_headers else "is empty"
    several = "are" if len(missing) > 1 else "is"
    value = missing[0] if missing else None
    return Blame(field, value, f"{field} {listed}, so {enumerated(missing)} {several} not allowed.")


def _unreadable(field: str) -> Callable[[CorsPolicy, Leg], Blame]:
    def speak(policy: CorsPolicy, leg: Leg) -> Blame:
        bad = next((entry for entry in policy.get(field) if not is_token(entry)), "")
        return Blame(field, bad, f"{field} has “{shown(bad)}”, with which browsers cannot read the list at all.")

    return speak


_BY_CODE: dict[str, Callable[[CorsPolicy, Leg], Blame]] = {
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


def beside(leg: Leg, predicted: Predicted, verdict: Verdict, context: Context, reached: bool) -> tuple[str, ...]:
    """What stands in the way, or soon will, that none of the six fields mends; each with what to do."""
    asked, said = predicted.preflight, predicted.response
    first = asked or said
    if first is None:
        return (verdict.reason,)
    if context.endpoint_disabled and is_default_endpoint(host_of(leg.url)):
        return ("The API's default endpoint is disabled, so it answers only at its custom domain: call it there.",)
    if not reached:
        return (f"{first.why} Correct the URL, mostly its stage.",)
    return (*_routes(asked, said), *_page(leg), *_domain(asked, leg, context))


def _routes(asked: Prediction | None, said: Prediction | None) -> Iterator[str]:
    if asked is not None and asked.by == "route" and not 200 <= asked.answer.status <= 299:
        yield f"{asked.why} {_mending(asked)}"
    if said is not None and said.by == "nobody":
        yield f"{said.why} Correct the URL or the method, or add the route."
    elif said is not None and said.by == "gateway":
        yield f"{said.why} Pages that call OPTIONS themselves need a route for it."
    elif said is not None and said.body:
        yield f"{said.why} That is no matter of CORS."


def _mending(asked: Prediction) -> str:
    path = asked.route.path if asked.route else ""
    if asked.answer.status == 404:
        return "Attach an integration to it, or delete it so that API Gateway answers by itself."
    if asked.answer.status == 401:
        return f"Add the route OPTIONS {path or '/{proxy+}'} without an authorizer, or give each method its own route."
    return "Let its backend answer OPTIONS with 200, or give each method its own route."


def _page(leg: Leg) -> Iterator[str]:
    if not leg.cors:
        return
    if leg.origin == "null":
        yield "A page whose origin is null (a local file, a sandboxed frame) cannot be let in: serve it over http."
    elif not leg.origin.startswith(("http://", "https://")):
        yield f"AWS takes http and https origins only, and the page's is {leg.origin}: the app needs native HTTP calls."
    if leg.method not in METHODS:
        yield _odd_method(leg.method)


def _domain(asked: Prediction | None, leg: Leg, context: Context) -> Iterator[str]:
    host = host_of(leg.url)
    name = host.rpartition(":")[0] or host
    if asked is not None and any(domain.mutual_tls and domain.name in (host, name) for domain in context.domains):
        yield f"{name} asks for a client certificate, and browsers send none with a preflight: use another domain."


def _odd_method(method: str) -> str:
    if method.upper() in METHODS:
        return (
            f"Browsers send {method} as it is written, and no route matches that: write {method.upper()} in the call."
        )
    return f"HTTP APIs have no routes for {method}: use one of {enumerated(METHODS)}."


def doubts(predicted: Predicted) -> tuple[str, ...]:
    """Why a prediction may be wrong, for the answers of which nobody was ever told for sure."""
    sure = {
        "reported": "This is reported by users, not confirmed by AWS: a probe decides.",
        "unconfirmed": "This was never measured: a probe decides.",
    }
    found = []
    for said in (predicted.preflight, predicted.response):
        if said is not None and said.confidence in sure:
            found.append(f"{said.why} {sure[said.confidence]}")
    return tuple(dict.fromkeys(found))


def host_of(url: str) -> str:
    """The host of a URL with its port, in lower case."""
    rest = url.partition("://")[2]
    for mark in "/?#\\":
        rest = rest.partition(mark)[0]
    return rest.rpartition("@")[2].lower()

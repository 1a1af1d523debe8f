"""What a configuration itself lacks for a call: one cause for each of the fields that block it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apis.cors.call import Leg
from apis.cors.explain.causes.causes import Cause, cause
from apis.cors.lint.fixes import enumerated, shown
from apis.cors.lint.methods import METHODS
from apis.cors.lint.origin_entry import corrected
from apis.cors.origin_match import allowed_origin
from apis.cors.origins import parse_url
from apis.cors.policy import CorsPolicy
from apis.cors.safelist import SAFE_METHODS, is_token

RESPONSE_ONLY = frozenset({"vary", "server", "x-amzn-requestid", "x-amz-apigw-id", "apigw-requestid", "x-cache"})
"""Headers that only responses have, besides the access-control-allow headers."""


def config_causes(policy: CorsPolicy, leg: Leg, origin_known: bool = True) -> Iterator[Cause]:
    """Yield what a configuration lacks for a call, in the order in which browsers check it."""
    if not policy.on:
        page = f"{leg.origin} and any other page" if origin_known else "any page"
        yield cause("cors-off", f"CORS is off for this API, so it sends no CORS headers to {page}.", "certain")
        return
    if not policy.allow_origins:
        yield cause("cors-empty", "CORS is on, but AllowOrigins is empty.", "certain")
        return
    if origin_known:
        yield from origin_causes(policy, leg)
    elif leg.include and "*" in policy.allow_origins:
        yield cause("wildcard-with-credentials", wildcard_why("the page's origin"), "certain", value="*")
    if leg.include and not policy.allow_credentials:
        yield cause("credentials-not-allowed", CREDENTIALS_WHY, "certain")
    yield from unreadable_causes(policy)
    if leg.sends_preflight:
        yield from method_causes(policy, leg)
        yield from header_causes(policy, leg.unsafe, leg.include)


def origin_causes(policy: CorsPolicy, leg: Leg) -> Iterator[Cause]:
    """Yield why the page's origin is not allowed, if it is not."""
    origin = leg.origin
    granted = allowed_origin(policy, origin)
    if leg.include and granted == "*":
        yield cause("wildcard-with-credentials", wildcard_why(origin), "certain", value="*")
    if granted is not None:
        return
    outside = page_cause(origin)
    if outside:
        yield outside
        return
    yield cause("origin-not-allowed", origin_why(policy, origin), "certain", value=near_entry(policy, origin) or origin)


CREDENTIALS_WHY = "AllowCredentials is off, but the call is made with credentials."


def wildcard_why(origin: str) -> str:
    """Return why * does not allow a call with credentials."""
    return f"AllowOrigins has “*”, which calls with credentials cannot use. List {origin}."


def near_entry(policy: CorsPolicy, origin: str) -> str | None:
    """Return the entry that is meant to be an origin but is written in another way; None without one."""
    return next((entry for entry in policy.allow_origins if origin in corrected(entry)), None)


def origin_why(policy: CorsPolicy, origin: str) -> str:
    """Return why no entry of AllowOrigins matches an origin."""
    near = near_entry(policy, origin)
    if near is not None:
        return f"AllowOrigins has “{shown(near)}”, but the page's origin is exactly {origin}."
    return f"AllowOrigins lists {enumerated(policy.allow_origins)}, but not {origin}{nearly(policy, origin)}."


def page_cause(origin: str) -> Cause | None:
    """Return why a page's origin can be listed nowhere, or None."""
    if origin == "null":
        return cause("null-origin", "The page's origin is null, which no entry of AllowOrigins matches.", "certain")
    if "://" in origin and origin.lower().partition("://")[0] not in ("http", "https"):
        why = f"The page's origin is {shown(origin)}, and AWS accepts only http and https origins."
        return cause("custom-scheme-origin", why, "certain")
    return None


def nearly(policy: CorsPolicy, origin: str) -> str:
    """Return which entry differs from an origin in one part only, as the end of a sentence."""
    wanted = parse_url(origin)
    for entry in policy.allow_origins:
        given = parse_url(entry)
        if given is None or wanted is None:
            continue
        parts = [part for part in ("scheme", "host", "port") if getattr(given, part) != getattr(wanted, part)]
        if len(parts) == 1 and parts != ["host"]:
            return f"; {shown(entry)} has another {parts[0]}"
        if parts == ["host"] and (given.host.endswith(f".{wanted.host}") or wanted.host.endswith(f".{given.host}")):
            return f"; {shown(entry)} is another host"
    return ""


def method_causes(policy: CorsPolicy, leg: Leg) -> Iterator[Cause]:
    """Yield why the method is not allowed, if it is not."""
    method = leg.method
    if method in SAFE_METHODS or method in policy.allow_methods or ("*" in policy.allow_methods and not leg.include):
        return
    if method not in METHODS and method.upper() in METHODS:
        yield method_case(method)
        return
    yield cause("method-not-allowed", list_why("AllowMethods", policy.allow_methods, [method]), "certain", value=method)


def list_why(field: str, entries: Sequence[str], missing: Sequence[str]) -> str:
    """Return why AllowMethods or AllowHeaders does not allow what a call asks for."""
    if "*" in entries:
        return f"{field} has “*”, which is not a wildcard with credentials. List {enumerated(missing)}."
    listed = f"lists {enumerated(entries)}" if entries else "is empty"
    return f"{field} {listed}, so {enumerated(missing)} {'are' if len(missing) > 1 else 'is'} not allowed."


def method_case(method: str) -> Cause:
    """Return the cause of a method in small letters."""
    why = f"The script sends {shown(method)}, and routes and AllowMethods have {method.upper()}."
    return cause("method-case", why, "certain", steps=(f"Write {method.upper()} in the script's call.",))


def header_causes(policy: CorsPolicy, names: tuple[str, ...], include: bool) -> Iterator[Cause]:
    """Yield why request headers are not allowed, if one is not; response headers among them are the script's fault."""
    listed = {name.lower() for name in policy.allow_headers}
    wild = "*" in listed and not include
    missing = [name for name in names if name.lower() not in listed and not wild]
    for name in names:
        if is_response_header(name):
            yield response_header(name)
            break
    missing = [name for name in missing if not is_response_header(name)]
    if not missing:
        return
    why = list_why("AllowHeaders", policy.allow_headers, missing)
    yield cause("header-not-allowed", why, "certain", value=missing[0], steps=header_steps(missing))


def header_steps(names: list[str]) -> tuple[str, ...]:
    """Return what to do about headers that are not allowed, with who mostly sends them."""
    senders = dict.fromkeys(_SENDERS[name] for name in map(str.lower, names) if name in _SENDERS)
    found = f"Add {enumerated(names)} to AllowHeaders, or stop sending {'it' if len(names) == 1 else 'them'}."
    return (found, *(f"{sender} sends such a header; it can be switched off there." for sender in senders))


_SENDERS = {
    **dict.fromkeys(("traceparent", "tracestate", "baggage"), "OpenTelemetry or an error tracker"),
    "sentry-trace": "Sentry",
    "x-amzn-trace-id": "CloudWatch RUM or X-Ray",
    "x-firelogger": "A browser extension (FireLogger)",
    "newrelic": "New Relic",
    "x-newrelic-id": "New Relic",
    **dict.fromkeys(
        ("x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority"), "Datadog RUM"
    ),
    "x-requested-with": "jQuery or another library",
    "cache-control": "The script or DevTools' Disable cache",
    "pragma": "The script or DevTools' Disable cache",
    **dict.fromkeys(("amz-sdk-invocation-id", "amz-sdk-request", "x-amz-user-agent"), "The AWS SDK"),
}


def is_response_header(name: str) -> bool:
    """Return whether a header belongs to responses only, so that no request should send it."""
    lower = name.lower()
    return lower in RESPONSE_ONLY or (
        lower.startswith("access-control-") and not lower.startswith("access-control-request-")
    )


def response_header(name: str) -> Cause:
    """Return the cause of a response header in a request."""
    why = f"The script sends {shown(name)} with its request, but that header belongs to the response."
    steps = (f"Remove {shown(name)} from the script's request headers. Do not add it to AllowHeaders.",)
    return cause("response-header-sent-as-request-header", why, "certain", value=name, steps=steps)


def unreadable_causes(policy: CorsPolicy) -> Iterator[Cause]:
    """Yield one cause for the lists with an entry that browsers cannot read, about the first such list."""
    found = {name: bad for name in UNREADABLE if (bad := unreadable_entry(policy, name)) is not None}
    if found:
        first = next(iter(found))
        why = " ".join(unreadable_why(name, bad) for name, bad in found.items())
        yield cause("allow-list-unreadable", why, "certain", field=first, value=found[first])


UNREADABLE = ("AllowMethods", "AllowHeaders")
"""The lists that browsers read."""


def unreadable_entry(policy: CorsPolicy, field: str) -> str | None:
    """Return the first entry of a list that browsers cannot read."""
    return next((entry for entry in policy.get(field) if not _readable(entry)), None)


def unreadable_why(field: str, entry: str) -> str:
    """Return what an unreadable entry does."""
    return f"{field} has “{shown(entry)}”, so browsers reject the whole list."


def _readable(entry: str) -> bool:
    return all(not part.strip() or is_token(part.strip()) for part in entry.split(","))

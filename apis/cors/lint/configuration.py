"""Rules on MaxAge, AllowCredentials and the configuration as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apis.cors.aws_validation import MAX_AGE_RANGE
from apis.cors.fields import LIFETIME_CAP
from apis.cors.lint.fixes import Fix, TurnOff, assign, enumerated
from apis.cors.lint.rule_types import Context, Hit, rule
from apis.cors.policy import CorsPolicy
from apis.cors.safelist import Browser

_SHORTEST_CAP = min(LIFETIME_CAP.values())
_WHOLE = "CorsConfiguration"


@rule(
    code="max-age-out-of-range",
    title="Max-age out of range",
    severity="error",
    field="MaxAge",
    why="AWS accepts {least} to {most} seconds and refuses {value}.",
    todo="Set it to {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), max_age=864000),
)
def out_of_range(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Check the range that the SDK's model gives."""
    least, most = MAX_AGE_RANGE
    if not least <= policy.max_age <= most:
        nearest = max(least, min(most, policy.max_age))
        words = {"least": str(least), "most": str(most), "instead": str(nearest)}
        yield Hit(str(policy.max_age), assign("MaxAge", nearest), words)


@rule(
    code="max-age-over-cap",
    title="Max-age above browser limits",
    severity="note",
    field="MaxAge",
    why="Cached for {kept}.",
    todo="No action needed.",
    example=CorsPolicy(allow_origins=("https://example.com",), max_age=86400),
)
def over_cap(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find values above the shortest limit of the browsers."""
    if _SHORTEST_CAP < policy.max_age <= MAX_AGE_RANGE[1]:
        kept = {browser: min(policy.max_age, cap) for browser, cap in LIFETIME_CAP.items()}
        yield Hit(str(policy.max_age), None, {"kept": describe_lifetime(kept)})


def describe_lifetime(lifetime: Mapping[Browser, int]) -> str:
    """Return how long browsers cache preflights: "1 hour in Chrome and Firefox, 10 minutes in Safari"."""
    browsers: dict[int, list[str]] = {}
    for browser, seconds in lifetime.items():
        browsers.setdefault(seconds, []).append(browser.capitalize())
    longest_first = sorted(browsers.items(), reverse=True)
    return ", ".join(f"{_duration(seconds)} in {enumerated(sorted(names))}" for seconds, names in longest_first)


def _duration(seconds: int) -> str:
    """Return seconds in words: "1 hour", "1 hour 30 minutes", "601 seconds"."""
    if seconds % 60:
        return f"{seconds} seconds"
    parts = [(seconds // 3600, "hour"), (seconds % 3600 // 60, "minute")]
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)


@rule(
    code="max-age-unset",
    title="No max-age",
    severity="note",
    field="MaxAge",
    why="Without a max-age, browsers cache preflights for 5 seconds, so most calls cost two requests.",
    todo="Set it to {instead} seconds, which every browser honors.",
    example=CorsPolicy(allow_origins=("https://example.com",)),
)
def unset(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find 0 or none, which are the same: API Gateway then sends no header."""
    if policy.allow_origins and policy.max_age == 0:
        yield Hit("0", assign("MaxAge", _SHORTEST_CAP), {"instead": str(_SHORTEST_CAP)})


@rule(
    code="max-age-negative",
    title="Preflights never cached",
    severity="note",
    field="MaxAge",
    why="With -1, browsers cache no preflight, so every call that needs one costs two requests.",
    todo="Keep it while testing, then set a value such as {instead} seconds.",
    example=CorsPolicy(allow_origins=("https://example.com",), max_age=-1),
)
def negative(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find -1, which AWS accepts and browsers read as no caching."""
    if policy.max_age == -1:
        yield Hit("-1", assign("MaxAge", _SHORTEST_CAP), {"instead": str(_SHORTEST_CAP)})


@rule(
    code="credentials-without-origins",
    title="Credentials without origins",
    severity="warning",
    field="AllowCredentials",
    why="Credentials are allowed, but no origin is, so no page can use them.",
    todo="Add the origins of your pages, or turn credentials off.",
    example=CorsPolicy(allow_credentials=True),
)
def credentials_without_origins(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find credentials that no origin can use."""
    if policy.allow_credentials and not policy.allow_origins:
        yield Hit(None, assign("AllowCredentials", False))


@rule(
    code="cors-allows-nothing",
    title="CORS allows no origin",
    severity="warning",
    field="AllowOrigins",
    why="CORS is on without origins, so API Gateway removes the backend's CORS headers and browsers block every page.",
    todo="Add the origins of your pages, or turn CORS off to use the backend's headers.",
    example=CorsPolicy.from_aws({}),
)
def allows_nothing(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find configurations without origins; only an empty one gets the fix, as an oversight."""
    if not policy.allow_origins:
        yield Hit(None, Fix("Turn CORS off", (TurnOff(),)) if policy.state == "empty" else None)


@rule(
    code="cors-off",
    title="CORS is off",
    severity="note",
    field=_WHOLE,
    why="API Gateway adds no CORS headers and answers no preflights, so only the backend can allow other origins.",
    todo="Configure CORS if web pages call this API.",
    example=CorsPolicy.off(),
    on=False,
)
def off(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find APIs without a configuration, which is right for many of them."""
    yield Hit(None)

"""MaxAge, AllowCredentials, and the configuration as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from apis.cors.aws_validation import MAX_AGE_RANGE
from apis.cors.fields import LIFETIME_CAP
from apis.cors.lint.fixes import Fix, SwitchOff, assign
from apis.cors.lint.rule_types import Context, Hit, rule
from apis.cors.policy import CorsPolicy

_CAP_OF_ALL = min(LIFETIME_CAP.values())
_WHOLE = "CorsConfiguration"


@rule(
    code="max-age-out-of-range",
    title="Max-age out of range",
    severity="error",
    field="MaxAge",
    why="AWS takes seconds from {least} to {most} and refuses {value}.",
    todo="Set it to {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com",), max_age=864000),
)
def out_of_range(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """The range of the SDK's model."""
    least, most = MAX_AGE_RANGE
    if not least <= policy.max_age <= most:
        nearest = max(least, min(most, policy.max_age))
        words = {"least": str(least), "most": str(most), "instead": str(nearest)}
        yield Hit(str(policy.max_age), assign("MaxAge", nearest), words)


@rule(
    code="max-age-over-cap",
    title="Max-age beyond what browsers keep",
    severity="note",
    field="MaxAge",
    why="Of {value} seconds Chrome keeps a preflight's answer {chrome}, Safari {safari} and Firefox {firefox}.",
    todo="Nothing needs doing; count on the shorter times, for caches and for changes to arrive alike.",
    example=CorsPolicy(allow_origins=("https://example.com",), max_age=86400),
)
def over_cap(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """More than the shortest of the browsers' caps."""
    if _CAP_OF_ALL < policy.max_age <= MAX_AGE_RANGE[1]:
        kept = {str(browser): str(min(policy.max_age, cap)) for browser, cap in LIFETIME_CAP.items()}
        yield Hit(str(policy.max_age), None, kept)


@rule(
    code="max-age-unset",
    title="No max-age",
    severity="note",
    field="MaxAge",
    why="Without a max-age browsers keep a preflight's answer 5 seconds, so nearly every call costs a second request.",
    todo="Set some minutes: {instead} seconds are kept in full by every browser.",
    example=CorsPolicy(allow_origins=("https://example.com",)),
)
def unset(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """0 or none, which are one: API Gateway then presumably sends no header."""
    if policy.allow_origins and policy.max_age == 0:
        yield Hit("0", assign("MaxAge", _CAP_OF_ALL), {"instead": str(_CAP_OF_ALL)})


@rule(
    code="max-age-negative",
    title="Preflights are never kept",
    severity="note",
    field="MaxAge",
    why="With -1 browsers keep no preflight's answer, so every call that needs one costs a second request.",
    todo="Keep it while you try things out; then set some minutes, such as {instead} seconds.",
    example=CorsPolicy(allow_origins=("https://example.com",), max_age=-1),
)
def negative(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """-1, which AWS takes and browsers read as no caching."""
    if policy.max_age == -1:
        yield Hit("-1", assign("MaxAge", _CAP_OF_ALL), {"instead": str(_CAP_OF_ALL)})


@rule(
    code="credentials-without-origins",
    title="Credentials without origins",
    severity="warning",
    field="AllowCredentials",
    why="Credentials are allowed, but no origin is, so no page can use them.",
    todo="Add the origins of your pages, or switch credentials off.",
    example=CorsPolicy(allow_credentials=True),
)
def credentials_without_origins(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """A switch that nobody can reach."""
    if policy.allow_credentials and not policy.allow_origins:
        yield Hit(None, assign("AllowCredentials", False))


@rule(
    code="cors-allows-nothing",
    title="CORS is on but allows nothing",
    severity="warning",
    field="AllowOrigins",
    why="CORS is on without any origin: API Gateway drops the backend's CORS headers and lets no page in.",
    todo="Add the origins of your pages, or turn CORS off so that the backend's headers count again.",
    example=CorsPolicy.from_aws({}),
)
def allows_nothing(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """The empty configuration, and a set one without origins. Only the empty one is taken for an oversight to undo."""
    if not policy.allow_origins:
        yield Hit(None, Fix("Turn CORS off", (SwitchOff(),)) if policy.state == "empty" else None)


@rule(
    code="cors-off",
    title="CORS is off",
    severity="note",
    field=_WHOLE,
    why="API Gateway adds no CORS headers and answers no preflights: pages of other origins get in only if a route "
    "passes OPTIONS to a backend that does both.",
    todo="Configure CORS if pages are to call this API; an API for servers and apps needs none.",
    example=CorsPolicy.off(),
    on=False,
)
def off(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """No configuration at all, which is right for many APIs."""
    yield Hit(None)


RULES = (
    out_of_range,
    over_cap,
    unset,
    negative,
    credentials_without_origins,
    allows_nothing,
    off,
)

"""What AWS itself refuses of a CORS configuration, in the words of its BadRequestException.

The one source of these texts: the rules warn with them, and the demo AWS answers with them. AWS checks the merged
configuration, not only what a request carries. Where a text or a check was never measured it is marked `unconfirmed`;
what is refused is then only what no HTTP header could carry anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from apis.cors.policy import CorsPolicy
from apis.cors.safelist import is_token

Confidence = Literal["confirmed", "reported", "unconfirmed"]

MAX_AGE_RANGE = (-1, 86400)
"""The seconds that MaxAge may have: the SDK's model says so, and enforces only the lower end before it sends."""

METHOD_LENGTH = 64
SCHEME_WILDCARDS = frozenset({"https://*", "http://*"})
"""The only patterns besides `*`: every origin of one scheme (documented)."""

_HTTP = re.compile(r"https?://[^\s,*]+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that AWS would refuse: the field by AWS's name, the entry at fault, AWS's message."""

    field: str
    value: str
    message: str
    confidence: Confidence = "confirmed"


def refusal(policy: CorsPolicy) -> str | None:
    """Return the message of the BadRequestException with which AWS refuses the policy, None when AWS takes it."""
    found = next(refusals(policy), None)
    return found.message if found else None


def refusals(policy: CorsPolicy) -> Iterator[Refusal]:
    """Yield everything that AWS would refuse, where AWS itself stops at the first. Nothing is refused when off."""
    if not policy.on:
        return
    for origin in policy.allow_origins:
        found = refuse_origin(origin)
        if found:
            yield found
    if policy.allow_credentials and "*" in policy.allow_origins:
        message = "allow-credentials is not supported if 'allow-origin' is *"
        yield Refusal("AllowCredentials", "*", message)
    for method in policy.allow_methods:
        if not is_token(method) or len(method) > METHOD_LENGTH:
            yield Refusal("AllowMethods", method, f"Invalid format for method {method}", "unconfirmed")
    for field, names in (("AllowHeaders", policy.allow_headers), ("ExposeHeaders", policy.expose_headers)):
        for name in names:
            if not is_token(name):
                yield Refusal(field, name, f"Invalid format for header {name}", "unconfirmed")
    least, most = MAX_AGE_RANGE
    if not least <= policy.max_age <= most:
        message = f"max-age must be between {least} and {most}"
        yield Refusal("MaxAge", str(policy.max_age), message, "unconfirmed")


def refuse_origin(origin: str) -> Refusal | None:
    """Return what AWS says about one entry of AllowOrigins.

    Seen: no scheme, a scheme other than http and https, `null`. Reported without its text: a wildcard for
    sub-domains. A trailing slash, a path or capitals are nowhere seen to be refused: those entries just never match.
    """
    if origin == "*" or origin in SCHEME_WILDCARDS or _HTTP.match(origin):
        return None
    if "*" in origin:
        confidence: Confidence = "reported"
    else:
        confidence = "unconfirmed" if origin.lower().startswith(("http://", "https://")) or not origin else "confirmed"
    return Refusal("AllowOrigins", origin, f"Invalid format for origin {origin}", confidence)

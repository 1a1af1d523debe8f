"""What both CDK languages must mind."""

from __future__ import annotations

from apis.cors.policy import CorsPolicy

METHODS = {"*": "ANY"} | {method: method for method in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")}
"""Method to its member of CorsHttpMethod."""


def overrides(policy: CorsPolicy) -> dict[str, str]:
    """Return the fields that CDK's own properties cannot say, each with the reason."""
    found = {}
    if any(method not in METHODS for method in policy.allow_methods):
        found["AllowMethods"] = "CorsHttpMethod has no member for one of these methods."
    if policy.max_age < 0:
        found["MaxAge"] = "A Duration cannot be negative."
    return found


def traps(policy: CorsPolicy, add_routes: str, default_integration: str) -> list[str]:
    """Return lines for a comment below the code: what CDK does automatically that decides whether CORS works.

    `add_routes` and `default_integration` are the language's names of that method and that property.
    """
    lines = [
        f"{add_routes}() without methods, and {default_integration}, make routes that take the preflight from",
        "API Gateway: name the methods of every route.",
    ]
    if "*" in policy.allow_methods:
        lines.append("CorsHttpMethod.ANY is written as * into the configuration.")
    if policy.allow_credentials and "*" in policy.allow_origins:
        lines.append("CDK and AWS refuse credentials together with the origin *.")
    return lines

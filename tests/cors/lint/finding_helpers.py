"""A configuration without findings, and helpers to select findings."""

from __future__ import annotations

from apis.cors.lint import Context, Finding, findings
from apis.cors.policy import CorsPolicy

SITE = "https://example.com"
GOOD = CorsPolicy(
    allow_origins=(SITE,),
    allow_methods=("GET", "POST", "PUT", "DELETE"),
    allow_headers=("authorization", "content-type"),
    max_age=600,
)


def about(code: str, policy: CorsPolicy, context: Context | None = None) -> list[Finding]:
    """Return the findings of one rule."""
    return [finding for finding in findings(policy, context) if finding.code == code]


def only(code: str, policy: CorsPolicy, context: Context | None = None) -> Finding:
    """Return the only finding of a rule."""
    found = about(code, policy, context)
    assert len(found) == 1, [finding.code for finding in findings(policy, context)]
    return found[0]

"""What the cases say about an API, as the diagnosis takes it; and what must hold for every diagnosis."""

from __future__ import annotations

import re
from typing import Any

from apis.cors.aws_validation import refusal
from apis.cors.exchange import Answer
from apis.cors.explain import Diagnosis, Target
from apis.cors.gateway import Route
from apis.cors.lint import Context, Domain, Stage
from apis.cors.origin_match import allowed_origin
from apis.cors.paste import Reading
from apis.cors.policy import CorsPolicy

ENDPOINT = "https://abc123def4.execute-api.us-east-1.amazonaws.com"


def target_of(api: dict[str, Any] | None) -> Target:
    """An API from its six fields, routes (key, authorizer), stages (name to auto-deploy) and custom domains."""
    if api is None:
        return Target()
    routes = tuple(
        Route(key, kind or "NONE", "auth" if kind else "", "integrations/x")
        for key, kind in ([*row, ""][:2] for row in api["routes"])
    )
    stages, domains = api.get("stages", {"$default": True}), api.get("domains", {})
    bases = [] if api.get("disabled") else [ENDPOINT if name == "$default" else f"{ENDPOINT}/{name}" for name in stages]
    bases += [f"{api.get('scheme', 'https')}://{domain}" for domain in domains]
    context = Context(
        routes=routes,
        stages=tuple(Stage(name, auto) for name, auto in stages.items()),
        domains=tuple(
            Domain(domain.partition("/")[0].partition(":")[0], path=domain.partition("/")[2]) for domain in domains
        ),
        endpoint_disabled=bool(api.get("disabled")),
    )
    return Target(CorsPolicy.from_aws(api["cors"]), routes, tuple(stages), tuple(bases), context, ENDPOINT)


def is_address_of(api: dict[str, Any] | None, url: str) -> bool:
    """Whether a URL leads to the API: by the id in its host, or by a custom domain."""
    host = url.partition("://")[2].partition("/")[0]
    return api is not None and (
        "abc123def4" in host or any(host == domain.partition("/")[0] for domain in api.get("domains", {}))
    )


def assert_nothing_false(found: Diagnosis, target: Target) -> None:
    """Nothing that a diagnosis says contradicts the text, the configuration or itself."""
    reading, policy = found.reading, target.policy
    assert not (reading.blocked and found.allowed), "no green verdict under a text that says blocked"
    assert not (found.allowed and found.cause), "a cause and an allowed verdict contradict each other"
    causes = [one for one in (found.cause, *found.also) if one is not None]
    codes = [one.code for one in causes]
    assert len(set(codes)) == len(codes), f"a cause is named twice: {codes}"
    if policy is not None:
        assert ("cors-off" in codes) <= (not policy.on)
        for one in causes:
            if one.certainty != "certain":
                continue
            if one.code == "origin-not-allowed" and "origin" not in reading.missing:
                assert allowed_origin(policy, reading.origin) is None, one
            if one.code == "method-not-allowed" and policy.on:
                assert found.request.method not in policy.allow_methods, one
            if one.code == "header-not-allowed" and policy.on:
                assert (one.value or "").lower() not in {name.lower() for name in policy.allow_headers}, one
            if one.code == "credentials-not-allowed" and policy.on:
                assert not policy.allow_credentials, one
    for fix in found.fixes:
        assert refusal(fix.policy) is None, f"AWS refuses the fix {fix.label}"
        assert not any(name.startswith("access-control-") for name in fix.policy.allow_headers), fix.label
        assert all(entry == "*" or entry.startswith("http") for entry in fix.policy.allow_origins), fix.label
    for one in causes:
        assert one.title and one.why and one.steps, one
        assert not re.search(r"\{(?:url|value)\}|\bNone\b", one.why), one


def response_of(reading: Reading) -> Answer:
    """The answer to the call itself, which the text has."""
    assert reading.observed is not None and reading.observed.response is not None
    return reading.observed.response

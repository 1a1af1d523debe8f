"""Find who responds to the preflight of each path of an API: API Gateway, a route, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apis.cors import gateway
from apis.cors.exchange import Request
from apis.inventory.cli_snippets import sample_origin
from apis.inventory.lint_context import base_urls, routes_of, stages_of
from apis.inventory.models import HttpApi

_VARIABLE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route as its page shows it; `by` and `why` say who answers a preflight to its path."""

    key: str
    authorization: str
    authorizer: str
    target: str
    by: str
    answerer: str
    ok: bool
    confidence: str
    why: str


def rows(api: HttpApi) -> list[RouteRow]:
    """Return every route with the answer to its preflight; empty while the routes are not known."""
    routes = routes_of(api)
    if routes is None:
        return []
    bases = base_urls(api)
    base = bases[0] if bases else api.endpoint or "https://example.com"
    integrations = {one.get("id", ""): one for one in api.integrations or []}
    authorizers = {one.get("id", ""): one.get("name", "") for one in api.authorizers or []}
    found = []
    for route in routes:
        asked = _preflight_for(route.key, base, api)
        prediction = gateway.preflight(api.policy, asked, routes, stages_of(api), bases=bases or None)
        integration = integrations.get(route.target.removeprefix("integrations/"), {})
        found.append(
            RouteRow(
                key=route.key,
                authorization=route.authorization,
                authorizer=authorizers.get(route.authorizer, route.authorizer),
                target=_target(integration) or route.target,
                by=prediction.by,
                answerer=prediction.route.key if prediction.route else "",
                ok=200 <= prediction.answer.status < 300,
                confidence=prediction.confidence,
                why=prediction.why,
            )
        )
    return found


def _preflight_for(key: str, base: str, api: HttpApi) -> Request:
    method, _, path = key.partition(" ")
    if not path:
        method, path = "GET", "/anything"
    # A header that needs asking for makes any call one with a preflight.
    headers = (("content-type", "application/json"),)
    return Request(
        origin=sample_origin(api),
        url=base + _VARIABLE.sub("example", path),
        method="GET" if method in {"ANY", "OPTIONS"} else method,
        headers=headers,
    )


def _target(integration: dict[str, Any]) -> str:
    """Return what stands behind a route in a few words: a function's name rather than its whole ARN."""
    uri = str(integration.get("uri", "") or "")
    name = re.search(r":function:([^/:]+)", uri)
    return f"Lambda {name[1]}" if name else uri

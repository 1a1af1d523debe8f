"""The backends: what the integrations of the demo's APIs answer. Nothing is called."""

from __future__ import annotations

import json
from typing import Any

from apis.cors.exchange import Answer
from apis.cors.gateway import JSON
from apis.cors.routing import Route

OWN_CORS = "own-cors"
"""A function with this in its name sends CORS headers automatically, as one finds it in many tutorials."""

_ITEMS = [{"id": "1", "name": "Notebook", "price": 12.5}, {"id": "2", "name": "Pencil", "price": 1.2}]
_OWN = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET,OPTIONS"),
    ("access-control-allow-headers", "content-type"),
)


def answer(api: Any, route: Route, method: str, path: str) -> tuple[Answer, str]:
    """Return the answer of a route's backend, and its body."""
    integration = api.integrations.get(route.target.removeprefix("integrations/"))
    uri = (integration.integration_uri or "") if integration else ""
    headers = (*JSON, ("x-request-id", f"{api.api_id}-demo"), *(_OWN if OWN_CORS in uri else ()))
    if method == "OPTIONS" and OWN_CORS in uri:
        return Answer(204, headers[1:]), ""
    if route.path.startswith("/items"):
        value: Any = {"items": _ITEMS} if path == "/items" else {"item": _ITEMS[0]}
    else:
        value = {"route": route.key, "path": path, "method": method}
    return Answer(200, headers), json.dumps(value)

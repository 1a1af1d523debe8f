"""Events for the check and the preview of message templates before anything has happened."""

from __future__ import annotations

from typing import Any

_API = {
    "id": 1,
    "api_id": "a1b2c3d4e5",
    "name": "orders",
    "account": "production",
    "region": "eu-central-1",
    "url": "https://corsdash.example.com/apis/1/",
}
_PROBE = {
    "id": 1,
    "name": "items",
    "origin": "https://shop.example.com",
    "method": "GET",
    "path": "/items",
    "target": "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/items",
    "expect": "allowed",
    "down_at": "2026-11-20T12:00:30.000Z",
    "up_at": None,
    "reason": "The preflight response has no Access-Control-Allow-Origin header.",
    "url": "https://corsdash.example.com/probes/1/",
}
_INCIDENT = {
    "id": 1,
    "state": "open",
    "summary": "https://shop.example.com → GET /items",
    "failing_since": "2026-11-20T12:00:30.000Z",
    "opened_at": "2026-11-20T12:01:00.000Z",
    "closed_at": None,
    "down_seconds": None,
    "recovered": False,
    "url": "https://corsdash.example.com/incidents/1/",
}
OPENED: dict[str, Any] = {
    "kind": "probe_down",
    "severity": "error",
    "incident": _INCIDENT,
    "api": _API,
    "apis": [_API],
    "apis_total": 1,
    "probes": [_PROBE],
    "probes_total": 1,
    "suspected_change": {
        "id": 1,
        "kind": "panel",
        "how": "Configure panel",
        "at": "2026-11-20T12:00:10.000Z",
        "actor": "alice",
        "note": "",
        "summary": "Removed https://shop.example.com",
        "group": None,
        "url": "https://corsdash.example.com/changes/1/",
    },
    "outage": None,
}
CLOSED: dict[str, Any] = OPENED | {
    "incident": _INCIDENT
    | {"state": "closed", "closed_at": "2026-11-20T12:12:30.000Z", "down_seconds": 720, "recovered": True},
    "probes": [_PROBE | {"up_at": "2026-11-20T12:12:30.000Z"}],
    "suspected_change": None,
}

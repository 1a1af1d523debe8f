"""What AWS mentions an account's HTTP APIs, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ApiSeen:
    """One HTTP API. `cors`: the six fields from GetApi; None when CORS is off, `{}` when it is empty."""

    api_id: str
    name: str
    description: str = ""
    endpoint: str = ""
    cors: dict[str, Any] | None = None
    tags: dict[str, str] = field(default_factory=dict)
    disable_execute_api_endpoint: bool = False
    managed: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """Details of an API, fit for JSON. `integrations` and `authorizers` are None if not returned.

    A route: key, id, authorization, authorizer (its id), scopes, target ("integrations/ID" or ""). A stage: name,
    auto_deploy, deployment, last_deployment (AWS's message), updated_at. An integration: id, type, uri, method,
    payload_format. An authorizer: id, name, type, identity_sources, issuer, audience.
    """

    routes: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    integrations: list[dict[str, Any]] | None
    authorizers: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """One API under a custom domain: at `path` (without slashes around it; "" is the domain's root), its `stage`."""

    api_id: str
    path: str
    stage: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A custom domain, with its port if it has one, and the APIs under it; `mutual_tls`: it asks for certificates."""

    name: str
    scheme: str
    mutual_tls: bool
    mappings: tuple[Mapping, ...]

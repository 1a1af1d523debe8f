"""The APIs that the demo starts with: some healthy, the others with common mistakes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apis.demo.emulator.ids import new_id

START = 20261123
"""What random ids begin with: they are the same ones each time."""
HOME, PARTNER = "123456789012", "210987654321"

_AUTO = {"$default": True}


@dataclass(frozen=True, slots=True)
class SeedApi:
    """One API. A route is (key, Lambda function) or (key, function, authorizer); `stages` maps names to auto-deploy."""

    name: str
    region: str
    account: str = HOME
    api_id: str = ""
    cors: dict[str, Any] | None = None
    description: str = ""
    routes: tuple[tuple[str, ...], ...] = ()
    authorizers: tuple[str, ...] = ()
    stages: Mapping[str, bool] = field(default_factory=lambda: _AUTO)
    tags: Mapping[str, str] = field(default_factory=dict)
    created: str = "2025-03-04T09:15:00"
    version: str = ""
    protocol: str = "HTTP"
    disable_execute_api_endpoint: bool = False


@dataclass(frozen=True, slots=True)
class SeedDomain:
    """A custom domain; `mappings` maps a path ("" for the root) to an API's name."""

    name: str
    account: str
    region: str
    mappings: Mapping[str, str]


def _cors(
    *origins: str,
    methods: str = "",
    headers: str = "",
    expose: str = "",
    max_age: int | None = None,
    credentials: bool | None = None,
) -> dict[str, Any]:
    """Return a configuration as it goes over the wire; lists are written with blanks between."""
    lists = {"allowOrigins": origins, "allowHeaders": headers.split(), "allowMethods": methods.split()}
    cors: dict[str, Any] = {name: list(values) for name, values in lists.items() if values}
    if expose:
        cors["exposeHeaders"] = expose.split()
    if max_age is not None:
        cors["maxAge"] = max_age
    if credentials is not None:
        cors["allowCredentials"] = credentials
    return cors


APIS = (
    # The tutorial's API as its reader finds it: routes, no CORS, made by hand, with the tutorial's own id.
    SeedApi(
        "my-frontend-app-api",
        "us-east-1",
        api_id="abc123def4",
        description="Items for the React app",
        routes=(
            ("GET /items", "list-items"),
            ("POST /items", "create-item"),
            ("GET /items/{id}", "get-item"),
            ("PUT /items/{id}", "update-item"),
            ("DELETE /items/{id}", "delete-item"),
        ),
        created="2026-09-14T08:02:11",
    ),
    # Healthy: exact origins, credentials, what its routes serve.
    SeedApi(
        "shop-checkout",
        "us-east-1",
        cors=_cors(
            "https://shop.example.com",
            "https://www.shop.example.com",
            methods="GET POST DELETE",
            headers="authorization content-type x-cart-id",
            expose="x-request-id",
            max_age=600,
            credentials=True,
        ),
        description="Cart and payment of the web shop",
        routes=(
            ("GET /cart", "cart-read", "jwt-customers"),
            ("POST /cart/items", "cart-add", "jwt-customers"),
            ("DELETE /cart/items/{id}", "cart-remove", "jwt-customers"),
            ("POST /checkout", "checkout", "jwt-customers"),
            ("GET /health", "health"),
        ),
        authorizers=("jwt-customers",),
        tags={"managed-by": "terraform", "team": "shop", "env": "production"},
        created="2024-11-05T13:40:00",
    ),
    # Healthy: public and read-only.
    SeedApi(
        "shop-catalog",
        "us-east-1",
        cors=_cors("*", methods="GET HEAD OPTIONS", headers="content-type", max_age=86400),
        description="Products, prices and pictures for everyone",
        routes=(("GET /products", "products-list"), ("GET /products/{id}", "products-get")),
        tags={
            "aws:cloudformation:stack-name": "ShopCatalogStack",
            "aws:cloudformation:logical-id": "CatalogApi5A2C9D11",
            "team": "shop",
        },
        created="2024-06-18T07:30:00",
    ),
    # A trailing slash: no browser ever sends such an origin.
    SeedApi(
        "orders-api",
        "us-east-1",
        cors=_cors(
            "https://example.com/",
            "http://localhost:3000",
            methods="GET POST",
            headers="content-type authorization",
            max_age=300,
        ),
        description="Orders and returns",
        routes=(("GET /orders", "orders-list"), ("POST /orders", "orders-create"), ("GET /orders/{id}", "orders-get")),
        tags={"team": "fulfilment"},
        created="2025-08-21T16:05:00",
    ),
    # ANY with an authorizer swallows the preflight, which carries no token: 401.
    SeedApi(
        "account-service",
        "us-east-1",
        cors=_cors(
            "https://app.example.com",
            methods="GET POST PUT DELETE OPTIONS",
            headers="authorization content-type",
            max_age=3600,
            credentials=True,
        ),
        description="Profiles and settings behind one proxy route",
        routes=(("ANY /{proxy+}", "account-proxy", "token-check"),),
        authorizers=("token-check",),
        tags={"aws:cloudformation:stack-name": "account-service-prod", "STAGE": "prod"},
        created="2025-01-30T11:11:11",
    ),
    # Not an HTTP API: the dashboard must not show it.
    SeedApi("live-prices", "us-east-1", description="Price ticker", protocol="WEBSOCKET", stages={"production": False}),
    # Everything is a star, but in a call with credentials a star is no wildcard, and `*` leaves out Authorization.
    SeedApi(
        "analytics-collector",
        "eu-west-1",
        cors=_cors("*", methods="*", headers="*", max_age=7200),
        description="Page views and clicks",
        routes=(("POST /events", "events-collect"), ("GET /reports/{id}", "reports-get", "jwt-analysts")),
        authorizers=("jwt-analysts",),
        tags={"team": "data", "managed-by": "terraform"},
        created="2024-02-09T10:00:00",
    ),
    # On, but allows nothing; what the backend sends is thrown away.
    SeedApi(
        "profile-service",
        "eu-west-1",
        cors={},
        description="Avatars and public profiles",
        routes=(("GET /profiles/{id}", "profile-own-cors"), ("$default", "profile-own-cors")),
        tags={"sst:app": "profiles", "sst:stage": "production"},
        created="2026-04-02T06:45:00",
    ),
    # The port is missing: the page runs at http://localhost:5173.
    SeedApi(
        "preview-backend",
        "eu-west-1",
        cors=_cors(
            "http://localhost",
            "https://preview.example.com",
            methods="GET POST PUT PATCH DELETE",
            headers="content-type authorization x-preview",
            max_age=0,
        ),
        description="Backend of the preview deployments",
        routes=(
            ("GET /drafts", "drafts-list"),
            ("PUT /drafts/{id}", "drafts-save"),
            ("PATCH /drafts/{id}", "drafts-edit"),
        ),
        tags={"env": "preview", "team": "web"},
        created="2026-01-12T15:20:00",
    ),
    # Its own address is switched off, so only the custom domain answers; one origin has capitals.
    SeedApi(
        "store-locator",
        "ap-southeast-2",
        cors=_cors("https://Shop.Example.com", "https://stores.example.com", methods="GET", headers="content-type"),
        description="Shops near you",
        routes=(("GET /stores", "stores-list"), ("POST /stores/search", "stores-search")),
        tags={"aws:cloudformation:stack-name": "store-locator", "team": "shop"},
        created="2025-10-08T02:30:00",
        disable_execute_api_endpoint=True,
    ),
    # With credentials for the plain-text twin of its origin, too.
    SeedApi(
        "payments-api",
        "eu-west-1",
        PARTNER,
        cors=_cors(
            "https://pay.example.com",
            "http://pay.example.com",
            methods="GET POST",
            headers="authorization content-type idempotency-key",
            expose="x-request-id",
            max_age=600,
            credentials=True,
        ),
        description="Payments of our partner",
        routes=(
            ("POST /payments", "payments-create", "jwt-partner"),
            ("GET /payments/{id}", "payments-get", "jwt-partner"),
        ),
        authorizers=("jwt-partner",),
        tags={"managed-by": "terraform", "team": "payments"},
        created="2024-08-27T09:00:00",
    ),
    # No $default stage: each address has a prefix, and `prod` waits for a deployment by hand.
    SeedApi(
        "partner-portal",
        "eu-west-1",
        PARTNER,
        cors=_cors(
            "https://partners.example.com", methods="GET POST", headers="authorization content-type", max_age=300
        ),
        description="Where partners see their figures",
        routes=(("GET /figures", "figures-get"), ("POST /figures/export", "figures-export")),
        stages={"staging": True, "prod": False},
        tags={"STAGE": "prod", "team": "partners"},
        created="2025-05-19T12:00:00",
    ),
    # Any https page may act with the visitor's cookies.
    SeedApi(
        "mobile-bff",
        "ap-southeast-2",
        PARTNER,
        cors=_cors("https://*", methods="*", headers="authorization content-type", max_age=600, credentials=True),
        description="Backend of the phone apps",
        routes=(("GET /feed", "feed-get"), ("POST /feed/likes", "feed-like")),
        tags={"aws:cloudformation:stack-name": "mobile-bff-prod", "STAGE": "prod"},
        created="2025-12-01T22:10:00",
    ),
    # Off: the function sends the headers itself, and has a route for the preflight.
    SeedApi(
        "legacy-reports",
        "ap-southeast-2",
        PARTNER,
        description="Monthly reports; CORS is done in the function",
        routes=(("GET /reports", "reports-own-cors"), ("OPTIONS /reports", "reports-own-cors")),
        tags={"team": "finance"},
        created="2023-09-13T04:00:00",
        version="1.4",
    ),
    # Off, and rightly so: no page calls it.
    SeedApi(
        "webhooks-ingest",
        "us-east-1",
        PARTNER,
        description="Webhooks from outside; no browser calls it",
        routes=(("POST /hooks/{source}", "hooks-receive"),),
        tags={"managed-by": "terraform", "team": "platform"},
        created="2025-02-24T18:00:00",
    ),
)

DOMAINS = (
    SeedDomain("api.shop.localhost", HOME, "us-east-1", {"": "shop-checkout", "catalog": "shop-catalog"}),
    SeedDomain("stores.shop.localhost", HOME, "ap-southeast-2", {"": "store-locator"}),
)


def id_of(one: SeedApi) -> str:
    """Return the id of an API of the seed, the same in each start."""
    return one.api_id or new_id(random.Random(f"{START} {one.name}"))


def named(name: str) -> SeedApi:
    """Return an API of the seed. Raises StopIteration when there is none of this name."""
    return next(one for one in APIS if one.name == name)

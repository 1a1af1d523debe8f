"""Rules on routes, stages and domains. No edit of the six fields fixes these, so they have no fix."""

from __future__ import annotations

from collections.abc import Iterator

from apis.cors.lint.rule_types import Context, Domain, Hit, Stage, rule
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route

_OPEN = ("", "NONE")
_POLICY = CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET",), max_age=600)


def _options_routes(context: Context) -> Iterator[Route]:
    """Return the routes that match OPTIONS, so that API Gateway does not answer preflights itself."""
    return (route for route in context.known_routes if route.method in ("ANY", "OPTIONS"))


def _lacks_integration(route: Route, context: Context) -> bool:
    """Return whether a route has no integration, while those of other routes are known."""
    return not route.target and any(other.target for other in context.known_routes)


@rule(
    code="route-takes-preflight",
    title="Route takes over preflights",
    severity="warning",
    field="Routes",
    why="Route {value} matches OPTIONS, so its backend answers preflights instead of API Gateway.",
    todo="Use routes for specific methods, or return 200 for OPTIONS in the backend.",
    example=_POLICY,
    context=Context(routes=(Route("ANY /items/{proxy+}"),)),
)
def takes_preflight(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find ANY and `$default` routes without an authorizer; an explicit OPTIONS route counts as intended."""
    for route in _options_routes(context):
        if route.method == "ANY" and route.authorization in _OPEN and not _answered(route, context):
            yield Hit(route.key)


@rule(
    code="route-authorizes-preflight",
    title="Authorizer blocks preflights",
    severity="error",
    field="Routes",
    why="Browsers send no token with a preflight, so the authorizer of route {value} answers 401.",
    todo="{instead}.",
    example=_POLICY,
    context=Context(routes=(Route("ANY /{proxy+}", "JWT"),)),
)
def authorizes_preflight(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find ANY, OPTIONS and `$default` routes with an authorizer, unless an open OPTIONS route comes first."""
    for route in _options_routes(context):
        if route.authorization not in _OPEN and not (route.method == "ANY" and _answered(route, context)):
            instead = "Remove its authorizer, or delete the route"
            if route.method == "ANY":
                options = f"OPTIONS {route.path or '/{proxy+}'}"
                instead = (
                    f"Use routes for specific methods, or add the route {options} with an integration and no authorizer"
                )
            yield Hit(route.key, words={"instead": instead})


def _answered(route: Route, context: Context) -> bool:
    """Return whether an OPTIONS route with the same path (any path, for `$default`) takes a route's preflights."""
    paths = {other.path for other in context.known_routes if other.method == "OPTIONS" and other is not route}
    return (route.path or "/{proxy+}") in {_unnamed(path) for path in paths} | paths


def _unnamed(path: str) -> str:
    return "/{proxy+}" if path.startswith("/{") and path.endswith("+}") and path.count("/") == 1 else path


@rule(
    code="route-without-integration",
    title="Preflight route without integration",
    severity="error",
    field="Routes",
    why="Route {value} matches OPTIONS but has no integration, so API Gateway answers preflights with 404.",
    todo="Attach an integration, or delete the route so that API Gateway answers preflights.",
    example=_POLICY,
    context=Context(routes=(Route("OPTIONS /{proxy+}"), Route("GET /items", target="integrations/abc1234"))),
)
def without_integration(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Reported by users who added such a route to bypass an authorizer."""
    for route in _options_routes(context):
        if _lacks_integration(route, context):
            yield Hit(route.key)


@rule(
    code="stage-not-deployed",
    title="Stage needs a deployment",
    severity="note",
    field="Stages",
    why="Stage {value} has no auto-deploy, so a CORS change may take effect only after a deployment.",
    todo="Deploy the API to {value} after each change, or enable auto-deploy.",
    example=_POLICY,
    context=Context(stages=(Stage("prod", auto_deploy=False),)),
)
def not_deployed(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Reported for CORS; the developer guide says so about changes in general."""
    for stage in context.stages or ():
        if not stage.auto_deploy:
            yield Hit(stage.name)


@rule(
    code="endpoint-disabled",
    title="Default endpoint disabled",
    severity="note",
    field="Domains",
    why="Calls to the execute-api address fail with what looks like a CORS error{where}.",
    todo="Call a custom domain, or enable the default endpoint.",
    example=_POLICY,
    context=Context(endpoint_disabled=True),
)
def endpoint_disabled(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find DisableExecuteApiEndpoint; a warning when the API has no custom domain."""
    if context.endpoint_disabled:
        names = [domain.name for domain in context.domains]
        where = f"; only {names[0]} works" if names else "; the API has no custom domain"
        yield Hit(None, words={"where": where}, severity=None if names else "warning")


@rule(
    code="domain-wants-certificate",
    title="Domain requires client certificates",
    severity="warning",
    field="Domains",
    why="{value} uses mutual TLS, but browsers send no client certificate with a preflight, so those calls fail.",
    todo="Use a domain without mutual TLS for web pages.",
    example=_POLICY,
    context=Context(domains=(Domain("api.example.com", mutual_tls=True),)),
)
def wants_certificate(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Inferred from the Fetch standard: preflights carry no credentials, including certificates."""
    for domain in context.domains:
        if domain.mutual_tls:
            yield Hit(domain.name)

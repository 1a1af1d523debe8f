"""What lies beside the six fields: routes that take preflights, stages that wait, addresses that do not answer.

No edit of the configuration mends these, so they carry no fix.
"""

from __future__ import annotations

from collections.abc import Iterator

from apis.cors.lint.rule_types import Context, Domain, Hit, Stage, rule
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route

_OPEN = ("", "NONE")
_POLICY = CorsPolicy(allow_origins=("https://example.com",), allow_methods=("GET",), max_age=600)


def _takers(context: Context) -> Iterator[Route]:
    """The routes that take OPTIONS away from API Gateway's own answer."""
    return (route for route in context.routes or () if route.method in ("ANY", "OPTIONS"))


def _lacks_integration(route: Route, context: Context) -> bool:
    """A route without a target, when the targets of others are known."""
    return not route.target and any(other.target for other in context.routes or ())


@rule(
    code="route-takes-preflight",
    title="A route takes the preflights",
    severity="warning",
    field="Routes",
    why="The route {value} matches OPTIONS, so preflights go to its backend instead of being answered by API Gateway.",
    todo="Replace it by routes for the methods that it serves, or make sure that its backend answers OPTIONS with 200.",
    example=_POLICY,
    context=Context(routes=(Route("ANY /items/{proxy+}"),)),
)
def takes_preflight(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """ANY and `$default` without an authorizer. An explicit OPTIONS route is taken for intended."""
    for route in _takers(context):
        if route.method == "ANY" and route.authorization in _OPEN and not _answered(route, context):
            yield Hit(route.key)


@rule(
    code="route-authorizes-preflight",
    title="Preflights meet an authorizer",
    severity="error",
    field="Routes",
    why="The route {value} matches OPTIONS and has an authorizer: browsers send no token with a preflight, so it is "
    "answered 401 and the call blocked.",
    todo="{instead}.",
    example=_POLICY,
    context=Context(routes=(Route("ANY /{proxy+}", "JWT"),)),
)
def authorizes_preflight(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """ANY, OPTIONS and `$default` with an authorizer, unless an open OPTIONS route lies before it."""
    for route in _takers(context):
        if route.authorization not in _OPEN and not (route.method == "ANY" and _answered(route, context)):
            instead = "Take the authorizer off it, or delete it"
            if route.method == "ANY":
                instead = (
                    "Replace it by routes for the methods that it serves, or add the route OPTIONS "
                    f"{route.path or '/{proxy+}'} without an authorizer, with an integration"
                )
            yield Hit(route.key, words={"instead": instead})


def _answered(route: Route, context: Context) -> bool:
    """Whether an OPTIONS route of the same path (of every path, for `$default`) takes an ANY route's preflights."""
    paths = {other.path for other in context.routes or () if other.method == "OPTIONS" and other is not route}
    return (route.path or "/{proxy+}") in {_unnamed(path) for path in paths} | paths


def _unnamed(path: str) -> str:
    return "/{proxy+}" if path.startswith("/{") and path.endswith("+}") and path.count("/") == 1 else path


@rule(
    code="route-without-integration",
    title="An OPTIONS route without an integration",
    severity="error",
    field="Routes",
    why="The route {value} matches OPTIONS but leads nowhere, so API Gateway answers preflights with 404.",
    todo="Attach an integration to it, or delete it so that API Gateway answers by itself.",
    example=_POLICY,
    context=Context(routes=(Route("OPTIONS /{proxy+}"), Route("GET /items", target="integrations/abc1234"))),
)
def without_integration(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Reported by people who added such a route to get past an authorizer."""
    for route in _takers(context):
        if _lacks_integration(route, context):
            yield Hit(route.key)


@rule(
    code="stage-not-deployed",
    title="A stage that waits for a deployment",
    severity="note",
    field="Stages",
    why="The stage {value} does not deploy by itself, and a change of CORS is said to show only once it is deployed.",
    todo="Deploy the API to {value} after each change, or switch auto-deploy on.",
    example=_POLICY,
    context=Context(stages=(Stage("prod", auto_deploy=False),)),
)
def not_deployed(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Reported for CORS; the guide says it of changes in general."""
    for stage in context.stages or ():
        if not stage.auto_deploy:
            yield Hit(stage.name)


@rule(
    code="endpoint-disabled",
    title="The default endpoint is disabled",
    severity="note",
    field="Domains",
    why="The API does not answer at its execute-api address{where}, and what pages get there looks like a CORS error.",
    todo="Call it by a custom domain, or enable the default endpoint.",
    example=_POLICY,
    context=Context(endpoint_disabled=True),
)
def endpoint_disabled(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """DisableExecuteApiEndpoint; a warning when there is no other address."""
    if context.endpoint_disabled:
        names = [domain.name for domain in context.domains]
        where = f", only at {names[0]}" if names else ", and no custom domain leads to it"
        yield Hit(None, words={"where": where}, severity=None if names else "warning")


@rule(
    code="domain-wants-certificate",
    title="A domain that wants client certificates",
    severity="warning",
    field="Domains",
    why="{value} asks clients for a certificate (mutual TLS), and browsers send none with a preflight, so calls that "
    "need one fail before any CORS header is seen.",
    todo="Let pages call another domain, without mutual TLS.",
    example=_POLICY,
    context=Context(domains=(Domain("api.example.com", mutual_tls=True),)),
)
def wants_certificate(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Inferred from the Fetch standard: preflights carry no credentials, certificates included."""
    for domain in context.domains:
        if domain.mutual_tls:
            yield Hit(domain.name)


RULES = (
    takes_preflight,
    authorizes_preflight,
    without_integration,
    not_deployed,
    endpoint_disabled,
    wants_certificate,
)

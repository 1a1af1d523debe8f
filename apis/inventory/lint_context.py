"""What the rules of `cors` need to know of an API, taken from its mirror."""

from __future__ import annotations

from apis.cors.explain import Target
from apis.cors.gateway import Route
from apis.cors.lint import Context, Domain, Stage
from apis.cors.policy import CorsPolicy
from apis.cors.routing import DEFAULT
from apis.inventory.models import HttpApi


def routes_of(api: HttpApi) -> tuple[Route, ...] | None:
    """Return the API's routes, None while they are not known."""
    if api.routes is None:
        return None
    sources = {one["id"]: tuple(one["identity_sources"]) for one in api.authorizers or () if "identity_sources" in one}
    return tuple(
        Route(
            key=route["key"],
            authorization=route.get("authorization", "NONE"),
            authorizer=route.get("authorizer", ""),
            target=route.get("target", ""),
            identity=sources.get(route.get("authorizer", "")),
        )
        for route in api.routes
    )


def stages_of(api: HttpApi) -> tuple[str, ...] | None:
    """Return the names of the API's stages, None while they are not known."""
    return None if api.stages is None else tuple(stage["name"] for stage in api.stages)


def by_hand(api: HttpApi) -> list[str]:
    """Return the known stages that serve a change only once the API is deployed to them, by name."""
    return [stage["name"] for stage in api.stages or () if not stage.get("auto_deploy")]


def context_of(api: HttpApi) -> Context:
    """Return the facts besides the six fields that findings depend on."""
    return Context(
        routes=routes_of(api),
        name=api.name,
        tags=api.tags,
        stages=None if api.stages is None else tuple(Stage(one["name"], one["auto_deploy"]) for one in api.stages),
        domains=tuple(
            Domain(one["name"], path=one.get("path", ""), mutual_tls=bool(one.get("mutual_tls"))) for one in api.domains
        ),
        endpoint_disabled=api.disable_execute_api_endpoint,
    )


def addresses_of(api: HttpApi) -> dict[str, str]:
    """Return every address of this API, without a trailing slash, with the stage that it leads to, "" when not known.

    execute-api with each stage, then custom domains.
    """
    found: dict[str, str] = {}
    if api.endpoint and not api.disable_execute_api_endpoint:
        root = api.endpoint.rstrip("/")
        for stage in stages_of(api) or (DEFAULT,):
            found[root if stage == DEFAULT else f"{root}/{stage}"] = stage
    for domain in api.domains:
        key = domain.get("path", "").strip("/")
        url = f"{domain.get('scheme', 'https')}://{domain['name']}" + (f"/{key}" if key else "")
        found.setdefault(url, domain.get("stage", ""))
    return found


def base_urls(api: HttpApi) -> list[str]:
    """Return the addresses alone: the only places that a probe of the API may call."""
    return list(addresses_of(api))


def target_of(api: HttpApi | None, policy: CorsPolicy | None = None) -> Target:
    """Return what the diagnosis needs to know about an API, with another configuration if one is given."""
    if api is None:
        return Target(policy)
    return Target(
        policy=api.policy if policy is None else policy,
        routes=routes_of(api),
        stages=stages_of(api),
        bases=tuple(base_urls(api)) or None,
        context=context_of(api),
        endpoint=api.endpoint,
    )

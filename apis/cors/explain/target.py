"""What is known about the API that a call goes to, and the likeliest call that fits what a text states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from apis.cors.exchange import Headers, Request
from apis.cors.hosts import host_of_url, is_masked
from apis.cors.lint import Context
from apis.cors.origins import parse_url
from apis.cors.paste import Reading
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route, is_default_endpoint, path_in_api, who_answers

JSON_BODY: Headers = (("content-type", "application/json"),)
UNKNOWN_ORIGIN = "https://your-page.example"
"""Stands for a page whose origin is unknown, where no listed origin can."""
_ASKING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Target:
    """The API that a call goes to, as far as it is known: `policy` is None when not even its configuration is."""

    policy: CorsPolicy | None = None
    routes: tuple[Route, ...] | None = None
    stages: tuple[str, ...] | None = None
    bases: tuple[str, ...] | None = None
    context: Context = field(default_factory=Context)
    endpoint: str = ""

    def at_home(self, url: str) -> str:
        """Return a URL under the API's own endpoint in place of another of its execute-api names."""
        home, given = host_of_url(self.endpoint), host_of_url(url)
        if not home.api_id or home.api_id != given.api_id or given.kind != "execute-api":
            return url
        rest = url.partition("://")[2]
        return self.endpoint.rstrip("/") + rest[len(re.split("[/?#]", rest)[0]) :]

    def path(self, url: str) -> str | None:
        """Return the path as routes see it; None when the URL is not an address of the API."""
        if self.context.endpoint_disabled and is_default_endpoint(_host(url)):
            return None
        return path_in_api(url, self.stages, self.bases)

    def methods(self, url: str) -> list[str]:
        """Return the methods that routes serve at a URL besides OPTIONS; empty when routes or path are unknown."""
        path = self.path(url)
        if path is None or not self.routes:
            return []
        return [name for name in ("GET", *_ASKING, "HEAD") if who_answers(self.routes, name, path)]

    def listed_origins(self) -> list[str]:
        """Return the exact origins that the configuration allows, at most ten."""
        entries = self.policy.allow_origins if self.policy and self.policy.on else ()
        return [entry for entry in entries if "*" not in entry and "://" in entry][:10]


@dataclass(frozen=True, slots=True)
class Assumption:
    """A whole call, and its parts that the text does not state."""

    request: Request
    parts: frozenset[str]


def is_usable(url: str) -> bool:
    """Return whether a URL leads somewhere: it has a host that was not masked. Parts of its path may be unknown."""
    return parse_url(url) is not None and not is_masked(url)


def assume(reading: Reading, target: Target) -> Assumption:
    """Return the likeliest call that fits what a text states and what the API serves."""
    missing = set(reading.missing)
    request = replace(reading.request, url=target.at_home(reading.url))
    if not is_usable(reading.url) and target.bases:
        request = replace(request, url=f"{target.bases[0]}/")
    if "origin" in missing:
        listed = target.listed_origins()
        request = replace(request, origin=listed[0] if listed else UNKNOWN_ORIGIN)
    if "method" not in missing:
        missing.discard("headers") if request.headers else None
        return Assumption(request, frozenset(missing))
    if reading.preflight and not request.headers:
        best = next(_preflighted(request, target), request)
        return Assumption(best, frozenset(missing | {"headers"}))
    served = target.methods(request.url)
    if served and "GET" not in served:
        request = replace(request, method=served[0])
    return Assumption(request, frozenset(missing))


def _preflighted(request: Request, target: Target) -> Iterator[Request]:
    """Yield calls that need a preflight, the likeliest first: served and permitted, then served, then any."""
    served = target.methods(request.url)
    calls = [replace(request, method=method, headers=JSON_BODY) for method in _ASKING]
    calls += [replace(request, method=method, headers=(("authorization", ""),)) for method in ("GET", "POST")]
    known = [call for call in calls if not served or call.method in served]
    yield from (call for call in known if _permitted(call, target.policy))
    yield from known
    yield from calls


def _permitted(call: Request, policy: CorsPolicy | None) -> bool:
    if policy is None or not policy.on:
        return True
    wild = call.credentials != "include"
    methods, names = policy.allow_methods, {name.lower() for name in policy.allow_headers}
    method = call.method in ("GET", "POST") or call.method in methods or (wild and "*" in methods)
    return method and all(name in names or (wild and "*" in names) for name, _ in call.headers)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]

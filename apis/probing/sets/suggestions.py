"""Suggest the probes of an API: what its configuration should allow at every address, and what must stay blocked."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from apis.cors.browser import judge
from apis.cors.exchange import Request
from apis.cors.gateway import predict
from apis.cors.origin_match import allowed_origin
from apis.cors.origins import is_origin, parse_url
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route, path_in_api, sample_path, who_answers
from apis.cors.safelist import is_forbidden_header, is_token
from apis.inventory.lint_context import base_urls, routes_of
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from apis.probing.probe_edits import LONGEST_HEADER
from apis.probing.runs.host_parity import MOST_HOSTS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
"""Methods that pages use, the most common first."""
MOST_HEADERS = 20
MOST_ORIGINS = 100
UNRELATED = "https://unrelated.example"
"""A site that belongs to no one; `.example` is reserved (RFC 2606)."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_IDENTITY = "$request.header."


class Group(StrEnum):
    """What a suggestion is for."""

    ALLOWED = "allowed"
    METHOD = "method"
    ADDRESS = "address"
    BLOCKED = "blocked"

    @property
    def label(self) -> str:
        """The group's heading."""
        return _LABELS[self]


_LABELS = {
    Group.ALLOWED: "Listed origins",
    Group.METHOD: "Further methods",
    Group.ADDRESS: "Other hosts",
    Group.BLOCKED: "Must stay blocked",
}


@dataclass(frozen=True, slots=True)
class Call:
    """What a page requests, whatever its origin: the fields of a probe without origin and expectation."""

    method: str
    base_url: str
    path: str
    headers: tuple[str, ...]
    credentials: bool

    def as_json(self) -> dict[str, Any]:
        """Return the call as the fields of a probe."""
        return {
            "method": self.method,
            "base_url": self.base_url,
            "path": self.path,
            "headers": list(self.headers),
            "credentials": self.credentials,
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A probe to make. `warning` says why it would fail now, "" when it should pass.

    `hosts` is how many addresses each run calls: more than one where it compares them.
    """

    group: Group
    origin: str
    call: Call
    expect: str
    why: str
    warning: str = ""
    hosts: int = 1

    @property
    def same_on_every_host(self) -> bool:
        """Whether the probe compares the API's addresses."""
        return self.hosts > 1

    def as_json(self) -> dict[str, Any]:
        """Return the suggestion as the fields of a probe."""
        call = {"origin": self.origin, **self.call.as_json(), "expect": self.expect}
        return call | {"same_on_every_host": self.same_on_every_host}


def suggest(policy: CorsPolicy, routes: Sequence[Route] | None, bases: Sequence[str]) -> list[Suggestion]:
    """Return the probes for a configuration, an API's routes and its addresses, the main address first.

    Without addresses, or while CORS is off, there is nothing to watch.
    """
    if not bases or not policy.on:
        return []
    calls = calls_of(policy, routes, bases)
    found = [
        *_allowed(policy, calls),
        *(_blocked(policy, calls[0]) if calls else ()),
    ]
    known = routes or ()
    return [_checked(one, policy, known if routes is not None else None, bases) for one in _unique(found)]


def calls_of(policy: CorsPolicy, routes: Sequence[Route] | None, bases: Sequence[str]) -> list[Call]:
    """Return the calls that the API serves: each method at the main address, then the first at each other address."""
    methods = [method for method in METHODS if _is_served(policy, routes, method)] or ["GET"]
    calls = [_call(policy, routes, bases, bases[0], method) for method in methods]
    return [*calls, *(_call(policy, routes, bases, base, methods[0]) for base in bases[1:])]


def _is_served(policy: CorsPolicy, routes: Sequence[Route] | None, method: str) -> bool:
    """Return whether a route names the method, or takes any and the configuration allows it."""
    if not routes:
        return method in policy.allow_methods
    if any(route.method == method for route in routes):
        return True
    return method in policy.allow_methods and any(route.method == "ANY" for route in routes)


def _call(policy: CorsPolicy, routes: Sequence[Route] | None, bases: Sequence[str], base: str, method: str) -> Call:
    path = sample_path(routes or (), method) or "/"
    return Call(method, base, path, _headers(policy, routes, bases, base + path, method), policy.allow_credentials)


def headers_of(api: HttpApi, method: str, base_url: str, path: str) -> list[str]:
    """Return the headers that clients of an API send with this call."""
    bases = base_urls(api)
    base = base_url or next(iter(bases), "")
    return list(_headers(api.policy, routes_of(api), bases, base.rstrip("/") + path, method))


def _headers(
    policy: CorsPolicy, routes: Sequence[Route] | None, bases: Sequence[str], url: str, method: str
) -> tuple[str, ...]:
    """Return the headers that clients send: those that are allowed, and those that the route's authorizer reads.

    A probe takes all of them.
    """
    names = [name for name in policy.allow_headers if name != "*"]
    if "*" in policy.allow_headers and method in _WITH_BODY:
        names.append("content-type")
    if method not in _WITH_BODY:
        names = [name for name in names if name.lower() != "content-type"]
    route = who_answers(routes or (), method, path_in_api(url, bases=tuple(bases)) or "/")
    names += _identity_headers(route)
    unique: dict[str, str] = {}
    for name in (name for name in names if is_token(name) and len(name) <= LONGEST_HEADER):
        unique.setdefault(name.lower(), name)
    sent = [name for lower, name in unique.items() if not is_forbidden_header(lower, "")]
    return tuple(sent[:MOST_HEADERS])


def _identity_headers(route: Route | None) -> list[str]:
    if route is None or route.authorization in ("", "NONE"):
        return []
    if not route.identity:
        return ["authorization"]
    return [source.removeprefix(_IDENTITY) for source in route.identity if source.startswith(_IDENTITY)]


def _allowed(policy: CorsPolicy, calls: Sequence[Call]) -> Iterator[Suggestion]:
    main, others = calls[0], calls[1:]
    origins = _origins(policy)
    for origin, why in origins:
        yield Suggestion(Group.ALLOWED, origin, main, Probe.Expect.ALLOWED, why)
    for call in others:
        group = Group.METHOD if call.base_url == main.base_url else Group.ADDRESS
        reason = "a route serves it" if group is Group.METHOD else "same response at every address"
        for origin, _ in origins:
            yield Suggestion(group, origin, call, Probe.Expect.ALLOWED, reason)
    addresses = len({call.base_url for call in calls})
    if addresses > 1 and origins:
        why = "the same CORS headers at every address"
        hosts = min(addresses, MOST_HOSTS)
        yield Suggestion(Group.ADDRESS, origins[0][0], main, Probe.Expect.ALLOWED, why, hosts=hosts)


def listed_origins(policy: CorsPolicy) -> list[str]:
    """Return the origins that the entries without a wildcard mean, as browsers send them."""
    named = replace(policy, allow_origins=tuple(entry for entry in policy.allow_origins if "*" not in entry))
    return [origin for origin, _ in _origins(named)] + ["null"] * ("null" in policy.allow_origins)


def _origins(policy: CorsPolicy) -> list[tuple[str, str]]:
    """Return the origins that should be allowed, with why: each entry, and a site for each wildcard."""
    found: dict[str, str] = {}
    for entry in policy.allow_origins:
        if entry in ("*", "https://*"):
            found.setdefault(UNRELATED, f"{entry} allows any site")
        elif entry == "http://*":
            found.setdefault(UNRELATED.replace("https:", "http:"), f"{entry} allows any site")
        elif is_origin(entry):
            found.setdefault(entry, "listed")
        elif (url := parse_url(entry)) and "*" not in entry and url.origin != "null":
            # With a slash at its end, a path or capitals: no page has it, but its author means this origin.
            found.setdefault(url.origin, f"listed as {entry}")
    return list(found.items())[:MOST_ORIGINS]


def _blocked(policy: CorsPolicy, call: Call) -> Iterator[Suggestion]:
    """Return origins that must not be allowed, once each, with the mistake that would allow them."""
    candidates = [(UNRELATED, "unrelated site"), ("null", "sandboxed page")]
    for origin, _ in _origins(policy):
        candidates += look_alikes(origin)
    for origin, why in candidates:
        if allowed_origin(policy, origin) is None and origin not in policy.allow_origins:
            yield Suggestion(Group.BLOCKED, origin, call, Probe.Expect.BLOCKED, why)


def look_alikes(origin: str) -> list[tuple[str, str]]:
    """Return origins that careless matching takes for this one, with why."""
    url = parse_url(origin)
    if url is None or not url.host or url.scheme not in ("http", "https"):
        return []
    host, port = url.host, f":{url.port}" if url.port else ""
    found = [(f"http://{host}{port}", f"HTTP origin of {host}")] if url.scheme == "https" else []
    if _is_address(host):
        return found
    found.append((f"{url.scheme}://{host}.unrelated.example{port}", f"starts like {host}"))
    labels = host.split(".")
    if len(labels) > 1:
        found.append((f"{url.scheme}://not{host}{port}", f"ends like {host}"))
        parent = ".".join(labels[1:]) if len(labels) > 2 else host
        found.append((f"{url.scheme}://unlisted.{parent}{port}", f"sibling subdomain of {host}"))
    return [(one, why) for one, why in found if is_origin(one)]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _unique(found: Sequence[Suggestion]) -> list[Suggestion]:
    return list({(one.origin, one.call, one.hosts): one for one in reversed(found)}.values())[::-1]


def _checked(one: Suggestion, policy: CorsPolicy, routes: Sequence[Route] | None, bases: Sequence[str]) -> Suggestion:
    """Return a suggestion with why it would fail now, as far as the rules can predict."""
    request = Request(
        origin=one.origin,
        url=one.call.base_url.rstrip("/") + one.call.path,
        method=one.call.method,
        headers=tuple((name, "1") for name in one.call.headers),
        credentials="include" if one.call.credentials else "same-origin",
    )
    verdict = judge(predict(policy, request, routes, bases=tuple(bases)).exchange, with_notes=False)
    if verdict.allowed == (one.expect == Probe.Expect.ALLOWED):
        return one
    return replace(one, warning=verdict.reason)


@dataclass(frozen=True, slots=True)
class Row:
    """A suggestion for one API, and the probe that makes the same call already."""

    api: HttpApi
    suggestion: Suggestion
    exists: Probe | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the REST contract's row: the body of a new probe, why it is suggested, and whether it exists."""
        one = self.suggestion
        body = {"api": self.api.pk, "name": "", **one.as_json()}
        return body | {"why": one.why, "warning": one.warning or None, "exists": self.exists is not None}


def suggestions_for(apis: Sequence[HttpApi]) -> list[Row]:
    """Return the suggestions for each API in turn, with those that exist marked. One query for all.

    An API whose routes are not known yet has none: no path would be sure to exist.
    """
    existing: dict[int, dict[tuple[Any, ...], Probe]] = {api.pk: {} for api in apis}
    by_pk = {api.pk: api for api in apis}
    for probe in Probe.objects.filter(api__in=list(by_pk)).defer("beats", "secret"):
        probe.api = by_pk[probe.api_id]
        existing[probe.api_id].setdefault(identity(probe), probe)
    found = []
    for api in apis:
        for one in () if api.routes is None else suggest(api.policy, routes_of(api), base_urls(api)):
            found.append(Row(api, one, existing[api.pk].get(identity(Probe(api=api, **one.as_json())))))
    return found


def identity(probe: Probe) -> tuple[Any, ...]:
    """Return what makes two probes of an API the same call, whatever verdict they expect of it."""
    base = probe.base_url or next(iter(base_urls(probe.api)), "")
    headers = frozenset(name.lower() for name in probe.headers)
    call = (probe.origin, probe.method, base.rstrip("/"), probe.path, headers, probe.credentials)
    return (*call, probe.same_on_every_host)


@dataclass(frozen=True, slots=True)
class Cost:
    """What probes cost: calls a minute, one to each address that a run calls, and rows of results a day."""

    calls_per_minute: float
    rows_per_day: int


def cost(suggestions: Sequence[Suggestion], interval: int) -> Cost:
    """Return the cost of probes with this interval in seconds."""
    calls = sum(one.hosts for one in suggestions)
    return Cost(round(calls * 60 / interval, 2), round(len(suggestions) * 86_400 / interval))

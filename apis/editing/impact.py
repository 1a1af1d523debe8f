"""The impact of a proposal in browser terms: which calls of which pages change from allowed to blocked or back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from apis.cors.browser import judge
from apis.cors.exchange import Headers, Request, Verdict
from apis.cors.gateway import predict
from apis.cors.origins import is_origin
from apis.cors.policy import CorsPolicy
from apis.cors.routing import sample_path
from apis.inventory.models import HttpApi
from apis.inventory.rules import base_urls, routes_of, stages_of
from apis.probing.calls import request_of
from apis.probing.models import Probe

# Stands for "any site that is not listed" where an entry with a wildcard lets such sites in.
SOMEBODY_ELSE = {"https": "https://any-other-site.example", "http": "http://any-other-site.example"}
MOST_ORIGINS = 50
SIMPLE_METHODS = ("GET", "HEAD", "POST")
OTHER_METHODS = ("DELETE", "PATCH", "PUT")


@dataclass(frozen=True, slots=True)
class Impact:
    """One call, by a probe or from a known origin, as predicted before and after."""

    origin: str
    call: str
    before: Verdict
    after: Verdict
    probe: Probe | None = None

    @property
    def changes(self) -> bool:
        """Whether the call is allowed on one side only."""
        return self.before.allowed != self.after.allowed

    @property
    def reason(self) -> str:
        """Why it is blocked: after the change, or until it when that lets it through; "" when it never was."""
        if not self.after.allowed:
            return self.after.reason
        return self.before.reason if self.changes else ""

    def as_json(self) -> dict[str, Any]:
        """The row of the REST contract."""
        who = {"probe": self.probe.pk} if self.probe else {"origin": self.origin}
        return {
            **who,
            "call": self.call,
            "before": _word(self.before),
            "after": _word(self.after),
            "code": self.after.code,
            "reason": self.reason,
        }


def _word(verdict: Verdict) -> str:
    return "allowed" if verdict.allowed else "blocked"


def impact(
    api: HttpApi, before: CorsPolicy, after: CorsPolicy, probes: Iterable[Probe], origins: Sequence[str] | None = None
) -> tuple[Impact, ...]:
    """Every probe of the API and every origin, with the calls that could differ; the changing ones first.

    `origins` are those to try, as `origins_of` gives them; none given, those that either configuration names.
    """
    rows = [
        _predicted(api, before, after, request_of(probe), f"{probe.method} {probe.path}", probe) for probe in probes
    ]
    calls = list(_calls(api, before, after))
    probed, named = {row.origin for row in rows}, {*before.allow_origins, *after.allow_origins}
    for origin in origins_of(before, after)[:MOST_ORIGINS] if origins is None else origins:
        for number, (method, headers, credentials) in enumerate(calls):
            call = _describe(method, headers, credentials)
            request = Request(
                origin=origin,
                url=_url(api, method),
                method=method,
                headers=headers,
                credentials="include" if credentials else "same-origin",
            )
            row = _predicted(api, before, after, request, call)
            if row.changes or (number == 0 and (origin not in probed or origin in named)):
                rows.append(row)
    return tuple(sorted(rows, key=lambda row: (row.probe is None, not row.changes)))


def _predicted(
    api: HttpApi, before: CorsPolicy, after: CorsPolicy, request: Request, call: str, probe: Probe | None = None
) -> Impact:
    return Impact(request.origin, call, _verdict(api, before, request), _verdict(api, after, request), probe)


def _verdict(api: HttpApi, policy: CorsPolicy, request: Request) -> Verdict:
    return judge(predict(policy, request, routes=routes_of(api), stages=stages_of(api)).exchange)


def _url(api: HttpApi, method: str) -> str:
    """An address at which a route takes `method`; without one API Gateway answers 404, and nothing else is seen."""
    bases = base_urls(api) or [api.endpoint or "https://api.example"]
    return bases[0] + (sample_path(routes_of(api) or (), method) or "/")


def origins_of(before: CorsPolicy, after: CorsPolicy, known: Iterable[str] = ()) -> list[str]:
    """The origins to try: removed and added ones first, for there the impact is, then those that stay.

    `known` are others that have called, whatever the configurations say of them.
    """
    old, new = set(before.allow_origins), set(after.allow_origins)
    entries = [*sorted(old ^ new), *sorted(old & new), *sorted(known)]
    named = []
    for entry in entries:
        if entry in ("*", "https://*"):
            named.append(SOMEBODY_ELSE["https"])
        elif entry == "http://*":
            named.append(SOMEBODY_ELSE["http"])
        elif is_origin(entry):
            # Anything else, such as an entry with a trailing slash, is no origin that a page can have.
            named.append(entry)
    return list(dict.fromkeys(named))


def _calls(api: HttpApi, before: CorsPolicy, after: CorsPolicy) -> Iterator[tuple[str, Headers, bool]]:
    """The plainest call that the API serves, then those that its methods, headers and credentials could decide."""
    routes = routes_of(api) or ()
    served = [method for method in (*SIMPLE_METHODS, *OTHER_METHODS) if sample_path(routes, method)]
    plain = served[0] if served else "GET"
    yield plain, (), False
    methods = (set(before.allow_methods) | set(after.allow_methods)) - {"*", *SIMPLE_METHODS}
    if "*" in before.allow_methods or "*" in after.allow_methods:
        methods |= set(OTHER_METHODS)
    for method in sorted(methods):
        if method != plain and sample_path(routes, method):
            yield method, (), False
    old = {name.lower() for name in before.allow_headers}
    new = {name.lower() for name in after.allow_headers}
    for name in sorted(old ^ new)[:10]:
        value = "application/json" if name == "content-type" else "1"
        yield plain, ((name if name != "*" else "x-any-header", value),), False
    if before.allow_credentials or after.allow_credentials:
        yield plain, (), True


def _describe(method: str, headers: Headers, credentials: bool) -> str:
    words = [method]
    if headers:
        words.append("with " + ", ".join(name for name, _ in headers))
    if credentials:
        words.append("with cookies")
    return " ".join(words)

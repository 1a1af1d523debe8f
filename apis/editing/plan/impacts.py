"""The impact of a proposal in browser terms: which calls of which pages change from allowed to blocked or back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from apis.cors.browser import judge
from apis.cors.exchange import Credentials, Headers, Request, Verdict
from apis.cors.gateway import predict
from apis.cors.origin_match import allowed_origin
from apis.cors.origins import is_origin, origin_of
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route, path_in_api, sample_path, who_answers
from apis.editing.plan.exposed_headers import AS_BEFORE, SOMEBODY, Reading, read
from apis.inventory.lint_context import addresses_of, by_hand, routes_of
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from apis.probing.runs.calls import request_of

# Stands for "any site that is not listed" where an entry with a wildcard lets such sites in.
SOMEBODY_ELSE = {"https": SOMEBODY, "http": "http://any-other-site.example"}
MOST_ORIGINS = 50
# Each header is tried for every origin: of those that come the first are enough, as they break nothing. Those that go
# are all tried, up to more than any API is likely to have.
MOST_OLD_HEADERS, MOST_NEW_HEADERS = 50, 10
SIMPLE_METHODS = ("GET", "HEAD", "POST")
OTHER_METHODS = ("DELETE", "PATCH", "PUT")
# Stands for "any header that is not listed" where an entry `*` takes such headers.
_ANY_HEADER = "x-any-header"


@dataclass(frozen=True, slots=True)
class Impact:
    """One call, by a probe or from a known origin, as predicted before and after."""

    origin: str
    call: str
    before: Verdict
    after: Verdict
    probe: Probe | None = None
    reading: Reading = AS_BEFORE
    stage: str = ""
    """Return the stage without auto-deploy that the call uses, if any. What is live there is unknown, and
    it goes by `after` only once the API is deployed to it. `before` is what the settings in AWS say."""

    @property
    def changes(self) -> bool:
        """Whether the call is allowed on one side only."""
        return self.before.allowed != self.after.allowed

    @property
    def differs(self) -> bool:
        """Whether a page notices: the call changes, or what script can read of its answer."""
        return self.changes or any(self.reading)

    @property
    def reason(self) -> str:
        """Why it is blocked: after the change, or until it when that lets it through; else what script can read of it.

        "" when the call was never blocked and is as readable as before.
        """
        if not self.after.allowed:
            return self.after.reason
        return self.before.reason if self.changes else self.reading.in_words

    @property
    def outcome(self) -> tuple[bool, bool, Reading]:
        """What two calls have in common that fare alike."""
        return self.before.allowed, self.after.allowed, self.reading

    def as_json(self) -> dict[str, Any]:
        """Return the row of the REST contract."""
        who = {"probe": self.probe.pk} if self.probe else {"origin": self.origin}
        return {
            **who,
            "call": self.call,
            "before": _word(self.before),
            "after": _word(self.after),
            "code": self.after.code,
            "reason": self.reason,
            "stage": self.stage or None,
        }


def _word(verdict: Verdict) -> str:
    return "allowed" if verdict.allowed else "blocked"


def impact(
    api: HttpApi, before: CorsPolicy, after: CorsPolicy, probes: Iterable[Probe], origins: Sequence[str] | None = None
) -> tuple[Impact, ...]:
    """Return every probe of the API and every origin, with the calls that could differ; those that differ first.

    `origins` are those to try, as `origins_of` gives them; none given, those that either configuration names. A call
    with cookies has a row where it fares otherwise than the same call without, for there `*` is no wildcard.
    """
    context = _ImpactContext.for_change(api, before, after)
    rows = [context.probed(probe) for probe in probes]
    calls = list(context.calls())
    with_cookies = before.allow_credentials or after.allow_credentials
    probed, named = {row.origin for row in rows}, {*before.allow_origins, *after.allow_origins}
    for origin in origins_of(before, after)[:MOST_ORIGINS] if origins is None else origins:
        # Where neither side allows an origin, no method and no header changes that.
        known = any(allowed_origin(policy, origin) for policy in (before, after))
        for number, call in enumerate(calls if known else calls[:1]):
            row = context.called(origin, call, False, plainest=number == 0)
            if row.differs or (number == 0 and (origin not in probed or origin in named)):
                rows.append(row)
            if with_cookies:
                other = context.called(origin, call, True, plainest=number == 0)
                if (number == 0 and other.changes) or (other.differs and other.outcome != row.outcome):
                    rows.append(other)
    return tuple(sorted(rows, key=lambda row: (not row.differs, row.probe is None)))


class _Call(NamedTuple):
    """A call to try from each origin, and those of the API's routes that could take it or its preflight."""

    url: str
    method: str
    headers: Headers
    routes: tuple[Route, ...] | None


@dataclass(frozen=True, slots=True)
class _ImpactContext:
    """What is the same for every call: both configurations, the API's routes and its addresses.

    `origin_base` is the address at which origins are tried: one where the change is live at once, if there is one.
    `by_hand` has the addresses of the stages without auto-deploy, with their names; `reading` what script can read
    of an answer that it gets on both sides, without and with cookies.
    """

    before: CorsPolicy
    after: CorsPolicy
    routes: tuple[Route, ...] | None
    bases: tuple[str, ...]
    origin_base: str
    by_hand: Mapping[str, str]
    reading: tuple[Reading, Reading]

    @classmethod
    def for_change(cls, api: HttpApi, before: CorsPolicy, after: CorsPolicy) -> _ImpactContext:
        """Return the context of a plan for an API."""
        bases, late = addresses_of(api), by_hand(api)
        waiting = {base: stage for base, stage in bases.items() if stage in late}
        at_once = [base for base in bases if base not in waiting]
        base = [*at_once, *bases, api.endpoint or "https://api.example"][0]
        reading = read(before, after, include=False), read(before, after, include=True)
        return cls(before, after, routes_of(api), tuple(bases), base, waiting, reading)

    def calls(self) -> Iterator[_Call]:
        """Yield the plainest call that the API serves, then those that its methods and headers could decide.

        Each where a route takes it: without one API Gateway answers 404, and nothing else is seen.
        """
        routes = self.routes or ()
        served = [method for method in (*SIMPLE_METHODS, *OTHER_METHODS) if sample_path(routes, method)]
        plain = self._call(served[0] if served else "GET")
        yield plain
        methods = (set(self.before.allow_methods) | set(self.after.allow_methods)) - {"*", *SIMPLE_METHODS}
        if "*" in self.before.allow_methods or "*" in self.after.allow_methods:
            methods |= set(OTHER_METHODS)
        for method in sorted(methods):
            if method != plain.method and sample_path(routes, method):
                yield self._call(method)
        for name in headers_of(self.before, self.after)[0]:
            value = "application/json" if name == "content-type" else "1"
            yield plain._replace(headers=((name if name != "*" else _ANY_HEADER, value),))

    def _call(self, method: str) -> _Call:
        url = self.origin_base + (sample_path(self.routes or (), method) or "/")
        if self.routes is None:
            return _Call(url, method, (), None)
        # Hundreds of routes would be looked through for every call: leave out those that take neither it nor its
        # preflight, but for one with a target, as it counts whether any has one.
        path, asked = path_in_api(url, bases=self.bases or None) or "/", ("OPTIONS", method)
        routes = [route for route in self.routes if any(who_answers((route,), verb, path) for verb in asked)]
        routes += [route for route in self.routes if route.target][:1]
        return _Call(url, method, (), tuple(routes))

    def probed(self, probe: Probe) -> Impact:
        """Return a probe's call, at the address that it calls."""
        base = probe.base_url or (self.bases[0] if self.bases else "")
        return self._row(request_of(probe), f"{probe.method} {probe.path}", base, self.routes, True, probe)

    def called(self, origin: str, call: _Call, credentials: bool, plainest: bool) -> Impact:
        """Return a call from an origin. Only the simplest call lists the readable headers, the same for all."""
        mode: Credentials = "include" if credentials else "same-origin"
        request = Request(origin=origin, url=call.url, method=call.method, headers=call.headers, credentials=mode)
        words = _describe(call.method, call.headers, credentials)
        return self._row(request, words, self.origin_base, call.routes, plainest)

    def _row(
        self,
        request: Request,
        words: str,
        base: str,
        routes: tuple[Route, ...] | None,
        with_reading: bool,
        probe: Probe | None = None,
    ) -> Impact:
        bases = self.bases or None
        before, after = (
            judge(predict(policy, request, routes=routes, bases=bases).exchange, with_notes=False)
            for policy in (self.before, self.after)
        )
        readable = AS_BEFORE
        if with_reading and before.allowed and after.allowed and origin_of(request.url) != request.origin:
            readable = self.reading[request.credentials == "include"]
        return Impact(request.origin, words, before, after, probe, readable, self.by_hand.get(base.rstrip("/"), ""))


def origins_of(before: CorsPolicy, after: CorsPolicy, known: Iterable[str] = ()) -> list[str]:
    """Return the origins to try: removed and added ones first, for there the impact is, then those that stay.

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


def headers_of(before: CorsPolicy, after: CorsPolicy) -> tuple[list[str], int]:
    """Return the request headers to try, and how many are left out: those that go come first, for there calls break."""
    old = {name.lower() for name in before.allow_headers}
    new = {name.lower() for name in after.allow_headers}
    tried = [*sorted(old - new)[:MOST_OLD_HEADERS], *sorted(new - old)[:MOST_NEW_HEADERS]]
    return tried, len(old ^ new) - len(tried)


def _describe(method: str, headers: Headers, credentials: bool) -> str:
    words = [method]
    if headers:
        words.append("with " + ", ".join(name for name, _ in headers))
    if credentials:
        words.append("with cookies")
    return " ".join(words)

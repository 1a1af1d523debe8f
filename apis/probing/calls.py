"""What a probe sends: the preflight a browser would send, and the call itself where that does no harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apis.cors.browser import judge, needs_preflight, preflight_headers
from apis.cors.exchange import Answer, Exchange, Headers, Request, Verdict
from apis.inventory.rules import base_urls
from apis.outbound import Call, Failure, Guard, Reply, send_many
from apis.probing.models import Probe

# Sending anything else could change data behind the API. Its preflight says whether a browser would allow it.
HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
TIMEOUT_S = 10
AGENT = ("User-Agent", "corsdash-probe")
_VALUE = {"content-type": "application/json", "authorization": "Bearer corsdash-probe"}


@dataclass(slots=True)
class Outcome:
    """What came of one try: the exchange and its verdict, or the `error` for which there is none; timings in ms."""

    exchange: Exchange | None = None
    verdict: Verdict | None = None
    timings: dict[str, Any] = field(default_factory=dict)
    error: str = ""


def request_of(probe: Probe) -> Request:
    """The call as a page at the probe's origin would make it."""
    return Request(
        origin=probe.origin,
        url=url_of(probe),
        method=probe.method,
        headers=headers_of(probe),
        credentials="include" if probe.credentials else "same-origin",
    )


def headers_of(probe: Probe) -> Headers:
    """The probe's header names with values that stand for any."""
    return tuple((name, _VALUE.get(name.lower(), "corsdash")) for name in probe.headers)


def url_of(probe: Probe) -> str:
    """Where the probe calls: one of the API's own addresses and the path."""
    bases = base_urls(probe.api)
    base = probe.base_url or (bases[0] if bases else probe.api.endpoint)
    return base.rstrip("/") + "/" + probe.path.lstrip("/")


def make(probes: Sequence[Probe], guard: Guard) -> list[Outcome]:
    """Try every probe, many at once; outcomes come in the probes' order. Nothing is raised for a target's fault."""
    outcomes = [Outcome() for _ in probes]
    requests = [request_of(probe) for probe in probes]
    for probe, outcome in zip(probes, outcomes, strict=True):
        if probe.base_url and probe.base_url not in base_urls(probe.api):
            outcome.error = f"{probe.api.name} no longer answers at {probe.base_url}. Choose another address."
        elif not base_urls(probe.api):
            outcome.error = f"{probe.api.name} has no address to call: its execute-api endpoint is disabled."
    preflights = [None] * len(probes)
    ask = [
        n
        for n, request in enumerate(requests)
        if not outcomes[n].error and (needs_preflight(request) or request.method not in HARMLESS)
    ]
    for n, answer in _send(ask, [_preflight(requests[n]) for n in ask], guard, outcomes, "preflight"):
        preflights[n] = answer
    tell = [
        n
        for n, request in enumerate(requests)
        if not outcomes[n].error and request.method in HARMLESS and _passes(request, preflights[n])
    ]
    responses = [None] * len(probes)
    for n, answer in _send(tell, [_actual(requests[n]) for n in tell], guard, outcomes, "request"):
        responses[n] = answer
    for n, (request, outcome) in enumerate(zip(requests, outcomes, strict=True)):
        if not outcome.error:
            outcome.exchange = Exchange(request, preflights[n], responses[n])
            outcome.verdict = _verdict(outcome.exchange)
    return outcomes


def _send(
    which: list[int], calls: list[Call], guard: Guard, outcomes: list[Outcome], leg: str
) -> list[tuple[int, Any]]:
    answered = []
    for n, reply in zip(which, send_many(calls, guard), strict=True):
        outcomes[n].timings[leg] = reply.timings.as_json()
        if isinstance(reply, Failure):
            outcomes[n].error = f"The {leg} got no answer: {reply.message}"
        else:
            assert isinstance(reply, Reply)
            answered.append((n, Answer(reply.status, reply.headers)))
    return answered


def _preflight(request: Request) -> Call:
    return Call("OPTIONS", request.url, (*preflight_headers(request), AGENT), timeout_s=TIMEOUT_S)


def _actual(request: Request) -> Call:
    return Call(request.method, request.url, (("Origin", request.origin), *request.headers, AGENT), timeout_s=TIMEOUT_S)


def _passes(request: Request, preflight: Answer | None) -> bool:
    """Whether a browser would go on after this preflight."""
    return preflight is None or judge(_with_likely_response(Exchange(request, preflight))).allowed


def _verdict(exchange: Exchange) -> Verdict:
    return judge(exchange if exchange.response else _with_likely_response(exchange))


def _with_likely_response(exchange: Exchange) -> Exchange:
    """The exchange with API Gateway's likely answer to the call itself: it allows the same origin as the preflight.

    For calls that are not sent because they could change data; the preflight decides then.
    """
    preflight = exchange.preflight
    if preflight is None:
        return exchange
    same = ("access-control-allow-origin", "access-control-allow-credentials")
    likely = tuple(pair for pair in preflight.headers if pair[0].lower() in same)
    return Exchange(exchange.request, preflight, Answer(200, likely))

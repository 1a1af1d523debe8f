"""What a probe sends: the preflight a browser would send, and the call itself where that does no harm."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from apis.cors.browser import decisive, judge, needs_preflight, preflight_headers
from apis.cors.exchange import Answer, Exchange, Headers, Request, Verdict
from apis.inventory.lint_context import base_urls
from apis.outbound import SENTENCES, Call, Failure, Guard, Lack, Reply, lack_of, run_conversations
from apis.probing.models import Probe
from apis.probing.runs import host_parity
from apis.probing.runs.host_parity import Difference

log = logging.getLogger(__name__)

# Sending anything else could change data behind the API. Its preflight says whether a browser would allow it.
HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
TIMEOUT_S = 10
BATCH_S = 90
"""Seconds that all calls of one batch may take together; what is left then is not run."""
AGENT = ("User-Agent", "corsdash-probe")
UNREACHABLE = ("resolve", "connect", "tls", "timeout")
"""Kinds of failures in which a host takes no connection, so that every call to it fails."""
HIDDEN = "***"
RENEWAL_DAYS = 30
"""A certificate that ends within so many days is read at each handshake, for it is about to be renewed."""
_VALUE = {"content-type": "application/json", "authorization": "Bearer corsdash-probe"}


@dataclass(slots=True)
class Outcome:
    """What came of one try: the exchange and its verdict, or the `error` for which there is none; timings in ms.

    `lack` is set when this machine could not make the call: nothing is known of the target then.
    `unreachable` says how the host failed to take a connection, "" when it did; `connected` whether one did.
    `certificate_expires` is the end of the host's certificate, None for http; `certificate_remembered` when it was not
    read in this run. `differences` are what the API's other addresses answer otherwise, for a probe that compares them.
    """

    exchange: Exchange | None = None
    verdict: Verdict | None = None
    timings: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    lack: Lack | None = None
    certificate_expires: datetime | None = None
    certificate_remembered: bool = False
    unreachable: str = ""
    connected: bool = False
    differences: list[Difference] = field(default_factory=list)

    @classmethod
    def not_run(cls, lack: Lack) -> Outcome:
        """Make the outcome of a call that this machine could not make."""
        return cls(error=SENTENCES[lack], lack=lack)


def request_of(probe: Probe) -> Request:
    """Return the call as a page at the probe's origin would make it."""
    return Request(
        origin=probe.origin,
        url=url_of(probe),
        method=probe.method,
        headers=headers_of(probe),
        credentials="include" if probe.credentials else "same-origin",
    )


def headers_of(probe: Probe) -> Headers:
    """Return the probe's header names with values that stand for any."""
    return tuple((name, _VALUE.get(name.lower(), "corsdash")) for name in probe.headers)


def url_of(probe: Probe) -> str:
    """Return where the probe calls: one of the API's own addresses and the path."""
    return _join(host_parity.own_address(probe) or probe.api.endpoint, probe.path)


def _join(base: str, path: str) -> str:
    return base.rstrip("/") + "/" + path.lstrip("/")


def make_calls(probes: Sequence[Probe], guard: Guard, reads_certificates: bool = True) -> list[Outcome]:
    """Try every probe, many at once; outcomes come in the probes' order. Nothing is raised, whosever fault it is.

    Reading certificates costs much: without it, what this process read within the last hour is enough. So a scheduled
    run may take an hour to see a host's new certificate, unless the old one ends within RENEWAL_DAYS or too early for
    the probe.
    """
    try:
        return run_conversations((_safely(probe, reads_certificates) for probe in probes), guard, seconds=BATCH_S)
    except Exception as error:
        log.exception("A batch of %s probes could not be run", len(probes))
        return [Outcome.not_run(lack_of(error)) for _ in probes]


def _safely(probe: Probe, reads_certificate: bool) -> Generator[Call, Reply | Failure, Outcome]:
    """Try a probe; an error of our own is its outcome and ends no other probe's conversation."""
    try:
        return (yield from _try(probe, None if reads_certificate else max(RENEWAL_DAYS, probe.certificate_days or 0)))
    except Exception as error:
        log.exception("Probe %s could not be run", probe.pk)
        return Outcome.not_run(lack_of(error))


def _try(probe: Probe, certificate_days: int | None) -> Generator[Call, Reply | Failure, Outcome]:
    """Call a probe's API: the preflight where a browser would send one, then the request if it changes no data.

    `certificate_days` are those of the calls.
    """
    found = Outcome(error=_no_address(probe))
    if found.error:
        return found
    found.exchange = yield from _exchange(found, request_of(probe), probe, certificate_days=certificate_days)
    if found.exchange is None:
        return found
    found.verdict = _verdict(found.exchange)
    if probe.same_on_every_host:
        found.differences = yield from _compare(probe, found.exchange)
    return found


def _exchange(
    found: Outcome, request: Request, probe: Probe, timeout_s: float = TIMEOUT_S, certificate_days: int | None = None
) -> Generator[Call, Reply | Failure, Exchange | None]:
    """Yield the preflight and the request after it; None where one got no response, which `found` then explains."""
    preflight = response = None
    if needs_preflight(request) or request.method not in HARMLESS:
        call = _preflight(request, probe, timeout_s, certificate_days)
        preflight = _read(found, "preflight", (yield call), probe.secret)
        if preflight is None:
            return None
    if sends_actual_request(probe) and _passes(request, preflight):
        call = _actual(request, probe, timeout_s, certificate_days)
        response = _read(found, "request", (yield call), probe.secret)
        if response is None:
            return None
    return Exchange(request, preflight, response)


def _compare(probe: Probe, here: Exchange) -> Generator[Call, Reply | Failure, list[Difference]]:
    """Make the same call at the API's other addresses, and return what each answers otherwise."""
    found: list[Difference] = []
    end = time.monotonic() + host_parity.PATIENCE_S
    for base in host_parity.other_addresses(probe):
        left = end - time.monotonic()
        if left <= 0:
            found.append(Difference(base, "response", "received", "not waited for"))
            break
        aside = Outcome()
        request = replace(here.request, url=_join(base, probe.path))
        there = yield from _exchange(aside, request, probe, min(TIMEOUT_S, left))
        if there is not None:
            different = host_parity.difference(base, here, there)
        else:
            # What this machine lacks says nothing about the address.
            different = None if aside.lack else Difference(base, "response", "received", aside.error)
        if different:
            found.append(different)
    return found


def sends_actual_request(probe: Probe) -> bool:
    """Return whether the actual request is sent too, not only its preflight."""
    return probe.safe or probe.method in HARMLESS


def _no_address(probe: Probe) -> str:
    """Return why there is nowhere to call, when there is not."""
    bases = base_urls(probe.api)
    if probe.base_url and probe.base_url not in bases:
        return f"{probe.api.name} no longer answers at {probe.base_url}. Choose another address."
    return "" if bases else f"{probe.api.name} has no address to call: its execute-api endpoint is disabled."


def _read(found: Outcome, leg: str, reply: Reply | Failure, secret: str = "") -> Answer | None:
    """Return the answer to one leg; its timings and, where none came, the reason are noted in `found`.

    A secret that the host repeats is not kept.
    """
    found.timings[leg] = reply.timings.as_json()
    found.connected = found.connected or isinstance(reply, Reply) or reply.accepted
    if isinstance(reply, Failure) and reply.lack:
        found.error, found.lack = reply.message, reply.lack
        return None
    if isinstance(reply, Failure):
        found.error = f"The {leg} got no response: {reply.message}"
        found.unreachable = reply.kind if reply.kind in UNREACHABLE and not reply.accepted else ""
        return None
    if found.certificate_expires is None or not reply.certificate_remembered:
        found.certificate_expires = reply.certificate_expires
        found.certificate_remembered = reply.certificate_remembered
    if secret:
        return Answer(reply.status, tuple((name, value.replace(secret, HIDDEN)) for name, value in reply.headers))
    return Answer(reply.status, reply.headers)


def _preflight(request: Request, probe: Probe, timeout_s: float, certificate_days: int | None) -> Call:
    return _call("OPTIONS", request.url, preflight_headers(request), probe, timeout_s, certificate_days)


def _call(
    method: str, url: str, headers: Headers, probe: Probe, timeout_s: float, certificate_days: int | None
) -> Call:
    # Preflight and request alike, so that they share a connection.
    is_secret = bool(probe.secret)
    return Call(
        method, url, (*headers, AGENT), None, timeout_s, certificate_days=certificate_days, confidential=is_secret
    )


def _actual(request: Request, probe: Probe, timeout_s: float, certificate_days: int | None) -> Call:
    """Return the actual request. The stored secret is in it alone: the exchange, which is kept, has a stand-in."""
    headers = request.headers
    if probe.secret:
        hidden = probe.secret_header.lower()
        headers = tuple((name, probe.secret if name.lower() == hidden else value) for name, value in headers)
    headers = (("Origin", request.origin), *headers)
    return _call(request.method, request.url, headers, probe, timeout_s, certificate_days)


def _passes(request: Request, preflight: Answer | None) -> bool:
    """Return whether a browser would go on after this preflight."""
    return preflight is None or _verdict(Exchange(request, preflight)).allowed


def _verdict(exchange: Exchange) -> Verdict:
    preflight, response = exchange.preflight, exchange.response
    return _judge(
        Exchange(exchange.request, preflight and decisive(preflight), response and decisive(response)),
    )


# At most runs a probe gets what it got before.
@lru_cache(2048)
def _judge(exchange: Exchange) -> Verdict:
    return judge(exchange if exchange.response else with_likely_response(exchange))


def with_likely_response(exchange: Exchange) -> Exchange:
    """Return the exchange with API Gateway's likely response: it allows the same origin as the preflight.

    For calls that are not sent because they could change data; the preflight decides then.
    """
    preflight = exchange.preflight
    if preflight is None:
        return exchange
    same = ("access-control-allow-origin", "access-control-allow-credentials")
    likely = tuple(pair for pair in preflight.headers if pair[0].lower() in same)
    return Exchange(exchange.request, preflight, Answer(200, likely))

"""Tell this machine's own network from the hosts that probes call: when none of them answers, AWS is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Max
from django.utils import timezone

from apis.aws.endpoint import endpoint_of
from apis.inventory.models import Account
from apis.outbound import Call, Guard, Outcome, Reply, send_many
from apis.probing.models import NetworkOutage, Probe
from apis.probing.runs import calls

PATIENCE_S = 4.0
"""Seconds that an endpoint of AWS has for its answer."""
SHARED_S = 3.0
"""Batches that end within so many seconds share one check."""
MOST_ENDPOINTS = 8
SKIPPED = "No host answered, and AWS did not either: the dashboard's own network is down."
_OWN = ("network", "resolver")
_SLACK = timedelta(minutes=2)


def is_connected(probes: Sequence[Probe], outcomes: Sequence[calls.Outcome], guard: Guard) -> bool | None:
    """Return whether this machine's network works, as far as a batch and the endpoints of its accounts tell.

    None where nothing is known: no call came as far as the network, or no endpoint may be called.
    """
    if any(outcome.connected for outcome in outcomes):
        return True
    unanswered = [
        probe.api
        for probe, outcome in zip(probes, outcomes, strict=True)
        if outcome.unreachable or outcome.lack in _OWN
    ]
    regions = {(api.account_id, api.region) for api in unanswered}
    if not regions:
        return None
    urls = dict(Account.objects.filter(pk__in={pk for pk, _ in regions}).values_list("pk", "endpoint_url"))
    endpoints = {urls[pk] or endpoint_of(region) for pk, region in regions if pk in urls}
    return _checks.ask(sorted(endpoints)[:MOST_ENDPOINTS], guard)


def without_network(outcomes: Iterable[calls.Outcome]) -> list[calls.Outcome]:
    """Return the outcomes of a batch that ran while the network was down: a silent host is no failure then."""
    return [
        calls.Outcome(error=f"{SKIPPED} {outcome.error}", lack="network") if outcome.unreachable else outcome
        for outcome in outcomes
    ]


def note(connected: bool | None, at: datetime) -> None:
    """Store that the network is down, or up again."""
    if connected is None:
        return
    known = NetworkOutage.objects.filter(pk=NetworkOutage.ONLY)
    if connected:
        # A run that began before the outage says nothing about its end.
        if found := known.filter(since__lte=at).first():
            found.delete()
    elif not known.update(seen_at=at):
        NetworkOutage.objects.bulk_create([NetworkOutage(since=at, seen_at=at)], ignore_conflicts=True)


def down_since(now: datetime | None = None) -> datetime | None:
    """Return since when the network is down; None while it works, or when no probe has run for long to tell."""
    found = NetworkOutage.objects.first()
    if found is None:
        return None
    longest = Probe.objects.filter(enabled=True, api__gone_at=None).aggregate(n=Max(F("interval")))["n"]
    now = now or timezone.now()
    if longest is None or found.seen_at < now - timedelta(seconds=2 * longest) - _SLACK:
        return None
    return found.since


class _Checks:
    """The answers of the last check, for all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], tuple[float, bool | None]] = {}

    def ask(self, endpoints: Sequence[str], guard: Guard) -> bool | None:
        """Return whether any endpoint answers; who asks meanwhile waits for the same check."""
        if not endpoints:
            return None
        key = tuple(endpoints)
        with self._lock:
            checked_at, found = self._known.get(key, (0.0, None))
            if not checked_at or time.monotonic() - checked_at > SHARED_S:
                found = _ask(endpoints, guard)
                self._known = {key: (time.monotonic(), found)}
        return found


def _ask(endpoints: Sequence[str], guard: Guard) -> bool | None:
    asked = [Call("HEAD", url, timeout_s=PATIENCE_S, connect_timeout_s=PATIENCE_S, max_body=0) for url in endpoints]
    found = [_answers(url, outcome) for url, outcome in zip(endpoints, send_many(asked, guard), strict=True)]
    if any(found):
        return True
    # An address that may not be called says nothing; then a failure stays a failure.
    return None if None in found else False


def _answers(url: str, outcome: Outcome) -> bool | None:
    """Return whether an endpoint was reached: by any HTTP response, or a TLS handshake with its certificate."""
    if isinstance(outcome, Reply):
        return True
    if outcome.kind in ("refused-address", "bad-url") or (outcome.lack and outcome.lack not in _OWN):
        return None
    return outcome.kind in ("protocol", "too-large") or (outcome.accepted and url.lower().startswith("https:"))


_checks = _Checks()

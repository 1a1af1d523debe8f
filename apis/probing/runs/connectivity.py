"""Tell this machine's own network from the hosts that probes call: when none of them answers, AWS is asked.

AWS may never answer this check: a proxy leads there, or there is no way out of a company's network. So only an endpoint
that has answered before shows a lost network, and a sync that succeeds during an outage shows that there is none.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, Max, Q, QuerySet
from django.utils import timezone

from apis.aws.endpoint import endpoint_of
from apis.inventory.models import Account, SyncRegion
from apis.jobs.bulk_reads import Given
from apis.jobs.compiled_reads import CompiledRows
from apis.outbound import Call, Guard, Outcome, Reply, from_settings, send_many
from apis.probing.models import AnsweringEndpoint, NetworkOutage, Probe
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

    None where nothing is known: no call came as far as the network, or no endpoint that fails has answered before.
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
    answers = _checks.ask(sorted(endpoints)[:MOST_ENDPOINTS], guard)
    if any(answers.values()):
        return True
    silent = AnsweringEndpoint.objects.filter(pk__in=[url for url, answered in answers.items() if answered is False])
    if not silent.exists():
        return None
    if _has_synced_in_outage(regions):
        # The check no longer reaches what the sync does, as behind a new proxy: it has to answer again first.
        silent.delete()
        return True
    return False


def learn_endpoints(guard: Guard | None = None) -> None:
    """Check AWS endpoints of probed regions that have never answered, a few at a time, and store which answer."""
    probed = Probe.objects.filter(enabled=True, api__gone_at=None, api__account__enabled=True).order_by()
    places = probed.values_list("api__account__endpoint_url", "api__region").distinct()
    known = set(AnsweringEndpoint.objects.values_list("pk", flat=True))
    unknown = sorted({url or endpoint_of(region) for url, region in places} - known)
    check_endpoints(random.sample(unknown, min(len(unknown), MOST_ENDPOINTS)), guard or from_settings())


def check_endpoints(endpoints: Sequence[str], guard: Guard) -> None:
    """Store which of these endpoints answer."""
    now = timezone.now()
    rows = [AnsweringEndpoint(url=url, answered_at=now) for url, answered in _ask(endpoints, guard).items() if answered]
    AnsweringEndpoint.objects.bulk_create(rows, ignore_conflicts=True)


def _has_synced_in_outage(regions: Iterable[tuple[int, str]]) -> bool:
    """Return whether one of these accounts' regions was synced from beginning to end while the network seemed down."""
    since = down_since()
    if since is None:
        return False
    places = Q()
    for account, region in regions:
        places |= Q(account=account, region=region)
    return SyncRegion.objects.filter(places, state=SyncRegion.State.DONE, started_at__gt=since).exists()


def without_network(outcomes: Iterable[calls.Outcome]) -> list[calls.Outcome]:
    """Return the outcomes of a batch that ran while the network was down: a silent host is no failure then."""
    return [
        calls.Outcome(error=f"{SKIPPED} {outcome.error}", lack="network") if outcome.unreachable else outcome
        for outcome in outcomes
    ]


def _begun(at: datetime | Given) -> QuerySet[NetworkOutage]:
    return NetworkOutage.objects.filter(pk=NetworkOutage.ONLY, since__lte=at)


_BEGUN = CompiledRows(lambda: _begun(Given("at", DateTimeField())), ["pk"])


def note(connected: bool | None, at: datetime) -> None:
    """Store that the network is down, or up again."""
    if connected is None:
        return
    if connected:
        # A run that began before the outage says nothing about its end.
        if _BEGUN.read(at=at):
            _begun(at).delete()
    elif down_since(at) is not None:
        NetworkOutage.objects.filter(pk=NetworkOutage.ONLY).update(seen_at=at)
    else:
        NetworkOutage.objects.update_or_create(pk=NetworkOutage.ONLY, defaults={"since": at, "seen_at": at})


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


type _Answers = dict[str, bool | None]


class _Checks:
    """The answers of the last check, for all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], tuple[float, _Answers]] = {}

    def ask(self, endpoints: Sequence[str], guard: Guard) -> _Answers:
        """Return which endpoints answer; who asks meanwhile waits for the same check."""
        key = tuple(endpoints)
        with self._lock:
            checked_at, found = self._known.get(key, (0.0, {}))
            if not checked_at or time.monotonic() - checked_at > SHARED_S:
                found = _ask(endpoints, guard)
                self._known = {key: (time.monotonic(), found)}
        return found


def _ask(endpoints: Sequence[str], guard: Guard) -> _Answers:
    """Return for each endpoint whether it answers; None for one that may not be called."""
    asked = [Call("HEAD", url, timeout_s=PATIENCE_S, connect_timeout_s=PATIENCE_S, max_body=0) for url in endpoints]
    sent = send_many(asked, guard) if asked else []
    return {url: _answers(url, outcome) for url, outcome in zip(endpoints, sent, strict=True)}


def _answers(url: str, outcome: Outcome) -> bool | None:
    """Return whether an endpoint was reached: by any HTTP response, or a TLS handshake with its certificate."""
    if isinstance(outcome, Reply):
        return True
    if outcome.kind in ("refused-address", "bad-url") or (outcome.lack and outcome.lack not in _OWN):
        return None
    return outcome.kind in ("protocol", "too-large") or (outcome.accepted and url.lower().startswith("https:"))


_checks = _Checks()

"""The schedule of the past: runs probes, settles flips, sends messages and syncs, as workers did at that time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from apis.alerting.alerts import happenings
from apis.alerting.incidents import incidents, suspected_change
from apis.alerting.sending import deliveries, outbox
from apis.demo.history.aws import DemoApi, tries
from apis.demo.history.moved_clock import MovedClock
from apis.editing.apply import applying, verification
from apis.inventory.models import Account, Change, HttpApi, SyncRegion
from apis.inventory.reading import attribution, sync
from apis.outbound import from_settings
from apis.probing.models import Probe
from apis.probing.runs.calls import Outcome, make_calls
from apis.probing.runs.schedule import place_from
from apis.probing.runs.storage import store

_OBSERVED_EVERY = timedelta(hours=2)
"""The gateway is called so often; the runs until then repeat what it answered, as nothing changed meanwhile."""


_GIVES_WAY_S = 0.03
"""SQLite has one writer at a time, and one that waits asks again in steps of at most 25 ms: people write in between."""


class Past:
    """The past up to `now`, played in one direction."""

    def __init__(self, clock: MovedClock, aws: DemoApi, now: datetime) -> None:
        self.aws, self.now, self._clock = aws, now, clock
        self._free_since = 0.0

    def begin(self, **ago: float) -> None:
        """Begin at a time."""
        self._at = self._move(self.now - timedelta(**ago))

    def go_to(self, **ago: float) -> None:
        """Let time pass until so long ago, with all that the schedule does meanwhile."""
        end = self.now - timedelta(**ago)
        while self._at < end:
            until = min(self._at + _OBSERVED_EVERY, end)
            self._watch(self._at, until)
            self._at = until
        self._move(self._at)

    def _move(self, moment: datetime) -> datetime:
        self._clock.set(moment)
        return moment

    def _watch(self, since: datetime, until: datetime) -> None:
        """Run the probes that were due in a stretch of time in which no configuration changes."""
        probes = list(Probe.objects.filter(enabled=True).select_related("api", "last_result").order_by("pk"))
        self._move(since)
        outcomes = _call_patiently(probes)
        by_pk = {probe.pk: probe for probe in probes}
        for flips, group in groupby(_runs(probes, outcomes, since, until), key=lambda run: run[2]):
            runs = list(group)
            times = [at for at, _, _ in runs]
            self._move(max(times) + timedelta(seconds=1))
            ids = [pk for _, pk, _ in runs]
            # Mostly the gateway was called meanwhile.
            time.sleep(max(0.0, self._free_since + _GIVES_WAY_S - time.monotonic()))
            store([by_pk[pk] for pk in ids], [outcomes[pk] for pk in ids], times, "schedule")
            if flips:
                self._alert()
            self._free_since = time.monotonic()

    def settle(self) -> None:
        """Open and close incidents, announce what people and others did, and send what is due."""
        moment = self._clock.now()
        incidents.settle_flips(moment)
        outbox.announce_proposals(moment)
        happenings.announce_happenings(moment)
        self._send()

    def _alert(self) -> None:
        for api in suspected_change.unread_apis():
            sync.refresh(api)
        incidents.settle_flips(self._clock.now())
        self._send()

    def _send(self) -> None:
        moment = self._clock.now()
        while due := outbox.due(moment):
            for pk in due:
                deliveries.send(pk, moment)

    def sync(self, api: HttpApi | None = None) -> None:
        """Read every region, or that of an API alone, and ask CloudTrail who caused the drift."""
        places = [(api.account, api.region)] if api else [(account, "") for account in self._accounts()]
        for account, region in places:
            for row in sync.start(account=account, region=region).regions.select_related("account", "run"):
                self._sync_region(row)
        self.settle()

    def _sync_region(self, row: SyncRegion) -> None:
        for is_last in tries():
            sync.run_region(row)
            if is_last or row.state != SyncRegion.State.FAILED:
                break
        for pk in sync.needing_details(row.account, row.region):
            sync.refresh(HttpApi.objects.select_related("account").get(pk=pk))
        if attribution.unattributed(row.account, row.region).exists():
            attribution.attribute(row.account, row.region)

    def apply(self, change: Change) -> None:
        """Send a pending change and verify it."""
        done = applying.carry_out(change)
        if done.status != Change.Status.APPLIED:
            raise RuntimeError(f"the demo AWS did not take a change: {done.error}")
        self.verify(done)

    def verify(self, change: Change) -> None:
        """Run the API's probes because of a change."""
        verification.verify(Change.objects.select_related("api", "before", "after").get(pk=change.pk))
        self.settle()

    def _accounts(self) -> list[Account]:
        return list(Account.objects.filter(endpoint_url=self.aws.endpoint))


def _call_patiently(probes: Sequence[Probe]) -> dict[int, Outcome]:
    """Return what each probe gets; what a busy machine held up is called again."""
    outcomes: dict[int, Outcome] = {}
    waiting = list(probes)
    for is_last in tries():
        outcomes |= zip([probe.pk for probe in waiting], make_calls(waiting, from_settings()), strict=True)
        waiting = [probe for probe in waiting if _is_held_up(probe, outcomes[probe.pk])]
        if is_last or not waiting:
            break
    return outcomes


def _is_held_up(probe: Probe, outcome: Outcome) -> bool:
    """Return whether a call took too long or got no response; no fault of the gateway is in force meanwhile."""
    took = sum(leg.get("total", 0) for leg in outcome.timings.values())
    if probe.max_latency is not None and took >= probe.max_latency:
        return True
    return bool(outcome.lack or outcome.unreachable or (outcome.error and outcome.connected))


type _Run = tuple[datetime, int, int]


def _runs(probes: Sequence[Probe], outcomes: dict[int, Outcome], since: datetime, until: datetime) -> Iterator[_Run]:
    """Yield the runs in a stretch of time, in order: when, which probe, and the number of the turn that it belongs to.

    A turn is a probe's change from passing to failing or back, which needs its own storing; 0 for all others.
    """
    found = sorted(run for probe in probes for run in _runs_of(probe, outcomes[probe.pk], since, until))
    turns = 0
    for at, pk, turning in found:
        turns += turning
        yield at, pk, turns if turning else 0


def _runs_of(probe: Probe, outcome: Outcome, since: datetime, until: datetime) -> Iterator[tuple[datetime, int, int]]:
    """Yield a probe's due times, and after a turn its retries, also those left over from the stretch before."""
    first = int(since.timestamp()) + 1
    due = place_from(probe.pk, probe.interval, first)
    passes = not outcome.error and outcome.verdict is not None
    passes = passes and outcome.verdict.allowed == (probe.expect == Probe.Expect.ALLOWED)  # type: ignore[union-attr]
    was = probe.state == Probe.State.UP
    # A new probe that passes alerts no one.
    is_turn = was != passes and not (passes and probe.state == Probe.State.NEW)
    needed = (probe.recoveries if passes else probe.failures) if is_turn else 0
    if probe.state == Probe.State.FAILING and probe.last_result and not passes:
        needed = probe.failures - probe.failed_in_a_row
        due = max(first, int(probe.last_result.at.timestamp()) + probe.retry_interval)
    end = until.timestamp()
    while due < end:
        yield datetime.fromtimestamp(due, UTC), probe.pk, int(needed > 0)
        needed -= 1
        due = due + probe.retry_interval if needed > 0 else place_from(probe.pk, probe.interval, due + 1)

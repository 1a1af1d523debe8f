"""Prove: run the API's probes right after a change, compare with before, and, when guarded, take a regression back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from apis.editing.apply import applying, baseline_results, reverts
from apis.editing.apply.models import Verification
from apis.inventory.history.history import Author, ChangeInProgress
from apis.inventory.models import Change, HttpApi
from apis.jobs import clock
from apis.jobs.claims import Claims, Retry
from apis.probing.models import Probe, Result
from apis.probing.runs.runner import run
from apis.probing.sets import in_step

NOT_OURS = (Change.Kind.DISCOVERED, Change.Kind.DRIFT)
"""Changes made outside corsdash: they are neither verified nor reverted automatically."""
SOON = timedelta(seconds=30)
"""For so long after a change its proof may be in a queue; then the message counts as lost."""
PENDING_FOR = timedelta(days=1)
"""Older changes stay unverified: the results of their probes now reflect later changes."""
TRY_AGAIN = timedelta(seconds=15)
"""The wait before a second try; it doubles with each, up to a quarter of an hour."""
RETRY = Retry("try_at", [timedelta(0), *(TRY_AGAIN * 2**tries for tries in range(7))], tries="tries")
CLAIMS = Claims(
    Verification,
    lasts=timedelta(minutes=3),
    # A direct call runs it even before its next try is due; the sweep waits until then.
    ready=lambda now: Q(leased_until=None, done_at=None),
    held=Q(done_at=None),
    claiming={"tries": F("tries") + 1},
)
MOST_TRIES = 12
TRIES_OF_NO_ANSWER = 3
"""So often the guard asks an API that does not answer before it takes the change back for that."""


@dataclass(frozen=True, slots=True)
class ProbeCheck:
    """One probe's last result before a change and the one that was made because of it (None while it runs).

    `before` is None when nothing was known: no run under the configuration that the change replaced.
    """

    probe: Probe
    before: Result | None
    after: Result | None

    @property
    def regressed(self) -> bool:
        """It passed before the change and fails with it."""
        return bool(self.before and self.before.passed and self.after and self.after.passed is False)

    @property
    def fixed(self) -> bool:
        """It failed before the change and passes with it."""
        return bool(self.before and self.before.passed is False and self.after and self.after.passed)


def cause_of(change: Change) -> str:
    """Return what results that prove this change carry as their cause."""
    return f"change:{change.pk}"


def checks(change: Change) -> list[ProbeCheck]:
    """Return before and after of every probe of the API, for the change's page."""
    # In doubt the newest one that was really run.
    made = Result.objects.filter(cause=cause_of(change), probe__api=change.api_id)
    in_order = sorted(made.order_by("at", "id"), key=lambda result: result.passed is not None)
    after = {result.probe_id: result for result in in_order}
    earlier = baseline_results.results(change, _sent_at(change))
    probes = Probe.objects.filter(api=change.api_id, enabled=True)
    return [ProbeCheck(probe, earlier.get(probe.pk), after.get(probe.pk)) for probe in probes]


def _sent_at(change: Change) -> datetime:
    """Return since when AWS may have held the change: it may be settled much later, when its answer was lost."""
    return change.sent_at or change.settled_at or change.at


def verify(change: Change) -> Change | None:
    """Run the API's probes because of an applied change; returns the guard's revert when it had to step in.

    Safe to call concurrently and repeatedly: one caller at a time verifies a change, and only once. What
    cannot be decided yet stays pending; `pending` returns it when it is due.
    """
    row = _claim(change)
    if row is None:
        return None
    guard_revert, again = _verify(change, row)
    if again and row.tries < MOST_TRIES:
        CLAIMS.finish(row, try_at=timezone.now() + RETRY.pauses[min(row.tries, len(RETRY.pauses) - 1)])
    else:
        CLAIMS.finish(row, done_at=timezone.now(), try_at=None)
    if guard_revert is not None and guard_revert.status == Change.Status.APPLIED:
        verify(guard_revert)
    return guard_revert


def pending() -> list[int]:
    """Return applied changes whose verification is unclaimed, expired or due for a retry."""
    now = timezone.now()
    repeated = RETRY.due(now) | Q(leased_until__isnull=False)
    begun = CLAIMS.due_rows().filter(repeated).order_by("pk").values_list("change", flat=True)
    old = Q(settled_at__lt=now - SOON) | Q(settled_at__gt=now + clock.AHEAD)
    settled = Change.objects.filter(old, at__gt=now - PENDING_FOR, status=Change.Status.APPLIED)
    lost = settled.exclude(kind__in=NOT_OURS).filter(verification=None).order_by("pk").values_list("pk", flat=True)
    return [*begun[:100], *lost[:100]]


def is_under_way(change: Change) -> bool:
    """Return whether the proof of an applied change, or the guard's revert, is still on its way."""
    if change.kind in NOT_OURS:
        return False
    row = Verification.objects.filter(change=change).first()
    if row is not None:
        return row.done_at is None
    return (change.settled_at or change.at) > timezone.now() - PENDING_FOR


def _claim(change: Change) -> Verification | None:
    """Return the change's row, leased to the caller; None when someone else has it or it is over."""
    row, _ = Verification.objects.get_or_create(change=change, defaults={"try_at": timezone.now()})
    return CLAIMS.claim(row.pk)


def _verify(change: Change, row: Verification) -> tuple[Change | None, bool]:
    """Return the guard's revert, if it came to one, and whether all this has to be tried again later."""
    in_step.keep_in_step(change.api)
    probes = list(Probe.objects.filter(api=change.api_id, enabled=True).values_list("pk", flat=True))
    if not probes:
        return None, False
    run(probes, cause_of(change))
    # What this machine could not call is called again later: nothing is known of it yet.
    unknown = any(check.after is not None and check.after.not_run for check in checks(change))
    regressed = _regressed(change)
    if not change.guard or not regressed:
        return None, unknown
    # One failed run reverts no change: run the failed probes once more.
    run([check.probe.pk for check in regressed], cause_of(change))
    regressed = _regressed(change)
    if not regressed:
        return None, unknown
    if row.tries < TRIES_OF_NO_ANSWER and all(_no_answer(check.after) for check in regressed):
        return None, True
    return _revert(change, ", ".join(check.probe.name for check in regressed))


def _regressed(change: Change) -> list[ProbeCheck]:
    return [check for check in checks(change) if check.regressed]


def _no_answer(result: Result | None) -> bool:
    """Return whether the API was not heard at all, or is down (a 5xx): a configuration of CORS seldom does that."""
    if result is None or result.error:
        return True
    exchange = result.exchange or {}
    answers = [exchange.get(part) or {} for part in ("preflight", "response")]
    return any(answer.get("status", 0) >= 500 for answer in answers)


def _revert(change: Change, names: str) -> tuple[Change | None, bool]:
    author = Author(
        kind=Change.Kind.GUARD,
        name="guard",
        note=f"reverted automatically: {names} passed before this change and failed with it."[:500],
        reverts=change,
        group=change.group,
    )
    left = change.after.number if change.after else None
    api = HttpApi.objects.select_related("account", "current").get(pk=change.api_id)
    try:
        guard_revert = applying.begin(api, reverts.proposal(change), left, author)
    except ChangeInProgress:
        # A user's change, or an unfinished automatic revert; either may still fail.
        return None, True
    except (applying.ConflictFound, applying.EditRefused, applying.CannotWork):
        # The API changed again, which is the newer intent, or it can no longer be edited.
        return None, False
    guard_revert = applying.carry_out(guard_revert)
    return guard_revert, guard_revert.failure == Change.Failure.TEMPORARY


def verify_deployment(api: int, pk: int) -> None:
    """Run the API's probes because a stage of it was deployed: what they see may be new."""
    probes = list(Probe.objects.filter(api=api, enabled=True).values_list("pk", flat=True))
    if probes:
        run(probes, f"deployment:{pk}")


def guard_revert_of(change: Change) -> Change | None:
    """Return the change with which the guard went back behind a guarded one, None when it has not."""
    return change.reverted_by.filter(kind=Change.Kind.GUARD).order_by("-at", "-id").first()

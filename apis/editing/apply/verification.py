"""Prove: run the API's probes right after a change, compare with before, and, when guarded, take a regression back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from apis.editing.apply import applying, baseline_results, reverts
from apis.editing.apply.models import Proving
from apis.inventory.history import Author, ChangeInProgress
from apis.inventory.models import Change, HttpApi
from apis.jobs import clock
from apis.jobs.claims import Claims, Retry
from apis.probing import in_step
from apis.probing.models import Probe, Result
from apis.probing.runner import run

NOT_OURS = (Change.Kind.DISCOVERED, Change.Kind.DRIFT)
"""Changes that nobody made from here: there is nothing to prove, and the guard has no part in them."""
SOON = timedelta(seconds=30)
"""For so long after a change its proof may be in a queue; then the message counts as lost."""
OWED_FOR = timedelta(days=1)
"""An older change that nobody has proven stays so: by now its probes tell of other things."""
TRY_AGAIN = timedelta(seconds=15)
"""The wait before a second try; it doubles with each, up to a quarter of an hour."""
RETRY = Retry("try_at", [timedelta(0), *(TRY_AGAIN * 2**tries for tries in range(7))], tries="tries")
CLAIMS = Claims(
    Proving,
    lasts=timedelta(minutes=3),
    # Whoever asks for it gets it, also before its next try is due; the sweep asks when it is.
    ready=lambda now: Q(leased_until=None, done_at=None),
    held=Q(done_at=None),
    claiming={"tries": F("tries") + 1},
)
MOST_TRIES = 12
TRIES_OF_NO_ANSWER = 3
"""So often the guard asks an API that does not answer before it takes the change back for that."""


@dataclass(frozen=True, slots=True)
class Proof:
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
    def mended(self) -> bool:
        """It failed before the change and passes with it."""
        return bool(self.before and self.before.passed is False and self.after and self.after.passed)


def cause_of(change: Change) -> str:
    """What results that prove this change carry as their cause."""
    return f"change:{change.pk}"


def proofs(change: Change) -> list[Proof]:
    """Before and after of every probe of the API, for the change's page."""
    # In doubt the newest one that was really run.
    made = Result.objects.filter(cause=cause_of(change), probe__api=change.api_id)
    in_order = sorted(made.order_by("at", "id"), key=lambda result: result.passed is not None)
    after = {result.probe_id: result for result in in_order}
    earlier = baseline_results.results(change, _sent_at(change))
    probes = Probe.objects.filter(api=change.api_id, enabled=True)
    return [Proof(probe, earlier.get(probe.pk), after.get(probe.pk)) for probe in probes]


def _sent_at(change: Change) -> datetime:
    """From when on AWS may have held the change: it may be settled much later, when its answer was lost."""
    return change.sent_at or change.settled_at or change.at


def prove(change: Change) -> Change | None:
    """Run the API's probes because of an applied change; returns the guard's revert when it had to step in.

    Whoever calls, and however often: one at a time has the proof of a change, and once it is over it stays so. What
    cannot be told or done yet is owed, and `owed` says when somebody should call again.
    """
    row = _claim(change)
    if row is None:
        return None
    taken_back, again = _prove(change, row)
    if again and row.tries < MOST_TRIES:
        CLAIMS.finish(row, try_at=timezone.now() + RETRY.pauses[min(row.tries, len(RETRY.pauses) - 1)])
    else:
        CLAIMS.finish(row, done_at=timezone.now(), try_at=None)
    if taken_back is not None and taken_back.status == Change.Status.APPLIED:
        prove(taken_back)
    return taken_back


def owed() -> list[int]:
    """The applied changes whose proof somebody should take up: nobody has, its worker died, or it is to be repeated."""
    now = timezone.now()
    repeated = RETRY.due(now) | Q(leased_until__isnull=False)
    begun = CLAIMS.due_rows().filter(repeated).order_by("pk").values_list("change", flat=True)
    old = Q(settled_at__lt=now - SOON) | Q(settled_at__gt=now + clock.AHEAD)
    settled = Change.objects.filter(old, at__gt=now - OWED_FOR, status=Change.Status.APPLIED)
    lost = settled.exclude(kind__in=NOT_OURS).filter(proving=None).order_by("pk").values_list("pk", flat=True)
    return [*begun[:100], *lost[:100]]


def is_under_way(change: Change) -> bool:
    """Whether the proof of an applied change, or the guard's revert, is still on its way."""
    if change.kind in NOT_OURS:
        return False
    row = Proving.objects.filter(change=change).first()
    if row is not None:
        return row.done_at is None
    return (change.settled_at or change.at) > timezone.now() - OWED_FOR


def _claim(change: Change) -> Proving | None:
    """The change's row, leased to the caller; None when somebody else has it or it is over."""
    row, _ = Proving.objects.get_or_create(change=change, defaults={"try_at": timezone.now()})
    return CLAIMS.claim(row.pk)


def _prove(change: Change, row: Proving) -> tuple[Change | None, bool]:
    """The guard's revert, if it came to one, and whether all this has to be tried again later."""
    in_step.keep_in_step(change.api)
    probes = list(Probe.objects.filter(api=change.api_id, enabled=True).values_list("pk", flat=True))
    if not probes:
        return None, False
    run(probes, cause_of(change))
    # What this machine could not call is called again later: nothing is known of it yet.
    unknown = any(proof.after is not None and proof.after.not_run for proof in proofs(change))
    regressed = _regressed(change)
    if not change.guard or not regressed:
        return None, unknown
    # One odd answer takes nobody's change back: what regressed is asked once more.
    run([proof.probe.pk for proof in regressed], cause_of(change))
    regressed = _regressed(change)
    if not regressed:
        return None, unknown
    if row.tries < TRIES_OF_NO_ANSWER and all(_no_answer(proof.after) for proof in regressed):
        return None, True
    return _take_back(change, ", ".join(proof.probe.name for proof in regressed))


def _regressed(change: Change) -> list[Proof]:
    return [proof for proof in proofs(change) if proof.regressed]


def _no_answer(result: Result | None) -> bool:
    """Whether the API was not heard at all, or is down (a 5xx): a configuration of CORS seldom does that."""
    if result is None or result.error:
        return True
    exchange = result.exchange or {}
    answers = [exchange.get(part) or {} for part in ("preflight", "response")]
    return any(answer.get("status", 0) >= 500 for answer in answers)


def _take_back(change: Change, names: str) -> tuple[Change | None, bool]:
    author = Author(
        kind=Change.Kind.GUARD,
        name="guard",
        note=f"Taken back by itself: {names} passed before this change and failed with it."[:500],
        reverts=change,
        group=change.group,
    )
    left = change.after.number if change.after else None
    api = HttpApi.objects.select_related("account", "current").get(pk=change.api_id)
    try:
        taken_back = applying.begin(api, reverts.proposal(change), left, author)
    except ChangeInProgress:
        # Somebody's change, or a revert of the guard's own that was left half-way: either may yet fail.
        return None, True
    except (applying.ConflictFound, applying.EditRefused, applying.CannotWork):
        # Somebody else has changed the API again: theirs is the newer intent. Or it cannot be edited any more.
        return None, False
    taken_back = applying.carry_out(taken_back)
    return taken_back, taken_back.failure == Change.Failure.TEMPORARY


def prove_deployment(api: int, pk: int) -> None:
    """Run the API's probes because a stage of it was deployed: what they see may be new."""
    probes = list(Probe.objects.filter(api=api, enabled=True).values_list("pk", flat=True))
    if probes:
        run(probes, f"deployment:{pk}")


def taken_back_by(change: Change) -> Change | None:
    """The change with which the guard went back behind a guarded one, None when it has not."""
    return change.reverted_by.filter(kind=Change.Kind.GUARD).order_by("-at", "-id").first()

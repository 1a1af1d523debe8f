"""Prove: run the API's probes right after a change, compare with before, and, when guarded, take a regression back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from apis.editing import apply, revert
from apis.inventory.history import Author, ChangeInProgress
from apis.inventory.models import Change
from apis.probing.models import Probe, Result
from apis.probing.run import run

PROOF_TAKES_AT_MOST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Proof:
    """One probe's last result before a change and the one that was made because of it (None while it runs)."""

    probe: Probe
    before: Result | None
    after: Result | None

    @property
    def regressed(self) -> bool:
        """It passed before the change and fails with it."""
        return bool(self.before and self.before.passed and self.after and not self.after.passed)

    @property
    def mended(self) -> bool:
        """It failed before the change and passes with it."""
        return bool(self.before and not self.before.passed and self.after and self.after.passed)


def cause_of(change: Change) -> str:
    """What results that prove this change carry as their cause."""
    return f"change:{change.pk}"


def proofs(change: Change) -> list[Proof]:
    """Before and after of every probe of the API, for the change's page."""
    after = {
        result.probe_id: result
        for result in Result.objects.filter(cause=cause_of(change), probe__api=change.api_id).order_by("at", "id")
    }
    earlier = Result.objects.filter(probe=OuterRef("pk"), at__lt=change.settled_at or change.at)
    newest = earlier.exclude(cause=cause_of(change)).order_by("-at", "-id").values("pk")[:1]
    probes = list(Probe.objects.filter(api=change.api_id, enabled=True).annotate(earlier=Subquery(newest)))
    before = Result.objects.in_bulk([probe.earlier for probe in probes if probe.earlier])
    return [Proof(probe, before.get(probe.earlier), after.get(probe.pk)) for probe in probes]


def prove(change: Change) -> Change | None:
    """Run the API's probes because of an applied change; returns the guard's revert when it had to step in."""
    probes = list(Probe.objects.filter(api=change.api_id, enabled=True).values_list("pk", flat=True))
    if not probes:
        return None
    run(probes, cause_of(change))
    regressed = [proof for proof in proofs(change) if proof.regressed]
    if not change.guard or not regressed:
        return None
    names = ", ".join(proof.probe.name for proof in regressed)
    author = Author(
        kind=Change.Kind.GUARD,
        name="guard",
        note=f"Taken back by itself: {names} passed before this change and failed with it."[:500],
        reverts=change,
        group=change.group,
    )
    try:
        left = change.after.number if change.after else None
        taken_back = apply.begin(change.api, revert.proposal(change), left, author)
    except (ChangeInProgress, apply.ConflictFound, apply.EditRefused, apply.CannotWork):
        # Somebody else has changed the API again, or is about to: theirs is the newer intent.
        return None
    taken_back = apply.carry_out(taken_back)
    if taken_back.status == Change.Status.APPLIED:
        run(probes, cause_of(taken_back))
    return taken_back


def prove_deployment(api: int, pk: int) -> None:
    """Run the API's probes because a stage of it was deployed: what they see may be new."""
    probes = list(Probe.objects.filter(api=api, enabled=True).values_list("pk", flat=True))
    if probes:
        run(probes, f"deployment:{pk}")


def taken_back_by(change: Change) -> Change | None:
    """The change with which the guard went back behind a guarded one, None when it has not."""
    return change.reverted_by.filter(kind=Change.Kind.GUARD).order_by("-at", "-id").first()


def is_fresh(change: Change) -> bool:
    """Whether the proof of a change may still be on its way."""
    settled = change.settled_at or change.at
    return settled > timezone.now() - PROOF_TAKES_AT_MOST

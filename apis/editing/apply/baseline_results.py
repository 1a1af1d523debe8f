"""Before: what an API's probes said of the configuration that a change replaces. The change's proof compares with it.

Only that configuration counts: what a probe said of an older one tells nothing of what this change did.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from apis.inventory.models import Change
from apis.probing.models import Probe, Result
from apis.probing.runs.runner import run

RECENT = timedelta(minutes=10)
"""A guarded change is not measured by results that are older: the API may have broken since for reasons of its own."""


def cause_of(change: Change) -> str:
    """Return what results that were made because a guarded change is about to be sent carry as their cause."""
    return f"before:{change.pk}"


def results(change: Change, until: datetime) -> dict[int, Result]:
    """Return by probe the newest result before `until` under the configuration that the change replaces.

    That one counts from when it was settled, or found by a sync: what is older may have met the one before it.
    """
    if change.before is None:
        return {}
    made = Result.objects.filter(probe=OuterRef("pk"), at__gte=change.before.at, at__lt=until, passed__isnull=False)
    newest = Subquery(made.order_by("-at", "-id").values("pk")[:1])
    probes = Probe.objects.filter(api=change.api_id, enabled=True).annotate(newest=newest)
    return {result.probe_id: result for result in Result.objects.filter(pk__in=probes.values("newest"))}


def run_missing(change: Change) -> None:
    """Run the probes without a recent result, so that the guard can tell what the change broke."""
    now = timezone.now()
    known = {probe for probe, result in results(change, now).items() if result.at > now - RECENT}
    probes = Probe.objects.filter(api=change.api_id, enabled=True).values_list("pk", "state")
    # A probe that counts as new may have results of the call it made before it was edited.
    unknown = [pk for pk, state in probes if pk not in known or state == Probe.State.NEW]
    if unknown:
        run(unknown, cause_of(change))

"""Bulk: one operation over many APIs, as a job that survives its workers and stays within each account's call budget.

Every API is planned on its configuration at that moment, so that what others change meanwhile is kept. An item is
leased by one worker at a time; a lease that runs out is taken up by the next sweep, and since a pending change can be
carried out again without harm, each API is changed once.
"""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from apis.access.roles import can
from apis.cors.lint import Finding, blocking, findings
from apis.cors.policy import CorsPolicy, summary
from apis.editing.apply import applying, approval, reverts
from apis.editing.apply.models import ReviewRule
from apis.editing.bulk.models import BulkItem, BulkJob
from apis.editing.bulk.operation import Operation, Skip
from apis.editing.grants import lifecycle
from apis.editing.plan.editability import refusal_reason
from apis.errors import InvalidInput, Missing
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.lint_context import context_of
from apis.inventory.models import Change, HttpApi
from apis.jobs import lease
from apis.jobs.claims import Claims

log = logging.getLogger(__name__)
CLAIMS = Claims(
    BulkItem,
    lasts=timedelta(seconds=30),
    ready=lambda now: Q(state=BulkItem.State.WAITING),
    held=Q(state=BulkItem.State.RUNNING),
    claiming={"state": BulkItem.State.RUNNING},
    related=("change", "reverts", "reverts__before", "reverts__after"),
)
"""Longer than one API takes: reading, writing and waiting for the call budget."""
SLICE_S = 60.0
"""For so long one task works on a job; then the next one goes on, so that no job keeps a worker to itself."""
CHANGED_SINCE = "Changed again since; reverting would undo that too. Revert it separately."
OPEN_STATES = (BulkItem.State.WAITING, BulkItem.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Planned:
    """One API in a plan: what would change, or why it is skipped."""

    api: HttpApi
    after: CorsPolicy | None
    summary: str
    why: str = ""

    @property
    def new(self) -> list[Finding]:
        """Errors and warnings that the API would have and does not have now; asked only for what is shown."""
        if self.after is None:
            return []
        context = context_of(self.api)
        had = {(one.code, one.field, str(one.value)) for one in findings(self.api.policy, context)}
        return [
            one
            for one in findings(self.after, context)
            if one.severity != "note" and (one.code, one.field, str(one.value)) not in had
        ]


def plan(apis: Iterable[HttpApi], operation: Operation) -> list[Planned]:
    """Return what an operation would do to each API; nothing is stored or sent."""
    rules = approval.rules()
    return [_planned(api, operation, rules) for api in apis]


def _planned(api: HttpApi, operation: Operation, rules: list[ReviewRule]) -> Planned:
    try:
        after = _proposal(api, operation, rules)
    except Skip as why:
        return Planned(api, None, "", str(why))
    return Planned(api, after, summary(api.policy, after, done=False))


def _proposal(api: HttpApi, operation: Operation, rules: list[ReviewRule]) -> CorsPolicy:
    refused = _refusal(api, rules)
    if refused:
        raise Skip(refused)
    after = operation.apply(api.policy)
    context = context_of(api)
    hopeless = blocking(findings(after, context))
    if hopeless:
        first = hopeless[0]
        held = any((one.code, one.value) == (first.code, first.value) for one in findings(api.policy, context))
        if held:
            raise Skip(f"Has an existing error; fix it first. {first.field}: {first.title}.")
        raise Skip(f"{first.field}: {first.title}.")
    return after


def _refusal(api: HttpApi, rules: list[ReviewRule]) -> str:
    """Return why an API is left out, whatever the operation."""
    unapproved = approval.approval_reason(api, rules)
    return refusal_reason(api) or (f"{unapproved} Propose its change separately." if unapproved else "")


def start(
    apis: Sequence[HttpApi],
    operation: Operation,
    user: User | None = None,
    note: str = "",
    left_out: Collection[int] = (),
) -> BulkJob:
    """Make a running job of an operation over these APIs. Raises InvalidInput when there are none.

    `left_out`: ids of selected APIs that the confirmed plan did not change.
    """
    applying.check_note(note)
    items = []
    for one in plan(apis, operation):
        why = one.why
        if not why and one.api.pk in left_out:
            why = "Skipped in the plan, but can be changed now. Plan it again."
        items.append(BulkItem(api=one.api, summary=one.summary[:500], why=why[:500], state=_first_state(why)))
    return _start(items, operation.as_json(), operation.title, user, note)


def start_revert(group: uuid.UUID, user: User | None = None, note: str = "") -> BulkJob:
    """Make a running job that goes back to what each API had before a group's change of it.

    Raises Missing when the group changed nothing.
    """
    applying.check_note(note)
    if BulkJob.objects.filter(group=group, state=BulkJob.State.RUNNING).exists():
        raise InvalidInput("This bulk change is still running. Pause it first.")
    changes = Change.objects.filter(group=group, status=Change.Status.APPLIED)
    related = ("before", "after", "api__account", "api__current")
    changes = changes.exclude(kind=Change.Kind.DISCOVERED).select_related(*related)
    latest = {change.api_id: change for change in changes.order_by("at", "id")}
    if not latest:
        raise Missing("This group of changes does not exist.")
    items, rules = [], approval.rules()
    for change in latest.values():
        why = _why_not_revert(change, rules)
        items.append(
            BulkItem(
                api=change.api,
                reverts=change,
                why=why[:500],
                state=_first_state(why),
                summary=summary(change.api.policy, reverts.proposal(change), done=False)[:500],
            )
        )
    return _start(items, {"revert": str(group)}, f"Revert a group of {len(items)} changes", user, note)


def _why_not_revert(change: Change, rules: list[ReviewRule]) -> str:
    if change.api.policy == reverts.proposal(change):
        return "Already as requested."
    if change.after_id != change.api.current_id and change.after and change.after.policy != change.api.policy:
        return CHANGED_SINCE
    return _refusal(change.api, rules)


def _first_state(why: str) -> str:
    return BulkItem.State.SKIPPED if why else BulkItem.State.WAITING


def _start(items: list[BulkItem], operation: dict[str, Any], title: str, user: User | None, note: str) -> BulkJob:
    if not items:
        raise InvalidInput("No API is selected.")
    with transaction.atomic():
        job = BulkJob.objects.create(
            state=BulkJob.State.RUNNING,
            operation=operation,
            title=title,
            note=note[:500],
            created_by=user,
            created_by_name=user.get_username() if user else "",
            created_at=timezone.now(),
            total=len(items),
        )
        for item in items:
            item.job = job
        BulkItem.objects.bulk_create(items, batch_size=500)
    _finish_if_done(job)
    return job


def accounts_of(job: BulkJob) -> list[int]:
    """Return the accounts that still have something to do, each of which one worker takes."""
    return list(job.items.filter(state__in=OPEN_STATES).order_by().values_list("api__account", flat=True).distinct())


def run_items(
    job_pk: int, account: int, seconds: float = math.inf, applied: Callable[[Change], object] | None = None
) -> bool:
    """Carry out what is left of a job in one account, one API after the other, until it is done or paused.

    Stops after about so many seconds; True when there is more to do then. `applied` is called with each change made.
    """
    end = time.monotonic() + seconds
    while True:
        job = BulkJob.objects.filter(pk=job_pk).select_related("created_by").first()
        if job is None or job.state != BulkJob.State.RUNNING:
            return False
        if job.created_by is not None and not can(job.created_by, "edit"):
            _stop(job, f"{job.created_by_name} may no longer change APIs.")
            return False
        item = _lease(job_pk, account)
        if item is None:
            _finish_if_done(job)
            return False
        change = _carry_out(job, item)
        if change is not None and change.status == Change.Status.APPLIED and applied is not None:
            applied(change)
        if time.monotonic() > end:
            _finish_if_done(job)
            return True


def _lease(job_pk: int, account: int) -> BulkItem | None:
    """Return the next item that no one works on, leased; None when there is none."""
    while True:
        waiting = CLAIMS.due_rows().filter(job=job_pk, api__account=account).order_by("id").values_list("pk", flat=True)
        pk = waiting.first()
        if pk is None or (item := CLAIMS.claim(pk)) is not None:
            return item if pk is not None else None


def _carry_out(job: BulkJob, item: BulkItem) -> Change | None:
    """Change one API; retry once on top of a concurrent change."""
    try:
        change = item.change or _begin_on_live(job, item)
        change = applying.carry_out(change)
        if change.failure == Change.Failure.CONFLICT and not item.reverts_id:
            change = applying.carry_out(_begin_on_live(job, item))
    except Skip as why:
        _end(item, BulkItem.State.SKIPPED, str(why))
        return None
    except (applying.EditRefused, applying.CannotWork, applying.ConflictFound, history.ChangeInProgress) as error:
        _end(item, BulkItem.State.FAILED, str(error))
        return None
    except Exception as error:
        # It would be met again first thing when its lease runs out, and keep its account's others from their turn.
        log.exception("Bulk item %s failed", item.pk)
        _end(item, BulkItem.State.FAILED, f"corsdash failed ({type(error).__name__}). See the log for details.")
        return None
    if change.status == Change.Status.APPLIED:
        _end(item, BulkItem.State.APPLIED, "")
    elif change.status == Change.Status.FAILED:
        _end(item, BulkItem.State.FAILED, change.error)
    # Still pending: whether the write arrived is unknown. The lease expires, and the change is checked again.
    return change


def _begin_on_live(job: BulkJob, item: BulkItem) -> Change:
    """Begin the change; retry once when another change came in between."""
    try:
        return _begin(job, item)
    except applying.ConflictFound:
        return _begin(job, item)


def _begin(job: BulkJob, item: BulkItem) -> Change:
    api = HttpApi.objects.select_related("account", "current").get(pk=item.api_id)
    author = Author(
        kind=Change.Kind.REVERT if item.reverts else Change.Kind.BULK,
        user=job.created_by,
        name=job.created_by_name,
        note=job.note,
        group=job.group,
        reverts=item.reverts,
    )
    if item.reverts:
        proposed = reverts.proposal(item.reverts)
        if proposed == api.policy:
            raise Skip("Already as requested.")
        if item.reverts.after and item.reverts.after.policy != api.policy:
            # Looked at when the job began too, but that may be a while ago.
            raise Skip(CHANGED_SINCE)
        operation = None
    else:
        operation = Operation.from_json(job.operation)
        proposed = _proposal(api, operation, approval.rules())
    with transaction.atomic():
        # Together, or a worker that dies in between would leave a change that no item knows of.
        change = applying.begin(api, proposed, api.version, author)
        if operation is not None and operation.lasts:
            added = [one for one in proposed.allow_origins if one not in api.policy.allow_origins]
            lifecycle.note_down(change, added, operation.lasts, job.created_by, job.note)
        BulkItem.objects.filter(pk=item.pk).update(change=change, summary=change.summary)
    return change


def _stop(job: BulkJob, why: str) -> None:
    """End a job: what it has not come to yet is left alone."""
    job.items.filter(state=BulkItem.State.WAITING).update(state=BulkItem.State.SKIPPED, why=why)
    _finish_if_done(job)


def _end(item: BulkItem, state: str, why: str) -> None:
    # The lease stays: until it runs out, its account counts as being worked on.
    BulkItem.objects.filter(pk=item.pk).update(state=state, why=why[:500])


def _finish_if_done(job: BulkJob) -> None:
    if not job.items.filter(state__in=OPEN_STATES).exists():
        BulkJob.objects.filter(pk=job.pk).exclude(state=BulkJob.State.DONE).update(
            state=BulkJob.State.DONE, finished_at=timezone.now()
        )


def pause(job: BulkJob) -> bool:
    """Stop a running job after the API it is at; False when it does not run."""
    return bool(BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.RUNNING).update(state=BulkJob.State.PAUSED))


def resume(job: BulkJob) -> bool:
    """Let a paused job go on; False when it is not paused. The caller hands it to the workers."""
    return bool(BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.PAUSED).update(state=BulkJob.State.RUNNING))


def retry(job: BulkJob) -> int:
    """Take up again what failed, in the same group; how many there are. The caller hands the job to the workers."""
    with transaction.atomic():
        count = job.items.filter(state=BulkItem.State.FAILED).update(state=BulkItem.State.WAITING, why="", change=None)
        if count:
            BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.DONE).update(
                state=BulkJob.State.RUNNING, finished_at=None
            )
    return count


def forgotten() -> list[tuple[int, int]]:
    """Return jobs and accounts that no one works on: their worker died, or the broker lost the task."""
    now = timezone.now()
    running = BulkItem.objects.filter(job__state=BulkJob.State.RUNNING).order_by()
    busy = set(running.exclude(lease.free(now)).values_list("job", "api__account").distinct())
    undone = running.filter(state__in=OPEN_STATES, job__created_at__lt=now - timedelta(seconds=10))
    found = set(undone.values_list("job", "api__account"))
    for job in BulkJob.objects.filter(state=BulkJob.State.RUNNING):
        _finish_if_done(job)
    return sorted(found - busy)


def progress(job: BulkJob) -> dict[str, int]:
    """Return how many items are in each state."""
    counts = dict.fromkeys(BulkItem.State.values, 0)
    counts |= {row["state"]: row["n"] for row in job.items.order_by().values("state").annotate(n=Count("id"))}
    counts["done"] = job.total - counts["waiting"] - counts["running"]
    return counts

"""Apply: the only place from which a configuration is written to AWS.

A pending Change is stored first and settled after, so that a process that dies in between loses nothing: Celery hands
the change to the next worker, and a sync that finds AWS changed settles it too.
"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from apis.aws import AwsError, Invalid, NotFound, Throttled, Unreachable, delete_cors, get_api, update_cors
from apis.cors.lint import Finding, blocking, findings
from apis.cors.policy import CorsPolicy
from apis.editing.apply import approval, baseline_results
from apis.editing.plan.editability import impossible_reason
from apis.editing.plan.iac_export import Written, write
from apis.editing.plan.planning import Conflict
from apis.errors import AppError, InvalidInput
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.lint_context import context_of
from apis.inventory.models import Change, CorsConfiguration, HttpApi
from apis.inventory.reading import managed_by
from apis.inventory.reading.sync import reach_of

GOING_BACK = (Change.Kind.REVERT, Change.Kind.GUARD)


class EditRefused(AppError):
    """This API cannot be edited from here; the message says why and what to do."""


class ApprovalNeeded(EditRefused):
    """Changes to this API need another person's approval: propose the change instead."""

    def __init__(self, why: str, api: HttpApi) -> None:
        propose = f"/api/v1/apis/{api.pk}/proposals"
        super().__init__(f"{why} Request approval from another person instead.", propose=propose)


class NoteNeeded(EditRefused, InvalidInput):
    """CORSDASH_NOTE_REQUIRED asks for a note with each change."""

    def __init__(self) -> None:
        super().__init__("A note is required. Enter the reason for this change.", "note")


class NothingToChange(EditRefused):
    """The proposal is what is live."""

    def __init__(self) -> None:
        super().__init__("Already as requested.")


class OwnedElsewhere(EditRefused):
    """Another tool owns this API and edits from here are refused; `written` is the proposal in that tool's form."""

    def __init__(self, why: str, written: Written) -> None:
        super().__init__(why, patch={"format": written.format, "text": written.text})
        self.written = written


class CannotWork(InvalidInput):
    """AWS would refuse the proposal, or it could never work; `findings` say why."""

    def __init__(self, found: list[Finding]) -> None:
        super().__init__(
            "; ".join(f"{finding.field}: {finding.why}" for finding in found),
            findings=[finding.as_json() for finding in found],
        )
        self.findings = found


class ConflictFound(AppError):
    """The configuration in AWS is no longer the one that the person saw."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__("The configuration changed since you opened it.", **conflict.as_json())
        self.conflict = conflict


def last_change_to(api: HttpApi) -> Change | None:
    """Return the change that applied what is live."""
    return api.changes.filter(status=Change.Status.APPLIED).order_by("-at", "-id").first()


def begin(api: HttpApi, proposed: CorsPolicy, version: int | None, author: Author, *, approved: bool = False) -> Change:
    """Store a pending change of `api` to `proposed`; `version` is the configuration that the person saw, by number.

    `approved`: it has whatever approval it needs. The guard needs none: it only goes back.

    Raises EditRefused, CannotWork, ConflictFound or history.ChangeInProgress; nothing is stored then.
    """
    if author.kind != Change.Kind.GUARD:
        check_note(author.note)
    while True:
        check(api, proposed, version, author.kind)
        why = "" if approved or author.kind == Change.Kind.GUARD else approval.approval_reason(api)
        if why:
            raise ApprovalNeeded(why, api)
        try:
            return history.begin(api, proposed.to_aws(), author, api.version)
        except history.VersionChanged:
            # Another change came between the check and the lock: check again.
            api = HttpApi.objects.select_related("account", "current").get(pk=api.pk)


def check_note(note: str) -> None:
    """Raise NoteNeeded when a change needs a note and this is none."""
    if settings.CORSDASH_NOTE_REQUIRED and not note.strip():
        raise NoteNeeded


def check(api: HttpApi, proposed: CorsPolicy, version: int | None, kind: str) -> None:
    """Raise EditRefused, CannotWork or ConflictFound for a change that cannot be applied, even when approved.

    What is live already is NothingToChange, whichever version was seen.
    """
    why = impossible_reason(api)
    if why:
        raise EditRefused(why)
    # The guard only goes back to what the owner knows.
    why = "" if kind == Change.Kind.GUARD else managed_by.refused(api)
    if why:
        raise OwnedElsewhere(why, write(api, proposed))
    # What was there before may be as faulty as it was: AWS held it, and the way back must not end at our rules.
    hopeless = () if kind in GOING_BACK else blocking(findings(proposed, context_of(api)))
    if hopeless:
        raise CannotWork(list(hopeless))
    # Check first whether the conflict is the user's own change, sent twice.
    if proposed == api.policy:
        raise NothingToChange
    if version is not None and version != api.version:
        seen = CorsConfiguration.objects.filter(api=api, number=version).first()
        if seen is None:
            raise EditRefused(f"version: there is no version {version} of this API; the newest is {api.version}.")
        if seen.policy != api.policy:
            raise ConflictFound(Conflict(seen.policy, api.policy, proposed))


def carry_out(change: Change) -> Change:
    """Send a pending change to AWS and settle it; safe to call again for a change that was left half-way.

    Returns the change as it ended: applied, failed (with `error` and `failure`, and `conflict` when AWS has moved on),
    or still pending when AWS could not be asked whether the write arrived: the next sync settles it.
    """
    change = Change.objects.select_related("before").get(pk=change.pk)
    if change.guard and change.status == Change.Status.PENDING and change.sent_at is None:
        # First of all, for it takes seconds: between AWS being read and being written nothing may come.
        baseline_results.run_missing(change)
        change.refresh_from_db()
    if change.status != Change.Status.PENDING:
        return change
    api = HttpApi.objects.select_related("account", "current").get(pk=change.api_id)
    proposed = CorsPolicy.from_aws(change.proposed)
    seen = change.before.policy if change.before else CorsPolicy.off()
    read_at = timezone.now()
    # Another worker, or this one a minute ago, sent it and did not hear what came of it.
    sent = change.sent_at is not None
    nothing = "" if sent else " Nothing was written."
    try:
        live_now = get_api(reach_of(api.account), api.region, api.api_id).cors
    except NotFound:
        HttpApi.objects.filter(pk=api.pk, gone_at=None).update(gone_at=read_at)
        return history.fail(change, f"AWS no longer has this API.{nothing}")
    except AwsError as failure:
        return _unknown(change, failure) if sent else history.fail(change, f"{failure}{nothing}", _kind_of(failure))
    live = CorsPolicy.from_aws(live_now)
    if live == proposed:
        return history.settle(change, live_now)
    if live != seen:
        conflict = Conflict(seen, live, proposed)
        failed = history.fail(
            change,
            "The configuration changed in AWS since this was planned." + nothing,
            Change.Failure.CONFLICT,
            conflict.as_json(),
        )
        history.record_live(api, live_now, read_at)
        return failed
    # Recorded first, so that a later worker does not report that nothing was written.
    Change.objects.filter(pk=change.pk, status=Change.Status.PENDING).update(sent_at=read_at)
    return _write(api, change, proposed)


def _write(api: HttpApi, change: Change, proposed: CorsPolicy) -> Change:
    try:
        if proposed.on:
            return history.settle(
                change, update_cors(reach_of(api.account), api.region, api.api_id, proposed.to_update())
            )
        delete_cors(reach_of(api.account), api.region, api.api_id)
        return history.settle(change, None)
    except Unreachable as failure:
        return _look_again(api, change, proposed, failure)
    except Invalid as failure:
        return history.fail(change, f"AWS refuses this configuration: {failure}")
    except AwsError as failure:
        return history.fail(change, str(failure), _kind_of(failure))


def _kind_of(failure: AwsError) -> Change.Failure:
    """Return whether the same call may work in a while."""
    temporary = isinstance(failure, Throttled | Unreachable)
    return Change.Failure.TEMPORARY if temporary else Change.Failure.PERMANENT


def _look_again(api: HttpApi, change: Change, proposed: CorsPolicy, failure: Unreachable) -> Change:
    """Settle a write whose answer was lost; the write itself may have arrived."""
    try:
        live = get_api(reach_of(api.account), api.region, api.api_id).cors
    except AwsError:
        return _unknown(change, failure)
    if CorsPolicy.from_aws(live) == proposed:
        return history.settle(change, live)
    return history.fail(change, f"{failure} AWS does not hold the change.", _kind_of(failure))


def _unknown(change: Change, failure: AwsError) -> Change:
    """Leave it pending: it was sent, but the outcome is unknown."""
    words = (
        f"{failure} Whether the change arrived is unknown. corsdash checks AWS every minute and at the next sync, and "
        "sends the change again if it did not arrive."
    )
    Change.objects.filter(pk=change.pk, status=Change.Status.PENDING).update(error=words)
    change.error = words
    return change

"""The history of an API's CORS configuration: the only writer of CorsConfiguration and Change.

Every function locks the API's row, so that editors, the sync and outside changes come in one order, in which each
applied change's `before` is the `after` of the applied change under it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from apis.cors.policy import CorsPolicy, summary
from apis.errors import AppError
from apis.inventory import finding_counts
from apis.inventory.lint_context import context_of
from apis.inventory.models import (
    AllowedOrigin,
    Baseline,
    BaselineViolation,
    Change,
    ChangeOrigin,
    CorsConfiguration,
    HttpApi,
)
from apis.jobs import clock

# A pending change whose configuration AWS does not hold yet may still be on its way (a worker is busy, or AWS is
# slow); after this long no one is coming back for it. Longer than the broker's visibility timeout of 15 minutes.
ABANDONED_AFTER = timedelta(minutes=20)


class ChangeInProgress(AppError):
    """Another change of this API has not been settled yet."""

    def __init__(self, change: Change) -> None:
        super().__init__(
            f"Another change of {change.api.name} is being applied ({change.summary}, by {change.actor_name}). "
            "Wait until it is done, then plan again."
        )
        self.change = change


class VersionChanged(Exception):
    """The API has another configuration by now than the one that was checked."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change and how: the person (None for AWS itself), the kind, the note, the group it belongs to."""

    kind: str
    user: User | None = None
    name: str = ""
    note: str = ""
    group: uuid.UUID | None = None
    reverts: Change | None = None
    guard: bool = False

    @property
    def label(self) -> str:
        """The person's name as the history keeps it, even when the person is gone."""
        return self.name or (self.user.get_username() if self.user else "")


@contextmanager
def locked(api: HttpApi | int) -> Iterator[HttpApi]:
    """Return the API's row, fresh and locked until the end of the transaction that this opens."""
    pk = api if isinstance(api, int) else api.pk
    with transaction.atomic():
        yield HttpApi.objects.select_for_update(of=("self",)).select_related("account").get(pk=pk)


def record_live(api: HttpApi | int, live: dict[str, Any] | None, read_at: datetime) -> Change | None:
    """Take note of what AWS holds, as read from `read_at` on; returns the change that it amounts to, if any.

    The first look is `discovered`. Later a difference is `drift`, unless it is what a pending change was about to
    write: that one is settled. A reading older than the newest configuration is stale and ignored.
    """
    with locked(api) as row:
        policy = CorsPolicy.from_aws(live)
        if row.version == 0:
            return _record(row, live, Author(Change.Kind.DISCOVERED))
        if row.current is not None and read_at < row.current.at and not clock.is_ahead(row.current.at):
            return None
        pending = _pending(row)
        if pending is not None:
            if policy == CorsPolicy.from_aws(pending.proposed) and policy != row.policy:
                return _settle(pending, row, live)
            if pending.at > read_at - ABANDONED_AFTER:
                return None
            _fail(pending, row, "This change was never finished, and AWS does not have it. Nothing was written.")
        if policy == row.policy:
            return None
        return _record(row, live, Author(Change.Kind.DRIFT, name="outside corsdash"))


def begin(api: HttpApi | int, proposed: dict[str, Any] | None, author: Author, version: int | None = None) -> Change:
    """Store the intent to change an API before anything is sent to AWS; `version` is what the caller checked.

    Raises ChangeInProgress when another change of this API is pending, MovedOn when `version` is not the newest.
    """
    with locked(api) as row:
        if version is not None and version != row.version:
            raise VersionChanged
        pending = _pending(row)
        if pending is not None:
            raise ChangeInProgress(pending)
        after = CorsPolicy.from_aws(proposed)
        return Change.objects.create(
            api=row,
            kind=author.kind,
            status=Change.Status.PENDING,
            at=_next_moment(row),
            actor=author.user,
            actor_name=author.label,
            note=author.note,
            summary=summary(row.policy, after, done=False)[:500],
            before=row.current,
            proposed=proposed,
            guard=author.guard,
            group=author.group,
            reverts=author.reverts,
        )


def settle(change: Change, live: dict[str, Any] | None) -> Change:
    """Mark a pending change applied: AWS now holds `live`. A change that is settled already is left as it is."""
    with locked(change.api_id) as row:
        fresh = Change.objects.get(pk=change.pk)
        return _settle(fresh, row, live) if fresh.status == Change.Status.PENDING else fresh


def fail(
    change: Change,
    error: str,
    failure: Change.Failure = Change.Failure.PERMANENT,
    conflict: dict[str, Any] | None = None,
) -> Change:
    """Mark a pending change failed; `conflict` has the configurations `seen`, `live` and `proposed`."""
    with locked(change.api_id) as row:
        fresh = Change.objects.get(pk=change.pk)
        return _fail(fresh, row, error, failure, conflict) if fresh.status == Change.Status.PENDING else fresh


def store_facts(api: HttpApi | int, **facts: Any) -> None:
    """Store what was read about an API besides its configuration; count its findings again when a rule reads it."""
    with locked(api) as row:
        context = context_of(row)
        for name, value in facts.items():
            setattr(row, name, value)
        is_stale = context_of(row) != context or finding_counts.is_outdated(row)
        row.save(update_fields=[*facts, *(finding_counts.update(row) if is_stale else ())])


def _pending(row: HttpApi) -> Change | None:
    return Change.objects.filter(api=row, status=Change.Status.PENDING).first()


def _next_moment(row: HttpApi) -> datetime:
    """Now, but after everything in the API's history: clocks of several machines differ."""
    now = timezone.now()
    newest = Change.objects.filter(api=row).order_by("-at").values_list("at", flat=True).first()
    return now if newest is None or newest < now else newest + timedelta(microseconds=1)


def _settle(change: Change, row: HttpApi, live: dict[str, Any] | None) -> Change:
    before, old = row.current, row.policy
    change.before = before
    change.after = _adopt(row, live)
    change.status = Change.Status.APPLIED
    change.at = change.settled_at = _next_moment(row)
    change.summary = summary(old, row.policy)[:500]
    change.error = ""
    change.save()
    return _follow_baseline(_note_origins(_attribute_origins(change)))


def _fail(
    change: Change,
    row: HttpApi,
    error: str,
    failure: Change.Failure = Change.Failure.PERMANENT,
    conflict: dict[str, Any] | None = None,
) -> Change:
    change.before = row.current
    change.status = Change.Status.FAILED
    change.at = change.settled_at = _next_moment(row)
    change.error, change.failure, change.conflict = error, failure, conflict
    change.save()
    return change


def _record(row: HttpApi, live: dict[str, Any] | None, author: Author) -> Change:
    before, old, now = row.current, row.policy, _next_moment(row)
    after = _adopt(row, live)
    first = author.kind == Change.Kind.DISCOVERED
    change = Change.objects.create(
        api=row,
        kind=author.kind,
        status=Change.Status.APPLIED,
        at=now,
        settled_at=now,
        actor_name=author.label,
        summary=_found(row.policy) if first else summary(old, row.policy)[:500],
        before=before,
        after=after,
        proposed=live,
    )
    return _follow_baseline(_note_origins(_attribute_origins(change)))


def _found(policy: CorsPolicy) -> str:
    if not policy.on:
        return "found with CORS off"
    if policy.state == "empty":
        return "found with CORS on, allowing nothing"
    count = len(policy.allow_origins)
    return f"found with CORS on, {count} allowed origin{'' if count == 1 else 's'}"


def _adopt(row: HttpApi, live: dict[str, Any] | None) -> CorsConfiguration:
    """Make `live` the API's current configuration."""
    now = timezone.now()
    row.version += 1
    row.current = CorsConfiguration.objects.create(api=row, number=row.version, cors=live, at=now)
    row.state = row.policy.state
    wanted = {value[:500] for value in row.policy.allow_origins}
    have = set(AllowedOrigin.objects.filter(api=row).values_list("value", flat=True))
    AllowedOrigin.objects.filter(api=row, value__in=have - wanted).delete()
    AllowedOrigin.objects.bulk_create(
        [AllowedOrigin(api=row, value=value, since=now) for value in sorted(wanted - have)]
    )
    row.save(update_fields=["version", "current", "state", *finding_counts.update(row)])
    return row.current


def _attribute_origins(change: Change) -> Change:
    """Note with the origins that a change allowed that it was this one."""
    AllowedOrigin.objects.filter(api=change.api_id, change=None).update(change=change, since=change.at)
    return change


def _note_origins(change: Change) -> Change:
    """Write down which entries of AllowOrigins a change added and removed."""
    before = {value[:500] for value in change.before.policy.allow_origins} if change.before else set()
    after = {value[:500] for value in change.after.policy.allow_origins} if change.after else set()
    ChangeOrigin.objects.bulk_create(
        ChangeOrigin(change=change, value=value, added=value in after) for value in sorted(before ^ after)
    )
    return change


def _follow_baseline(change: Change) -> Change:
    """Note that a locked API violates its baseline, or no longer does, in the transaction of the change."""
    baseline = Baseline.objects.filter(api=change.api_id, ended_at=None).select_related("configuration").first()
    if baseline is None or change.after is None:
        return change
    lasting = BaselineViolation.objects.filter(api=change.api_id, ended_at=None)
    if change.after.policy == baseline.configuration.policy:
        lasting.update(ended_at=change.at, ended_by=change)
    elif not lasting.exists():
        BaselineViolation.objects.create(baseline=baseline, api=change.api, change=change, at=change.at)
    return change

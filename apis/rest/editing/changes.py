"""Changes: apply the six fields, follow an API's history, go back in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from apis.cors.policy import CorsPolicy
from apis.editing.apply import applying, reverts
from apis.editing.apply.tasks import apply_change
from apis.errors import InvalidInput
from apis.inventory.history import change_log, history
from apis.inventory.history.history import Author
from apis.inventory.models import Change as ChangeRow
from apis.inventory.models import HttpApi
from apis.jobs.queue import NOTHING_SENT, enqueue_task
from apis.rest import waiting
from apis.rest.api import ERRORS, allow
from apis.rest.editing.plans import seen_policy
from apis.rest.inventory.apis import find_api
from apis.rest.paging import page
from apis.rest.problems import Problem, missing, queue_unreachable
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, Moment, NoteBody, Page, Text, Time
from apis.rest.values import Cors

router = Router(tags=["apis"])
LONGEST_APPLY_S = 20
"""How long a request waits for its change to be applied; the change itself goes on."""


class ChangeListing(Listing):
    """Which changes; see `apis.inventory.history.change_log.changes_matching`."""

    api: str = Field("", max_length=20)
    account: str = Field("", max_length=100)
    region: str = Field("", max_length=30)
    person: str = Field("", max_length=200)
    kind: str = Field("", max_length=10)
    status: str = Field("", max_length=7)
    origin: str = Field("", max_length=500)
    since: str = Field("", max_length=40)
    until: str = Field("", max_length=40)
    group: str = Field("", max_length=40)


class CorsBody(Body):
    """A proposal to apply. `guard` reverts it automatically when a probe that passed fails because of it."""

    cors: Cors | None
    version: int = Field(ge=1, le=2_000_000_000)
    note: str = Field("", max_length=500)
    guard: bool = False


class RestoreBody(Body):
    """To which moment: a time in the past, or the id of the change that is to be in force again."""

    at: Moment | None = None
    change: int | None = Field(None, ge=0, le=MOST_ID)
    note: str = Field("", max_length=500)


class Change(Answer):
    """A row of the history; a row's `before` is the `after` of the applied row under it."""

    id: int
    api: int = Field(validation_alias="api_id")
    kind: Literal["discovered", "panel", "rest", "bulk", "revert", "guard", "drift"]
    status: Literal["pending", "applied", "failed"]
    at: Time
    actor: Text = Field(validation_alias="who")
    note: str
    summary: str
    before: Cors | None
    after: Cors | None
    group: UUID | None
    error: Text

    @staticmethod
    def resolve_before(row: ChangeRow) -> Any:
        """Return the configuration before it."""
        return row.before.cors if row.before else None

    @staticmethod
    def resolve_after(row: ChangeRow) -> Any:
        """Return what AWS holds, or what was asked for as long as it does not."""
        if row.after:
            return row.after.cors
        return row.proposed if row.status != ChangeRow.Status.APPLIED else None


@router.get("apis/{int:pk}/changes", response={200: Page[Change], **ERRORS})
def list_api_changes(request: HttpRequest, pk: int, listing: Query[Listing]) -> dict[str, Any]:
    """The API's history, newest first."""
    rows = find_api(pk).changes.select_related("before", "after", "attribution")
    return page(request, rows, ("-at", "-id"), listing)


@router.get("changes", response={200: Page[Change], **ERRORS})
def list_changes(request: HttpRequest, listing: Query[ChangeListing]) -> dict[str, Any]:
    """The history of all APIs, newest first; `since` and `until` are days or times in UTC, both included."""
    given = listing.model_dump(include=set(change_log.FILTERS))
    rows = change_log.changes_matching({name: value.strip() for name, value in given.items()})
    related = rows.select_related("before", "after", "attribution")
    return page(request, related, ("-at", "-id"), listing)


@router.put("apis/{int:pk}/cors", response={200: Change, **ERRORS})
def put_cors(request: HttpRequest, pk: int, payload: CorsBody) -> ChangeRow:
    """Apply a proposal: 409 with seen, live, proposed when AWS has moved on, 422 with findings if it cannot work.

    What is live already is answered by the change that made it so.
    """
    user, row = allow(request, "edit"), find_api(pk)
    proposed = CorsPolicy.from_aws(payload.cors)

    def begin() -> ChangeRow:
        seen_policy(row, payload.version)
        author = Author(ChangeRow.Kind.REST, user=user, note=payload.note, guard=payload.guard)
        return _begin(row, proposed, payload.version, author)

    return _apply(request, begin)


@router.post("apis/{int:pk}/restore", response={200: Change, **ERRORS})
def restore_api(request: HttpRequest, pk: int, payload: RestoreBody) -> ChangeRow:
    """Restore an API to a time, or to the state after a change, as a new change."""
    user, row = allow(request, "edit"), find_api(pk)
    if (payload.at is None) == (payload.change is None):
        raise InvalidInput("give either at or change", "at")

    def begin() -> ChangeRow:
        if payload.at is not None:
            at = payload.at if timezone.is_aware(payload.at) else timezone.make_aware(payload.at)
            following = reverts.find_revert_to_moment(row, at)
        else:
            following = reverts.find_revert_to_change(_change_of(row, payload.change))
        proposed = reverts.proposal(following)
        author = Author(ChangeRow.Kind.REVERT, user=user, note=payload.note, reverts=following)
        return _begin(row, proposed, None, author)

    return _apply(request, begin)


def _change_of(row: HttpApi, pk: int | None) -> ChangeRow:
    found = row.changes.select_related("api").filter(pk=pk or 0).first()
    if found is None:
        message = "this API has no such change"
        raise Problem(422, f"change: {message}", [{"field": "change", "message": message}])
    return found


@router.get("changes/{int:pk}", response={200: Change, **ERRORS})
def read_change(request: HttpRequest, pk: int) -> ChangeRow:
    """One change."""
    return _change(pk)


@router.post("changes/{int:pk}/revert", response={200: Change, **ERRORS})
def revert_change(request: HttpRequest, pk: int, payload: NoteBody | None = None) -> ChangeRow:
    """Revert a change, as a new change."""
    payload = payload or NoteBody()
    user, row = allow(request, "edit"), _change(pk)

    def begin() -> ChangeRow:
        proposed = reverts.proposal(row)
        author = Author(ChangeRow.Kind.REVERT, user=user, note=payload.note, reverts=row)
        return _begin(find_api(row.api_id), proposed, None, author)

    return _apply(request, begin)


def _apply(request: HttpRequest, begin: Callable[[], ChangeRow]) -> ChangeRow:
    """Begin a change, let a worker apply it, and answer with how it ended."""
    with waiting.place(request):
        if (pk := waiting.resumed(request)) is None:
            begun = begin()
            pk = begun.pk
            if begun.status == ChangeRow.Status.PENDING and not enqueue_task(apply_change, pk):
                history.fail(begun, NOTHING_SENT, ChangeRow.Failure.TEMPORARY)
                raise queue_unreachable(change=pk)
        # One that stays pending with an error was sent, and no one knows what came of it.
        pending = ChangeRow.objects.filter(pk=pk, status=ChangeRow.Status.PENDING, error="")
        if not waiting.wait(request, lambda: not pending.exists(), LONGEST_APPLY_S, pk):
            detail = (
                f"The change was not applied within {LONGEST_APPLY_S} seconds and is still pending: AWS is slow, or no "
                f"worker is free. Follow it at /api/v1/changes/{pk} before you try again."
            )
            raise Problem(504, detail, change=pk)
    done = _change(pk)
    if done.status == ChangeRow.Status.FAILED:
        raise Problem(409 if done.conflict else 502, done.error, change=done.pk, **(done.conflict or {}))
    return done


def _begin(api: HttpApi, proposed: CorsPolicy, version: int | None, author: Author) -> ChangeRow:
    """Store a pending change; what is live already is answered by the change that made it so. Raises Problem."""
    try:
        return applying.begin(api, proposed, version, author)
    except applying.NothingToChange:
        if (made := applying.last_change_to(api)) is None:
            raise
        return made


def _change(pk: int) -> ChangeRow:
    found = ChangeRow.objects.select_related("before", "after", "api", "attribution").filter(pk=pk).first()
    if found is None:
        raise missing("change")
    return found

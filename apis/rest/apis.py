"""Accounts, APIs, their plan, their six fields and their history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from apis.cors.policy import CorsPolicy
from apis.editing.apply import applying, approval, reverts
from apis.editing.apply.tasks import apply_change
from apis.editing.plan.iac_export import Written, everywhere
from apis.editing.plan.planning import Plan, plan
from apis.errors import InvalidInput
from apis.inventory import change_log, history, live_read
from apis.inventory.history import Author
from apis.inventory.managed_by import owner_of
from apis.inventory.models import Account, Change, CorsConfiguration, HttpApi
from apis.inventory.search import apis_matching
from apis.inventory.tasks import read_live
from apis.jobs.queue import NOTHING_SENT, UNREACHABLE, enqueue_task
from apis.rest import request_schemas, response_schemas, serializers, waiting
from apis.rest.api import ERRORS, allow
from apis.rest.paging import page
from apis.rest.problems import Problem, missing, queue_unreachable

router = Router(tags=["apis"])
Answer = dict[str, Any]
LONGEST_READ_S = 8
"""How long a plan waits for AWS to be read; then it is made without."""
LONGEST_APPLY_S = 20
"""How long a request waits for its change to be applied; the change itself goes on."""


@router.get("accounts", response={200: response_schemas.Page[response_schemas.Account], **ERRORS})
def accounts(request: HttpRequest, listing: Query[request_schemas.Listing]) -> Answer:
    """The accounts, in the order in which they were added."""
    return page(request, Account.objects.all(), ("id",), serializers.account, listing.limit, listing.cursor)


@router.get("apis", response={200: response_schemas.Page[response_schemas.Api], **ERRORS})
def apis(request: HttpRequest, listing: Query[request_schemas.ApiListing]) -> Answer:
    """The APIs by name; `origin` keeps those that admit it."""
    rows = apis_matching(
        search=listing.search,
        account=listing.account,
        region=listing.region,
        origin=listing.origin,
        standing=listing.standing,
    ).annotate(sort=Lower("name"))
    return page(
        request,
        rows.select_related("account", "current"),
        ("sort", "id"),
        serializers.api,
        listing.limit,
        listing.cursor,
    )


@router.get("apis/{int:pk}", response={200: response_schemas.Api, **ERRORS})
def api(request: HttpRequest, pk: int) -> Answer:
    """One API as last seen."""
    row = find_api(pk)
    owner = owner_of(row)
    more = {"approval": approval.required(row) or None, "owner": owner.as_json() if owner else None}
    return serializers.api(row) | more


@router.post("apis/{int:pk}/plan", response={200: response_schemas.Plan, **ERRORS})
def plan_it(request: HttpRequest, pk: int, payload: request_schemas.PlanBody) -> Answer:
    """What a proposal would change. A worker reads AWS first, to show a conflict; when it cannot, the mirror serves.

    Then `unchecked` says why, and how old what it is planned on is.
    """
    row, proposed = find_api(pk), CorsPolicy.from_aws(payload.cors)
    seen = _seen(row, payload.version)
    unchecked = _read_live(request, row)
    row = find_api(pk)
    if unchecked == live_read.GONE:
        raise Problem(409, unchecked)
    if unchecked:
        unchecked += f" The plan is on what was seen last, {serializers.time(row.last_seen_at) or 'at some time'}."
    return show_plan(plan(row, proposed, seen)) | {"unchecked": unchecked or None}


def _read_live(request: HttpRequest, row: HttpApi) -> str:
    """Let a worker read the API from AWS; returns why that did not work, "" when it did."""
    try:
        with waiting.place(request):
            asked_at = waiting.resumed(request)
            if asked_at is None:
                asked_at = timezone.now()
                given = asked_at.timestamp()
                if not enqueue_task(read_live, row.pk, given, expires=LONGEST_READ_S):
                    return UNREACHABLE
                # As the worker reads it, to the microsecond.
                asked_at = datetime.fromtimestamp(given, UTC)
            if not waiting.wait(request, lambda: live_read.done(row.pk, asked_at), LONGEST_READ_S, asked_at):
                return f"AWS was not read within {LONGEST_READ_S} seconds."
    except Problem as full:
        return full.detail
    return HttpApi.objects.values_list("look_error", flat=True).get(pk=row.pk)


@router.put("apis/{int:pk}/cors", response={200: response_schemas.Change, **ERRORS})
def put_cors(request: HttpRequest, pk: int, payload: request_schemas.CorsBody) -> Answer:
    """Apply a proposal: 409 with seen, live, proposed when AWS has moved on, 422 with findings if it cannot work.

    What is live already is answered by the change that made it so.
    """
    user, row = allow(request, "edit"), find_api(pk)
    proposed = CorsPolicy.from_aws(payload.cors)

    def begin() -> Change:
        _seen(row, payload.version)
        author = Author(Change.Kind.REST, user=user, note=payload.note, guard=payload.guard)
        return _begin(row, proposed, payload.version, author)

    return _apply(request, begin)


@router.get("apis/{int:pk}/changes", response={200: response_schemas.Page[response_schemas.Change], **ERRORS})
def changes(request: HttpRequest, pk: int, listing: Query[request_schemas.Listing]) -> Answer:
    """The API's history, newest first."""
    rows = find_api(pk).changes.select_related("before", "after", "attribution")
    return page(request, rows, ("-at", "-id"), serializers.change, listing.limit, listing.cursor)


@router.get("changes", response={200: response_schemas.Page[response_schemas.Change], **ERRORS})
def all_changes(request: HttpRequest, listing: Query[request_schemas.ChangeListing]) -> Answer:
    """The history of all APIs, newest first; `since` and `until` are days or times in UTC, both included."""
    given = listing.model_dump(include=set(change_log.FILTERS))
    rows = change_log.changes_matching({name: value.strip() for name, value in given.items()})
    related = rows.select_related("before", "after", "attribution")
    return page(request, related, ("-at", "-id"), serializers.change, listing.limit, listing.cursor)


@router.post("apis/{int:pk}/restore", response={200: response_schemas.Change, **ERRORS})
def restore(request: HttpRequest, pk: int, payload: request_schemas.RestoreBody) -> Answer:
    """Go back to how an API was at a time, or to how a change left it, as a new change."""
    user, row = allow(request, "edit"), find_api(pk)
    if (payload.at is None) == (payload.change is None):
        raise InvalidInput("give either at or change", "at")

    def begin() -> Change:
        if payload.at is not None:
            at = payload.at if timezone.is_aware(payload.at) else timezone.make_aware(payload.at)
            following = reverts.to_moment(row, at)
        else:
            following = reverts.to_after(_change_of(row, payload.change))
        proposed = reverts.proposal(following)
        author = Author(Change.Kind.REVERT, user=user, note=payload.note, reverts=following)
        return _begin(row, proposed, None, author)

    return _apply(request, begin)


def _change_of(row: HttpApi, pk: int | None) -> Change:
    found = row.changes.select_related("api").filter(pk=pk or 0).first()
    if found is None:
        message = "this API has no such change"
        raise Problem(422, f"change: {message}", [{"field": "change", "message": message}])
    return found


@router.get("changes/{int:pk}", response={200: response_schemas.Change, **ERRORS})
def change(request: HttpRequest, pk: int) -> Answer:
    """One change."""
    return serializers.change(_change(pk))


@router.post("changes/{int:pk}/revert", response={200: response_schemas.Change, **ERRORS})
def revert_it(request: HttpRequest, pk: int, payload: request_schemas.NoteBody | None = None) -> Answer:
    """Go back to what was there before a change, as a new change."""
    payload = payload or request_schemas.NoteBody()
    user, row = allow(request, "edit"), _change(pk)

    def begin() -> Change:
        proposed = reverts.proposal(row)
        author = Author(Change.Kind.REVERT, user=user, note=payload.note, reverts=row)
        return _begin(find_api(row.api_id), proposed, None, author)

    return _apply(request, begin)


def _apply(request: HttpRequest, begin: Callable[[], Change]) -> Answer:
    """Begin a change, let a worker apply it, and answer with how it ended."""
    with waiting.place(request):
        if (pk := waiting.resumed(request)) is None:
            begun = begin()
            pk = begun.pk
            if begun.status == Change.Status.PENDING and not enqueue_task(apply_change, pk):
                history.fail(begun, NOTHING_SENT, Change.Failure.TEMPORARY)
                raise queue_unreachable(change=pk)
        # One that stays pending with an error was sent, and nobody knows what came of it.
        pending = Change.objects.filter(pk=pk, status=Change.Status.PENDING, error="")
        if not waiting.wait(request, lambda: not pending.exists(), LONGEST_APPLY_S, pk):
            detail = (
                f"The change was not applied within {LONGEST_APPLY_S} seconds and is still pending: AWS is slow, or no "
                f"worker is free. Follow it at /api/v1/changes/{pk} before you try again."
            )
            raise Problem(504, detail, change=pk)
    done = _change(pk)
    if done.status == Change.Status.FAILED:
        raise Problem(409 if done.conflict else 502, done.error, change=done.pk, **(done.conflict or {}))
    return serializers.change(done)


def _begin(api: HttpApi, proposed: CorsPolicy, version: int | None, author: Author) -> Change:
    """Store a pending change; what is live already is answered by the change that made it so. Raises Problem."""
    try:
        return applying.begin(api, proposed, version, author)
    except applying.NothingToChange:
        if (made := applying.made_live(api)) is None:
            raise
        return made


def show_plan(made: Plan) -> Answer:
    """A plan, as the contract has it, with what browsers hold on to and the change as other tools write it."""
    return {
        "diff": made.diff.as_json(),
        "summary": made.summary,
        "findings": [one.as_json() for one in made.findings],
        "new": [one.code for one in made.new],
        "solved": [one.code for one in made.solved],
        "unchanged": [one.code for one in made.unchanged],
        "impact": [row.as_json() for row in made.impact],
        "origins_left_out": made.left_out,
        "headers_left_out": made.headers_left_out,
        "holding": made.lingering.as_json() if made.lingering else None,
        "elsewhere": [_elsewhere(one) for one in everywhere(made.api, made.proposed)] if made.diff else [],
        "conflict": made.conflict.as_json() if made.conflict else None,
        "unchecked": None,
    }


def _elsewhere(written: Written) -> Answer:
    return {"format": written.format, "title": written.title, "text": written.text, "patch": written.patch}


def _seen(row: HttpApi, version: int | None) -> CorsPolicy:
    if version is None or version == row.version:
        return row.policy
    found = CorsConfiguration.objects.filter(api=row, number=version).first()
    if found is None:
        message = f"there is no version {version}; the newest is {row.version}"
        raise InvalidInput(message, "version")
    return found.policy


def find_api(pk: int) -> HttpApi:
    """The API, or a 404 problem."""
    found = HttpApi.objects.select_related("account", "current").filter(pk=pk).first()
    if found is None:
        raise missing("API")
    return found


def _change(pk: int) -> Change:
    found = Change.objects.select_related("before", "after", "api", "attribution").filter(pk=pk).first()
    if found is None:
        raise missing("change")
    return found

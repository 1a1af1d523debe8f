"""Plans: what a proposal would change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from apis.cors.policy import CorsPolicy
from apis.editing.plan.iac_export import everywhere
from apis.editing.plan.planning import Plan as Planned
from apis.editing.plan.planning import plan
from apis.errors import InvalidInput
from apis.inventory.models import CorsConfiguration, HttpApi
from apis.inventory.reading import live_read
from apis.inventory.tasks import read_live
from apis.jobs.queue import UNREACHABLE, enqueue_task
from apis.rest import waiting
from apis.rest.api import ERRORS
from apis.rest.exchanges import Finding
from apis.rest.inventory.apis import find_api
from apis.rest.problems import Problem
from apis.rest.schemas import Answer, Body, absent, iso
from apis.rest.values import Cors

router = Router(tags=["apis"])
LONGEST_READ_S = 8
"""How long a plan waits for AWS to be read; then it is made without."""
Outcome = Literal["allowed", "blocked"]


class PlanBody(Body):
    """A proposal; null switches CORS off. `version` is what the proposer saw."""

    cors: Cors | None
    version: int | None = None


class FieldDiff(Answer):
    """What differs in one field; for a list, the entries added and removed."""

    field: str
    before: list[str] | bool | int | None
    after: list[str] | bool | int | None
    added: list[str]
    removed: list[str]


class Impact(Answer):
    """A call of a `probe` or from an `origin`, before and after; `code` and `reason` say why it is blocked.

    Of a call that is allowed on both sides `reason` names the response headers that script can no longer read, or can
    read from now on. `stage` names the stage without auto-deploy that the call goes to: then `before` is what the
    settings in AWS say, which need not be live there, and it goes by `after` only once it is deployed.
    """

    probe: int | None = absent()
    origin: str | None = absent()
    call: str
    before: Outcome
    after: Outcome
    code: str | None
    reason: str
    stage: str | None


class Conflict(Answer):
    """What the proposer saw, what is live, and what is proposed."""

    seen: Cors | None
    live: Cors | None
    proposed: Cors | None


class SafeStep(Answer):
    """One step of a safe order: `allowed_since`, `shorten` (MaxAge), `wait` (seconds) or `apply`."""

    step: Literal["let_in", "shorten", "wait", "apply"]
    MaxAge: int | None = absent()
    seconds: int | None = absent()


class Holding(Answer):
    """What browsers go on with: for how many seconds each, what pages may still do, and the order that avoids it."""

    held: dict[str, int]
    still: list[str]
    arriving: list[str]
    safe_order: list[SafeStep]


class IacExport(Answer):
    """The same change as another tool writes it down; `patch` of what is live, where the tool keeps files."""

    format: str
    title: str
    text: str
    patch: str


class Plan(Answer):
    """What a proposal would change; `new`, `solved` and `unchanged` are codes of findings.

    `origins_left_out` and `headers_left_out` say how many were not tried, because there are too many: the origins that
    change and the request headers that go come first. `unchecked` says why AWS was not read.
    """

    diff: list[FieldDiff]
    summary: str
    findings: list[Finding]
    new: list[str]
    solved: list[str]
    unchanged: list[str]
    impact: list[Impact]
    origins_left_out: int
    headers_left_out: int
    holding: Holding | None
    elsewhere: list[IacExport]
    conflict: Conflict | None
    unchecked: str | None


@router.post("apis/{int:pk}/plan", response={200: Plan, **ERRORS})
def plan_change(request: HttpRequest, pk: int, payload: PlanBody) -> dict[str, Any]:
    """What a proposal would change. A worker reads AWS first, to show a conflict; when it cannot, the mirror serves.

    Then `unchecked` says why, and how old what it is planned on is.
    """
    row, proposed = find_api(pk), CorsPolicy.from_aws(payload.cors)
    seen = seen_policy(row, payload.version)
    unchecked = _read_live(request, row)
    row = find_api(pk)
    if unchecked == live_read.GONE:
        raise Problem(409, unchecked)
    if unchecked:
        seen_at = iso(row.last_seen_at) if row.last_seen_at else "at some time"
        unchecked += f" The plan is on what was seen last, {seen_at}."
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


def show_plan(made: Planned) -> dict[str, Any]:
    """Return a plan, as the contract has it, with what browsers hold on to and the change as other tools write it."""
    return {
        "diff": made.diff.as_json(),
        "summary": made.summary,
        "findings": made.findings,
        "new": [one.code for one in made.new],
        "solved": [one.code for one in made.solved],
        "unchanged": [one.code for one in made.unchanged],
        "impact": [row.as_json() for row in made.impact],
        "origins_left_out": made.left_out,
        "headers_left_out": made.headers_left_out,
        "holding": made.preflight_cache.as_json() if made.preflight_cache else None,
        "elsewhere": everywhere(made.api, made.proposed) if made.diff else [],
        "conflict": made.conflict.as_json() if made.conflict else None,
        "unchecked": None,
    }


def seen_policy(row: HttpApi, version: int | None) -> CorsPolicy:
    """Return the configuration of a version of the API; raises InvalidInput when there is none."""
    if version is None or version == row.version:
        return row.policy
    found = CorsConfiguration.objects.filter(api=row, number=version).first()
    if found is None:
        message = f"there is no version {version}; the newest is {row.version}"
        raise InvalidInput(message, "version")
    return found.policy

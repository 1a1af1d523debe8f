"""Notification rules, maintenance windows, and who would be notified."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field

from apis.alerting.alerts.occasions import KINDS
from apis.alerting.rules import edits
from apis.alerting.rules.dry_run import dry_run
from apis.alerting.rules.models import Maintenance as MaintenanceRow
from apis.alerting.rules.models import Rule as RuleRow
from apis.errors import InvalidInput
from apis.rest.api import ERRORS, allow
from apis.rest.inventory.apis import find_api
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, Moment, Page, Text, Time

router = Router(tags=["incidents"])

Severity = Literal["info", "warning", "error", "critical"]
Outcome = Literal["notified", "delayed", "deferred", "dropped", "duplicate", "no_match", "disabled"]


class Quiet(Body):
    """Quiet hours: local times in a time zone, and what becomes of a message meanwhile."""

    begin: str = Field(min_length=4, max_length=8, examples=["22:00"])
    end: str = Field(min_length=4, max_length=8, examples=["07:00"])
    time_zone: str = Field("UTC", max_length=60)
    mode: Literal["defer", "drop"] = "defer"


class RuleBody(Body):
    """A rule. An empty condition matches everything; `channels` null means every channel."""

    name: str = Field(min_length=1, max_length=100)
    enabled: bool = True
    account: int | None = Field(None, ge=0, le=MOST_ID)
    api: int | None = Field(None, ge=0, le=MOST_ID)
    tag: str = Field("", max_length=400, description="key or key=value")
    severity: Severity = "info"
    kinds: list[str] = Field(default_factory=list, max_length=50)
    channels: list[Annotated[int, Field(ge=0, le=MOST_ID)]] | None = Field(None, max_length=500)
    delay: int = Field(0, ge=0, le=edits.LONGEST, description="seconds")
    reminder: int = Field(0, ge=0, le=edits.LONGEST, description="seconds; 0 for none")
    recovery: bool = True
    quiet: Quiet | None = None


class RulePatch(RuleBody, partial=True):
    """What to change of a rule; what is left out stays as it is."""


class QuietHours(Answer):
    """Quiet hours."""

    begin: str
    end: str
    time_zone: str
    mode: Literal["defer", "drop"]


class Rule(Answer):
    """A rule."""

    id: int
    name: str
    is_default: bool
    enabled: bool
    account: int | None = Field(validation_alias="account_id")
    api: int | None = Field(validation_alias="api_id")
    tag: str
    severity: Severity
    kinds: list[str]
    channels: list[int] | None
    delay: int
    reminder: int
    recovery: bool
    quiet: QuietHours | None

    @staticmethod
    def resolve_tag(row: RuleRow) -> str:
        """Return the tag as key or key=value."""
        return f"{row.tag_key}={row.tag_value}" if row.tag_value else row.tag_key

    @staticmethod
    def resolve_channels(row: RuleRow) -> list[int] | None:
        """Return the channels, None for every one."""
        return None if row.all_channels else [channel.pk for channel in row.channels.all()]

    @staticmethod
    def resolve_quiet(row: RuleRow) -> dict[str, Any] | None:
        """Return the quiet hours."""
        if row.quiet_from is None or row.quiet_until is None:
            return None
        begin, end = (at.isoformat("minutes") for at in (row.quiet_from, row.quiet_until))
        return {"begin": begin, "end": end, "time_zone": row.quiet_zone, "mode": row.quiet_mode}


class DryRunBody(Body):
    """An alert that might happen; without an API one about the whole dashboard."""

    kind: str = Field(max_length=20)
    api: int | None = Field(None, ge=0, le=MOST_ID)
    severity: Severity | None = None


class DryRunStep(Answer):
    """What one rule would do, for one channel."""

    rule: int
    name: str
    channel: int | None
    channel_name: Text
    outcome: Outcome
    reason: Text
    at: Time | None


class DryRun(Answer):
    """Who would be notified now, and why."""

    notified: list[int]
    steps: list[DryRunStep]


class MaintenanceBody(Body):
    """A window. `once`: from `starts_at`, or now, to `ends_at`. `weekly` and `cron` last `duration` seconds each."""

    name: str = Field(min_length=1, max_length=100)
    repeat: Literal["once", "weekly", "cron"] = "once"
    account: int | None = Field(None, ge=0, le=MOST_ID)
    api: int | None = Field(None, ge=0, le=MOST_ID)
    tag: str = Field("", max_length=400, description="key or key=value")
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    weekdays: list[int] = Field(default_factory=list, max_length=7, description="Monday is 0")
    time: str = Field("", max_length=8)
    cron: str = Field("", max_length=100)
    duration: int = Field(0, ge=0, le=edits.LONGEST, description="seconds")
    time_zone: str = Field("UTC", max_length=60)


class Maintenance(Answer):
    """A maintenance window."""

    id: int
    name: str
    repeat: Literal["once", "weekly", "cron"]
    account: int | None = Field(validation_alias="account_id")
    api: int | None = Field(validation_alias="api_id")
    tag: str
    starts_at: Time | None
    ends_at: Time | None
    weekdays: list[int]
    time: Text
    cron: str
    duration: int
    time_zone: str = Field(validation_alias="zone")
    created_by: str = Field(validation_alias="created_by_name")
    active: bool

    @staticmethod
    def resolve_tag(row: MaintenanceRow) -> str:
        """Return the tag as key or key=value."""
        return f"{row.tag_key}={row.tag_value}" if row.tag_value else row.tag_key

    @staticmethod
    def resolve_time(row: MaintenanceRow) -> str:
        """Return when a weekly window begins."""
        return row.time.isoformat("minutes") if row.time else ""


@router.get("rules", response={200: Page[Rule], **ERRORS})
def list_rules(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """Rules: the alerts that each channel gets, and when."""
    return page(request, RuleRow.objects.prefetch_related("channels"), ("id",), listing)


@router.post("rules", response={201: Rule, **ERRORS})
def create_rule(request: HttpRequest, payload: RuleBody) -> Status[Any]:
    """Create a rule."""
    user = allow(request, "admin")
    return Status(201, edits.create_rule(user, _values(payload.model_dump())))


@router.post("rules/dry-run", response={200: DryRun, **ERRORS})
def try_rules(request: HttpRequest, payload: DryRunBody) -> dict[str, Any]:
    """Return who would be notified of an alert now, and how each rule decides. Nothing is sent."""
    if payload.kind not in KINDS:
        raise InvalidInput(f"Must be one of: {', '.join(KINDS)}.", "kind")
    api = find_api(payload.api) if payload.api is not None else None
    steps = dry_run(api, payload.kind, payload.severity, timezone.now())
    shown = [
        {
            "rule": step.rule.pk,
            "name": step.rule.name,
            "channel": step.channel.pk if step.channel else None,
            "channel_name": step.channel.name if step.channel else "",
            "outcome": step.outcome,
            "reason": step.reason,
            "at": step.due,
        }
        for step in steps
    ]
    return {"notified": sorted({step.channel.pk for step in steps if step.channel and step.due}), "steps": shown}


@router.get("rules/{int:pk}", response={200: Rule, **ERRORS})
def read_rule(request: HttpRequest, pk: int) -> RuleRow:
    """One rule."""
    return _rule(pk)


@router.patch("rules/{int:pk}", response={200: Rule, **ERRORS})
def change_rule(request: HttpRequest, pk: int, payload: RulePatch) -> RuleRow:
    """Change a rule; what is left out stays as it is."""
    user, row = allow(request, "admin"), _rule(pk)
    edits.change_rule(user, row, _values(payload.model_dump(exclude_unset=True)))
    return _rule(pk)


@router.delete("rules/{int:pk}", response={204: None, **ERRORS})
def delete_rule(request: HttpRequest, pk: int) -> Status[Any]:
    """Delete a rule; the default rule can only be disabled."""
    edits.delete_rule(allow(request, "admin"), _rule(pk))
    return Status(204, None)


@router.get("maintenance", response={200: Page[Maintenance], **ERRORS})
def list_windows(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """Maintenance windows, newest first. Probes keep running; no notifications are sent."""
    found = page(request, MaintenanceRow.objects.all(), ("-id",), listing)
    now = timezone.now()
    for row in found["items"]:
        row.active = edits.is_active(row, now)
    return found


@router.post("maintenance", response={201: Maintenance, **ERRORS})
def create_window(request: HttpRequest, payload: MaintenanceBody) -> Status[Any]:
    """Create a maintenance window, or start one now."""
    user, given = allow(request, "edit"), payload.model_dump()
    row: Any = edits.create_maintenance(user, given | {"zone": given.pop("time_zone")})
    row.active = edits.is_active(row, timezone.now())
    return Status(201, row)


@router.delete("maintenance/{int:pk}", response={204: None, **ERRORS})
def delete_window(request: HttpRequest, pk: int) -> Status[Any]:
    """Delete a window; an active one ends now."""
    user, row = allow(request, "edit"), MaintenanceRow.objects.filter(pk=pk).first()
    if row is None:
        raise missing("maintenance window")
    edits.delete_maintenance(user, row)
    return Status(204, None)


def _values(given: dict[str, Any]) -> dict[str, Any]:
    """Return a body as the verbs take it."""
    if "channels" in given:
        given["all_channels"] = given["channels"] is None
        given["channels"] = given["channels"] or []
    if "quiet" in given:
        quiet = given.pop("quiet") or {}
        given |= {"quiet_from": quiet.get("begin"), "quiet_until": quiet.get("end")}
        given |= {"quiet_zone": quiet.get("time_zone", ""), "quiet_mode": quiet.get("mode", "defer")}
    return given


def _rule(pk: int) -> RuleRow:
    found = RuleRow.objects.prefetch_related("channels").filter(pk=pk).first()
    if found is None:
        raise missing("rule")
    return found

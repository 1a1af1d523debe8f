"""Making, changing and deleting rules and maintenance windows: the one place that says what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from apis.access import audit
from apis.access.audit import By
from apis.alerting.alerts.occasions import KINDS
from apis.alerting.channels.message import SEVERITIES
from apis.alerting.models import Channel, Delivery
from apis.alerting.rules import clock
from apis.alerting.rules.holds import check_again
from apis.alerting.rules.matching import window_end
from apis.alerting.rules.models import Maintenance, Rule
from apis.errors import InvalidFields
from apis.inventory.models import Account, HttpApi

LONGEST = 30 * 24 * 3600
"""Seconds: the longest delay, reminder and occurrence of a window."""
_NAME = "Enter a name of at most 100 characters."


def create_rule(user: By, values: Mapping[str, Any]) -> Rule:
    """Make a rule. Raises InvalidFields."""
    rule = Rule()
    _save_rule(rule, values)
    audit.record(user, "added a rule", rule.name)
    return rule


def change_rule(user: By, rule: Rule, values: Mapping[str, Any]) -> Rule:
    """Change a rule; what is left out of `values` stays as it is. Raises InvalidFields."""
    with transaction.atomic():
        _save_rule(rule, values)
        check_again(timezone.now(), hold="quiet", rule=rule)
        if "delay" in values:
            due = F("created_at") + timedelta(seconds=rule.delay)
            held = Delivery.objects.filter(rule=rule, hold="delay", state=Delivery.State.WAITING, attempts=None)
            held.update(next_attempt_at=due, not_before=due)
    audit.record(user, "changed a rule", rule.name, fields=sorted(values))
    return rule


def delete_rule(user: By, rule: Rule) -> None:
    """Delete a rule; what it decided is kept. Raises InvalidFields for the default rule."""
    if rule.is_default:
        raise InvalidFields({"rule": "The default rule cannot be deleted. Disable it instead."})
    name = rule.name
    with transaction.atomic():
        check_again(timezone.now(), hold="quiet", rule=rule)
        rule.delete()
    audit.record(user, "deleted a rule", name)


def _save_rule(rule: Rule, values: Mapping[str, Any]) -> None:
    errors: dict[str, str] = {}
    _name(rule, values, errors)
    _scope(rule, values, errors)
    for name in ("enabled", "recovery", "all_channels"):
        setattr(rule, name, bool(values.get(name, getattr(rule, name))))
    for name in ("delay", "reminder"):
        seconds = values.get(name, getattr(rule, name)) or 0
        if not 0 <= seconds <= LONGEST:
            errors[name] = "Enter between 0 seconds and 30 days."
        setattr(rule, name, seconds)
    rule.severity = values.get("severity", rule.severity)
    if rule.severity not in SEVERITIES:
        errors["severity"] = f"Must be one of: {', '.join(SEVERITIES)}."
    rule.kinds = sorted(set(values.get("kinds", rule.kinds) or ()))
    if unknown := [kind for kind in rule.kinds if kind not in KINDS]:
        errors["kinds"] = f"Unknown: {', '.join(unknown)}. Must be among: {', '.join(KINDS)}."
    _quiet(rule, values, errors)
    channels = None
    if "channels" in values:
        wanted = {int(one) for one in values["channels"] or ()}
        channels = list(Channel.objects.filter(pk__in=wanted))
        if len(channels) < len(wanted):
            errors["channels"] = "There is no channel with one of these ids."
    if errors:
        raise InvalidFields(errors)
    try:
        with transaction.atomic():
            rule.save()
            if channels is not None:
                rule.channels.set(channels)
    except IntegrityError:
        raise InvalidFields({"name": "Another rule has this name."}) from None


def _name(row: Rule | Maintenance, values: Mapping[str, Any], errors: dict[str, str]) -> None:
    row.name = " ".join(str(values.get("name", row.name)).replace("\0", "").split())
    if not row.name or len(row.name) > 100:
        errors["name"] = _NAME
    elif isinstance(row, Rule) and Rule.objects.filter(name__iexact=row.name).exclude(pk=row.pk).exists():
        errors["name"] = "Another rule has this name."


def _scope(row: Rule | Maintenance, values: Mapping[str, Any], errors: dict[str, str]) -> None:
    if "account" in values:
        row.account = Account.objects.filter(pk=values["account"]).first() if values["account"] else None
        if values["account"] and row.account is None:
            errors["account"] = "There is no account with this id."
    if "api" in values:
        row.api = HttpApi.objects.filter(pk=values["api"]).first() if values["api"] else None
        if values["api"] and row.api is None:
            errors["api"] = "There is no API with this id."
    if "tag" in values:
        key, _, value = str(values["tag"] or "").strip().partition("=")
        row.tag_key, row.tag_value = key.strip(), value.strip()
        if len(row.tag_key) > 128 or len(row.tag_value) > 256 or "\0" in key + value or (value and not row.tag_key):
            errors["tag"] = "Enter a tag as key or key=value."


def _quiet(rule: Rule, values: Mapping[str, Any], errors: dict[str, str]) -> None:
    rule.quiet_from = _time(values.get("quiet_from", rule.quiet_from), "quiet_from", errors)
    rule.quiet_until = _time(values.get("quiet_until", rule.quiet_until), "quiet_until", errors)
    rule.quiet_zone = str(values.get("quiet_zone", rule.quiet_zone) or "")
    rule.quiet_mode = values.get("quiet_mode", rule.quiet_mode)
    if rule.quiet_mode not in Rule.QuietMode.values:
        errors["quiet_mode"] = f"Must be one of: {', '.join(Rule.QuietMode.values)}."
    if (rule.quiet_from is None) != (rule.quiet_until is None):
        errors.setdefault("quiet_until", "Enter both times, or neither.")
    elif rule.quiet_from is not None and rule.quiet_from == rule.quiet_until:
        errors["quiet_until"] = "Must differ from the beginning."
    elif rule.quiet_from is not None:
        rule.quiet_zone = rule.quiet_zone.strip() or "UTC"
        _zone(rule.quiet_zone, "quiet_zone", errors)
    else:
        rule.quiet_zone = ""


def _time(given: Any, field: str, errors: dict[str, str]) -> time | None:
    if given in (None, "") or isinstance(given, time):
        return given or None
    try:
        return time.fromisoformat(str(given)).replace(tzinfo=None)
    except ValueError:
        errors[field] = "Enter a time of day, such as 22:00."
        return None


def _zone(name: str, field: str, errors: dict[str, str]) -> None:
    if name not in available_timezones():
        errors[field] = "Enter a time zone, such as Europe/Berlin or UTC."


def create_maintenance(user: By, values: Mapping[str, Any], now: datetime | None = None) -> Maintenance:
    """Make a maintenance window; without a start it begins now. Raises InvalidFields."""
    now = now or timezone.now()
    window, errors = Maintenance(), dict[str, str]()
    _name(window, values, errors)
    _scope(window, values, errors)
    window.repeat = values.get("repeat") or Maintenance.Repeat.ONCE
    if window.repeat == Maintenance.Repeat.ONCE:
        _once(window, values, errors, now)
    elif window.repeat in Maintenance.Repeat.values:
        _repeated(window, values, errors)
    else:
        errors["repeat"] = f"Must be one of: {', '.join(Maintenance.Repeat.values)}."
    if errors:
        raise InvalidFields(errors)
    entry = audit.record(user, "added a maintenance window", window.name)
    window.created_by, window.created_by_name = entry.actor, entry.actor_name
    window.save()
    return window


def _once(window: Maintenance, values: Mapping[str, Any], errors: dict[str, str], now: datetime) -> None:
    window.starts_at, window.ends_at = values.get("starts_at") or now, values.get("ends_at")
    for name in ("starts_at", "ends_at"):
        at = getattr(window, name)
        if at is not None and at.tzinfo is None:
            errors[name] = "Needs a time zone, such as Z for UTC: 2027-01-31T18:00:00Z."
            return
    if window.ends_at is None:
        errors["ends_at"] = "Enter when it ends."
    elif window.ends_at <= max(now, window.starts_at):
        errors["ends_at"] = "Must lie in the future, after the start."


def _repeated(window: Maintenance, values: Mapping[str, Any], errors: dict[str, str]) -> None:
    window.zone = str(values.get("zone") or "UTC")
    _zone(window.zone, "zone", errors)
    window.duration = int(values.get("duration") or 0)
    if not 60 <= window.duration <= 7 * 24 * 3600:
        errors["duration"] = "Enter between 60 seconds and 7 days."
    if window.repeat == Maintenance.Repeat.CRON:
        window.cron = " ".join(str(values.get("cron") or "").split())[:100]
        if error := clock.cron_error(window.cron):
            errors["cron"] = error
        return
    window.weekdays = sorted({int(day) for day in values.get("weekdays") or ()})
    if not window.weekdays or not set(window.weekdays) <= set(range(7)):
        errors["weekdays"] = "Choose at least one day; Monday is 0."
    window.time = _time(values.get("time"), "time", errors)
    if window.time is None:
        errors.setdefault("time", "Enter when it begins, such as 02:00.")


def delete_maintenance(user: By, window: Maintenance) -> None:
    """Delete a window: what waits for its end is checked again at once."""
    name = window.name
    with transaction.atomic():
        window.delete()
        check_again(timezone.now(), hold="maintenance")
    audit.record(user, "deleted a maintenance window", name)


def is_active(window: Maintenance, now: datetime) -> bool:
    """Return whether an occurrence of the window holds now."""
    return window_end(window, now) is not None

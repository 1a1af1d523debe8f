"""Whether a rule or a maintenance window concerns an occasion, and why not."""

from __future__ import annotations

from datetime import datetime

from apis.alerting.alerts.occasions import KINDS, Occasion, Place, rank
from apis.alerting.rules import clock
from apis.alerting.rules.models import Maintenance, Rule
from apis.inventory.models import HttpApi


def mismatch_reason(rule: Rule, occasion: Occasion) -> str:
    """Return the first condition of a rule that an occasion does not meet, or ""."""
    if rule.kinds and occasion.kind not in rule.kinds:
        return f"Only for: {', '.join(KINDS[kind][0] for kind in rule.kinds if kind in KINDS)}."
    if rank(occasion.severity) < rank(rule.severity):
        return f"Only for severity {rule.severity} and above; this is {occasion.severity}."
    return _scope_reason(rule, occasion)


def _scope_reason(row: Rule | Maintenance, occasion: Occasion) -> str:
    """Return why none of an occasion's APIs meets the conditions, or ""."""
    if not occasion.places:
        return _place_reason(row, Place(0, occasion.account or 0))
    reasons = [_place_reason(row, place) for place in occasion.places]
    return "" if "" in reasons else reasons[0]


def _place_reason(row: Rule | Maintenance, place: Place) -> str:
    if row.account_id and row.account_id != place.account:
        return f"Only for the account {row.account.name if row.account else ''}."
    if row.api_id and row.api_id != place.api:
        return f"Only for the API {row.api.name if row.api else ''}."
    if row.tag_key:
        found = place.tags.get(row.tag_key)
        wanted = f"{row.tag_key}={row.tag_value}" if row.tag_value else row.tag_key
        if found is None or (row.tag_value and found != row.tag_value):
            return f"Only for APIs with the tag {wanted}."
    return ""


def covers(window: Maintenance, api: HttpApi) -> bool:
    """Return whether a window concerns an API."""
    return not _place_reason(window, Place(api.pk, api.account_id, api.tags or {}))


def window_end(window: Maintenance, now: datetime) -> datetime | None:
    """Return when the window's occurrence that holds at `now` ends, or None outside of it."""
    if window.repeat == Maintenance.Repeat.ONCE:
        begun = window.starts_at is None or window.starts_at <= now
        return window.ends_at if begun and window.ends_at and now < window.ends_at else None
    if window.repeat == Maintenance.Repeat.WEEKLY:
        assert window.time is not None
        return clock.weekly_end(window.weekdays, window.time, window.duration, window.zone, now)
    return clock.cron_end(window.cron, window.duration, window.zone, now)


type Covering = tuple[Maintenance, datetime]
"""A window and when its occurrence ends."""


def maintenance_end(windows: list[Maintenance], occasion: Occasion, now: datetime) -> Covering | None:
    """Return the window that covers an occasion for longest, and its end. It must cover each of its APIs."""
    places = occasion.places or (Place(0, occasion.account or 0),)
    found = [
        (window, window_end(window, now))
        for window in windows
        if not any(_place_reason(window, place) for place in places)
    ]
    covering = [(window, end) for window, end in found if end is not None]
    return max(covering, key=lambda one: one[1], default=None)


def quiet_until(rule: Rule, now: datetime) -> datetime | None:
    """Return when the rule's quiet hours end, or None outside of them."""
    if rule.quiet_from is None or rule.quiet_until is None:
        return None
    return clock.quiet_end(rule.quiet_from, rule.quiet_until, rule.quiet_zone or "UTC", now)

"""Times of day in a time zone: when quiet hours and maintenance windows begin and end. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def quiet_end(begins: time, ends: time, zone: str, now: datetime) -> datetime | None:
    """Return when the quiet hours that hold at `now` end, or None outside of them. They may pass midnight."""
    here = now.astimezone(ZoneInfo(zone))
    for days in (-1, 0):
        day = here.date() + timedelta(days=days)
        start = local_time(day, begins, zone)
        end = local_time(day if begins < ends else day + timedelta(days=1), ends, zone)
        if start <= now < end:
            return end
    return None


def weekly_end(weekdays: list[int], begins: time, seconds: int, zone: str, now: datetime) -> datetime | None:
    """Return when the weekly window that holds at `now` ends, or None outside of it."""
    here = now.astimezone(ZoneInfo(zone))
    ends = []
    for back in range(8):
        day = here.date() - timedelta(days=back)
        start = local_time(day, begins, zone)
        if day.weekday() in weekdays and start <= now < start + timedelta(seconds=seconds):
            ends.append(start + timedelta(seconds=seconds))
    return max(ends, default=None)


def cron_end(expression: str, seconds: int, zone: str, now: datetime) -> datetime | None:
    """Return when the window of a cron expression that holds at `now` ends, or None outside of it."""
    here = now.astimezone(ZoneInfo(zone))
    # The latest start up to now, itself included.
    start = croniter(expression, here + timedelta(seconds=1)).get_prev(datetime)
    end = start.astimezone(UTC) + timedelta(seconds=seconds)
    return end if now < end else None


def cron_error(expression: str) -> str:
    """Return what is wrong with a cron expression, or ""."""
    if len(expression.split()) != 5:
        return "Enter five fields: minute, hour, day of month, month, day of week."
    if not croniter.is_valid(expression):
        return "This is not a cron expression, such as: 0 2 * * 1-5."
    try:
        croniter(expression, datetime.now(UTC)).get_prev(datetime)
    except CroniterError:
        return "It never happens."
    return ""


def local_time(day: object, at: time, zone: str) -> datetime:
    """Return a time of day in a zone, in UTC."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type]

"""Baselines: lock an API to a configuration; record and show violations, and notify about them."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils import timezone

from apis.access import audit
from apis.errors import AppError
from apis.inventory.history import history
from apis.inventory.models import Baseline, BaselineViolation, HttpApi


def active_baseline(api: HttpApi) -> Baseline | None:
    """Return the baseline in force."""
    return Baseline.objects.filter(api=api, ended_at=None).select_related("configuration").first()


def violation_of(api: HttpApi) -> BaselineViolation | None:
    """Return the violation of an API's baseline that lasts, or None. Its change and baseline are read when needed."""
    return BaselineViolation.objects.filter(api=api, ended_at=None).first()


def lock(api: HttpApi, user: User, note: str = "", version: int | None = None) -> Baseline:
    """Lock an API to what it has now; a baseline that was in force ends, and with it its violation.

    `version`: the configuration that the person saw, by number. Raises AppError when there is another by now, when
    none is known yet, or when the API is locked to this very configuration.
    """
    with history.locked(api) as row:
        now, current = timezone.now(), row.current
        if current is None:
            raise AppError("This API's configuration is unknown. Sync first.")
        if version is not None and version != row.version:
            raise AppError(f"The configuration changed meanwhile; it is now version {row.version}.")
        before = active_baseline(row)
        if before is not None:
            if before.configuration.policy == current.policy:
                raise AppError("Already locked to this configuration.")
            _end(row, before, user.get_username())
        audit.record(user, "API locked", row.name, version=current.number, note=note[:500])
        return Baseline.objects.create(
            api=row, configuration=current, by=user, by_name=user.get_username(), note=note[:500], at=now
        )


def unlock(api: HttpApi, user: User) -> Baseline:
    """End the baseline in force. Raises AppError when there is none."""
    with history.locked(api) as row:
        before = active_baseline(row)
        if before is None:
            raise AppError("This API is not locked.")
        _end(row, before, user.get_username())
        audit.record(user, "API unlocked", row.name)
        return before


def _end(row: HttpApi, baseline: Baseline, name: str) -> None:
    now = timezone.now()
    baseline.ended_at, baseline.ended_by_name = now, name
    baseline.save(update_fields=["ended_at", "ended_by_name"])
    BaselineViolation.objects.filter(api=row, ended_at=None).update(ended_at=now)

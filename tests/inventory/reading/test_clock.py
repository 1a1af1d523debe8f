"""A clock that is set back an hour: what it wrote before keeps no one from reading AWS again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.demo.serve import Demo
from apis.inventory.history import history
from apis.inventory.models import Change, CorsConfiguration, HttpApi, SyncRegion, SyncRun
from apis.inventory.reading import live_read, sync
from apis.inventory.reading.on_demand import mark, still_reading
from tests.support.mirrored import account, api

__all__ = ["account", "api"]
AHEAD = timedelta(hours=1)


def fresh(api: HttpApi) -> HttpApi:
    """The row as it is stored."""
    return HttpApi.objects.select_related("account", "current").get(pk=api.pk)


@pytest.mark.parametrize("status", ["waiting", "running"])
def test_a_run_that_a_worker_left_does_not_stop_the_schedule(api: HttpApi, status: str) -> None:
    run = sync.start()
    SyncRun.objects.filter(pk=run.pk).update(started_at=timezone.now() + AHEAD)
    SyncRegion.objects.filter(run=run).update(state=status)
    following = sync.due()
    assert following is not None
    assert following.pk != run.pk
    assert SyncRun.objects.get(pk=run.pk).finished_at is not None


def test_an_outside_change_is_drift(api: HttpApi) -> None:
    CorsConfiguration.objects.update(at=timezone.now() + AHEAD)
    change = history.record_live(api, {"AllowOrigins": ["https://drifted.example"]}, timezone.now())
    assert change is not None
    assert change.kind == Change.Kind.DRIFT
    assert fresh(api).policy.allow_origins == ("https://drifted.example",)


def test_a_live_read_is_made(api: HttpApi, demo: Demo) -> None:
    HttpApi.objects.filter(pk=api.pk).update(looked_at=timezone.now() + AHEAD, look_error="as it was then")
    asked_at = timezone.now()
    assert not live_read.is_done(fresh(api), asked_at)
    live_read.carry_out(api.pk, asked_at)
    assert live_read.is_done(fresh(api), asked_at)
    assert fresh(api).look_error == ""


def test_routes_are_stale_and_read_again(api: HttpApi) -> None:
    HttpApi.objects.filter(pk=api.pk).update(details_at=timezone.now() + AHEAD)
    assert sync.is_stale(fresh(api))
    asked: Any = mark(timezone.now().timestamp())
    assert still_reading(fresh(api), asked) == asked
    sync.refresh(fresh(api))
    assert not sync.is_stale(fresh(api))

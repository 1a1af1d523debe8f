"""Drift and baselines over REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import attribution, sync
from tests.rest.conftest import Program


@pytest.fixture
def drifted(api: HttpApi, outside: Callable[..., None]) -> Change:
    """A drift of the API, made outside and found by a sync."""
    outside(MaxAge=60)
    change = sync.refresh(api)
    assert change is not None
    return change


def names(found: Any) -> list[str]:
    return [one["name"] for one in found["items"]]


def test_drift_is_listed_reported_by_whom_and_accepted(
    reader: Program, writer: Program, api: HttpApi, drifted: Change
) -> None:
    assert names(reader.get("apis?standing=drift").good()) == [api.name]
    attribution.attribute(api.account, api.region)
    [newest, _] = reader.get(f"apis/{api.pk}/changes").good()["items"]
    assert newest["actor"] == "arn:aws:iam::123456789012:user/anything"
    shown = writer.post(f"changes/{drifted.pk}/accept", {"note": "fine"}).good()
    assert (shown["answer"], shown["note"], shown["until"]) == ("accepted", "fine", None)
    assert names(reader.get("apis?standing=drift").good()) == []


def test_drift_is_ignored_until_a_time(writer: Program, drifted: Change) -> None:
    until = (timezone.now() + timedelta(days=3)).isoformat()
    assert writer.post(f"changes/{drifted.pk}/ignore", {"until": until}).good()["answer"] == "ignored"
    writer.post(f"changes/{drifted.pk}/ignore", {"until": "2020-01-01T00:00:00Z"}).problem(422, "until")
    writer.post(f"changes/{drifted.pk}/ignore", {"until": "soon"}).problem(422, "until")
    writer.post(f"changes/{drifted.pk}/ignore", {}).problem(422, "until")
    writer.post(f"changes/{drifted.pk}/accept", {"note": "x" * 501}).problem(422, "note")


def test_what_cannot_be_answered(reader: Program, writer: Program, api: HttpApi, drifted: Change) -> None:
    writer.post("changes/999999/accept", {}).problem(404)
    reader.post(f"changes/{drifted.pk}/accept", {}).problem(403)
    found = api.changes.get(kind="discovered")
    assert "not drift" in writer.post(f"changes/{found.pk}/accept", {}).problem(409)["detail"]


def test_a_lock_is_set_seen_and_taken_off(
    reader: Program, writer: Program, api: HttpApi, outside: Callable[..., None]
) -> None:
    reader.get(f"apis/{api.pk}/baseline").problem(404)
    reader.put(f"apis/{api.pk}/baseline", {}).problem(403)
    writer.put(f"apis/{api.pk}/baseline", {"version": 7}).problem(409)
    writer.put(f"apis/{api.pk}/baseline", {"version": "x"}).problem(422, "version")
    made = writer.put(f"apis/{api.pk}/baseline", {"version": 1, "note": "reviewed"}).good()
    assert (made["version"], made["note"], made["cors"]["MaxAge"]) == (1, "reviewed", 600)
    writer.put(f"apis/{api.pk}/baseline", {}).problem(409)
    assert names(reader.get("apis?standing=locked").good()) == [api.name]
    assert reader.get(f"apis/{api.pk}/baseline").good()["departed_at"] is None
    outside(MaxAge=60)
    sync.refresh(api)
    assert reader.get(f"apis/{api.pk}/baseline").good()["departed_at"]
    assert names(reader.get("apis?standing=departed").good()) == [api.name]
    writer.delete(f"apis/{api.pk}/baseline").good()
    writer.delete(f"apis/{api.pk}/baseline").problem(409)
    reader.get("apis?standing=sideways").problem(422, "standing")

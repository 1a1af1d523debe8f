"""The history searched and gone back to over REST, and notes that are asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.cors.policy import CorsPolicy
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import sync
from tests.rest.conftest import Program
from tests.support.mirrored import START


@pytest.fixture
def edited(writer: Program, api: HttpApi, outside: Callable[..., None]) -> HttpApi:
    """An API that was found, edited and then changed outside."""
    body = {"cors": START | {"AllowOrigins": ["https://b.example"]}, "version": api.version, "note": "one"}
    writer.put(f"apis/{api.pk}/cors", body).good()
    outside(MaxAge=5)
    sync.refresh(api)
    return api


def test_the_history_is_filtered(reader: Program, edited: HttpApi) -> None:
    def kinds(query: str) -> list[str]:
        return [row["kind"] for row in reader.get(f"changes?{query}").good()["items"]]

    assert kinds("") == ["drift", "rest", "discovered"]
    assert kinds("kind=rest") == ["rest"]
    assert kinds("origin=https://a.example") == ["rest", "discovered"]
    assert kinds(f"api={edited.pk}&account=demo&limit=1") == ["drift"]
    assert kinds("until=2020-01-01") == []
    reader.get("changes?since=soon").problem(422, "since")
    reader.get("changes?kind=magic").problem(422, "kind")
    reader.get("changes?group=1").problem(422, "group")


def test_an_api_is_restored_to_a_moment_and_to_a_change(
    reader: Program, writer: Program, edited: HttpApi, live: Callable[[], CorsPolicy]
) -> None:
    drift, edit, found = edited.changes.order_by("-at")
    reader.post(f"apis/{edited.pk}/restore", {"change": found.pk}).problem(403)
    made = writer.post(f"apis/{edited.pk}/restore", {"change": found.pk, "note": "back"}).good()
    assert (made["kind"], made["note"], made["status"]) == ("revert", "back", "applied")
    assert live() == CorsPolicy.from_aws(START)
    at = (drift.at + (made_at(made) - drift.at) / 2).isoformat()
    made = writer.post(f"apis/{edited.pk}/restore", {"at": at}).good()
    assert live().max_age == 5
    assert Change.objects.get(pk=made["id"]).reverts is not None
    assert edit.status == "applied"


def made_at(made: dict[str, Any]) -> Any:
    return Change.objects.get(pk=made["id"]).at


def test_what_cannot_be_restored_names_its_field(writer: Program, edited: HttpApi) -> None:
    way = f"apis/{edited.pk}/restore"
    writer.post(way, {}).problem(422, "at")
    writer.post(way, {"at": "2020-01-01T00:00:00Z", "change": 1}).problem(422, "at")
    writer.post(way, {"at": "soon"}).problem(422, "at")
    writer.post(way, {"at": "2020-01-01T00:00:00Z"}).problem(422, "at")
    writer.post(way, {"at": (timezone.now() + timedelta(days=1)).isoformat()}).problem(422, "at")
    writer.post(way, {"change": 999999}).problem(422, "change")
    writer.post(way, {"change": edited.changes.latest("at").pk}).problem(422, "change")
    writer.post("apis/999999/restore", {"change": 1}).problem(404)


def test_a_note_is_asked_for_where_the_settings_say_so(writer: Program, edited: HttpApi, settings: Any) -> None:
    settings.CORSDASH_NOTE_REQUIRED = True
    edited.refresh_from_db()
    found = edited.changes.get(kind="discovered")
    writer.put(f"apis/{edited.pk}/cors", {"cors": START, "version": edited.version}).problem(422, "note")
    writer.post(f"changes/{edited.changes.get(kind='rest').pk}/revert", {}).problem(422, "note")
    writer.post(f"apis/{edited.pk}/restore", {"change": found.pk}).problem(422, "note")
    writer.post(f"apis/{edited.pk}/proposals", {"cors": START, "version": edited.version}).problem(422, "note")
    body = {"apis": [edited.pk], "add": {"AllowOrigins": ["https://c.example"]}}
    writer.post("bulk", body).problem(422, "note")
    writer.post(f"apis/{edited.pk}/restore", {"change": found.pk, "note": "T-2"}).good()

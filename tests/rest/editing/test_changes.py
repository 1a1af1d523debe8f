"""The history over REST: newest first, each row's before the after of the row under it, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from apis.cors.policy import CorsPolicy
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import sync
from tests.rest.conftest import Program
from tests.support.mirrored import START

ROW = {
    "id", "api", "kind", "status", "at", "actor", "note", "summary", "before", "after", "group", "error",
}  # fmt: skip


@pytest.fixture
def edited(writer: Program, api: HttpApi, outside: Callable[..., None]) -> HttpApi:
    """An API with a history: found, edited twice, drifted."""
    for max_age in (10, 20):
        api.refresh_from_db()
        body = {"cors": START | {"MaxAge": max_age}, "version": api.version, "note": f"to {max_age}"}
        writer.put(f"apis/{api.pk}/cors", body).good()
    outside(**START | {"MaxAge": 30})
    sync.refresh(api)
    api.refresh_from_db()
    return api


def flat(pages: list[list[Any]]) -> list[Any]:
    return [row for page in pages for row in page]


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_newest_first_and_without_a_gap(reader: Program, edited: HttpApi, limit: int) -> None:
    rows = flat(reader.pages(f"apis/{edited.pk}/changes?limit={limit}"))
    assert [row["kind"] for row in rows] == ["drift", "rest", "rest", "discovered"]
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    for newer, older in pairwise(rows):
        assert newer["before"] == older["after"]
    assert rows[-1]["before"] is None
    assert all(row.keys() >= ROW for row in rows)
    assert [row["note"] for row in rows] == ["", "to 20", "to 10", ""]


def test_that_of_all_apis_holds_that_of_one(reader: Program, edited: HttpApi) -> None:
    one = flat(reader.pages(f"apis/{edited.pk}/changes"))
    everything = flat(reader.pages("changes?limit=2"))
    assert [row for row in everything if row["api"] == edited.pk] == one
    assert reader.get(f"changes/{one[0]['id']}").good() == one[0]


def test_a_revert_brings_back_what_was_before(writer: Program, edited: HttpApi, live: Callable[[], CorsPolicy]) -> None:
    [newest, *_] = flat(writer.pages(f"apis/{edited.pk}/changes"))
    found = writer.post(f"changes/{newest['id']}/revert", {"note": "not ours"}).good()
    assert (found["kind"], found["status"], found["note"], found["actor"]) == ("revert", "applied", "not ours", "ed")
    assert live().max_age == 20
    assert Change.objects.get(pk=found["id"]).reverts_id == newest["id"]


def test_what_cannot_be_reverted(writer: Program, edited: HttpApi) -> None:
    first = flat(writer.pages(f"apis/{edited.pk}/changes"))[-1]
    assert "first known" in writer.post(f"changes/{first['id']}/revert", {"note": ""}).problem(409)["detail"]
    writer.post("changes/4711/revert", {"note": ""}).problem(404)


def test_a_revert_when_aws_has_moved_on(writer: Program, edited: HttpApi, outside: Callable[..., None]) -> None:
    outside(**START | {"MaxAge": 31})
    newest = flat(writer.pages(f"apis/{edited.pk}/changes"))[0]
    found = writer.post(f"changes/{newest['id']}/revert", {"note": ""}).problem(409)
    assert (found["seen"]["MaxAge"], found["live"]["MaxAge"], found["proposed"]["MaxAge"]) == (30, 31, 20)


@pytest.mark.parametrize(
    ("body", "field"), [({"note": 7}, "note"), ({"note": "x" * 501}, "note"), ({"notes": ""}, "notes")]
)
def test_a_revert_names_the_field_at_fault(writer: Program, edited: HttpApi, body: Any, field: str) -> None:
    newest = edited.changes.first()
    assert newest is not None
    writer.post(f"changes/{newest.pk}/revert", body).problem(422, field)

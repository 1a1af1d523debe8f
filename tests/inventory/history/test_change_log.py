"""The history searched, downloaded and gone back to: filters, CSV and JSON, any moment."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apis.cors.policy import CorsPolicy
from apis.editing.apply import reverts
from apis.errors import AppError
from apis.inventory.history import change_log, history
from apis.inventory.history.history import Author
from apis.inventory.models import Attribution, Change, CorsConfiguration, HttpApi
from tests.inventory.mirror import an_account, an_api

A, B = "https://a.example", "https://b.example"


def edit(api: HttpApi, user: User, origins: list[str], kind: str = "panel", note: str = "") -> Change:
    """A change that AWS took."""
    cors = {"AllowOrigins": origins}
    return history.settle(history.begin(api, cors, Author(kind, user=user, note=note)), cors)


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API that allows A."""
    return an_api(an_account("production"), "orders", {"AllowOrigins": [A]})


@pytest.fixture
def seeded(api: HttpApi, admin: User, editor: User) -> HttpApi:
    """Its history: found, B allowed by ada, A taken away by ed, then drift by alice; and another API's."""
    edit(api, admin, [A, B], note="=cmd()")
    edit(api, editor, [B], kind="rest")
    drift = history.record_live(api, {"AllowOrigins": [B], "MaxAge": 9}, timezone.now() + timedelta(seconds=1))
    assert drift is not None
    user = "arn:aws:iam::123456789012:user/alice"
    Attribution.objects.create(change=drift, settled=True, user=user, looked_at=timezone.now())
    an_api(an_account("sandbox"), "other", None, region="eu-west-1")
    return api


def summaries(client: Client, query: str) -> list[str]:
    """The changes on the list's page, newest first, as their download has them."""
    answer = client.get(f"/changes/export.json?{query}")
    rows = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    page = client.get(f"/changes/?{query}").content.decode()
    assert f'<span class="counter">({len(rows)})</span>' in page
    return [row["summary"] for row in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=ada", [f"added {B}"]),
        ("person=alice", ["max-age 0 → 9"]),
        ("person=nobody", []),
        ("kind=rest", [f"removed {A}"]),
        ("kind=discovered&account=sandbox", ["found with CORS off"]),
        ("region=eu-west-1", ["found with CORS off"]),
        (f"origin={A}", [f"removed {A}", "found with CORS on, 1 allowed origin"]),
        (f"origin={B}/some/page", [f"added {B}"]),
        ("origin=https://c.example", []),
        ("status=failed", []),
        ("since=2020-01-01&until=2020-12-31", []),
        ("kind=panel&person=ada&origin=" + B, [f"added {B}"]),
    ],
)
def test_the_history_is_filtered(signed_in: Client, seeded: HttpApi, query: str, found: list[str]) -> None:
    assert summaries(signed_in, query) == found


def test_days_are_whole_and_in_utc(signed_in: Client, seeded: HttpApi) -> None:
    today = timezone.now().astimezone(UTC).date()
    assert len(summaries(signed_in, f"api={seeded.pk}&since={today}&until={today}")) == 4
    assert summaries(signed_in, f"api={seeded.pk}&until={today - timedelta(days=1)}") == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("since=yesterday", "Since: must be a day such as 2027-01-31, or a time"),
        ("until=2027-13-01", "Until: must be a day"),
        ("kind=magic", "Kind: must be one of discovered, panel"),
        ("group=1", "Group: must be the id of a group"),
        ("api=x", "Api: must be a number"),
    ],
)
def test_a_filter_that_means_nothing_is_named(signed_in: Client, seeded: HttpApi, query: str, message: str) -> None:
    page = signed_in.get(f"/changes/?{query}")
    assert page.status_code == 422
    assert message in page.content.decode()
    assert signed_in.get(f"/changes/export.csv?{query}").status_code == 422


def test_the_download_is_for_spreadsheets_and_safe_there(signed_in: Client, seeded: HttpApi) -> None:
    answer = signed_in.get(f"/changes/export.csv?api={seeded.pk}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="changes.csv"'
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == change_log.COLUMNS
    assert [row["actor"] for row in rows] == ["arn:aws:iam::123456789012:user/alice", "ed", "ada", ""]
    assert rows[2]["note"] == "'=cmd()", "a formula is text"
    assert json.loads(rows[2]["after"]) == {"AllowOrigins": [A, B]}
    assert signed_in.get("/changes/export.xml").status_code == 404


def test_pages_and_downloads_cost_the_same_for_a_long_history(signed_in: Client, seeded: HttpApi, admin: User) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = signed_in.get(path)
            size = len(b"".join(answer)) if answer.streaming else len(answer.content)
        assert answer.status_code == 200
        assert answer.streaming or size <= 150_000
        return len(queries)

    paths = ("/changes/", f"/changes/?origin={B}&person=ada", f"/changes/export.csv?api={seeded.pk}")
    before = [count(path) for path in paths]
    for number in range(120):
        edit(seeded, admin, [B, f"https://{number}.example"])
    assert [count(path) for path in paths] == before


def spread(api: HttpApi) -> list[Change]:
    """Its changes, a day apart, oldest first; the last one a day ago."""
    rows = list(api.changes.order_by("at", "id"))
    for place, row in enumerate(reversed(rows), start=1):
        at = datetime.now(UTC) - timedelta(days=place)
        Change.objects.filter(pk=row.pk).update(at=at)
        CorsConfiguration.objects.filter(pk=row.after_id or 0).update(at=at)
    return list(api.changes.order_by("at", "id"))


def test_at_any_moment_what_was_in_force_is_known(seeded: HttpApi) -> None:
    rows = spread(seeded)
    for before, after in pairwise(rows):
        found = reverts.find_revert_to_moment(seeded, before.at + timedelta(hours=1))
        assert found == after
        assert before.after and reverts.proposal(found) == before.after.policy
        assert reverts.find_revert_to_change(before) == after


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (timedelta(hours=1), "This time is in the future."),
        (-timedelta(minutes=1), "Nothing has changed since"),
        (-timedelta(days=400), "The configuration is unknown before"),
    ],
)
def test_there_must_be_something_to_restore(seeded: HttpApi, moment: timedelta, message: str) -> None:
    spread(seeded)
    with pytest.raises(AppError, match=message) as found:
        reverts.find_revert_to_moment(seeded, timezone.now() + moment)
    assert found.value.field == "at"


def test_the_page_leads_from_a_moment_to_the_plan(signed_in: Client, seeded: HttpApi) -> None:
    rows = spread(seeded)
    at = (rows[0].at + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    asked = signed_in.get(f"/apis/{seeded.pk}/restore/?at={at}&zone=UTC")
    assert asked.headers["Location"] == f"/changes/{rows[1].pk}/revert/"
    asked = signed_in.get(f"/apis/{seeded.pk}/restore/?change={rows[1].pk}")
    assert asked.headers["Location"] == f"/changes/{rows[2].pk}/revert/"
    for query, message in (
        ("at=", "Enter a date"),
        ("at=soon", "is not a time"),
        (f"change={rows[-1].pk}", "Nothing has changed since"),
    ):
        page = signed_in.get(f"/apis/{seeded.pk}/restore/?{query}", follow=True)
        assert message in page.content.decode(), query
    assert signed_in.get(f"/apis/{seeded.pk}/restore/?change=999999").status_code == 404
    assert "Restore to a point in time" in signed_in.get(f"/apis/{seeded.pk}/changes/").content.decode()
    assert "Restore this" in signed_in.get(rows[0].get_absolute_url()).content.decode()
    assert "Restore this" not in signed_in.get(rows[-1].get_absolute_url()).content.decode()


def test_a_note_is_asked_for_where_the_settings_say_so(
    signed_in: Client, seeded: HttpApi, settings: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    settings.CORSDASH_NOTE_REQUIRED = True
    proposal = json.dumps(CorsPolicy.from_aws({"AllowOrigins": [A]}).to_aws())
    seeded.refresh_from_db()
    form = {"proposal": proposal, "version": str(seeded.version)}
    page = signed_in.post(f"/apis/{seeded.pk}/apply/", form)
    assert page.status_code == 422
    assert "A note is required" in page.content.decode()
    assert 'name="note" required' in page.content.decode()
    assert not Change.objects.filter(status="pending").exists()
    assert signed_in.post(f"/apis/{seeded.pk}/apply/", form | {"note": "T-1"}).status_code == 302
    assert Change.objects.filter(note="T-1").exists()


def test_it_is_optional_otherwise(signed_in: Client, seeded: HttpApi) -> None:
    rows = spread(seeded)
    page = signed_in.get(f"/changes/{rows[1].pk}/revert/").content.decode()
    assert "– optional" in page and 'name="note" required' not in page


def test_every_change_knows_its_origins(seeded: HttpApi) -> None:
    touched = {
        (one.change.summary, one.value, one.added)
        for row in seeded.changes.annotate(n=F("pk"))
        for one in row.origins.select_related("change")
    }
    assert touched == {
        ("found with CORS on, 1 allowed origin", A, True),
        (f"added {B}", B, True),
        (f"removed {A}", A, False),
    }

"""Drift on a real control plane: who did it, what people say to it, and which of it still waits for an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.utils import timezone

from apis.access.models import AuditEvent
from apis.aws import cloudtrail
from apis.cors.policy import CorsPolicy
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from apis.inventory.history import drift
from apis.inventory.models import Attribution, Change, CorsConfiguration, HttpApi
from apis.inventory.reading import attribution, sync
from apis.inventory.search import apis_matching
from tests.demo.clients import control
from tests.support.mirrored import account, api, faults, live, outside

__all__ = ["account", "api", "faults", "live", "outside"]

Drifted = Callable[..., Change]


@pytest.fixture
def drifted(demo: Demo, api: HttpApi) -> Drifted:
    """Someone, by the name that is their access key, sets the API's max-age outside; a sync finds it."""

    def make(who: str = "alice", max_age: int = 60) -> Change:
        control(demo, key=who).update_api(ApiId=api.api_id, CorsConfiguration={"MaxAge": max_age})
        sync.refresh(api)
        return api.changes.get(kind="drift", status="applied", after__number=api.changes.count())

    return make


def attribute(api: HttpApi) -> int:
    """Ask CloudTrail about the API's region."""
    return attribution.attribute(api.account, api.region)


def test_cloudtrail_shows_who_changed_an_api_and_how(api: HttpApi, drifted: Drifted) -> None:
    change = drifted("alice")
    assert attribute(api) == 1
    found = change.attribution
    assert found.user == "arn:aws:iam::123456789012:user/alice"
    assert (found.event_name, found.settled, found.why) == ("UpdateApi", True, "")
    assert "boto" in found.agent.lower()
    assert found.source_ip == "127.0.0.1"
    assert found.event_at and abs(found.event_at - change.at) < timedelta(minutes=1)


def test_of_several_people_the_last_before_each_sync_is_named(demo: Demo, api: HttpApi, drifted: Drifted) -> None:
    first = drifted("alice", 60)
    for call in demo.calls:
        call.at -= 600
    CorsConfiguration.objects.update(at=F("at") - timedelta(minutes=10))
    Change.objects.update(at=F("at") - timedelta(minutes=10))
    control(demo, key="bob").update_api(ApiId=api.api_id, CorsConfiguration={"MaxAge": 70})
    second = drifted("carol", 80)
    attribute(api)
    assert first.attribution.user.endswith("user/alice")
    assert second.attribution.user.endswith("user/carol")


def test_one_look_up_serves_a_whole_region_and_none_is_made_for_nothing(
    demo: Demo, api: HttpApi, drifted: Drifted
) -> None:
    def asked() -> int:
        return sum(call.operation == "LookupEvents" for call in demo.calls)

    drifted("alice", 60)
    drifted("bob", 70)
    before = asked()
    assert attribute(api) == 2
    assert attribute(api) == 0
    assert asked() == before + 1


def test_what_is_late_is_asked_for_again_and_given_up_after_an_hour(demo: Demo, api: HttpApi, drifted: Drifted) -> None:
    change = drifted("alice")
    demo.calls.clear()
    attribute(api)
    found = Attribution.objects.get(change=change)
    assert (found.user, found.why, found.settled) == ("", attribution.NOT_SEEN, False)
    Change.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(minutes=61))
    attribute(api)
    found.refresh_from_db()
    assert found.settled
    assert attribute(api) == 0


def test_without_the_permission_the_page_says_what_to_grant(
    signed_in: Client, api: HttpApi, drifted: Drifted, faults: Faults
) -> None:
    change = drifted("alice")
    faults.add("refuse", operation="LookupEvents")
    attribute(api)
    page = signed_in.get(change.get_absolute_url()).content.decode()
    assert "cloudtrail:LookupEvents" in page
    assert "Outside corsdash" in page
    faults.clear()
    attribute(api)
    assert "user/alice" in signed_in.get(change.get_absolute_url()).content.decode()


def test_our_own_calls_are_no_one_elses_drift(api: HttpApi, drifted: Drifted, demo: Demo) -> None:
    from apis.aws import update_cors

    change = drifted("alice")
    update_cors(sync.reach_of(api.account), api.region, api.api_id, CorsPolicy.from_aws({"MaxAge": 90}).to_update())
    Change.objects.filter(pk=change.pk).update(at=timezone.now())
    attribute(api)
    assert Attribution.objects.get(change=change).user.endswith("user/alice")


def test_who_was_refused_or_changed_something_else_is_not_blamed(
    demo: Demo, api: HttpApi, faults: Faults, drifted: Drifted
) -> None:
    """Mallory may not, and Bob renames it, both after Alice and before the sync."""
    control(demo, key="alice").update_api(ApiId=api.api_id, CorsConfiguration={"MaxAge": 60})
    control(demo, key="bob").update_api(ApiId=api.api_id, Name="renamed")
    faults.add("refuse", operation="UpdateApi", api=api.api_id)
    with pytest.raises(ClientError):
        control(demo, key="mallory").update_api(ApiId=api.api_id, CorsConfiguration={"MaxAge": 5})
    faults.clear()
    sync.refresh(api)
    attribute(api)
    assert Attribution.objects.get().user.endswith("user/alice")


def test_a_look_that_could_not_read_all_says_so(
    demo: Demo, api: HttpApi, drifted: Drifted, monkeypatch: pytest.MonkeyPatch
) -> None:
    drifted("alice")
    control(demo, key="bob").update_api(ApiId="abc123def4", Description="another API, later")
    monkeypatch.setattr(cloudtrail, "PAGE", 1)
    monkeypatch.setattr(cloudtrail, "MOST_PAGES", 1)
    attribute(api)
    assert Attribution.objects.get().why == attribution.TOO_MANY


def test_whom_cloudtrail_names_is_named_everywhere(signed_in: Client, api: HttpApi, demo: Demo) -> None:
    origins = ["https://a.example", "https://new.example"]
    control(demo, key="alice").update_api(ApiId=api.api_id, CorsConfiguration={"AllowOrigins": origins})
    sync.refresh(api)
    attribute(api)
    for path in (f"/apis/{api.pk}/changes/", "/origins/", "/origins/one/?origin=https://new.example"):
        assert "alice" in signed_in.get(path).content.decode(), path
    sheet: Any = signed_in.get("/origins/export/")
    assert b"alice" in b"".join(sheet.streaming_content)


def test_drift_waits_until_it_is_accepted(signed_in: Client, api: HttpApi, drifted: Drifted) -> None:
    change = drifted()
    assert list(apis_matching(standing="drift")) == [api]
    assert "Changed outside corsdash" in signed_in.get(api.get_absolute_url()).content.decode()
    assert re.search(r"Drift\s*</span>", signed_in.get("/apis/").content.decode())
    page = signed_in.post(f"/changes/{change.pk}/accept/", {"note": "the new mobile app"}, follow=True)
    assert "“the new mobile app”" in page.content.decode()
    assert change.answers.get().by_name == "ada"
    assert AuditEvent.objects.filter(action="drift accepted").exists()
    assert not apis_matching(standing="drift").exists()
    assert "Changed outside corsdash" not in signed_in.get(api.get_absolute_url()).content.decode()
    change.refresh_from_db()
    assert change.kind == "drift"


def test_ignored_drift_comes_back_when_its_time_is_over(signed_in: Client, api: HttpApi, drifted: Drifted) -> None:
    change = drifted()
    signed_in.post(f"/changes/{change.pk}/ignore/", {"days": "7"})
    assert not drift.open_drift().exists()
    assert drift.open_drift(timezone.now() + timedelta(days=8)).get() == change


def test_of_several_answers_the_newest_counts(drifted: Drifted, editor: User) -> None:
    """Who accepted it by mistake can still say that it is to be checked later."""
    change = drifted()
    now = timezone.now()
    drift.accept(change, editor)
    drift.ignore(change, editor, now + timedelta(days=30))
    drift.ignore(change, editor, now + timedelta(hours=1))
    assert not drift.open_drift().exists()
    assert drift.open_drift(now + timedelta(hours=2)).get() == change


@pytest.mark.parametrize("days", ["", "0", "-1", "x", "366", "9999"])
def test_nonsense_days_are_refused(signed_in: Client, drifted: Drifted, days: str) -> None:
    change = drifted()
    page = signed_in.post(f"/changes/{change.pk}/ignore/", {"days": days}, follow=True)
    assert "Enter a number of days from 1 to 365." in page.content.decode()
    assert drift.open_drift().exists()


def test_drift_that_something_came_after_needs_no_answer(api: HttpApi, drifted: Drifted) -> None:
    drifted("alice", 60)
    second = drifted("bob", 70)
    assert drift.open_drift().get() == second


def test_only_drift_is_answered_and_only_by_editors(
    signed_in: Client, client: Client, viewer: User, api: HttpApi, drifted: Drifted
) -> None:
    found = api.changes.get(kind="discovered")
    page = signed_in.post(f"/changes/{found.pk}/accept/", follow=True)
    assert "This change is not drift" in page.content.decode()
    client.force_login(viewer)
    assert client.post(f"/changes/{drifted().pk}/accept/").status_code == 403
    assert drift.open_drift().exists()

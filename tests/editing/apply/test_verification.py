"""The proof of a change by the API's probes, and the guard that takes a regression back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from apis.cors.policy import CorsPolicy
from apis.demo.emulator.faults import INVOKE, Faults
from apis.demo.serve import Demo
from apis.editing.apply import applying, baseline_results, verification
from apis.editing.apply.models import Verification
from apis.inventory.history.history import Author
from apis.inventory.models import Change, CorsConfiguration, HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits as probes
from apis.probing.models import Probe, Result
from apis.probing.runs.runner import run
from tests.demo.clients import control
from tests.support.axe import accessible

Edit = Callable[..., Change]


def probe_from(api: HttpApi, origin: str, expect: str = "allowed") -> Probe:
    """A probe that has run once."""
    made = probes.save(api, {"origin": origin, "path": "/items", "expect": expect, "failures": 1})
    run([made.pk])
    return made


def test_the_verification_shows_what_a_change_broke_and_fixed(api: HttpApi, edit: Edit) -> None:
    old, new = probe_from(api, "https://a.example"), probe_from(api, "https://b.example")
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"])
    assert verification.verify(change) is None
    by_probe = {check.probe: check for check in verification.checks(change)}
    assert (by_probe[old].regressed, by_probe[old].fixed) == (True, False)
    assert (by_probe[new].regressed, by_probe[new].fixed) == (False, True)


def test_a_guarded_change_that_breaks_a_passing_probe_is_reverted(
    api: HttpApi, edit: Edit, live: Callable[[], CorsPolicy]
) -> None:
    probe = probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    guard_revert = verification.verify(change)
    assert guard_revert is not None
    assert (guard_revert.kind, guard_revert.status, guard_revert.reverts) == ("guard", "applied", change)
    assert probe.name in guard_revert.note
    assert live().allow_origins == ("https://a.example",)
    probe.refresh_from_db()
    assert probe.state == "up"


def test_the_guard_leaves_a_newer_change_alone(api: HttpApi, edit: Edit, live: Callable[[], CorsPolicy]) -> None:
    """What someone applied before the proof came is not reverted with it."""
    probe_from(api, "https://a.example")
    guarded = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    newer = edit(AllowOrigins=["https://newer.example"], AllowMethods=["GET"])
    assert verification.verify(guarded) is None
    assert live().allow_origins == ("https://newer.example",)
    api.refresh_from_db()
    assert api.current == newer.after


def test_a_guarded_change_that_breaks_nothing_stays(api: HttpApi, edit: Edit) -> None:
    probe_from(api, "https://a.example")
    probe_from(api, "https://evil.example", expect="blocked")
    probe_from(api, "https://failed-before.example")
    change = edit(AllowOrigins=["https://a.example", "https://b.example"], AllowMethods=["GET"], guard=True)
    assert verification.verify(change) is None
    assert not Change.objects.filter(api=api, kind="guard").exists()


def test_the_guard_does_not_blame_a_change_for_what_others_broke_before_it(
    api: HttpApi, edit: Edit, outside: Any, live: Callable[[], CorsPolicy]
) -> None:
    """The probe last ran before someone else took its origin out."""
    probe_from(api, "https://a.example")
    outside(AllowOrigins=["https://b.example"])
    assert sync.reread_api(api) is not None
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], MaxAge=60, guard=True)
    assert verification.verify(change) is None
    assert live().max_age == 60
    (check,) = verification.checks(change)
    assert check.before and check.after and not check.before.passed and not check.after.passed


def test_nor_for_what_an_unguarded_change_broke(api: HttpApi, edit: Edit, live: Callable[[], CorsPolicy]) -> None:
    """Whose own proof has not come yet."""
    probe_from(api, "https://a.example")
    edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"])
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], MaxAge=60, guard=True)
    assert verification.verify(change) is None
    assert live().max_age == 60


def test_a_probe_that_has_not_run_yet_is_run_before_a_guarded_change(
    api: HttpApi, edit: Edit, live: Callable[[], CorsPolicy]
) -> None:
    known = probe_from(api, "https://a.example")
    fresh = probes.save(api, {"origin": "https://a.example", "path": "/items", "name": "fresh"})
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    assert [result.probe for result in Result.objects.filter(cause=baseline_results.cause_of(change))] == [fresh]
    guard_revert = verification.verify(change)
    assert guard_revert is not None and known.name in guard_revert.note and fresh.name in guard_revert.note
    assert live().allow_origins == ("https://a.example",)


def test_what_was_known_long_ago_or_of_another_call_is_found_out_again(api: HttpApi, edit: Edit) -> None:
    old, changed, known = (probe_from(api, "https://a.example") for _ in range(3))
    long_ago = timezone.now() - 2 * baseline_results.RECENT
    CorsConfiguration.objects.filter(api=api).update(at=long_ago)
    Result.objects.filter(probe=old).update(at=long_ago)
    probes.save(api, {"origin": "https://x.example"}, probe=Probe.objects.get(pk=changed.pk))
    change = edit(AllowOrigins=["https://a.example"], AllowMethods=["GET"], MaxAge=60, guard=True)
    assert {result.probe for result in Result.objects.filter(cause=baseline_results.cause_of(change))} == {old, changed}
    assert verification.verify(change) is None
    assert {check.probe: check.before and check.before.passed for check in verification.checks(change)} == {
        old: True,
        changed: False,
        known: True,
    }


def test_the_guard_does_not_judge_by_what_it_does_not_know(
    api: HttpApi, edit: Edit, live: Callable[[], CorsPolicy], signed_in: Client
) -> None:
    """A probe that came after the change was sent."""
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    made = probes.save(api, {"origin": "https://a.example", "path": "/items", "name": "the shop"})
    assert verification.verify(change) is None
    assert live().allow_origins == ("https://b.example",)
    page = signed_in.get(f"/changes/{change.pk}/verification/").content.decode()
    assert "Automatic revert ignores probes without earlier results:" in page and made.name in page
    assert "unknown" in page and "newly failing" not in page


def test_what_a_probe_says_once_aws_holds_the_change_does_not_count_as_before(
    api: HttpApi, editor: User, demo: Demo, live: Callable[[], CorsPolicy]
) -> None:
    """It was sent and arrived, its answer was lost, and the probe runs before anyone has asked AWS again."""
    probe = probe_from(api, "https://a.example")
    proposed = CorsPolicy.from_aws({"AllowOrigins": ["https://b.example"], "AllowMethods": ["GET"]})
    change = applying.begin(api, proposed, api.version, Author(Change.Kind.PANEL, user=editor, guard=True))
    Change.objects.filter(pk=change.pk).update(sent_at=timezone.now())
    control(demo).update_api(ApiId=api.api_id, CorsConfiguration=proposed.to_update())
    (meanwhile,) = run([probe.pk])
    assert not meanwhile.passed
    settled = applying.carry_out(change)
    assert settled.status == "applied"
    assert verification.verify(settled) is not None
    assert live().allow_origins == ("https://a.example",)
    (check,) = verification.checks(settled)
    assert check.regressed


def test_the_page_says_what_the_guard_did(api: HttpApi, edit: Edit, signed_in: Client) -> None:
    probe = probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    run([probe.pk], verification.cause_of(change))
    page = signed_in.get(f"/changes/{change.pk}/verification/").content.decode()
    assert "Reverting this change" in page and "hx-get" in page
    Verification.objects.create(change=change, done_at=timezone.now())
    page = signed_in.get(f"/changes/{change.pk}/verification/").content.decode()
    assert "Change not reverted" in page and "hx-get" not in page
    Verification.objects.all().delete()
    guard_revert = verification.verify(change)
    assert guard_revert is not None
    page = signed_in.get(f"/changes/{change.pk}/verification/").content.decode()
    assert "Change reverted automatically" in page and guard_revert.get_absolute_url() in page


def test_the_page_says_that_the_guard_could_not(api: HttpApi, edit: Edit, signed_in: Client, faults: Faults) -> None:
    probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    faults.add("refuse", operation="UpdateApi", api=api.api_id)
    guard_revert = verification.verify(change)
    assert guard_revert is not None and guard_revert.status == "failed"
    page = signed_in.get(f"/changes/{change.pk}/verification/").content.decode()
    assert "Automatic revert failed" in page


def test_a_lost_verification_is_made_up_for(api: HttpApi, edit: Edit, live: Callable[[], CorsPolicy]) -> None:
    """Anyone who applied it, a change whose message got lost is proven by the sweep, once."""
    probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    assert change.pk not in verification.pending(), "its message may still be in the queue"
    Change.objects.filter(pk=change.pk).update(settled_at=timezone.now() - timedelta(minutes=1))
    assert change.pk in verification.pending()
    assert verification.verify(change) is not None
    assert live().allow_origins == ("https://a.example",)
    assert verification.pending() == []
    assert verification.verify(change) is None, "a proof that is over is not repeated"


def test_a_worker_that_died_while_verifying_is_relieved(api: HttpApi, edit: Edit) -> None:
    probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    row = Verification.objects.create(change=change, tries=1, leased_until=timezone.now() + timedelta(minutes=2))
    assert verification.verify(change) is None and verification.pending() == []
    Verification.objects.filter(pk=row.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert verification.pending() == [change.pk]
    assert verification.verify(change) is not None


@pytest.mark.usefixtures("soon_again")
def test_a_revert_of_the_guard_that_aws_throttled_is_tried_again(
    api: HttpApi, edit: Edit, live: Callable[[], CorsPolicy], faults: Faults, signed_in: Client
) -> None:
    probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    faults.add("throttle", operation="UpdateApi", api=api.api_id)
    first = verification.verify(change)
    assert first is not None and first.status == "failed"
    page = signed_in.get(f"/changes/{change.pk}/verification/").content.decode()
    assert 'data-guard="failed"' in page and "hx-get" in page
    assert verification.pending() == []
    faults.clear()
    Verification.objects.filter(change=change).update(try_at=timezone.now())
    assert verification.pending() == [change.pk]
    again = verification.verify(change)
    assert again is not None and again.status == "applied"
    assert live().allow_origins == ("https://a.example",)


def test_one_odd_answer_takes_no_change_back(api: HttpApi, edit: Edit, faults: Faults) -> None:
    probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://a.example", "https://b.example"], AllowMethods=["GET"], guard=True)
    faults.add("broken", operation=INVOKE, api=api.api_id, times=1)
    assert verification.verify(change) is None
    assert not Change.objects.filter(api=api, kind="guard").exists()
    assert [check.after.passed for check in verification.checks(change) if check.after] == [True]


def test_the_guard_waits_for_an_api_that_is_down_before_it_blames_the_change(
    api: HttpApi, edit: Edit, faults: Faults
) -> None:
    probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://a.example", "https://b.example"], AllowMethods=["GET"], guard=True)
    faults.add("broken", operation=INVOKE, api=api.api_id)
    for _ in range(verification.TRIES_OF_NO_ANSWER - 1):
        assert verification.verify(change) is None and verification.is_under_way(change)
    guard_revert = verification.verify(change)
    assert guard_revert is not None and guard_revert.kind == "guard"


def test_what_happened_outside_is_not_verified(api: HttpApi, outside: Any, signed_in: Client) -> None:
    probe_from(api, "https://a.example")
    outside(AllowOrigins=["https://b.example"])
    sync.reread_api(api)
    drift = Change.objects.get(api=api, kind="drift")
    Change.objects.update(settled_at=timezone.now() - timedelta(minutes=1))
    assert drift.pk not in verification.pending() and not verification.is_under_way(drift)
    assert "Proof" not in signed_in.get(f"/changes/{drift.pk}/verification/").content.decode()


def test_many_probes_cost_no_more_queries(
    api: HttpApi, edit: Edit, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = [probe_from(api, f"https://{number}.example") for number in range(4)]
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"])
    run([probe.pk for probe in made], verification.cause_of(change))
    with django_assert_num_queries(3):
        assert all(check.before and check.after for check in verification.checks(change))


@pytest.mark.once
def test_the_page_of_a_change_that_was_reverted_is_accessible(
    api: HttpApi, edit: Edit, signed_in_page: Page, live_server: Any
) -> None:
    probe_from(api, "https://a.example")
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"], guard=True)
    verification.verify(change)
    signed_in_page.goto(live_server.url + change.get_absolute_url())
    expect(signed_in_page.get_by_role("heading", name="Change reverted automatically")).to_be_visible()
    accessible(signed_in_page)

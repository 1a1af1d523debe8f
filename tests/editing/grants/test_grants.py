"""An origin is allowed temporarily and goes again automatically, alone, exactly once, and visibly when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from apis.access.roles import Role
from apis.cors.policy import CorsPolicy, PolicyError
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from apis.editing import tasks
from apis.editing.apply import applying, reverts
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.operation import Operation
from apis.editing.grants import expiry, lifecycle
from apis.editing.grants.models import Grant
from apis.editing.grants.tasks import apply_grant
from apis.editing.review import proposals, scheduled
from apis.editing.review.grant_requests import request_grant
from apis.editing.review.models import Proposal
from apis.errors import AppError
from apis.inventory.history.history import Author
from apis.inventory.models import Account, Change, HttpApi
from apis.inventory.reading import sync
from tests.support.people import person
from tests.support.servers import until

PREVIEW = "https://pr-123.preview.example.com"
WEEK = 7 * 86400
Live = Callable[[], CorsPolicy]
Give = Callable[..., Grant]


def fresh(api: HttpApi) -> HttpApi:
    return HttpApi.objects.select_related("account", "current").get(pk=api.pk)


def again(grant: Grant) -> Grant:
    return Grant.objects.select_related("api__account", "api__current").get(pk=grant.pk)


def writes(demo: Demo, api: HttpApi) -> int:
    return sum(call.operation == "UpdateApi" and call.api == api.api_id for call in demo.calls)


def later(**delta: float) -> Any:
    """So much later, with the clock going on."""
    return time_machine.travel(timezone.now() + timedelta(**delta), tick=True)


@pytest.fixture
def give(api: HttpApi, editor: User) -> Give:
    """Let an origin in, and have the worker do it."""

    def make(origin: str = PREVIEW, lasts: int = WEEK, user: User = editor, note: str = "FE-412") -> Grant:
        change = lifecycle.give(fresh(api), origin, lasts, user, Change.Kind.PANEL, note)
        applying.carry_out(change)
        lifecycle.follow()
        return Grant.objects.get(change=change)

    return make


def test_it_is_allowed_and_removed_at_its_end(api: HttpApi, give: Give, live: Live, editor: User) -> None:
    given = give()
    assert live().allow_origins == ("https://a.example", PREVIEW)
    assert (given.state, given.change.note) == ("active", "FE-412 (temporary access for 7 days)")  # type: ignore[union-attr]
    with later(days=6, hours=23):
        assert expiry.waiting() == []
        assert expiry.carry_out(given.pk) is None
    with later(days=7, minutes=1):
        assert expiry.waiting() == [given.pk]
        removal = expiry.carry_out(given.pk)
    assert removal is not None
    assert (removal.kind, removal.actor_name, removal.reverts) == ("revert", "temporary access", given.change)
    assert removal.note == "Temporary access from ed for 7 days: it expired. FE-412"
    assert live() == CorsPolicy.from_aws(
        {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 600}
    )
    done = again(given)
    assert (done.state, done.result, done.removal) == ("ended", "It was removed.", removal)
    assert expiry.waiting() == []


def test_what_others_changed_meanwhile_is_kept(
    api: HttpApi, give: Give, live: Live, outside: Callable[..., None]
) -> None:
    given = give()
    outside(AllowOrigins=["https://theirs.example", PREVIEW, "https://b.example"], MaxAge=5)
    with later(days=8):
        expiry.carry_out(given.pk)
    assert live().allow_origins == ("https://theirs.example", "https://b.example")
    assert live().max_age == 5


def test_what_someone_removed_before_is_only_closed(
    api: HttpApi, give: Give, edit: Callable[..., Change], demo: Demo
) -> None:
    given = give()
    edit(AllowOrigins=["https://a.example"])
    demo.calls.clear()
    with later(days=8):
        assert expiry.carry_out(given.pk) is None
    assert writes(demo, api) == 0
    assert again(given).state == "ended"
    assert "Removed early by ed (removed https://pr-123" in again(given).result


def test_an_aws_that_is_away_is_asked_again_until_it_is_out(
    api: HttpApi, give: Give, faults: Faults, live: Live
) -> None:
    given = give()
    faults.add("broken", operation="GetApi", api=api.api_id)
    start = timezone.now() + timedelta(days=7, minutes=1)
    for minutes, tries in ((0, 1), (2, 2), (10, 3)):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=True):
            assert expiry.waiting() == [given.pk]
            assert expiry.carry_out(given.pk) is None
            assert expiry.waiting() == [], "not at once"
        held = again(given)
        assert (held.state, held.tries) == ("active", tries)
        assert held.error
    faults.clear()
    with time_machine.travel(start + timedelta(hours=1), tick=True):
        assert expiry.carry_out(given.pk) is not None
    assert (again(given).state, again(given).error, live().allow_origins) == ("ended", "", ("https://a.example",))


def test_a_write_that_is_refused_is_said_and_tried_again(api: HttpApi, give: Give, faults: Faults, live: Live) -> None:
    given = give()
    faults.add("refuse", operation="UpdateApi", api=api.api_id)
    with later(days=8):
        expiry.carry_out(given.pk)
        assert "apigateway:PATCH" in again(given).error
    faults.clear()
    with later(days=8, hours=1):
        expiry.carry_out(given.pk)
    assert live().allow_origins == ("https://a.example",)


def test_an_account_that_became_read_only_is_said(api: HttpApi, give: Give) -> None:
    given = give()
    Account.objects.update(read_only=True)
    with later(days=8):
        assert expiry.carry_out(given.pk) is None
    assert "cannot be removed. The account demo is read-only" in again(given).error


def test_a_wildcard_that_still_allows_it_is_said(api: HttpApi, give: Give, outside: Callable[..., None]) -> None:
    given = give()
    outside(AllowOrigins=["*", PREVIEW])
    with later(days=8):
        expiry.carry_out(given.pk)
    assert again(given).result == "Its entry was removed, but * still allows it."


def test_the_last_origin_goes_too_and_that_is_said(
    api: HttpApi, give: Give, live: Live, outside: Callable[..., None]
) -> None:
    given = give()
    outside(AllowOrigins=[PREVIEW])
    with later(days=8):
        expiry.carry_out(given.pk)
    assert live().allow_origins == ()
    assert "no page is allowed any more" in again(given).result


def test_an_api_that_is_gone_closes_it(api: HttpApi, give: Give, faults: Faults, demo: Demo) -> None:
    given = give()
    HttpApi.objects.filter(pk=api.pk).update(api_id="gone0gone0")
    with later(days=8):
        expiry.carry_out(given.pk)
    assert (again(given).state, again(given).result) == ("ended", "The API no longer exists in AWS.")


@pytest.mark.parametrize("begun", [False, True], ids=["before the change", "after the change was begun"])
def test_a_worker_that_dies_is_taken_over(api: HttpApi, give: Give, demo: Demo, live: Live, begun: bool) -> None:
    given = give()
    demo.calls.clear()
    with later(days=8):
        now = timezone.now()
        Grant.objects.filter(pk=given.pk).update(state="ending", leased_until=now + scheduled.CLAIMS.lasts)
        if begun:
            assert expiry._begin(again(given)) is not None
        assert expiry.waiting() == []
    with later(days=8, minutes=2):
        assert expiry.waiting() == [given.pk]
        assert expiry.carry_out(given.pk) is not None
        assert expiry.carry_out(given.pk) is None
    assert (again(given).state, live().allow_origins, writes(demo, api)) == ("ended", ("https://a.example",), 1)


def test_it_is_ended_early(api: HttpApi, give: Give, live: Live) -> None:
    given, colleague = give(), person("cleo", Role.EDIT)
    lifecycle.end_now(given, colleague)
    removal = expiry.carry_out(given.pk)
    assert removal is not None
    assert (removal.actor, removal.note) == (
        colleague,
        "Temporary access from ed for 7 days: ended early by cleo. FE-412",
    )
    assert live().allow_origins == ("https://a.example",)
    with pytest.raises(AppError, match="already"):
        lifecycle.extend(again(given), colleague, WEEK)


def test_it_is_extended(api: HttpApi, give: Give, editor: User, live: Live) -> None:
    given = give()
    with later(days=6):
        lifecycle.extend(given, editor, WEEK)
    with later(days=8):
        assert expiry.waiting() == []
    with later(days=14):
        assert expiry.carry_out(given.pk) is not None


def test_it_stays_when_someone_says_so(api: HttpApi, give: Give, editor: User, live: Live) -> None:
    given = give()
    lifecycle.keep(given, editor)
    with later(days=8):
        assert expiry.waiting() == []
    assert PREVIEW in live().allow_origins
    assert "Kept permanently by ed" in again(given).result


def test_who_needs_approval_for_it_cannot_extend_their_own(api: HttpApi, give: Give, editor: User) -> None:
    given = give()
    Account.objects.update(needs_approval=True)
    for move in (lambda: lifecycle.extend(again(given), editor, WEEK), lambda: lifecycle.keep(again(given), editor)):
        with pytest.raises(AppError, match="Ask another editor"):
            move()
    assert lifecycle.extend(again(given), person("cleo", Role.EDIT), WEEK).state == "active"


def test_where_approval_is_needed_its_time_runs_from_the_approval(api: HttpApi, editor: User, live: Live) -> None:
    Account.objects.update(needs_approval=True)
    with pytest.raises(applying.ApprovalNeeded):
        lifecycle.give(fresh(api), PREVIEW, WEEK, editor, Change.Kind.PANEL)
    made = request_grant(fresh(api), PREVIEW, WEEK, editor, Change.Kind.PANEL)
    given = Grant.objects.get(proposal=made)
    lifecycle.follow()
    assert again(given).state == "waiting"
    with later(days=3):
        scheduled.carry_out(proposals.approve(made, person("cleo", Role.EDIT), 1).pk)
        lifecycle.follow()
    with later(days=9):
        assert expiry.waiting() == []
    with later(days=10, minutes=1):
        assert expiry.waiting() == [given.pk]
        assert expiry.carry_out(given.pk) is not None, "its end needs no approval"
    assert live().allow_origins == ("https://a.example",)


def test_what_is_declined_or_fails_is_void(api: HttpApi, editor: User, faults: Faults) -> None:
    made = request_grant(fresh(api), PREVIEW, WEEK, editor, Change.Kind.PANEL)
    proposals.decline(made, person("cleo", Role.EDIT))
    faults.add("refuse", operation="UpdateApi", api=api.api_id)
    lifecycle.follow()
    applying.carry_out(lifecycle.give(fresh(api), PREVIEW, WEEK, editor, Change.Kind.PANEL))
    lifecycle.follow()
    assert list(Grant.objects.order_by("id").values_list("state", flat=True)) == ["void", "void"]
    assert "declined" in Grant.objects.earliest("id").result


def test_a_newer_grant_is_not_ended_by_an_older_one(
    api: HttpApi, give: Give, edit: Callable[..., Change], live: Live
) -> None:
    older = give()
    edit(AllowOrigins=["https://a.example"])
    with later(days=3):
        newer = give()
    assert (again(older).state, again(newer).state) == ("ended", "active")
    with later(days=8):
        assert expiry.waiting() == []
    assert PREVIEW in live().allow_origins


@pytest.mark.parametrize(
    ("origin", "lasts", "words"),
    [
        ("https://a.example", WEEK, "already allowed permanently"),
        ("https://*", WEEK, "is not one origin"),
        ("https://b.example/path", WEEK, "is not one origin"),
        ("b.example", WEEK, "is not one origin"),
        ("null", WEEK, "is not one origin"),
        (PREVIEW, 5, "from one minute to one year"),
        (PREVIEW, 400 * 86400, "from one minute to one year"),
    ],
)
def test_what_is_no_grant_is_refused(api: HttpApi, editor: User, origin: str, lasts: int, words: str) -> None:
    with pytest.raises(AppError, match=words):
        lifecycle.give(fresh(api), origin, lasts, editor, Change.Kind.PANEL)
    assert not Grant.objects.exists()


def test_a_bulk_edit_gives_grants(api: HttpApi, editor: User, live: Live) -> None:
    operation = Operation.from_json({"add": {"AllowOrigins": [PREVIEW]}, "lasts": WEEK})
    assert operation.title == f"Add {PREVIEW} (AllowOrigins), for 7 days"
    job = bulk_jobs.start([fresh(api)], operation, editor, "FE-412")
    for account in bulk_jobs.accounts_of(job):
        bulk_jobs.run_items(job.pk, account)
    lifecycle.follow()
    given = Grant.objects.get()
    assert (given.state, given.origin, given.granted_by) == ("active", PREVIEW, editor)
    with later(days=8):
        assert expiry.carry_out(given.pk) is not None
    assert live().allow_origins == ("https://a.example",)


@pytest.mark.parametrize(
    "given",
    [
        {"add": {"AllowOrigins": [PREVIEW]}, "lasts": 5},
        {"add": {"AllowOrigins": [PREVIEW]}, "lasts": True},
        {"add": {"AllowOrigins": ["https://*"]}, "lasts": WEEK},
        {"add": {"AllowMethods": ["GET"]}, "lasts": WEEK},
        {"add": {"AllowOrigins": [PREVIEW]}, "remove": {"AllowMethods": ["GET"]}, "lasts": WEEK},
        {"copy": None, "lasts": WEEK},
    ],
)
def test_only_origins_that_are_added_can_end(given: dict[str, Any]) -> None:
    with pytest.raises(PolicyError) as found:
        Operation.from_json(given)
    assert found.value.field == "lasts"


@pytest.mark.django_db(transaction=True)
def test_the_scheduler_gives_and_ends(worker: Any, api: HttpApi, editor: User, live: Live) -> None:
    change = lifecycle.give(fresh(api), PREVIEW, WEEK, editor, Change.Kind.PANEL)
    apply_grant.delay(change.pk)
    given = Grant.objects.get()
    until(lambda: again(given).state == "active", "the origin is allowed")
    lifecycle.end_now(again(given), editor)
    tasks.sweep()
    until(lambda: again(given).state == "ended", "the sweep has it ended")
    assert live().allow_origins == ("https://a.example",)
    sync.reread_api(fresh(api))
    assert not api.changes.filter(kind="drift").exists()


def test_an_origin_that_was_removed_early_is_called_that(give: Give, edit: Callable[..., Change], editor: User) -> None:
    grant = give()
    edit(AllowOrigins=["https://a.example"], AllowMethods=["GET"])
    lifecycle.follow()
    out = again(grant)
    assert out.is_out and "Removed early by ed" in out.error
    for act in (lambda: lifecycle.extend(out, editor, 3600), lambda: lifecycle.keep(out, editor)):
        with pytest.raises(AppError, match="already removed"):
            act()


def test_an_origin_that_was_allowed_permanently_since_stays(
    give: Give, edit: Callable[..., Change], live: Live, api: HttpApi
) -> None:
    """Someone took it out early, and later someone allow it without an end: the old grant must not cut it off."""
    grant = give()
    edit(AllowOrigins=["https://a.example"], AllowMethods=["GET"])
    edit(AllowOrigins=["https://a.example", PREVIEW], AllowMethods=["GET"], note="for good")
    with later(days=8):
        assert expiry.carry_out(grant.pk) is None
    assert PREVIEW in live().allow_origins
    closed = again(grant)
    assert closed.state == "ended" and "allowed permanently by ed" in closed.result


def test_a_change_that_is_reverted_lets_the_grant_go_on(
    give: Give, edit: Callable[..., Change], live: Live, editor: User
) -> None:
    grant = give()
    mistake = edit(off=True)
    lifecycle.follow()
    assert again(grant).is_out
    api = fresh(mistake.api)
    author = Author(Change.Kind.REVERT, user=editor, reverts=mistake)
    applying.carry_out(applying.begin(api, reverts.proposal(mistake), api.version, author))
    lifecycle.follow()
    assert again(grant).state == "active" and not again(grant).is_out
    with later(days=8):
        assert expiry.carry_out(grant.pk) is not None
    assert PREVIEW not in live().allow_origins


@pytest.mark.parametrize("ask", [False, True])
def test_a_note_that_is_required_is_the_persons_own(api: HttpApi, editor: User, settings: Any, ask: bool) -> None:
    settings.CORSDASH_NOTE_REQUIRED = True
    make = request_grant if ask else lifecycle.give
    with pytest.raises(applying.NoteNeeded):
        make(fresh(api), PREVIEW, WEEK, editor, Change.Kind.PANEL, " ")
    assert not Grant.objects.exists() and not Proposal.objects.exists()

"""A proposed change waits for another person and its time, is planned again, and is applied exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from apis.access.roles import Role
from apis.cors.policy import CorsPolicy
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from apis.editing import tasks
from apis.editing.apply import applying, claimed_change
from apis.editing.apply.models import ReviewRule, Verification
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.operation import Operation
from apis.editing.review import proposals, scheduled
from apis.editing.review.models import Proposal
from apis.editing.review.proposals import ProposalOptions
from apis.errors import AppError
from apis.inventory.history.history import Author
from apis.inventory.models import Account, Change, HttpApi
from apis.inventory.reading import sync
from apis.jobs import lease
from tests.support.people import person
from tests.support.servers import until

START = ["https://a.example"]
WITH_B = CorsPolicy.from_aws(
    {"AllowOrigins": ["https://a.example", "https://b.example"], "AllowMethods": ["GET"], "MaxAge": 600}
)
Propose = Callable[..., Proposal]


@pytest.fixture
def colleague(db: None) -> User:
    """Another editor."""
    return person("cleo", Role.EDIT)


@pytest.fixture
def guarded(api: HttpApi) -> HttpApi:
    """The API, whose account now needs approval."""
    Account.objects.update(needs_approval=True)
    return HttpApi.objects.select_related("account", "current").get(pk=api.pk)


@pytest.fixture
def propose(api: HttpApi, editor: User) -> Propose:
    """Propose to allow https://b.example."""

    def make(user: User = editor, proposed: CorsPolicy = WITH_B, **options: Any) -> Proposal:
        fresh = HttpApi.objects.select_related("account", "current").get(pk=api.pk)
        return proposals.propose(fresh, proposed, fresh.version, user, ProposalOptions(**options))

    return make


def again(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_related("api__account", "api__current", "seen").get(pk=proposal.pk)


def notified(proposal: Proposal) -> list[tuple[str, str]]:
    return list(proposal.events.values_list("actor_name", "kind"))


def writes(demo: Demo, api: HttpApi) -> int:
    return sum(call.operation == "UpdateApi" and call.api == api.api_id for call in demo.calls)


def soon() -> datetime:
    return timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize("by", ["account", "api", "tag", "tag with any value"])
def test_an_account_a_tag_or_an_api_asks_for_approval(api: HttpApi, editor: User, by: str) -> None:
    HttpApi.objects.update(tags={"environment": "production"}, needs_approval=by == "api")
    Account.objects.update(needs_approval=by == "account")
    ReviewRule.objects.create(key="environment", value="staging")
    if by.startswith("tag"):
        ReviewRule.objects.create(key="environment", value="production" if by == "tag" else "")
    fresh = HttpApi.objects.select_related("account", "current").get(pk=api.pk)
    with pytest.raises(applying.ApprovalNeeded, match=r"need approval\. Request approval"):
        applying.begin(fresh, WITH_B, fresh.version, Author(Change.Kind.PANEL, user=editor))
    assert not api.changes.filter(status="pending").exists()


def test_it_is_applied_once_another_person_approves(
    guarded: HttpApi, propose: Propose, editor: User, colleague: User, live: Callable[[], CorsPolicy]
) -> None:
    made = propose(note="FE-1")
    assert (made.state, live().allow_origins) == ("waiting", ("https://a.example",))
    assert scheduled.waiting() == []
    with pytest.raises(AppError, match="You cannot approve your own"):
        proposals.approve(again(made), editor, 1)
    approved = proposals.approve(again(made), colleague, 1, text="fine")
    change = scheduled.carry_out(approved.pk)
    assert change is not None
    assert (change.status, change.kind, change.actor, change.note) == (
        "applied", "panel", editor, "FE-1 (approved by cleo)",
    )  # fmt: skip
    assert live() == WITH_B
    done = again(made)
    assert (done.state, done.change) == ("applied", change)
    assert notified(done) == [("ed", "proposed"), ("cleo", "approved"), ("corsdash", "applied")]


def test_a_viewer_may_propose_but_not_decide(api: HttpApi, propose: Propose, viewer: User, colleague: User) -> None:
    made = propose(viewer, due_at=soon())
    assert made.state == "waiting"
    other = person("vic", Role.VIEW)
    for decide in (lambda: proposals.approve(made, other, 1), lambda: proposals.decline(made, other)):
        with pytest.raises(AppError, match="requires the Editor role"):
            decide()
    assert proposals.approve(again(made), colleague, 1).state == "scheduled"


def test_what_is_declined_or_withdrawn_is_never_applied(
    guarded: HttpApi, propose: Propose, editor: User, colleague: User
) -> None:
    declined = proposals.decline(propose(), colleague, "not this one")
    withdrawn = proposals.withdraw(proposals.approve(propose(), colleague, 1, soon()), editor)
    for one in (declined, withdrawn):
        with time_machine.travel(soon() + timedelta(hours=2)):
            assert scheduled.carry_out(one.pk) is None
        with pytest.raises(AppError):
            proposals.approve(again(one), colleague, 1)
    assert notified(declined)[-1] == ("cleo", "declined")
    assert notified(withdrawn)[-1] == ("ed", "withdrawn")


def test_only_its_proposer_withdraws_it(guarded: HttpApi, propose: Propose, colleague: User) -> None:
    with pytest.raises(AppError, match="you may decline it"):
        proposals.withdraw(propose(), colleague)


def test_a_change_is_scheduled_without_approval_and_applied_at_its_time(
    api: HttpApi, propose: Propose, live: Callable[[], CorsPolicy]
) -> None:
    made = propose(due_at=soon())
    assert made.state == "scheduled"
    assert scheduled.carry_out(made.pk) is None
    with time_machine.travel(soon(), tick=True):
        assert scheduled.waiting() == [made.pk]
        change = scheduled.carry_out(made.pk)
    assert change is not None and change.note == "(scheduled)"
    assert live() == WITH_B


def test_a_clock_that_jumps_applies_it_once(
    api: HttpApi, propose: Propose, demo: Demo, live: Callable[[], CorsPolicy]
) -> None:
    made = propose(due_at=soon())
    demo.calls.clear()
    with time_machine.travel(soon() + timedelta(days=300), tick=True):
        assert scheduled.carry_out(made.pk) is not None
    assert scheduled.carry_out(made.pk) is None
    assert scheduled.waiting() == []
    assert (again(made).state, writes(demo, api)) == ("applied", 1)


def test_a_lease_that_a_wrong_clock_took_does_not_hold_it_for_ever(
    api: HttpApi, propose: Propose, live: Callable[[], CorsPolicy]
) -> None:
    made = propose(due_at=soon())
    with time_machine.travel(soon() + timedelta(days=300)):
        assert scheduled.CLAIMS.claim(made.pk) is not None  # and this worker dies
    assert scheduled.waiting() == [made.pk]
    assert scheduled.carry_out(made.pk) is not None
    assert live() == WITH_B


@pytest.mark.parametrize("begun", [False, True], ids=["before the change", "after the change was begun"])
def test_a_worker_that_dies_between_claim_and_apply_is_taken_over(
    guarded: HttpApi, propose: Propose, colleague: User, demo: Demo, live: Callable[[], CorsPolicy], begun: bool
) -> None:
    made = proposals.approve(propose(), colleague, 1)
    demo.calls.clear()
    claimed = scheduled.CLAIMS.claim(made.pk)
    assert claimed is not None
    if begun:
        assert scheduled._begin(claimed) is not None
    assert scheduled.waiting() == [], "its lease holds"
    assert scheduled.carry_out(made.pk) is None
    with time_machine.travel(timezone.now() + scheduled.CLAIMS.lasts + timedelta(seconds=1), tick=True):
        assert scheduled.waiting() == [made.pk]
        assert scheduled.carry_out(made.pk) is not None
    assert (again(made).state, live(), writes(demo, guarded)) == ("applied", WITH_B, 1)
    assert guarded.changes.filter(kind="panel").count() == 1


def test_what_the_only_worker_held_is_free_for_its_successor(propose: Propose, live: Callable[[], CorsPolicy]) -> None:
    made = propose(due_at=timezone.now())
    assert scheduled.CLAIMS.claim(made.pk) is not None
    assert lease.release("celery") == 0, "that worker is alive"
    assert scheduled.carry_out(made.pk) is None
    assert lease.release("interactive") == 1
    assert scheduled.carry_out(made.pk) is not None
    assert live() == WITH_B


def test_all_that_is_leased_has_a_queue_whose_worker_holds_it() -> None:
    leased = {kind for kind in apps.get_models() if any(one.name == "leased_until" for one in kind._meta.fields)}
    assert {kind for kinds in lease.leased.values() for kind in kinds} == leased - {Verification}
    assert set(lease.leased) <= {queue.name for queue in settings.CELERY_TASK_QUEUES}


def test_a_worker_that_comes_back_after_its_lease_does_nothing(
    guarded: HttpApi, propose: Propose, colleague: User, demo: Demo
) -> None:
    made = proposals.approve(propose(), colleague, 1)
    slow = scheduled.CLAIMS.claim(made.pk)
    assert slow is not None
    with time_machine.travel(timezone.now() + scheduled.CLAIMS.lasts + timedelta(seconds=1), tick=True):
        second = scheduled.CLAIMS.claim(made.pk)
        assert second is not None
        with pytest.raises(claimed_change.ClaimLost):
            scheduled._begin(slow)
        assert not guarded.changes.filter(status="pending").exists()
        assert scheduled._begin(second) is not None


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_applies_it(
    guarded: HttpApi, propose: Propose, colleague: User, demo: Demo, live: Callable[[], CorsPolicy]
) -> None:
    made = proposals.approve(propose(), colleague, 1)
    demo.calls.clear()
    start, came = threading.Barrier(4), list[Change | None]()

    def work() -> None:
        try:
            start.wait(10)
            came.append(scheduled.carry_out(made.pk))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(30)
    assert len(came) == 4
    assert sum(change is not None for change in came) == 1
    assert (live(), writes(demo, guarded)) == (WITH_B, 1)


def test_a_conflict_suspends_it_and_planning_again_keeps_both(
    guarded: HttpApi,
    propose: Propose,
    editor: User,
    colleague: User,
    outside: Callable[..., None],
    live: Callable[[], CorsPolicy],
) -> None:
    made = proposals.approve(propose(), colleague, 1)
    outside(AllowOrigins=["https://a.example", "https://theirs.example"])
    assert scheduled.carry_out(made.pk) is None
    held = again(made)
    assert held.state == "suspended"
    assert "added https://theirs.example" in held.error
    assert live().allow_origins == ("https://a.example", "https://theirs.example")
    planned = proposals.replan(held, editor)
    assert (planned.state, planned.revision, planned.approver) == ("waiting", 2, None)
    with pytest.raises(AppError, match="was planned again"):
        proposals.approve(again(made), colleague, 1)
    scheduled.carry_out(proposals.approve(again(made), colleague, 2).pk)
    assert live().allow_origins == ("https://a.example", "https://theirs.example", "https://b.example")


def test_a_conflict_is_noticed_before_its_time(api: HttpApi, propose: Propose, outside: Callable[..., None]) -> None:
    made = propose(due_at=soon())
    assert proposals.suspend_conflicts() == 0
    outside(MaxAge=5)
    sync.reread_api(api)
    assert proposals.suspend_conflicts() == 1
    assert again(made).state == "suspended"


def test_what_is_live_already_is_done(api: HttpApi, propose: Propose, outside: Callable[..., None], demo: Demo) -> None:
    made = propose(due_at=soon())
    outside(**WITH_B.to_update())
    with time_machine.travel(soon(), tick=True):
        assert scheduled.carry_out(made.pk) is None
    assert again(made).state == "applied"
    assert "Already as requested" in again(made).events.last().text  # type: ignore[union-attr]


def test_an_aws_that_is_away_is_asked_again_for_an_hour(
    api: HttpApi, propose: Propose, faults: Faults, live: Callable[[], CorsPolicy]
) -> None:
    made = propose(due_at=soon())
    start = timezone.now()
    faults.add("drop", operation="GetApi", api=api.api_id)
    with time_machine.travel(start + timedelta(minutes=61), tick=True):
        assert scheduled.carry_out(made.pk) is None
        held = again(made)
        assert (held.state, notified(held)[-1]) == ("scheduled", ("corsdash", "delayed"))
        assert "Retried every minute" in held.error
        assert scheduled.waiting() == []
    with time_machine.travel(start + timedelta(minutes=121), tick=True):
        assert scheduled.carry_out(made.pk) is None
        held = again(made)
        assert (held.state, notified(held)[-1]) == ("failed", ("corsdash", "failed"))
    faults.clear()
    retried = proposals.schedule(held, held.proposer)  # type: ignore[arg-type]
    assert scheduled.carry_out(retried.pk) is not None
    assert (again(made).state, again(made).error, live()) == ("applied", "", WITH_B)


def test_a_permission_that_is_missing_fails_it_with_its_name(api: HttpApi, propose: Propose, faults: Faults) -> None:
    made = propose(due_at=soon())
    faults.add("refuse", operation="UpdateApi", api=api.api_id)
    with time_machine.travel(soon(), tick=True):
        scheduled.carry_out(made.pk)
    assert again(made).state == "failed"
    assert "apigateway:PATCH" in again(made).error


def test_approval_that_came_to_be_needed_holds_what_was_scheduled_without(
    api: HttpApi, propose: Propose, live: Callable[[], CorsPolicy]
) -> None:
    made = propose(due_at=soon())
    HttpApi.objects.update(needs_approval=True)
    with time_machine.travel(soon(), tick=True):
        assert scheduled.carry_out(made.pk) is None
    assert again(made).state == "waiting"
    assert live().allow_origins == ("https://a.example",)


def test_a_scheduled_change_of_a_disabled_user_is_not_applied(
    api: HttpApi, propose: Propose, editor: User, live: Callable[[], CorsPolicy]
) -> None:
    made = propose(due_at=soon())
    User.objects.filter(pk=editor.pk).update(is_active=False)
    with time_machine.travel(soon(), tick=True):
        assert scheduled.carry_out(made.pk) is None
    assert again(made).state == "waiting"
    assert live().allow_origins == ("https://a.example",)


def test_another_change_that_is_on_its_way_is_waited_for(api: HttpApi, propose: Propose, editor: User) -> None:
    made = propose(due_at=timezone.now() + timedelta(minutes=5))
    other = CorsPolicy.from_aws({"AllowOrigins": START, "MaxAge": 5})
    fresh = HttpApi.objects.select_related("account", "current").get(pk=api.pk)
    applying.begin(fresh, other, fresh.version, Author(Change.Kind.PANEL, user=editor))
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert scheduled.carry_out(made.pk) is None
    assert again(made).state == "scheduled"
    assert "being applied" in again(made).error


@pytest.mark.parametrize(("away", "words"), [(timedelta(hours=-1), "passed"), (timedelta(days=400), "a year away")])
def test_a_time_that_cannot_be_is_refused(propose: Propose, away: timedelta, words: str) -> None:
    with pytest.raises(AppError, match=words):
        propose(due_at=timezone.now() + away)


def test_bulk_leaves_out_what_needs_approval(guarded: HttpApi, editor: User) -> None:
    operation = Operation.from_json({"add": {"AllowOrigins": ["https://b.example"]}})
    [planned] = bulk_jobs.plan([guarded], operation)
    assert planned.after is None
    assert "need approval" in planned.why


@pytest.mark.django_db(transaction=True)
def test_the_scheduler_applies_what_is_due_and_what_the_broker_lost(
    worker: Any, guarded: HttpApi, propose: Propose, colleague: User, live: Callable[[], CorsPolicy]
) -> None:
    made = proposals.approve(propose(), colleague, 1)
    tasks.sweep()
    until(lambda: again(made).state == "applied", "the sweep has it applied")
    assert live() == WITH_B


def test_a_viewers_proposal_is_approved_and_not_scheduled(propose: Propose, viewer: User, editor: User) -> None:
    made = propose(viewer)
    assert not proposals.may_schedule(made, editor)
    with pytest.raises(AppError, match="Approve the proposal with a time"):
        proposals.schedule(made, editor)


def test_a_late_approval_is_for_now(guarded: HttpApi, propose: Propose, colleague: User) -> None:
    made = propose(due_at=timezone.now() + timedelta(minutes=5))
    with time_machine.travel(timezone.now() + timedelta(hours=6), tick=True):
        approved = proposals.approve(made, colleague, made.revision)
        assert approved.due_at is not None and approved.due_at > timezone.now() - timedelta(seconds=10)

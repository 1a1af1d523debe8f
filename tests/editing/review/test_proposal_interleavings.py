"""Proposals in any order of people, workers, deaths and outside changes: nothing is applied that no one approved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apis.access.roles import Role
from apis.cors.policy import CorsPolicy
from apis.demo.serve import Demo
from apis.editing.apply import applying
from apis.editing.review import proposals, scheduled
from apis.editing.review.models import Proposal
from apis.editing.review.proposals import ProposalOptions
from apis.errors import AppError
from apis.inventory.models import Account, Change, HttpApi
from apis.inventory.reading import sync
from tests.demo.clients import control, new_api
from tests.support.people import person

ORIGINS = ["https://b.example", "https://c.example", "https://d.example"]
PEOPLE = ["ann", "bob"]
DECISIONS = ["approve", "decline", "withdraw", "replan", "schedule"]
WORK = ["claim and die", "begin and die", "write and die", "carry out"]
STEPS = st.sampled_from(
    [("propose", who, origin) for who in PEOPLE for origin in ORIGINS]
    + [(name, who, which) for name in DECISIONS for who in PEOPLE for which in range(3)]
    + [("approve", who, which) for who in PEOPLE for which in range(3)] * 3
    + [(name, None, which) for name in WORK for which in range(3)] * 2
    + [("outside", None, origin) for origin in ORIGINS]
    + [("notice", None, None), ("wait", None, None)] * 4
)


class World:
    """One API that needs approval, two editors, and workers that may die at every step."""

    def __init__(self, demo: Demo, api: HttpApi, people: dict[str, User], clock: Any) -> None:
        self.api, self.people, self.clock = api, people, clock
        self.client, self.made = control(demo), list[Proposal]()
        self.approved: dict[int, set[str]] = {}

    def fresh(self) -> HttpApi:
        return HttpApi.objects.select_related("account", "current").get(pk=self.api.pk)

    def row(self, number: int) -> Proposal | None:
        if number >= len(self.made):
            return None
        rows = Proposal.objects.select_related("api__account", "api__current", "seen", "change", "proposer", "reverts")
        return rows.get(pk=self.made[number].pk)

    def step(self, name: str, who: str | None, what: Any) -> None:
        if name == "propose":
            self.propose(str(who), what)
        elif name == "outside":
            self.client.update_api(ApiId=self.api.api_id, CorsConfiguration={"AllowOrigins": [what]})
        elif name == "notice":
            sync.reread_api(self.fresh())
            proposals.suspend_conflicts()
        elif name == "wait":
            self.clock.shift(scheduled.CLAIMS.lasts + timedelta(seconds=1))
        elif row := self.row(what):
            self.decide(name, str(who), row) if who else self.work(name, row)

    def propose(self, who: str, origin: str) -> None:
        api = self.fresh()
        after = CorsPolicy.from_aws({**api.policy.to_update(), "AllowOrigins": [*api.policy.allow_origins, origin]})
        try:
            self.made.append(proposals.propose(api, after, api.version, self.people[who], ProposalOptions()))
        except (applying.EditRefused, applying.CannotWork):
            pass

    def decide(self, name: str, who: str, row: Proposal) -> None:
        user = self.people[who]
        try:
            if name == "approve":
                proposals.approve(row, user, row.revision)
                assert row.proposer != user
                self.approved.setdefault(row.pk, set()).add(str(CorsPolicy.from_aws(row.proposed)))
            else:
                getattr(proposals, name)(row, user)
        except AppError:
            pass

    def work(self, name: str, row: Proposal) -> None:
        if name == "carry out":
            scheduled.carry_out(row.pk)
            return
        claimed = scheduled.CLAIMS.claim(row.pk)
        if claimed is None or name == "claim and die":
            return
        change = claimed.change or scheduled._begin(claimed)
        if change is not None and name == "write and die":
            proposed = CorsPolicy.from_aws(change.proposed)
            seen = change.before.policy if change.before else CorsPolicy.off()
            if CorsPolicy.from_aws(self.live()) == seen:
                self.client.update_api(ApiId=self.api.api_id, CorsConfiguration=proposed.to_update())

    def judge(self) -> None:
        """What must hold whatever happened."""
        mine = Proposal.objects.filter(api=self.api)
        assert not mine.filter(state__in=["scheduled", "applying"]).exists()
        applied = list(Change.objects.filter(api=self.api, status="applied").order_by("at", "id"))
        below = None
        for change in applied:
            assert change.before_id == below
            below = change.after_id
            if change.kind == "panel":
                proposal = change.proposals.get()
                assert proposal.state == "applied"
                assert str(CorsPolicy.from_aws(change.proposed)) in self.approved[proposal.pk]
                assert change.before is not None
                assert change.before.policy == proposal.seen_policy, "not what was live when it was planned"
        assert not Change.objects.filter(api=self.api, status="pending").exists()
        for proposal in mine:
            assert proposal.events.filter(kind="applied").count() == (proposal.state == "applied")

    def live(self) -> Any:
        return self.client.get_api(ApiId=self.api.api_id).get("CorsConfiguration")


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """Two editors."""
    return {name: person(name, Role.EDIT) for name in PEOPLE}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=15, max_size=30))
def test_only_what_someone_else_approved_is_applied_and_once(
    steps: list[tuple[str, str | None, Any]], demo: Demo, account: Account, people: dict[str, User]
) -> None:
    Account.objects.update(needs_approval=True)
    with new_api(demo, CorsConfiguration={"AllowOrigins": ["https://a.example"]}) as api_id:
        api = HttpApi.objects.create(account=account, region="us-east-1", api_id=api_id, name="mine")
        with time_machine.travel(timezone.now(), tick=True) as clock:
            sync.reread_api(api)
            world = World(demo, api, people, clock)
            for proposer, origin in zip(PEOPLE, ORIGINS, strict=False):
                world.propose(proposer, origin)
            for name, who, what in steps:
                world.step(name, who, what)
            # Workers that live take up whatever the dead left.
            for _ in range(3):
                clock.shift(timedelta(minutes=5))
                for pk in scheduled.waiting():
                    scheduled.carry_out(pk)
        world.judge()

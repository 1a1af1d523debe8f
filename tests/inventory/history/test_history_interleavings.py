"""Two editors, a sync and people outside, in any order: the history stays one chain that ends at what AWS holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apis.cors.policy import CorsPolicy
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Account, Change, HttpApi

CONFIGURATIONS = [
    None,
    {},
    {"AllowOrigins": ["https://a.example"]},
    {"AllowOrigins": ["https://a.example", "https://b.example"], "AllowMethods": ["GET"], "MaxAge": 600},
    {"AllowOrigins": ["*"], "AllowHeaders": ["Content-Type"]},
]
ACTORS = ["ann", "bob"]
STEPS = st.one_of(
    st.tuples(st.just("begin"), st.sampled_from(ACTORS), st.sampled_from(CONFIGURATIONS)),
    st.tuples(st.just("write"), st.sampled_from(ACTORS), st.none()),
    st.tuples(st.just("mark"), st.sampled_from(ACTORS), st.none()),
    st.tuples(st.just("die"), st.sampled_from(ACTORS), st.none()),
    st.tuples(st.just("outside"), st.none(), st.sampled_from(CONFIGURATIONS)),
    st.tuples(st.just("read"), st.none(), st.none()),
    st.tuples(st.just("record_live"), st.none(), st.none()),
)


class World:
    """AWS as one value, two editors half-way through their changes, and a sync that may hold an old reading."""

    def __init__(self) -> None:
        account = Account.objects.create(name="interleaved", regions=["eu-west-1"])
        self.api = HttpApi.objects.create(account=account, region="eu-west-1", api_id="a1b2c3d4e5", name="one")
        self.aws: dict | None = None
        self.pending: dict[str, Change] = {}
        self.written: set[str] = set()
        self.reading: tuple[dict | None, datetime] | None = None
        history.record_live(self.api, self.aws, timezone.now())

    def begin(self, actor: str, proposed: dict | None) -> None:
        if actor in self.pending:
            return
        try:
            self.pending[actor] = history.begin(self.api, proposed, Author(Change.Kind.PANEL, name=actor))
        except history.ChangeInProgress:
            pass

    def write(self, actor: str, _: None) -> None:
        change = self.pending.get(actor)
        seen = change.before.policy if change and change.before else CorsPolicy.off()
        if change and actor not in self.written and CorsPolicy.from_aws(self.aws) == seen:
            self.aws = change.proposed
            self.written.add(actor)

    def mark(self, actor: str, _: None) -> None:
        change = self.pending.pop(actor, None)
        if change is None:
            return
        if actor in self.written:
            history.settle(change, change.proposed)
        else:
            history.fail(change, "not sent")
        self.written.discard(actor)

    def die(self, actor: str, _: None) -> None:
        """The process is gone; its change stays pending until it counts as abandoned."""
        change = self.pending.pop(actor, None)
        if change:
            Change.objects.filter(pk=change.pk, status="pending").update(at=change.at - history.ABANDONED_AFTER * 2)
        self.written.discard(actor)

    def outside(self, _: None, live: dict | None) -> None:
        self.aws = live

    def read(self, *_: None) -> None:
        self.reading = (self.aws, timezone.now())

    def record_live(self, *_: None) -> None:
        if self.reading:
            live, at = self.reading
            history.record_live(self.api, live, at)
            self.reading = None


class Interleavings(TestCase):
    """In any order of steps."""

    @settings(max_examples=60)
    @given(st.lists(STEPS, max_size=25))
    def test_history_is_one_chain_that_ends_at_what_aws_holds(self, steps: list[tuple]) -> None:
        world = World()
        for name, actor, value in steps:
            getattr(world, name)(actor, value)
        for actor in ACTORS:
            world.mark(actor, None)
        history.record_live(world.api, world.aws, timezone.now() + timedelta(seconds=1))

        applied = list(Change.objects.filter(api=world.api, status="applied").order_by("at", "id"))
        below = None
        for change in applied:
            assert change.before_id == below
            below = change.after_id
        world.api.refresh_from_db()
        assert world.api.current_id == below
        assert world.api.policy == CorsPolicy.from_aws(world.aws)
        assert not Change.objects.filter(api=world.api, status="pending").exists()
        numbers = [change.after.number for change in applied if change.after]
        assert numbers == list(range(1, len(numbers) + 1))
